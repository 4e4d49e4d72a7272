"""What a phone's database holds, and how each record changes it (PHONE-1, 3, 4, 5, 8, 10, 11).

``apply`` is the only way in. It is a pure function of the state and the record: a record that comes late or twice
changes nothing.
"""

from __future__ import annotations

from operator import attrgetter
from typing import Any, ClassVar

from ..vocabulary.kinds import UpdateKind
from ..vocabulary.media import Reference
from ..vocabulary.messages import Change, Gone
from ..vocabulary.records import (
    ApplyUpdates,
    BeginUnlinking,
    Compose,
    MarkRead,
    RaiseEpoch,
    TakeAccepted,
    TakeConfirmed,
    TakeExpired,
    TakeRefused,
    TakeRegistered,
    TakeUnlinked,
)
from .media_files import MediaFiles

PENDING, ACCEPTED, DELIVERED, READ, FAILED = 0, 1, 2, 3, 4
_COUNTER_BITS = 24


class Line:
    """One message in a chat's list."""

    __slots__ = (
        "body",
        "change",
        "content",
        "message_id",
        "mine",
        "own",
        "send_number",
        "sender",
        "sequence",
        "tick",
        "written_us",
    )

    def __init__(self, message_id: int, body: int, sender: int, own: bool, sequence: int, written_us: int) -> None:
        self.message_id = message_id
        self.body = body
        self.sender = sender
        self.own = own
        """Written on this device."""
        self.mine = own
        """Written by this user, here or on another of their devices: it has ticks, and is never unread."""
        self.sequence = sequence
        """0 until it is accepted."""
        self.written_us = written_us
        self.send_number = 0
        self.tick = PENDING
        self.change: Change | None = None
        """Of a membership entry."""
        self.content: Reference | None = None
        """What it carries besides text (MEDIA-A)."""


class Chat:
    """One conversation on one phone."""

    __slots__ = (
        "behind_others",
        "conversation",
        "early_ticks",
        "expired_through",
        "held",
        "last_send_number",
        "lines",
        "number",
        "outbox",
        "own_before_expired",
        "placed",
        "placed_through",
        "read_through",
        "seen",
        "unconfirmed",
        "unread",
    )

    def __init__(self, conversation: int, number: int = 0) -> None:
        self.conversation = conversation
        self.number = number
        """How many chats the phone had before it."""
        self.last_send_number = 0
        self.outbox: dict[int, Line] = {}
        """Send number to line, in order; what the store has not answered (PHONE-1)."""
        self.lines: dict[int, Line] = {}
        """Message id to line: every message held, so that none is shown twice (PHONE-3)."""
        self.placed: list[Line] = []
        """The list in its order: sequences grow (PHONE-5)."""
        self.placed_through = 0
        self.held: dict[int, list[Line]] = {}
        """Predecessor to the lines that wait for it (PHONE-4, PHONE-5); minus a send number to own lines that wait for
        the answer to an earlier one."""
        self.read_through = 0
        """How far this or another device of the user's has read (PHONE-8, INBOX-9)."""
        self.early_ticks: dict[int, int] = {}
        """Message id to the tick of a copy that is not here yet: receipts do not wait for it (FAN-3)."""
        self.behind_others: dict[int, bool] | None = None
        """Predecessors of held own lines that are another's, and so may expire (INBOX-6)."""
        self.expired_through = 0
        """Entries of others through this one that are not here have expired (INBOX-6)."""
        self.own_before_expired = 0
        """The newest own entry that one of those stood behind."""
        self.unread: list[tuple[int, int, int, int]] = []
        """Placed lines of others that no opening of the chat covers: (sequence, message id, sender, body)."""
        self.seen: dict[int, bool] | None = None
        """Message ids of held lines that the person has seen where they are shown at once (PHONE-5, sorted in)."""
        self.unconfirmed: list[tuple[int, int, int, int]] = []
        """Covered by a read watermark that is not confirmed yet (PHONE-8)."""

    def held_lines(self) -> list[Line]:
        """Every line that is held back."""
        return [line for lines in self.held.values() for line in lines]


class PhoneState(MediaFiles):
    """The database of one installation."""

    TAKES: ClassVar[dict[type, str]] = {
        **MediaFiles.TAKES,
        Compose: "compose",
        RaiseEpoch: "raise_epoch",
        TakeAccepted: "take_accepted",
        TakeRefused: "take_refused",
        ApplyUpdates: "apply_updates",
        TakeExpired: "take_expired",
        MarkRead: "mark_read",
        TakeConfirmed: "take_confirmed",
        TakeRegistered: "take_registered",
        BeginUnlinking: "begin_unlinking",
        TakeUnlinked: "take_unlinked",
    }

    __slots__ = (
        "chats",
        "composed",
        "cursor",
        "device",
        "epoch",
        "expired",
        "registered",
        "replaces",
        "unlinking",
        "unsettled",
        "user",
    )

    def __init__(self, device: int, user: int, replaces: int = -1, *, known: bool = True) -> None:
        self.device = device
        self.user = user
        self.replaces = replaces
        """The device that this installation takes the place of (-1: none), PHONE-10."""
        self.registered = known and replaces < 0
        """Whether the directory knows the device; those of the first day it has always known."""
        self.unlinking: dict[int, bool] = {}
        """Linked devices that the person took off, until that is confirmed."""
        self.epoch = 0
        self.cursor = 0
        """The highest update applied (PHONE-3)."""
        self.composed = 0
        """Messages composed here: the source of message ids, kept with the outbox so that none is given twice."""
        self.chats: dict[int, Chat] = {}
        self.unsettled: dict[int, Chat] = {}
        """Chats that had something unanswered or unconfirmed when somebody asked last, and those since."""
        self.expired: list[tuple[int, int]] = []
        """Updates that expired: behind the first, through the second number (INBOX-6)."""
        self.files = None

    def chat(self, conversation: int) -> Chat:
        """The chat of a conversation, made at its first write."""
        chat = self.chats.get(conversation)
        if chat is None:
            chat = self.chats[conversation] = Chat(conversation, len(self.chats))
        return chat

    def unsettled_chats(self) -> list[Chat]:
        """The chats with messages that are not answered or watermarks that are not confirmed, oldest chat first."""
        chats = [chat for chat in self.unsettled.values() if chat.outbox or chat.unconfirmed]
        if len(chats) < len(self.unsettled):
            self.unsettled = {chat.conversation: chat for chat in chats}
        chats.sort(key=attrgetter("number"))
        return chats

    # -- own messages ---------------------------------------------------------------------------------------

    def compose(self, record: Compose) -> Line:
        """PHONE-1: message id and send number are given once, in the write that puts the message in the outbox."""
        chat = self.chat(record.conversation)
        self.composed += 1
        message_id = self.new_message_id(record)
        line = Line(message_id, record.body, self.user, True, 0, record.written_us)
        chat.last_send_number = line.send_number = chat.last_send_number + 1
        line.change = record.change
        chat.outbox[line.send_number] = line
        self.unsettled[chat.conversation] = chat
        chat.lines[message_id] = line
        if record.attachment is not None:
            line.content = self.attach(record.attachment, message_id)
        return line

    def new_message_id(self, record: Compose) -> int:
        """Unique for ever: the device and a durable count, never a clock."""
        return self.device << _COUNTER_BITS | self.composed

    def take_accepted(self, record: TakeAccepted) -> Line | None:
        """The message leaves the outbox and, when its predecessor is placed, takes its place (PHONE-5)."""
        chat = self.chat(record.conversation)
        line = chat.outbox.get(record.send_number)
        if line is None or line.message_id != record.message_id:
            return None
        del chat.outbox[record.send_number]
        line.sequence = record.sequence
        line.tick = max(line.tick, ACCEPTED)
        waits = record.predecessor_own or record.predecessor > chat.expired_through
        self.settle(chat, line, record.predecessor, waits=waits)
        if not record.predecessor_own and record.predecessor in chat.held:
            chat.behind_others = {**(chat.behind_others or {}), record.predecessor: True}
        self.settle_behind(chat, record.send_number)
        return line

    def take_refused(self, record: TakeRefused) -> Line | None:
        """A final refusal: out of the outbox, shown as failed."""
        chat = self.chat(record.conversation)
        line = chat.outbox.get(record.send_number)
        if line is None or line.message_id != record.message_id:
            return None
        del chat.outbox[record.send_number]
        line.tick = FAILED
        self.settle_behind(chat, record.send_number)
        return line

    # -- updates --------------------------------------------------------------------------------------------

    def apply_updates(self, record: ApplyUpdates) -> list[Any]:
        """PHONE-3: each in turn, only if it is the next one; the message and the cursor in one commit."""
        fresh = []
        for row in record.rows:
            if row.number != self.cursor + 1:
                continue
            self.cursor = row.number
            chat = self.chat(row.conversation)
            if row.update == UpdateKind.MESSAGE:
                if self.take_message(chat, row):
                    fresh.append(row)
            elif row.update == UpdateKind.READ_THROUGH:
                self.take_read_through(chat, row)
            else:
                self.take_receipt(chat, row)
        return fresh

    def take_expired(self, record: TakeExpired) -> tuple[int, list[Any]]:
        """INBOX-6: the cursor, the marker, whatever waited for what will not come, and the rows behind it: one commit.
        Returns where the cursor was, and the rows that are new here."""
        before = self.cursor
        if record.through > before:
            self.cursor = record.through
            self.expired.append((before, record.through))
            for gone in record.expired:
                self.release_expired(self.chat(gone.conversation), gone)
        return before, self.apply_updates(ApplyUpdates(record.rows, record.trace))

    def release_expired(self, chat: Chat, gone: Gone) -> None:
        """PHONE-5: another's entry that has expired counts as placed; own lines that wait for one wait no longer, but
        for the own entries that stood before it."""
        chat.expired_through = max(chat.expired_through, gone.entry)
        chat.own_before_expired = max(chat.own_before_expired, gone.own)
        chat.read_through = max(chat.read_through, gone.read_through)
        for predecessor in sorted(chat.behind_others or ()):
            if predecessor <= chat.expired_through:
                for line in sorted(chat.held.pop(predecessor, ()), key=lambda line: line.sequence):
                    self.settle(chat, line, predecessor, waits=False)

    def take_message(self, chat: Chat, row: Any) -> bool:
        """PHONE-3: a message id already held shows nothing. True if it is new here."""
        if row.message_id in chat.lines:
            return False
        line = Line(row.message_id, row.body, row.sender, False, row.sequence, row.written_us)
        if row.sender == self.user:
            line.mine = True
            line.tick = max(ACCEPTED, chat.early_ticks.pop(row.message_id, ACCEPTED))
        line.content = row.content
        chat.lines[row.message_id] = line
        self.settle(chat, line, row.predecessor, waits=row.predecessor_own)
        return True

    def take_receipt(self, chat: Chat, row: Any) -> None:
        """RCPT-2: ticks merge by maximum, so receipts may come in any order and more than once."""
        tick = READ if row.update == UpdateKind.READ else DELIVERED
        line = chat.lines.get(row.message_id)
        if line is None:
            chat.early_ticks[row.message_id] = max(tick, chat.early_ticks.get(row.message_id, 0))
        elif line.mine:
            line.tick = max(line.tick, tick)

    def take_read_through(self, chat: Chat, row: Any) -> None:
        """INBOX-9: another device of the user's has read this far. What it had not been owed is still to be covered by
        this one, when the chat is opened here (PHONE-8)."""
        chat.read_through = max(chat.read_through, row.sequence)

    def settle(self, chat: Chat, line: Line, predecessor: int, *, waits: bool) -> None:
        """PHONE-5: place the line behind its predecessor, or hold it back until that is placed.

        ``waits``: the predecessor is certain to come. An own one always is (PHONE-1 gets it accepted), and so is
        another's from the point of view of an ``accepted``, which may overtake the inbox. Rows of the inbox come in
        order, so a row whose predecessor is another's and not here proves that it expired.
        """
        if predecessor > chat.placed_through:
            before = [other.sequence for other in chat.held_lines() if other.sequence < line.sequence]
            if not waits and predecessor not in before:
                # Expired, so it counts as placed; but not ahead of what is held back before this line, nor of an own
                # one that stood before the expired and has no place yet.
                if chat.placed_through < chat.own_before_expired < line.sequence:
                    before.append(chat.own_before_expired)
                predecessor = self.unanswered_before(chat, line) or max(before, default=0)
            if predecessor:
                chat.held.setdefault(predecessor, []).append(line)
                return
        self.place(chat, line)

    def unanswered_before(self, chat: Chat, line: Line) -> int:
        """PHONE-5: an own line whose predecessor expired is held back while an earlier one of ours is not answered: its
        place, if it gets one, is before this one's (STORE-2). Minus the send number of that one; 0 if there is none."""
        if not line.own:
            return 0
        return -max((number for number in chat.outbox if number < line.send_number), default=0)

    def settle_behind(self, chat: Chat, send_number: int) -> None:
        """An own line is answered: those that waited for the answer find their place, or wait for another."""
        for line in chat.held.pop(-send_number, ()):
            self.settle(chat, line, line.sequence - 1, waits=False)

    def place(self, chat: Chat, line: Line) -> None:
        """Put the line at the end of the list, and behind it whatever waited for it, in sequence order."""
        following = [line]
        while following:
            placed = following.pop(0)
            chat.placed.append(placed)
            chat.placed_through = placed.sequence
            if not placed.mine:
                chat.unread.append((placed.sequence, placed.message_id, placed.sender, placed.body))
            if chat.held and placed.sequence in chat.held:
                following.extend(chat.held.pop(placed.sequence))
                following.sort(key=lambda each: each.sequence)

    # -- reading, connecting --------------------------------------------------------------------------------

    def mark_read(self, record: MarkRead) -> None:
        """PHONE-8: the watermark covers what was shown when the chat was opened, and not what came since."""
        chat = self.chat(record.conversation)
        covered = [unread for unread in chat.unread if unread[0] <= record.through]
        chat.unread = chat.unread[len(covered) :]
        chat.unconfirmed.extend(covered)
        self.unsettled[chat.conversation] = chat
        chat.read_through = max(chat.read_through, record.through)
        if record.seen:
            chat.seen = {**(chat.seen or {}), **dict.fromkeys(record.seen, True)}
        if chat.seen:
            for unread in covered:
                chat.seen.pop(unread[1], None)

    def unread_count(self, chat: Chat) -> int:
        """What the chat's badge says: derived from the watermarks, never counted up and down (UNREAD-1)."""
        return sum(unread[0] > chat.read_through for unread in chat.unread)

    def take_confirmed(self, record: TakeConfirmed) -> None:
        chat = self.chat(record.conversation)
        chat.unconfirmed = [covered for covered in chat.unconfirmed if covered[0] > record.through]

    def raise_epoch(self, record: RaiseEpoch) -> None:
        """PHONE-11."""
        self.epoch = max(self.epoch, record.epoch)

    # -- the account ----------------------------------------------------------------------------------------

    def take_registered(self, record: TakeRegistered) -> None:
        """PHONE-10."""
        self.registered = True

    def begin_unlinking(self, record: BeginUnlinking) -> None:
        """PHONE-10."""
        self.unlinking[record.gone] = True

    def take_unlinked(self, record: TakeUnlinked) -> None:
        """PHONE-10."""
        self.unlinking.pop(record.gone, None)
