"""Owed receipts on their way to whoever gathers or shows them: sent until answered (INBOX-4, INBOX-9, RCPT-1).

That one was answered rides on the shard's next record: a crash before that sends it once more, and the other side
merges it or gives it a new row, which changes no tick (RCPT-2).
"""

from __future__ import annotations

from collections import deque
from typing import Any

from ..vocabulary.ids import is_group
from ..vocabulary.messages import Address, Receipt, ReceiptTaken, operation_of, trace_of
from ..vocabulary.records import SettleReceipt
from .inbox_state import InboxState, ReceiptKey
from .port import ServerPort, Timers


class OwedReceipts:
    """The receipts that one host owes and has under way."""

    __slots__ = ("answered", "durable", "open", "port", "timers")
    durable: Any

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.open: dict[tuple[int, ReceiptKey], bool] = {}
        """(device, key) of receipts owed: True once answered, until the ride is durable."""
        self.answered: deque[tuple[int, ReceiptKey]] = deque()
        """Those answered, in the order of their rides, in which they become durable too."""

    def address_of(self, receipt: Receipt) -> Address:
        """Where a receipt goes."""
        raise NotImplementedError

    def settlement(self, device: int, owed: ReceiptKey, trace: int) -> Any:
        """The record that says that a receipt is no longer owed."""
        raise NotImplementedError

    def is_owed(self, device: int, owed: ReceiptKey) -> bool:
        """Whether the durable state still says that it is owed."""
        raise NotImplementedError

    def is_open(self, device: int, key: ReceiptKey) -> bool:
        """Whether it is on its way, or answered already."""
        return (device, key) in self.open

    def send(self, receipt: Receipt, attempt: int) -> None:
        """On its way; again until it is answered."""
        key = (receipt.about_device, (receipt.update, receipt.conversation, receipt.sequence))
        self.open[key] = False
        if attempt:
            receipt = receipt._replace(trace=trace_of(operation_of(receipt.trace), attempt))
        self.port.send(self.address_of(receipt), receipt)
        self.port.set_timer(self.timers.call_again_us, self.on_due, (receipt, attempt + 1))

    def on_due(self, due: tuple[Receipt, int]) -> None:
        """Not answered in time: again."""
        receipt, attempt = due
        key = (receipt.about_device, (receipt.update, receipt.conversation, receipt.sequence))
        if self.open.get(key) is False:
            self.send(receipt, attempt)

    def taken(self, message: ReceiptTaken) -> None:
        """The other side has it durably."""
        owed = (message.update, message.conversation, message.sequence)
        key = (message.device, owed)
        if self.open.get(key) is not False:
            return
        self.open[key] = True
        self.answered.append(key)
        self.port.ride(key, self.settlement(message.device, owed, message.trace))
        self.forget_settled()

    def forget_settled(self) -> None:
        """Answered receipts whose ride has become durable need no mark any more."""
        answered = self.answered
        while answered and not self.is_owed(*answered[0]):
            self.open.pop(answered.popleft(), None)


class Receipts(OwedReceipts):
    """What an inbox shard owes for its devices."""

    __slots__ = ()
    durable: InboxState

    def address_of(self, receipt: Receipt) -> Address:
        """To the inbox of the user who wrote the message, whichever devices those are (RCPT-1, PHONE-10); of a group's
        message to the conversation's shard, which gathers (RCPT-3)."""
        if is_group(receipt.conversation):
            return self.port.store_of(receipt.conversation)
        return self.port.inbox_of(receipt.sender)

    def settlement(self, device: int, owed: ReceiptKey, trace: int) -> SettleReceipt:
        """INBOX-4: answered."""
        return SettleReceipt(device, *owed, trace)

    def is_owed(self, device: int, owed: ReceiptKey) -> bool:
        """INBOX-4."""
        return owed in self.durable.inboxes[device].owed
