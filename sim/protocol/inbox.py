"""The inbox: durable rows per device, pushed while the device is there, kept until it has acknowledged (INBOX-1..9).

Durable: ``InboxState``. In memory: for devices with something unacknowledged, where it was pushed and how far
(``Delivery``), and the receipts on their way to other inboxes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.kinds import HardCase, UpdateKind
from ..vocabulary.messages import (
    Acknowledge,
    Address,
    Confirmed,
    Drain,
    Enter,
    Entered,
    Fenced,
    NotHere,
    Outcome,
    ReadThrough,
    Receipt,
    ReceiptTaken,
    Route,
)
from ..vocabulary.records import EnterEntry, EnterReceipt, MoveCursor, StoreWatermark
from .delivery import Deliveries
from .inbox_state import Inbox
from .nudges import Nudges
from .port import InboxPort, Timers
from .receipts import Receipts
from .retention import Retention


class InboxShard(Deliveries):
    """The leader of one inbox shard."""

    __slots__ = ("receipts",)
    NUDGES: ClassVar[type[Nudges]] = Nudges
    TAKES: ClassVar[dict[type, str]] = {
        Enter: "on_enter",
        Receipt: "on_receipt",
        ReceiptTaken: "on_receipt_taken",
        Drain: "on_drain",
        Acknowledge: "on_acknowledge",
        ReadThrough: "on_read_through",
        Route: "on_route",
        NotHere: "on_not_here",
    }

    def __init__(self, port: InboxPort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.receipts = Receipts(port, timers)
        if timers.nudge_after_us:
            self.nudges = self.NUDGES(port, timers, self.acknowledged)
        if timers.retention_us or timers.inbox_cap:
            self.retention = Retention(port, timers, self.acknowledged)

    def on_start(self) -> None:
        """Owed receipts go out again, and waiting rows are offered to whoever is connected (CONN-10)."""
        for inbox in self.durable.inboxes.values():
            for receipt in inbox.owed.values():
                self.receipts.send(receipt, 0)
            if inbox.head > inbox.cursor and inbox.retired_by < 0:
                self.deliver(inbox, 0)
        if self.nudges is not None:
            self.nudges.on_start()
        if self.retention is not None:
            self.retention.on_start()

    # -- rows come ------------------------------------------------------------------------------------------

    def on_enter(self, source: Address, message: Enter) -> None:
        """FAN-3: durable before it is answered or pushed (INBOX-7)."""
        inbox = self.durable.inboxes.get(message.device)
        if inbox is not None:
            if inbox.retired_by >= 0:
                self.answer_enter(source, message.device, message.position, Outcome.RETIRED, message.trace)
                return
            if inbox.marks.get(message.conversation, 0) >= message.sequence:
                self.answer_enter(source, message.device, message.position, Outcome.TAKEN, message.trace)
                return
        self.port.persist(EnterEntry(message, source, message.trace), self.after_enter)

    def after_enter(self, record: EnterEntry) -> None:
        """INBOX-7: durable; answer the fan-out and push."""
        enter = record.enter
        inbox = self.durable.inboxes[enter.device]
        if inbox.retired_by >= 0:
            outcome = Outcome.RETIRED
        elif inbox.marks.get(enter.conversation, 0) >= enter.sequence:
            outcome = Outcome.TAKEN
        else:
            outcome = Outcome.GAP
        self.answer_enter(record.asker, enter.device, enter.position, outcome, record.trace)
        if outcome == Outcome.TAKEN:
            self.offer(inbox, record.trace)

    def answer_enter(self, source: Address, device: int, position: int, outcome: int, trace: int) -> None:
        """Tell the fan-out what became of its append."""
        self.port.send(source, Entered(device, position, outcome, trace))

    def on_receipt(self, source: Address, receipt: Receipt) -> None:
        """INBOX-4, INBOX-9: a receipt for one of our users; durable before it is answered."""
        self.port.persist(EnterReceipt(receipt, source, receipt.trace), self.after_receipt)

    def after_receipt(self, record: EnterReceipt) -> None:
        """INBOX-7: durable; answer the other inbox and push."""
        receipt = record.receipt
        taken = ReceiptTaken(receipt.about_device, receipt.update, receipt.conversation, receipt.sequence, record.trace)
        self.port.send(record.asker, taken)
        for device in self.durable.devices_of(receipt.sender):
            self.offer(self.durable.inbox(device), record.trace)

    def on_receipt_taken(self, source: Address, message: ReceiptTaken) -> None:
        """No longer owed."""
        self.receipts.taken(message)

    # -- rows go --------------------------------------------------------------------------------------------

    def on_drain(self, source: Address, drain: Drain) -> None:
        """CONN-2, INBOX-5, INBOX-8: the cursor is an acknowledgement first; then a page, if the epoch is not fenced."""
        inbox = self.durable.inbox(drain.device)
        if self.is_fenced(inbox, drain.epoch) or drain.cursor > inbox.head:
            fenced = self.is_fenced(inbox, drain.epoch)
            self.port.reached(HardCase.FENCED_OLD_EPOCH if fenced else HardCase.CURSOR_BEYOND_HEAD)
            self.port.send(source, Fenced(drain.device, drain.epoch, drain.trace))
            return
        delivery = self.delivery(inbox)
        delivery.drain = (source, drain)
        if drain.epoch > inbox.epoch or drain.cursor > inbox.cursor:
            record = MoveCursor(drain.device, drain.epoch, drain.cursor, drain.trace)
            self.port.persist(record, self.after_drain_cursor)
        else:
            self.serve_drain(inbox)

    def after_drain_cursor(self, record: MoveCursor) -> None:
        """The cursor and the epoch are durable: send what is owed, then serve."""
        inbox = self.durable.inboxes[record.device]
        self.send_owed(inbox)
        self.serve_drain(inbox)

    def on_acknowledge(self, source: Address, message: Acknowledge) -> None:
        """CONN-6, INBOX-3: cumulative; an old one changes nothing; one beyond the head is an error that is told."""
        inbox = self.durable.inbox(message.device)
        if self.is_fenced(inbox, message.epoch):
            self.port.reached(HardCase.FENCED_OLD_EPOCH)
            return
        if message.cursor > inbox.head:
            self.port.send(source, Fenced(message.device, message.epoch, message.trace))
            return
        newer = message.epoch > inbox.epoch
        if not newer:
            self.port.served(message.device, message.epoch)
        delivery = self.delivery(inbox)
        if not self.is_progress(delivery, message.cursor):
            return
        delivery.acked = message.cursor
        record = MoveCursor(message.device, message.epoch, message.cursor, message.trace)
        if newer or self.covers_message(inbox, message.cursor):
            self.port.persist(record, self.after_acknowledge)
        else:
            self.port.ride((MoveCursor, message.device), record)
        self.settle_delivery(inbox, delivery)

    def is_progress(self, delivery: Any, cursor: int) -> bool:
        """INBOX-3: pointers only move forward."""
        return bool(cursor > delivery.acked)

    def covers_message(self, inbox: Inbox, cursor: int) -> bool:
        """Whether the acknowledgement makes a receipt owed; one that does not may ride: the next hello repeats it."""
        for row in inbox.rows:
            if row.number > cursor:
                return False
            if row.update == UpdateKind.MESSAGE:
                return True
        return False

    def after_acknowledge(self, record: MoveCursor) -> None:
        """INBOX-4: what the durable cursor moved past is owed to the senders."""
        inbox = self.durable.inboxes[record.device]
        if record.epoch == inbox.epoch and inbox.retired_by < 0:
            self.port.served(record.device, record.epoch)
        self.send_owed(inbox)
        delivery = self.deliveries.get(record.device)
        if delivery is not None:
            self.settle_delivery(inbox, delivery)

    def send_owed(self, inbox: Inbox) -> None:
        """Send the receipts that are owed and not on their way."""
        for key, receipt in inbox.owed.items():
            if not self.receipts.is_open(inbox.device, key):
                self.receipts.send(receipt, 0)

    # -- read watermarks ------------------------------------------------------------------------------------

    def on_read_through(self, source: Address, message: ReadThrough) -> None:
        """INBOX-9: stored by the reader's own inbox, then confirmed."""
        inbox = self.durable.inbox(message.device)
        if inbox.watermarks.get(message.conversation, 0) >= message.through:
            self.port.send(source, Confirmed(message.device, message.conversation, message.through, message.trace))
            return
        record = StoreWatermark(
            message.device, message.conversation, message.through, message.covered, source, message.trace
        )
        self.port.persist(record, self.after_read_through)

    def after_read_through(self, record: StoreWatermark) -> None:
        """Durable: confirm, and tell the senders and the user's other devices."""
        self.port.send(record.asker, Confirmed(record.device, record.conversation, record.through, record.trace))
        reader = self.durable.inboxes[record.device]
        self.send_owed(reader)
        for device in self.durable.devices_of(reader.user):
            if device != record.device:
                self.offer(self.durable.inbox(device), record.trace)

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: nothing is answered, so whoever asked asks again; an acknowledgement comes again."""
        if isinstance(record, MoveCursor):
            delivery = self.deliveries.get(record.device)
            if delivery is not None:
                delivery.acked = self.durable.inbox(record.device).cursor
