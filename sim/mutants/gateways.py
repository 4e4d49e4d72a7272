"""Planted bugs of nudges and receipts on their way: asked for too early, for somebody else, forgotten, come twice."""

from __future__ import annotations

from typing import Any

from ..protocol.inbox import InboxShard
from ..protocol.inbox_state import Inbox, InboxState
from ..protocol.nudges import Nudges
from ..protocol.push_gateway import Pending, PushGateway
from ..vocabulary.messages import Address, Receipt, Update
from ..vocabulary.pushes import Nudge, Pushed, PushOutcome
from .planted import Planted


class AsksAtOnce(Nudges):
    """Waits for nothing."""

    def row_waits(self, inbox: Inbox) -> None:
        self.ask(inbox)


class ShardThatAsksAtOnce(InboxShard):
    """Asks for each row."""

    NUDGES = AsksAtOnce


class NudgesAtOnce(Planted):
    number = 149
    title = "a nudge is asked for with every row, be its device connected or not"
    scenario = "mutants_push"
    check = "NUDGE-1"
    CLASSES = {"inbox": ShardThatAsksAtOnce}


class AsksAnyway(Nudges):
    """Looks at the time, and not at the inbox."""

    def is_owed(self, inbox: Inbox, last: int) -> bool:
        return True


class ShardThatAsksAnyway(InboxShard):
    """Asks for each row in its time."""

    NUDGES = AsksAnyway


class NudgesTheAcknowledged(Planted):
    number = 170
    title = "a nudge is asked for though the device has acknowledged the update"
    scenario = "mutants_push"
    check = "NUDGE-1"
    CLASSES = {"inbox": ShardThatAsksAnyway}


class PushesNextDoor(PushGateway):
    """Takes the number of another device of the next person."""

    def message(self, pending: Pending) -> Any:
        push = super().message(pending)
        return push._replace(device=push.device + (1 << 10))

    def on_pushed(self, source: Address, message: Pushed) -> None:
        super().on_pushed(source, message._replace(device=message.device - (1 << 10)))


class PushToAnother(Planted):
    number = 171
    title = "the gateway nudges the person next door"
    scenario = "mutants_nudges"
    check = "NUDGE-1"
    also = ("LIVE-1",)
    needs = "half-open connection"
    CLASSES = {"push_gateway": PushesNextDoor}


class TakesAndForgets(PushGateway):
    """Takes nudges and does nothing."""

    def on_nudge(self, source: Address, nudge: Nudge) -> None:
        pass


class NudgesForgotten(Planted):
    number = 172
    title = "the gateway takes nudges and hands none on"
    scenario = "mutants_nudges"
    check = "NUDGE-1"
    needs = "half-open connection"
    CLASSES = {"push_gateway": TakesAndForgets}


class NeverDone(PushGateway):
    """A nudge that was taken stays under way."""

    def on_pushed(self, source: Address, message: Pushed) -> None:
        pending = self.pending.get(message.device)
        super().on_pushed(source, message)
        if pending is not None and message.outcome == PushOutcome.TAKEN:
            pending.turn += 1
            self.pending[message.device] = pending


class CollapsesForGood(Planted):
    number = 173
    title = "every nudge after a device's first collapses into that one"
    scenario = "mutants_nudges"
    check = "NUDGE-1"
    needs = "half-open connections twice"
    CLASSES = {"push_gateway": NeverDone}


class NotTriedAgain(PushGateway):
    """What a provider does not take waits for good."""

    def on_try_again(self, due: tuple[Pending, int]) -> None:
        pass


class HeldForGood(Planted):
    number = 174
    title = "what a provider did not take is never tried again"
    scenario = "mutants_nudges"
    check = "NUDGE-1"
    needs = "more nudges in a minute than the provider takes"
    CLASSES = {"push_gateway": NotTriedAgain}


class MergesNothing(InboxState):
    """A receipt that comes again is one more."""

    def take_receipt(self, device: int, receipt: Receipt) -> tuple[int, Update] | None:
        self.inbox(device).receipts.clear()
        return super().take_receipt(device, receipt)


class ReceiptsTwice(Planted):
    number = 175
    title = "a receipt that enters again while it is still there gets another row"
    scenario = "mutants_receipts"
    check = "QUEUE-2"
    needs = "an answer lost"
    CLASSES = {"inbox_state": MergesNothing}


PLANTED: tuple[type[Planted], ...] = (
    NudgesAtOnce,
    NudgesTheAcknowledged,
    PushToAnother,
    NudgesForgotten,
    CollapsesForGood,
    HeldForGood,
    ReceiptsTwice,
)
