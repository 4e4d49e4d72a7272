"""What an inbox shard holds, and how each record changes it (INBOX-1..4, 7..9; FAN-3; PHONE-10).

Per device a contiguous, ordered stream of updates: messages and receipts. Rows leave only when the device has
acknowledged them; what is owed because of that is written in the same record.
"""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

from ..vocabulary.ids import user_of
from ..vocabulary.kinds import UpdateKind
from ..vocabulary.messages import Enter, Gone, Receipt, Update, trace_of
from ..vocabulary.population import PLAIN, Population
from ..vocabulary.records import (
    BeginRegistration,
    EndRegistration,
    EnterEntry,
    EnterReceipt,
    ExpireRows,
    MoveCursor,
    NoteAges,
    SettleReceipt,
    StoreWatermark,
)
from ..vocabulary.structs import Struct
from .dispatch import Durable

ReceiptKey = tuple[int, int, int]
"""(update kind, conversation, sequence) of a receipt owed by one device's inbox."""


class CursorMoved(Struct, frozen=True):
    """What a ``MoveCursor`` did."""

    before: int
    after: int
    trimmed: int
    """Rows that left."""
    trimmed_through: int
    owed: tuple[Receipt, ...]


class WatermarkStored(Struct, frozen=True):
    """What a ``StoreWatermark`` did."""

    owed: tuple[Receipt, ...]
    rows: tuple[tuple[int, Update], ...]
    """(device, row) for the user's other devices."""


class Inbox:
    """One device's inbox."""

    __slots__ = (
        "cursor",
        "device",
        "epoch",
        "expired",
        "head",
        "marks",
        "owed",
        "receipts",
        "retired_by",
        "rows",
        "untold",
        "user",
        "watermarks",
    )

    def __init__(self, device: int, user: int) -> None:
        self.device = device
        self.user = user
        self.head = 0
        """The newest update number; contiguous, never given twice (INBOX-1)."""
        self.cursor = 0
        """*Acknowledged by the device*; only moves forward (INBOX-3)."""
        self.rows: list[Update] = []
        """Updates to head, from behind the cursor on, or from behind what expired."""
        self.epoch = 0
        """The highest epoch served (INBOX-8)."""
        self.marks: dict[int, int] = {}
        """Conversation to the newest entry taken; outlives trimming (FAN-3)."""
        self.receipts: dict[tuple[int, int, int, int], int] = {}
        """(kind, conversation, sequence, about) of untrimmed receipt rows: one that enters again is merged (FAN-3)."""
        self.owed: dict[ReceiptKey, Receipt] = {}
        """Receipts owed to senders until their inboxes answer (INBOX-4, INBOX-9)."""
        self.watermarks: dict[int, int] = {}
        """Conversation to the read watermark (INBOX-9)."""
        self.expired = 0
        """Rows through this one have left, acknowledged or not (INBOX-6)."""
        self.untold: dict[int, Gone] | None = None
        """Conversation to what expired there, until the device is beyond it all."""
        self.retired_by = -1
        """The device that took this one's place: the inbox is a tombstone (PHONE-10)."""


class Expired(Struct, frozen=True):
    """What an ``ExpireRows`` did."""

    through: int
    rows: int


class InboxState(Durable):
    """One shard."""

    __slots__ = ("ages", "devices", "inboxes", "population", "registrations")
    TAKES: ClassVar[dict[type, str]] = {
        EnterEntry: "enter_entry",
        EnterReceipt: "enter_receipt",
        MoveCursor: "move_cursor",
        StoreWatermark: "store_watermark",
        SettleReceipt: "settle_receipt",
        BeginRegistration: "begin_registration",
        EndRegistration: "end_registration",
        NoteAges: "note_ages",
        ExpireRows: "expire_rows",
    }

    def __init__(self, population: Population = PLAIN) -> None:
        self.population = population
        self.inboxes: dict[int, Inbox] = {}
        self.ages: deque[NoteAges] = deque()
        """How old the rows are that wait, oldest first (INBOX-6)."""
        self.devices: dict[int, tuple[int, tuple[int, ...]]] = {}
        """User to (version, devices), where the list has changed since the first day (PHONE-10)."""
        self.registrations: dict[int, BeginRegistration] = {}
        """Changes of a user's list that not every store shard knows yet, by the device that comes or goes."""

    def inbox(self, device: int) -> Inbox:
        """The inbox of a device, made at its first write."""
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox(device, user_of(device))
        return inbox

    def devices_of(self, user: int) -> tuple[int, ...]:
        """The devices that a user's receipts go to: those who have come, and those who are going until they have."""
        listed = self.devices.get(user)
        return self.population.devices(user) if listed is None else listed[1]

    def list_version(self, user: int) -> int:
        """The version of a user's list of devices (0: as on the first day)."""
        listed = self.devices.get(user)
        return 0 if listed is None else listed[0]

    # -- rows come ------------------------------------------------------------------------------------------

    def enter_entry(self, record: EnterEntry) -> tuple[int, Update] | None:
        """FAN-3: taken only when the entry it was owed before is the mark. Returns (device, row)."""
        return self.take_entry(record.enter)

    def take_entry(self, enter: Enter) -> tuple[int, Update] | None:
        """FAN-3: the row of one entry."""
        inbox = self.inbox(enter.device)
        if inbox.retired_by >= 0 or inbox.marks.get(enter.conversation, 0) != enter.owed_before:
            return None
        inbox.marks[enter.conversation] = enter.sequence
        inbox.head += 1
        row = Update(
            inbox.head,
            UpdateKind.MESSAGE,
            enter.conversation,
            enter.sequence,
            enter.predecessor,
            enter.predecessor_own,
            enter.message_id,
            enter.sender,
            enter.written_us,
            enter.body,
            enter.envelope,
            enter.content,
        )
        inbox.rows.append(row)
        return enter.device, row

    def enter_receipt(self, record: EnterReceipt) -> tuple[tuple[int, Update], ...]:
        """RCPT-1: a row for each device of the message's sender. Returns (device, row) each."""
        receipt = record.receipt
        taken = [self.take_receipt(device, receipt) for device in self.devices_of(receipt.sender)]
        return tuple(row for row in taken if row is not None)

    def take_receipt(self, device: int, receipt: Receipt) -> tuple[int, Update] | None:
        """FAN-3: receipts are never held back; one that is still here is merged."""
        inbox = self.inbox(device)
        if inbox.retired_by >= 0:
            return None
        key = (receipt.update, receipt.conversation, receipt.sequence, receipt.about)
        if key in inbox.receipts:
            return None
        inbox.head += 1
        inbox.receipts[key] = inbox.head
        row = Update(
            inbox.head,
            receipt.update,
            receipt.conversation,
            receipt.sequence,
            0,
            False,
            receipt.message_id,
            receipt.about,
            0,
            -1,
        )
        inbox.rows.append(row)
        return device, row

    # -- rows go --------------------------------------------------------------------------------------------

    def move_cursor(self, record: MoveCursor) -> CursorMoved | None:
        """INBOX-2, INBOX-4, INBOX-8: the cursor only moves forward; trim; owe a delivered receipt per message."""
        inbox = self.inbox(record.device)
        if record.epoch > inbox.epoch:
            inbox.epoch = record.epoch
        before = inbox.cursor
        cursor = record.cursor
        if cursor <= before or cursor > inbox.head:
            return None
        inbox.cursor = cursor
        rows = inbox.rows
        owed = []
        trimmed = 0
        for row in rows:
            if row.number > cursor:
                break
            trimmed += 1
            if row.update == UpdateKind.MESSAGE:
                receipt = self.owe(inbox, UpdateKind.DELIVERED, row.conversation, row.sequence, row)
                if receipt is not None:
                    owed.append(receipt)
            else:
                inbox.receipts.pop((row.update, row.conversation, row.sequence, row.sender), None)
        del rows[:trimmed]
        if inbox.untold is not None and cursor >= inbox.expired:
            inbox.untold = None
        return CursorMoved(before, cursor, trimmed, cursor, tuple(owed))

    def owe(self, inbox: Inbox, update: int, conversation: int, sequence: int, row: Any) -> Receipt | None:
        """INBOX-4: once per (message, device); none for copies to the sender's own devices."""
        if row.sender == inbox.user or row.sender < 0:
            return None  # a copy of an own one, or sealed: then the phone owes it (SEAL-3)
        receipt = Receipt(
            update, conversation, sequence, row.message_id, inbox.user, inbox.device, row.sender, trace_of(row.body)
        )
        inbox.owed[(update, conversation, sequence)] = receipt
        return receipt

    def store_watermark(self, record: StoreWatermark) -> WatermarkStored:
        """INBOX-9: the maximum, one read receipt owed per newly covered message, and a row for the user's other
        devices."""
        inbox = self.inbox(record.device)
        through = inbox.watermarks.get(record.conversation, 0)
        owed = []
        for sequence, message_id, sender, body in record.covered:
            if sequence > through:
                receipt = Receipt(
                    UpdateKind.READ,
                    record.conversation,
                    sequence,
                    message_id,
                    inbox.user,
                    inbox.device,
                    sender,
                    trace_of(body),
                )
                inbox.owed[(UpdateKind.READ, record.conversation, sequence)] = receipt
                owed.append(receipt)
        if record.through <= through:
            return WatermarkStored(tuple(owed), ())
        inbox.watermarks[record.conversation] = record.through
        others = [device for device in self.devices_of(inbox.user) if device != record.device]
        rows = [self.pass_on_watermark(device, record) for device in others]
        return WatermarkStored(tuple(owed), tuple(row for row in rows if row is not None))

    def pass_on_watermark(self, device: int, record: StoreWatermark) -> tuple[int, Update] | None:
        """INBOX-9: another device of the user's learns how far the conversation is read."""
        inbox = self.inbox(device)
        if inbox.retired_by >= 0:
            return None
        inbox.head += 1
        row = Update(
            inbox.head, UpdateKind.READ_THROUGH, record.conversation, record.through, 0, False, 0, inbox.user, 0, -1
        )
        inbox.rows.append(row)
        return device, row

    def settle_receipt(self, record: SettleReceipt) -> None:
        """The sender's inbox has it."""
        inbox = self.inboxes.get(record.device)
        if inbox is not None:
            inbox.owed.pop((record.update, record.conversation, record.sequence), None)

    # -- retention ------------------------------------------------------------------------------------------

    def note_ages(self, record: NoteAges) -> None:
        """INBOX-6: one note more; those that are of no use any more go."""
        while self.ages and self.ages[0].at_us <= record.over_us:
            self.ages.popleft()
        if record.rows:
            self.ages.append(record)

    def expire_rows(self, record: ExpireRows) -> Expired | None:
        """INBOX-6: rows through this one leave; nothing is owed for them (INBOX-4), and the marks stay (FAN-3)."""
        inbox = self.inbox(record.device)
        rows = inbox.rows
        gone = 0
        if inbox.retired_by >= 0 or not rows or rows[0].number > record.through:
            return None
        for row in rows:
            if row.number > record.through:
                break
            gone += 1
            inbox.expired = row.number
            self.note_gone(inbox, row)
            inbox.receipts.pop((row.update, row.conversation, row.sequence, row.sender), None)
        del rows[:gone]
        return Expired(inbox.expired, gone)

    def note_gone(self, inbox: Inbox, row: Update) -> None:
        """What the device has to know of a row that expired; a receipt that it misses costs a tick and no more."""
        if inbox.untold is None:
            inbox.untold = {}
        gone = inbox.untold.get(row.conversation, Gone(row.conversation))
        if row.update == UpdateKind.MESSAGE:
            gone = gone._replace(entry=row.sequence, own=row.predecessor if row.predecessor_own else gone.own)
        elif row.update == UpdateKind.READ_THROUGH:
            gone = gone._replace(read_through=max(gone.read_through, row.sequence))
        inbox.untold[row.conversation] = gone

    # -- devices --------------------------------------------------------------------------------------------

    def begin_registration(self, record: BeginRegistration) -> Inbox:
        """PHONE-10: an empty inbox from the present end, before anything is owed to it; the list has a new version.
        Whoever goes stays in it until every store shard knows."""
        if record.device not in self.registrations:
            self.registrations[record.device] = record
            devices = self.devices_of(record.user)
            if record.device != record.replaces and record.device not in devices:
                devices = (*devices, record.device)
            self.devices[record.user] = (self.list_version(record.user) + 1, devices)
        return self.inbox(record.device)

    def listed(self, user: int) -> tuple[int, ...]:
        """The list that the store shards are told: without those who are going."""
        going = [record.replaces for record in self.registrations.values() if record.user == user]
        return tuple(device for device in self.devices_of(user) if device not in going)

    def end_registration(self, record: EndRegistration) -> tuple[Inbox | None, int] | None:
        """PHONE-10: every store shard knows the new list; the inbox of whoever goes becomes a tombstone. Returns it (if
        somebody goes) and the number of rows that went with the device."""
        if self.registrations.pop(record.device, None) is None:
            return None
        if record.replaces < 0:
            return None, 0
        version, devices = self.devices[record.user]
        self.devices[record.user] = (version, tuple(device for device in devices if device != record.replaces))
        old = self.inbox(record.replaces)
        if old.retired_by >= 0:
            return None, 0
        old.retired_by = record.device
        rows = len(old.rows)
        old.rows.clear()
        old.receipts.clear()
        return old, rows
