"""What a store shard's log holds, and how each record changes it (STORE-1, 2, 6; FAN-1, 2, 6).

One replicated log per shard: entries of its conversations, the memory of send numbers, the fan-out's cursors and the
device lists all live in it, so they fail over together.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar, NamedTuple

from ..vocabulary.ids import device_of, members_of, other_member
from ..vocabulary.messages import Append, Reason
from ..vocabulary.records import AppendEntry, FanOutMoved, LaggardBorn, LaggardMoved, ListDevice
from .dispatch import Dispatching


class Recipient(NamedTuple):
    """One device that an entry is owed to, fixed in the same append (FAN-2)."""

    device: int
    user: int
    owed_before: int
    """The entry that this device's inbox was owed before (FAN-3)."""
    predecessor: int
    """The entry that this device was owed or sent before (PHONE-5)."""
    predecessor_own: bool


class Entry(NamedTuple):
    """One entry of the shard's log."""

    position: int
    conversation: int
    sequence: int
    append: Append
    recipients: tuple[Recipient, ...]


class Answer(NamedTuple):
    """The first answer to a send number, given again to every repeat (STORE-2)."""

    send_number: int
    message_id: int
    sequence: int
    """0: finally refused."""
    reason: int
    predecessor: int
    predecessor_own: bool


class SendMemory:
    """STORE-2: the last send number and the last W answers of one (device, conversation)."""

    __slots__ = ("answers", "last")

    def __init__(self, window: int) -> None:
        self.last = 0
        self.answers: deque[Answer] = deque(maxlen=window)

    def find(self, send_number: int) -> Answer | None:
        """The answer to a send number within the window."""
        for answer in reversed(self.answers):
            if answer.send_number == send_number:
                return answer
        return None


class ConversationLog:
    """What the shard keeps of one conversation besides its entries."""

    __slots__ = ("last_sequence", "latest", "owed", "sends")

    def __init__(self) -> None:
        self.last_sequence = 0
        self.sends: dict[int, SendMemory] = {}
        self.latest: dict[int, tuple[int, bool]] = {}
        """Device to the last entry that it was owed or sent, and whether it was its own (PHONE-5)."""
        self.owed: dict[int, int] = {}
        """Device to the last entry that its inbox was owed (FAN-3)."""


class StoreState(Dispatching):
    """One shard."""

    __slots__ = ("conversations", "devices", "entries", "fan_out", "first_position", "laggards", "window")
    TAKES: ClassVar[dict[type, str]] = {
        AppendEntry: "append_entry",
        FanOutMoved: "move_fan_out",
        LaggardBorn: "bear_laggard",
        LaggardMoved: "move_laggard",
        ListDevice: "list_device",
    }

    def __init__(self, window: int) -> None:
        self.window = window
        self.conversations: dict[int, ConversationLog] = {}
        self.devices: dict[int, int] = {}
        """User to current device, where it is not the first installation (PHONE-10)."""
        self.entries: deque[Entry] = deque()
        """The log from the first entry that some fan-out cursor still needs."""
        self.first_position = 0
        self.fan_out = 0
        """The shared fan-out cursor: every entry before it is in all its inboxes, or a laggard's (FAN-1)."""
        self.laggards: dict[int, int] = {}
        """Device to its own fan-out cursor (FAN-6)."""

    @property
    def end_position(self) -> int:
        """Where the next entry will stand."""
        return self.first_position + len(self.entries)

    def apply(self, record: Any) -> Any:
        """Take a durable record in; returns what it changed (``None``: nothing)."""
        return self.TABLE[record.__class__](self, record)

    def conversation(self, conversation: int) -> ConversationLog:
        """The log of a conversation, made at its first write."""
        log = self.conversations.get(conversation)
        if log is None:
            log = self.conversations[conversation] = ConversationLog()
        return log

    def current_device(self, user: int) -> int:
        """The device list of a user: one device, the newest installation."""
        return self.devices.get(user, device_of(user))

    # -- appending ------------------------------------------------------------------------------------------

    def append_entry(self, record: AppendEntry) -> Entry | Answer | None:
        """STORE-1, STORE-2: the next sequence, once per send number. Returns the entry, or the refusal logged."""
        append = record.append
        log = self.conversation(append.conversation)
        memory = self.memory_of(log, append)
        if not self.is_next(memory, append):
            return None
        memory.last = append.send_number
        reason = self.final_refusal(append)
        if reason:
            refusal = Answer(append.send_number, append.message_id, 0, reason, 0, False)
            memory.answers.append(refusal)
            return refusal
        return self.log_entry(log, memory, append)

    def memory_of(self, log: ConversationLog, append: Append) -> SendMemory:
        """STORE-2: the memory of this (device, conversation), made at its first write."""
        memory = log.sends.get(append.device)
        if memory is None:
            memory = log.sends[append.device] = SendMemory(self.window)
        return memory

    def is_next(self, memory: SendMemory, append: Append) -> bool:
        """STORE-2: neither known nor behind a gap."""
        return append.send_number == memory.last + 1

    def known(self, append: Append) -> SendMemory | None:
        """The memory that has had this send number already, if one has (STORE-2)."""
        log = self.conversations.get(append.conversation)
        memory = None if log is None else log.sends.get(append.device)
        return memory if memory is not None and append.send_number <= memory.last else None

    def final_refusal(self, append: Append) -> int:
        """FAN-2: checked against membership in the same append (0: welcome)."""
        return 0 if append.user in members_of(append.conversation) else Reason.NOT_A_MEMBER

    def log_entry(self, log: ConversationLog, memory: SendMemory, append: Append) -> Entry:
        """One more entry, with its recipients fixed (FAN-2)."""
        sequence = log.last_sequence + 1
        log.last_sequence = sequence
        predecessor, own = log.latest.get(append.device, (0, False))
        memory.answers.append(Answer(append.send_number, append.message_id, sequence, 0, predecessor, own))
        log.latest[append.device] = (sequence, True)
        other = other_member(append.conversation, append.user)
        recipients = (self.owe(log, self.current_device(other), other, sequence),)
        entry = Entry(self.end_position, append.conversation, sequence, append, recipients)
        self.entries.append(entry)
        return entry

    def owe(self, log: ConversationLog, device: int, user: int, sequence: int) -> Recipient:
        """Fix one recipient device and its predecessors."""
        predecessor, own = log.latest.get(device, (0, False))
        recipient = Recipient(device, user, log.owed.get(device, 0), predecessor, own)
        log.latest[device] = (sequence, False)
        log.owed[device] = sequence
        return recipient

    # -- fan-out's cursors ----------------------------------------------------------------------------------

    def move_fan_out(self, record: FanOutMoved) -> None:
        """FAN-1: it only moves forward."""
        if record.position > self.fan_out:
            self.fan_out = record.position
            self.trim()

    def bear_laggard(self, record: LaggardBorn) -> None:
        """FAN-6: born in the write that lets the shared cursor pass the entry."""
        self.laggards.setdefault(record.device, record.position)

    def move_laggard(self, record: LaggardMoved) -> None:
        """FAN-6: moves forward; ended only in a write that finds both equal."""
        if record.device not in self.laggards:
            return
        self.laggards[record.device] = max(self.laggards[record.device], record.position)
        if self.laggards[record.device] >= self.fan_out:
            del self.laggards[record.device]
        self.trim()

    def trim(self) -> None:
        """Entries that no cursor needs are history; their sequences and send numbers outlive them (STORE-2)."""
        needed = min(self.laggards.values(), default=self.fan_out)
        needed = min(needed, self.fan_out)
        entries = self.entries
        while entries and self.first_position < needed:
            entries.popleft()
            self.first_position += 1

    def entry_at(self, position: int) -> Entry:
        """The entry at a position that has not been trimmed."""
        return self.entries[position - self.first_position]

    # -- device lists ---------------------------------------------------------------------------------------

    def list_device(self, record: ListDevice) -> None:
        """PHONE-10: from now on entries are owed to the new device."""
        self.devices[record.user] = max(record.device, self.current_device(record.user))
