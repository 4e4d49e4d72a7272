"""What a store shard's log holds, and how each record changes it (STORE-1, 2, 6; FAN-1, 2, 5, 6; RCPT-3; UQ-1, 2).

One replicated log per shard: entries of its conversations, the memory of send numbers, the fan-out's cursors and the
device lists all live in it, so they fail over together. In the architecture ``update_queue`` the same log is that of a
sequencer (UQ-1); then the pointer "written to storage" lives in it too, and nothing is trimmed that it has not passed.
"""

from __future__ import annotations

from collections import deque
from typing import ClassVar, Final

from ..vocabulary.encryption import Envelope
from ..vocabulary.ids import is_channel, is_group, other_member
from ..vocabulary.messages import Append, Change, Reason, Receipt
from ..vocabulary.population import PLAIN, Population
from ..vocabulary.read_messages import LogRow
from ..vocabulary.records import (
    AppendEntry,
    ArchiveMoved,
    FanOutMoved,
    GatherReceipts,
    LaggardBorn,
    LaggardMoved,
    ListDevices,
    SettleTick,
)
from ..vocabulary.structs import Struct
from .dispatch import Durable
from .gathering import Gathering
from .log_ranges import row_of
from .port import ProtocolError
from .send_memory import Answer, SendMemory

IS_THE_STORE: Final = 1 << 62
"""The pointer "written to storage" of a log that is itself where messages are kept: nothing is behind it."""


class Recipient(Struct, frozen=True):
    """One device that an entry is owed to, fixed in the same append (FAN-2)."""

    device: int
    user: int
    owed_before: int
    """The entry that this device's inbox was owed before (FAN-3)."""
    predecessor: int
    """The entry that this device was owed or sent before (PHONE-5)."""
    predecessor_own: bool
    envelope: Envelope | None = None
    """What is sealed for it (E2EE-1)."""


class Entry(Struct, frozen=True):
    """One entry of the shard's log."""

    position: int
    conversation: int
    sequence: int
    append: Append
    recipients: tuple[Recipient, ...]
    change: Change | None = None
    """Of a membership entry: who really came and went (STORE-6)."""


class ConversationLog:
    """What the shard keeps of one conversation besides its entries."""

    __slots__ = ("changes", "gatherings", "history", "last_sequence", "latest", "members", "owed", "sends")

    def __init__(self, members: tuple[int, ...]) -> None:
        self.last_sequence = 0
        self.members: dict[int, None] = dict.fromkeys(members)
        """The users who are in it now, in the order in which they came (STORE-6)."""
        self.history: list[LogRow] = []
        """Every entry, where logs are read (STORE-5); else nothing."""
        self.changes: tuple[tuple[int, Change], ...] = ()
        """Of these the membership entries: sequence, and who really came and went (STORE-6)."""
        self.gatherings: dict[int, Gathering] = {}
        """Sequence to the receipts of a group's message, until all have read it (RCPT-3)."""
        self.sends: dict[int, SendMemory] = {}
        self.latest: dict[int, tuple[int, bool]] = {}
        """Device to the last entry that it was owed or sent, and whether it was its own (PHONE-5)."""
        self.owed: dict[int, int] = {}
        """Device to the last entry that its inbox was owed (FAN-3)."""


class StoreState(Durable):
    """One shard."""

    __slots__ = (
        "archived",
        "backlog_most",
        "cap",
        "conversations",
        "devices",
        "entries",
        "fan_out",
        "first_position",
        "is_read",
        "laggards",
        "population",
        "shard",
        "ticks",
        "window",
    )
    TAKES: ClassVar[dict[type, str]] = {
        AppendEntry: "append_entry",
        ArchiveMoved: "move_archive",
        FanOutMoved: "move_fan_out",
        LaggardBorn: "bear_laggard",
        LaggardMoved: "move_laggard",
        ListDevices: "list_devices",
        GatherReceipts: "gather_receipts",
        SettleTick: "settle_tick",
    }

    def __init__(self, window: int, population: Population = PLAIN, cap: int = 1024) -> None:
        self.window = window
        self.population = population
        self.cap = cap
        """The most members that a group may have (FAN-5)."""
        self.is_read = False
        """Whether logs are read, so that entries are kept when every inbox has them."""
        self.conversations: dict[int, ConversationLog] = {}
        self.devices: dict[int, tuple[int, tuple[int, ...]]] = {}
        """User to (version, devices), where the list has changed since the first day (PHONE-10)."""
        self.ticks: dict[tuple[int, int, int], Receipt] = {}
        """(update kind, conversation, sequence) of changes of a group's ticks, owed to senders (RCPT-3)."""
        self.entries: deque[Entry] = deque()
        """The log from the first entry that some fan-out cursor still needs."""
        self.first_position = 0
        self.fan_out = 0
        """The shared fan-out cursor: every entry before it is in all its inboxes, or a laggard's (FAN-1)."""
        self.laggards: dict[int, int] = {}
        """Device to its own fan-out cursor (FAN-6)."""
        self.archived = IS_THE_STORE
        """The pointer "written to storage": the long-term store holds every entry before it (INBOX-3, UQ-2)."""
        self.backlog_most = 0
        """The most entries that pointer may be behind; 0: there is no such pointer."""
        self.shard = 0

    def become_sequencer(self, shard: int, backlog_most: int) -> None:
        """UQ-1: this log is a sequencer's, and a long-term store follows it."""
        self.shard = shard
        self.archived = 0
        self.backlog_most = backlog_most

    @property
    def end_position(self) -> int:
        """Where the next entry will stand."""
        return self.first_position + len(self.entries)

    def conversation(self, conversation: int) -> ConversationLog:
        """The log of a conversation, made at its first write."""
        log = self.conversations.get(conversation)
        if log is None:
            log = self.conversations[conversation] = ConversationLog(self.population.members(conversation))
        return log

    def devices_of(self, user: int) -> tuple[int, ...]:
        """The device list of a user."""
        listed = self.devices.get(user)
        return self.population.devices(user) if listed is None else listed[1]

    def list_version(self, user: int) -> int:
        """The version of the device list of a user (0: as on the first day)."""
        listed = self.devices.get(user)
        return 0 if listed is None else listed[0]

    # -- appending ------------------------------------------------------------------------------------------

    def append_entry(self, record: AppendEntry) -> Entry | Answer | None:
        """STORE-1, STORE-2: the next sequence, once per send number. Returns the entry, or the refusal logged."""
        append = record.append
        log = self.conversation(append.conversation)
        memory = self.memory_of(log, append)
        if not self.is_next(memory, append) or (self.backlog_most and self.is_full()):
            return None
        memory.last = append.send_number
        reason = self.final_refusal(log, append)
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

    def is_full(self) -> bool:
        """UQ-2: a long-term store that is behind stalls nobody, until the log has no room left for what it lacks."""
        return 0 < self.backlog_most <= self.end_position - self.archived

    def final_refusal(self, log: ConversationLog, append: Append) -> int:
        """FAN-2: checked against membership in the same append (0: welcome); FAN-5: groups are capped."""
        if append.user not in log.members:
            return Reason.NOT_A_MEMBER
        if append.change is not None and not self.has_room(log, append.change):
            return Reason.OVER_THE_CAP
        return 0

    def has_room(self, log: ConversationLog, change: Change) -> bool:
        """FAN-5: whether the group is within its cap after this change."""
        coming = sum(user not in log.members for user in change.added)
        going = sum(user in log.members for user in change.removed)
        return len(log.members) + coming - going <= self.cap

    def log_entry(self, log: ConversationLog, memory: SendMemory, append: Append) -> Entry:
        """One more entry, with its recipients fixed (FAN-2)."""
        sequence = log.last_sequence + 1
        log.last_sequence = sequence
        predecessor, own = log.latest.get(append.device, (0, False))
        memory.answers.append(Answer(append.send_number, append.message_id, sequence, 0, predecessor, own))
        log.latest[append.device] = (sequence, True)
        if is_group(append.conversation):
            entry = self.group_entry(log, append, sequence)
        elif is_channel(append.conversation):
            entry = Entry(self.end_position, append.conversation, sequence, append, ())  # CHAN-1: read, owed to nobody
        else:
            users = other_member(append.conversation, append.user), append.user
            recipients = self.recipients(log, append, users, sequence)
            entry = Entry(self.end_position, append.conversation, sequence, append, recipients)
        self.entries.append(entry)
        if self.is_read:
            log.history.append(row_of(append, sequence))
            if entry.change is not None:
                log.changes += ((sequence, entry.change),)
        return entry

    def group_entry(self, log: ConversationLog, append: Append, sequence: int) -> Entry:
        """STORE-6, FAN-2: a membership entry goes to the members before and after it."""
        change = None if append.change is None else self.change_members(log, append.change)
        users = (*log.members, *change.removed) if change is not None else tuple(log.members)
        recipients = self.recipients(log, append, users, sequence)
        self.begin_gathering(log, append, sequence, recipients)
        if change is not None:
            for user in change.removed:
                self.stop_waiting_for(log, user)
        return Entry(self.end_position, append.conversation, sequence, append, recipients, change)

    def recipients(
        self, log: ConversationLog, append: Append, users: tuple[int, ...], sequence: int
    ) -> tuple[Recipient, ...]:
        """FAN-2: every device of these users but the sending one."""
        sending = append.device
        return tuple(
            self.owe(log, device, user, sequence)
            for user in users
            for device in self.devices_of(user)
            if device != sending
        )

    def change_members(self, log: ConversationLog, change: Change) -> Change:
        """STORE-6: who really comes and goes; who is there already does not come, who is not there does not go."""
        added = tuple(user for user in change.added if user not in log.members)
        removed = tuple(user for user in change.removed if user in log.members and user not in change.added)
        log.members.update(dict.fromkeys(added))
        for user in removed:
            del log.members[user]
        return Change(added, removed)

    def owe(self, log: ConversationLog, device: int, user: int, sequence: int) -> Recipient:
        """Fix one recipient device and its predecessors."""
        predecessor, own = log.latest.get(device, (0, False))
        recipient = Recipient(device, user, log.owed.get(device, 0), predecessor, own)
        log.latest[device] = (sequence, False)
        log.owed[device] = sequence
        return recipient

    # -- receipts of groups ---------------------------------------------------------------------------------

    def begin_gathering(
        self, log: ConversationLog, append: Append, sequence: int, recipients: tuple[Recipient, ...]
    ) -> None:
        """RCPT-3: from now on every recipient user but the sender is waited for."""
        users = [recipient.user for recipient in recipients if recipient.user != append.user]
        if users:
            log.gatherings[sequence] = Gathering(append, sequence, users)

    def gather_receipts(self, record: GatherReceipts) -> tuple[Receipt, ...]:
        """RCPT-3: returns the changes of tick that are owed now."""
        owed: list[Receipt] = []
        for receipt in record.receipts:
            log = self.conversations.get(receipt.conversation)
            gathering = None if log is None else log.gatherings.get(receipt.sequence)
            if log is not None and gathering is not None:
                gathering.take(receipt.about, receipt.update)
                owed.extend(self.owe_tick(log, gathering))
        return tuple(owed)

    def stop_waiting_for(self, log: ConversationLog, user: int) -> None:
        """RCPT-1: a user who left is not waited for, whatever they had."""
        for gathering in list(log.gatherings.values()):
            gathering.leave(user)
            self.owe_tick(log, gathering)

    def owe_tick(self, log: ConversationLog, gathering: Gathering) -> tuple[Receipt, ...]:
        """RCPT-3: a change of tick is owed in the write that makes it."""
        change = gathering.change()
        if gathering.is_over():
            del log.gatherings[gathering.sequence]
        if change is None:
            return ()
        self.ticks[(change.update, change.conversation, change.sequence)] = change
        return (change,)

    def settle_tick(self, record: SettleTick) -> None:
        """The sender's inbox has it."""
        self.ticks.pop((record.update, record.conversation, record.sequence), None)

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

    def move_archive(self, record: ArchiveMoved) -> None:
        """INBOX-3: "written to storage" only moves forward, and waits for no device."""
        if record.position > self.archived:
            self.archived = record.position
            self.trim()

    def needed(self) -> int:
        """The first place in the log that some queue, or (UQ-2) the long-term store, still lacks."""
        return min(min(self.laggards.values(), default=self.fan_out), self.fan_out, self.archived)

    def trim(self) -> None:
        """Entries that no cursor needs are history; their sequences and send numbers outlive them (STORE-2)."""
        needed = self.needed()
        entries = self.entries
        while entries and self.first_position < needed:
            entries.popleft()
            self.first_position += 1

    def entry_at(self, position: int) -> Entry:
        """The entry at a position that has not been trimmed. A trimmed one would be another, counted from the end."""
        place = position - self.first_position
        if place < 0:
            raise ProtocolError(
                f"store {self.shard}: entry {position} is trimmed, the log begins at {self.first_position}"
            )
        return self.entries[place]

    # -- device lists ---------------------------------------------------------------------------------------

    def list_devices(self, record: ListDevices) -> None:
        """PHONE-10: from now on entries are owed to these devices; an older list changes nothing."""
        if record.version > self.list_version(record.user):
            self.devices[record.user] = (record.version, record.devices)
