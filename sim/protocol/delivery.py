"""Getting rows to a device that is connected: look up, push, repeat; or serve its drain (CONN-10, INBOX-3, INBOX-5)."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, Drain, LookUp, NotHere, Route, Updates, trace_of
from .dispatch import Dispatching
from .inbox_state import Inbox, InboxState
from .nudges import Nudges
from .port import InboxPort, Timers
from .retention import Retention


class Delivery:
    """What is in flight to one device. It exists while there is something unacknowledged."""

    __slots__ = ("acked", "attempt", "drain", "epoch", "looking", "sent", "server", "waiting")

    def __init__(self, inbox: Inbox) -> None:
        self.acked = inbox.cursor
        """The device's cursor as far as we know; its durable trace may be on its way."""
        self.sent = inbox.cursor
        """The highest update pushed on this route; starts at the cursor (INBOX-3)."""
        self.server: Address | None = None
        self.epoch = -1
        self.looking = -1
        """The trace of the look-up under way (-1: none), so that a late answer to an earlier one is known as such."""
        self.waiting = False
        """A timer for the next repeat is set."""
        self.attempt = 0
        self.drain: tuple[Address, Drain] | None = None
        """A drain that waits for its cursor to be durable."""


class Deliveries(Dispatching):
    """The part of an inbox shard that pushes."""

    __slots__ = ("deliveries", "durable", "nudges", "port", "retention", "routes", "timers")
    durable: InboxState

    def __init__(self, port: InboxPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.deliveries: dict[int, Delivery] = {}
        self.routes: OrderedDict[int, tuple[Address, int, int]] = OrderedDict()
        """Device to (server, epoch, known until): only what the registry said, and not for long (CONN-10). An ordered
        one, for a plain dictionary looks through all that left it to find its oldest."""
        self.nudges: Nudges | None = None
        """Who asks for nudges, where they are on (PUSH-1)."""
        self.retention: Retention | None = None
        """Who lets rows go, where they are not kept for ever (INBOX-6)."""

    def acknowledged(self, inbox: Inbox) -> int:
        """How far the device has acknowledged, as far as we know."""
        delivery = self.deliveries.get(inbox.device)
        return inbox.cursor if delivery is None else max(delivery.acked, inbox.cursor)

    def delivery(self, inbox: Inbox) -> Delivery:
        """The delivery of a device, made when something is to be delivered."""
        delivery = self.deliveries.get(inbox.device)
        if delivery is None:
            delivery = self.deliveries[inbox.device] = Delivery(inbox)
        return delivery

    def settle_delivery(self, inbox: Inbox, delivery: Delivery) -> None:
        """Nothing is unacknowledged any more: forget the route, and all of it once the cursor is durable."""
        if delivery.acked >= inbox.head:
            delivery.server = None
            delivery.looking = -1
            if delivery.drain is None and inbox.cursor >= delivery.acked:
                self.deliveries.pop(inbox.device, None)

    def is_fenced(self, inbox: Inbox, epoch: int) -> bool:
        """INBOX-8: a higher epoch has been served; PHONE-10: or the device is retired."""
        return epoch < inbox.epoch or inbox.retired_by >= 0

    # -- pushing --------------------------------------------------------------------------------------------

    def offer(self, inbox: Inbox, trace: int) -> None:
        """A row is durable: push it; if it waits for long, ask for a nudge (PUSH-1)."""
        if inbox.head <= inbox.cursor or inbox.retired_by >= 0:
            return
        if self.nudges is not None:
            self.nudges.row_waits(inbox)
        if self.retention is not None:
            self.retention.row_waits(inbox)
        self.deliver(inbox, trace)

    def deliver(self, inbox: Inbox, trace: int) -> None:
        """Push what waits where the device is, after asking where that is (CONN-10)."""
        delivery = self.delivery(inbox)
        if delivery.server is None and delivery.looking < 0:
            self.find_route(inbox, delivery, trace)
        if delivery.server is not None:
            self.push(inbox, delivery, trace)
        self.wait(inbox, delivery)

    def find_route(self, inbox: Inbox, delivery: Delivery, trace: int) -> None:
        """Looked up after the append is durable; a route may be used again for a while, "no lease" never."""
        known = self.routes.get(inbox.device)
        if known is not None and known[2] > self.port.monotonic_us() and known[1] >= inbox.epoch:
            delivery.server, delivery.epoch = known[0], known[1]
            return
        delivery.looking = trace
        self.port.send(self.port.registry(), LookUp(inbox.device, trace))

    def on_route(self, source: Address, route: Route) -> None:
        """The registry's answer. No lease: nobody to push to; a hello will drain (CONN-2)."""
        delivery = self.deliveries.get(route.device)
        if delivery is None or delivery.looking != route.trace:
            return
        delivery.looking = -1
        inbox = self.durable.inbox(route.device)
        if route.server is None:
            if delivery.drain is None:
                del self.deliveries[route.device]
            return
        if inbox.retired_by >= 0:
            return
        if route.epoch < inbox.epoch:
            self.port.reached(HardCase.STALE_LEASE_AT_PUSH)
            return
        delivery.server, delivery.epoch = route.server, route.epoch
        self.remember_route(route.device, route.server, route.epoch)
        self.push(inbox, delivery, route.trace)

    def remember_route(self, device: int, server: Address, epoch: int) -> None:
        """Keep what the registry said for a while; drop what is too old, oldest first."""
        now = self.port.monotonic_us()
        routes = self.routes
        routes.pop(device, None)
        routes[device] = (server, epoch, now + self.timers.route_life_us)
        while True:
            oldest = next(iter(routes))
            if routes[oldest][2] > now:
                return
            del routes[oldest]
            if not routes:
                return

    def push(self, inbox: Inbox, delivery: Delivery, trace: int) -> None:
        """Everything behind what was pushed on this route, in order, up to a page (CONN-4 bounds the rest)."""
        sent = delivery.sent if delivery.sent > inbox.cursor else inbox.cursor
        if sent >= inbox.head:
            return
        rows = self.page(inbox, sent)
        delivery.sent = rows[-1].number if rows else inbox.expired
        message = Updates(inbox.device, delivery.epoch, rows, inbox.head, False, trace)
        if inbox.expired > sent:
            message = self.with_expired(inbox, message)
        self.port.send(delivery.server, message)

    def with_expired(self, inbox: Inbox, message: Updates) -> Updates:
        """INBOX-6: say that the updates before these have left, and in which conversations."""
        return message._replace(expired_through=inbox.expired, expired=tuple((inbox.untold or {}).values()))

    def page(self, inbox: Inbox, after: int) -> tuple[Any, ...]:
        """INBOX-5: the rows behind an update, in order, one page of them."""
        rows = inbox.rows
        before = inbox.cursor if inbox.cursor >= inbox.expired else inbox.expired
        first = after - before if after > before else 0
        return tuple(rows[first : first + self.timers.page])

    def wait(self, inbox: Inbox, delivery: Delivery) -> None:
        """CONN-10: until it is acknowledged, look again after a while."""
        if not delivery.waiting:
            delivery.waiting = True
            self.port.set_timer(self.timers.push_again_us, self.on_push_due, (inbox, delivery, delivery.acked))

    def on_push_due(self, due: tuple[Inbox, Delivery, int]) -> None:
        """Repeat what is not acknowledged: ask again where the device is, and push from its cursor."""
        inbox, delivery, acked = due
        if self.deliveries.get(inbox.device) is not delivery:
            return
        delivery.waiting = False
        if delivery.acked >= inbox.head or inbox.retired_by >= 0:
            delivery.looking = -1
            return
        if delivery.acked == acked:
            delivery.server = None
            delivery.looking = -1
            self.routes.pop(inbox.device, None)
            delivery.sent = delivery.acked
            delivery.attempt += 1
            trace = trace_of(inbox.device, inbox.epoch + inbox.head + delivery.attempt)
            self.find_route(inbox, delivery, trace)
        self.wait(inbox, delivery)

    def on_not_here(self, source: Address, message: NotHere) -> None:
        """CONN-5: that route is dropped; the timer asks again."""
        known = self.routes.get(message.device)
        if known is not None and known[1] == message.epoch:
            del self.routes[message.device]
        delivery = self.deliveries.get(message.device)
        if delivery is not None and delivery.epoch == message.epoch:
            delivery.server = None

    # -- draining -------------------------------------------------------------------------------------------

    def serve_drain(self, inbox: Inbox) -> None:
        """INBOX-5: a page behind what the connection has been sent. Live pushes follow the same connection."""
        delivery = self.delivery(inbox)
        if delivery.drain is None:
            return
        source, drain = delivery.drain
        if drain.epoch > inbox.epoch:
            return  # its own write will call again: until then the fence stands where it stood (INBOX-8)
        delivery.drain = None
        delivery.looking = -1
        if self.is_fenced(inbox, drain.epoch):
            return
        self.port.served(inbox.device, drain.epoch)
        delivery.acked = max(delivery.acked, drain.cursor)
        after = max(drain.after, inbox.cursor)
        rows = self.page(inbox, after) if after < inbox.head else ()
        if delivery.epoch != drain.epoch:
            delivery.server = None
            delivery.sent = after
        delivery.epoch = drain.epoch
        message = Updates(inbox.device, drain.epoch, rows, inbox.head, True, drain.trace)
        if inbox.expired > after:
            message = self.with_expired(inbox, message)
            after = inbox.expired
        delivery.sent = max(delivery.sent, rows[-1].number if rows else after)
        self.port.send(source, message)
        if inbox.head > delivery.acked:
            self.wait(inbox, delivery)
        else:
            self.settle_delivery(inbox, delivery)
