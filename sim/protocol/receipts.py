"""Owed receipts on their way to the inboxes of senders: sent until answered (INBOX-4, INBOX-9, RCPT-1).

That one was answered rides on the shard's next record: a crash before that sends it once more, and the sender's
inbox merges it or gives it a new row, which changes no tick (RCPT-2).
"""

from __future__ import annotations

from ..vocabulary.messages import Receipt, ReceiptTaken, operation_of, trace_of
from ..vocabulary.records import SettleReceipt
from .inbox_state import InboxState, ReceiptKey
from .port import ServerPort, Timers


class Receipts:
    """The receipts that one inbox shard owes and has under way."""

    __slots__ = ("durable", "open", "port", "settled", "timers")
    durable: InboxState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.open: dict[tuple[int, ReceiptKey], bool] = {}
        """(device, key) of receipts owed: True once answered, until the ride is durable."""

    def is_open(self, device: int, key: ReceiptKey) -> bool:
        """Whether it is on its way, or answered already."""
        return (device, key) in self.open

    def send(self, receipt: Receipt, attempt: int) -> None:
        """To the inbox of the user who wrote the message; whichever device that is (RCPT-1, PHONE-10)."""
        key = (receipt.about_device, (receipt.update, receipt.conversation, receipt.sequence))
        self.open[key] = False
        if attempt:
            receipt = receipt._replace(trace=trace_of(operation_of(receipt.trace), attempt))
        self.port.send(self.port.inbox_of(receipt.sender), receipt)
        self.port.set_timer(self.timers.call_again_us, self.on_due, (receipt, attempt + 1))

    def on_due(self, due: tuple[Receipt, int]) -> None:
        """Not answered in time: again."""
        receipt, attempt = due
        key = (receipt.about_device, (receipt.update, receipt.conversation, receipt.sequence))
        if self.open.get(key) is False:
            self.send(receipt, attempt)

    def taken(self, message: ReceiptTaken) -> None:
        """The sender's inbox has it durably."""
        owed = (message.update, message.conversation, message.sequence)
        key = (message.device, owed)
        if self.open.get(key) is not False:
            return
        self.open[key] = True
        record = SettleReceipt(message.device, *owed, message.trace)
        self.port.ride(key, record)
        self.forget_settled()

    def forget_settled(self) -> None:
        """Answered receipts whose ride has become durable need no mark any more: drop the oldest of them."""
        inboxes = self.durable.inboxes
        while self.open:
            key = next(iter(self.open))
            device, owed = key
            if not self.open[key] or owed in inboxes[device].owed:
                return
            del self.open[key]
