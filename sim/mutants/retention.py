"""Planted bugs of retention and caps, and of cursors that are clocks."""

from __future__ import annotations

from typing import Any, ClassVar

from ..protocol.connection_server import ConnectionServer, Session
from ..protocol.inbox import InboxShard
from ..protocol.inbox_state import Expired, Inbox, InboxState
from ..protocol.port import Connection
from ..vocabulary.messages import Address
from ..vocabulary.records import ApplyUpdates, ExpireRows, MoveCursor, TakeExpired
from ..vocabulary.structs import Struct
from .phone import NoGapRule, PhoneWithoutGapRule
from .planted import Planted


class PagesByNumber(InboxShard):
    """Finds the rows of a page by their numbers, since some in between may be missing."""

    def page(self, inbox: Inbox, after: int) -> tuple[Any, ...]:
        return tuple(row for row in inbox.rows if row.number > after)[: self.timers.page]

    def push(self, inbox: Inbox, delivery: Any, trace: int) -> None:
        if self.page(inbox, max(delivery.sent, inbox.cursor)):
            super().push(inbox, delivery, trace)


class SaysNothing(InboxState):
    """Lets rows go and keeps no note of it that a device could be told."""

    def expire_rows(self, record: ExpireRows) -> Expired | None:
        change = super().expire_rows(record)
        inbox = self.inbox(record.device)
        inbox.expired = 0
        inbox.untold = None
        return change


class CapDropsSilently(Planted):
    number = 34
    title = "inbox cap drops the oldest silently"
    scenario = "mutants_retention"
    check = "LOSS-1"
    also = ("QUEUE-1", "ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4", "LIVE-1", "TICK-1", "FLOW-1", "TICK-3", "QUEUE-3")
    needs = "long offline"
    CLASSES = {
        "inbox": PagesByNumber,
        "inbox_state": SaysNothing,
        "phone": PhoneWithoutGapRule,
        "phone_state": NoGapRule,
    }


class CountsNothing(InboxState):
    """Lets rows go, tells the device, and counts nothing."""

    def expire_rows(self, record: ExpireRows) -> Expired | None:
        super().expire_rows(record)
        return None


class ExpiryUncounted(Planted):
    number = 48
    title = "an expired row is not counted"
    scenario = "mutants_retention"
    check = "FLOW-1"
    also = ("QUEUE-1", "LOSS-1", "TICK-3", "QUEUE-2")
    needs = "long offline"
    CLASSES = {"inbox_state": CountsNothing}


class Since(Struct, frozen=True):
    """Everything through this time is here, says the phone by its own clock."""

    device: int
    user: int
    epoch: int
    at_us: int
    trace: int


class AsksByItsClock(PhoneWithoutGapRule):
    """Remembers by its own clock when it last had everything, and asks for what came since."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.had_all_us = 0

    def greet(self) -> None:
        super().greet()
        state = self.durable
        if state.registered:
            self.port.send_up(
                self.connection, Since(state.device, state.user, state.epoch, self.had_all_us, state.device << 8)
            )

    def after_updates(self, record: ApplyUpdates | TakeExpired) -> None:
        self.had_all_us = self.port.wall_clock_us()
        super().after_updates(record)


class WaitsForTheClock(ConnectionServer):
    """Passes the phone's time on, and drains only then."""

    TAKES: ClassVar[dict[type, str]] = {**ConnectionServer.TAKES, Since: "on_since"}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.asked: dict[int, int] = {}

    def on_since(self, connection: Connection, message: Since) -> None:
        """To the inbox, ahead of the drain."""
        self.asked[message.device] = message.epoch
        self.port.send(self.port.inbox_of(message.user), message)

    def drain(self, session: Session, attempt: int) -> None:
        if self.asked.get(session.device) == session.epoch:
            super().drain(session, attempt)
        else:
            session.stage = 2
            session.drains += 1
            due = (session, session.drains, attempt)
            self.port.set_timer(self.timers.call_again_us // 10, self.on_drain_due, due)


class TrimsByTheClock(PagesByNumber):
    """What came before the phone's time is there, so it may go."""

    TAKES: ClassVar[dict[type, str]] = {**InboxShard.TAKES, Since: "on_since"}

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.came_us: dict[tuple[int, int], int] = {}

    def offer(self, inbox: Inbox, trace: int) -> None:
        self.came_us.setdefault((inbox.device, inbox.head), self.port.monotonic_us())
        super().offer(inbox, trace)

    def on_since(self, source: Address, message: Since) -> None:
        """The newest row that came no later than the phone's time says where its cursor is."""
        inbox = self.durable.inbox(message.device)
        through = inbox.cursor
        while through < inbox.head and self.came_us.get((inbox.device, through + 1), 1 << 62) <= message.at_us:
            through += 1
        if through > inbox.cursor and not self.is_fenced(inbox, message.epoch):
            self.delivery(inbox).acked = through
            record = MoveCursor(inbox.device, message.epoch, through, message.trace)
            self.port.persist(record, self.after_acknowledge)


class CursorFromTheClock(Planted):
    number = 21
    title = "cursor from the device's clock (phone and inbox)"
    scenario = "mutants_ahead"
    check = "LOSS-1"
    also = ("QUEUE-1", "FLOW-1", "TICK-1", "TICK-3", "LIVE-1", "QUEUE-3", "ORDER-1", "ORDER-2", "ORDER-3", "QUEUE-2")
    needs = "clock ahead"
    CLASSES = {
        "phone": AsksByItsClock,
        "phone_state": NoGapRule,
        "connection_server": WaitsForTheClock,
        "inbox": TrimsByTheClock,
    }


PLANTED: tuple[type[Planted], ...] = (CursorFromTheClock, CapDropsSilently, ExpiryUncounted)
