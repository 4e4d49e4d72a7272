"""RCPT-3: the conversation's shard gathers a group's receipts and tells the sender each change of tick, once.

It runs beside the message store and writes into the same log. It answers what inboxes owe (INBOX-4, INBOX-9) when the
gathering is durable, and in turn sends what it owes until the sender's inbox answers.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.messages import Address, Receipt, ReceiptTaken
from ..vocabulary.records import GatherReceipts, SettleTick
from .dispatch import Dispatching
from .inbox_state import ReceiptKey
from .port import ServerPort, Timers
from .receipts import OwedReceipts
from .store_state import StoreState


class OwedTicks(OwedReceipts):
    """Changes of tick on their way to the senders' inboxes."""

    __slots__ = ()
    durable: StoreState

    def address_of(self, receipt: Receipt) -> Address:
        """To the inbox of the user who wrote the message."""
        return self.port.inbox_of(receipt.sender)

    def settlement(self, device: int, owed: ReceiptKey, trace: int) -> SettleTick:
        """RCPT-3: answered."""
        return SettleTick(*owed, trace)

    def is_owed(self, device: int, owed: ReceiptKey) -> bool:
        """RCPT-3."""
        return owed in self.durable.ticks


class GroupReceipts(Dispatching):
    """The gatherings of one shard's groups."""

    __slots__ = ("durable", "owed", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {Receipt: "on_receipt", ReceiptTaken: "on_receipt_taken"}
    durable: StoreState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.owed = OwedTicks(port, timers)

    def on_start(self) -> None:
        """What is owed goes out again."""
        self.send_owed()

    def on_receipt(self, source: Address, receipt: Receipt) -> None:
        """RCPT-3: durable before it is answered."""
        self.port.persist(GatherReceipts((receipt,), source, receipt.trace), self.after_gather)

    def after_gather(self, record: GatherReceipts) -> None:
        """Durable: the inbox owes it no longer; what changed a tick goes to the sender."""
        for receipt in record.receipts:
            taken = ReceiptTaken(
                receipt.about_device, receipt.update, receipt.conversation, receipt.sequence, receipt.trace
            )
            self.port.send(record.asker, taken)
        self.send_owed()

    def send_owed(self) -> None:
        """RCPT-3: every change of tick that is owed and not on its way."""
        for key, receipt in self.durable.ticks.items():
            if not self.owed.is_open(receipt.about_device, key):
                self.owed.send(receipt, 0)

    def on_receipt_taken(self, source: Address, message: ReceiptTaken) -> None:
        """The sender's inbox has it."""
        self.owed.taken(message)

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: nothing is answered, so the inbox sends it again."""
