"""Planted bugs of nudges."""

from __future__ import annotations

from typing import Any, ClassVar

from ..protocol.inbox import InboxShard
from ..protocol.inbox_state import Inbox
from ..protocol.nudges import Nudges
from ..protocol.push_gateway import Pending, PushGateway
from ..vocabulary.messages import Address, Route, Update, trace_of
from ..vocabulary.records import ApplyUpdates, MoveCursor
from ..vocabulary.structs import Struct
from .phone import NoGapRule, PhoneWithoutGapRule
from .planted import Planted


class NotWhileOnline(Nudges):
    """Whoever has a lease is online, and whoever is online needs no nudge."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.online: dict[int, bool] = {}

    def is_owed(self, inbox: Inbox, last: int) -> bool:
        return super().is_owed(inbox, last) and not self.online.get(inbox.device, False)


class TrustsTheRegistry(InboxShard):
    """Remembers what the registry said last of each device."""

    NUDGES = NotWhileOnline

    def on_route(self, source: Address, route: Route) -> None:
        if isinstance(self.nudges, NotWhileOnline):
            self.nudges.online[route.device] = route.server is not None
        super().on_route(source, route)


class NoNudgeWhenOnline(Planted):
    number = 33
    title = "no nudge when the registry says online though the connection is dead"
    scenario = "mutants_push"
    check = "NUDGE-1"
    needs = "half-open connection"
    CLASSES = {"inbox": TrustsTheRegistry}


class Letter(Struct, frozen=True):
    """A nudge with the messages in it."""

    device: int
    user: int
    trace: int
    rows: tuple[Update, ...]


class Delivers(Nudges):
    """The nudge is the delivery: what is in it need not wait any longer."""

    def ask(self, inbox: Inbox) -> None:
        super().ask(inbox)
        self.port.persist(MoveCursor(inbox.device, inbox.epoch, inbox.head, 0), self.after_delivery)

    def after_delivery(self, record: MoveCursor) -> None:
        """It has left."""

    def nudge(self, inbox: Inbox) -> Any:
        trace = trace_of(inbox.device, inbox.head + self.port.incarnation)
        return Letter(inbox.device, inbox.user, trace, tuple(inbox.rows))


class InboxThatDelivers(InboxShard):
    """Asks for nudges that are deliveries."""

    NUDGES = Delivers


class CarriesLetters(PushGateway):
    """Passes on what it gets, whole."""

    TAKES: ClassVar[dict[type, str]] = {**PushGateway.TAKES, Letter: "on_nudge"}

    def message(self, pending: Pending) -> Any:
        return pending.nudge


class ReadsLetters(PhoneWithoutGapRule):
    """Takes the messages out of the nudge."""

    def on_nudge(self, nudge: Any) -> None:
        if nudge.rows[-1].number > self.committing_through:
            self.committing_through = nudge.rows[-1].number
            self.port.persist(ApplyUpdates(nudge.rows, nudge.trace), self.after_updates)


class NudgeIsTheDelivery(Planted):
    number = 36
    title = "push nudge taken for the delivery: it carries the message and moves the cursor"
    scenario = "mutants_push"
    check = "LOSS-1"
    also = ("QUEUE-1", "FLOW-1", "TICK-1", "TICK-3", "LIVE-1", "ORDER-1")
    needs = "a nudge that is dropped or collapsed"
    CLASSES = {
        "inbox": InboxThatDelivers,
        "push_gateway": CarriesLetters,
        "phone": ReadsLetters,
        "phone_state": NoGapRule,
    }


PLANTED: tuple[type[Planted], ...] = (NoNudgeWhenOnline, NudgeIsTheDelivery)
