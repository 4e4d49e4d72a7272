"""The ports: what machines call, played by the world. One class per sort of host, and one more where points count."""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappush
from typing import TYPE_CHECKING, Any

from ..vocabulary import kinds
from ..vocabulary.ids import conversation_between
from ..vocabulary.pushes import NudgeFate
from .connections import Connection
from .dice import TABLE_SHIFT, spread
from .read_ports import PhoneReads, ServerReads

if TYPE_CHECKING:
    from .hosts import ServerHost
    from .phones import PhoneHost
    from .push import PushService


class ServerPort(ServerReads):
    """A server's port, for one incarnation."""

    __slots__ = (
        "conditions",
        "durable",
        "environment",
        "host",
        "incarnation",
        "keys",
        "lanes",
        "life",
        "log",
        "numbers",
        "queue",
        "shard",
        "table",
        "world",
    )

    def __init__(self, host: ServerHost) -> None:
        self.host = host
        self.world = host.world
        self.environment = host.world.environment
        self.queue = host.world.environment._queue
        self.numbers = host.world.environment._eid
        self.conditions = host.world.network.conditions
        self.keys = host.world.link_keys
        self.table = host.world.server_table
        self.lanes = host.world.lanes_by_delay
        self.life = host.life
        self.incarnation = host.incarnation
        self.shard = host.index
        self.log = host.log
        self.durable: Any = None if host.log is None else host.log.state

    def send(self, to: Any, message: Any) -> None:
        """Call another server: one entry, at the time at which it arrives (the hottest line of the world)."""
        bits = spread(self.keys[message.__class__] ^ to.salt, message.trace)
        delay_us = self.table[bits >> TABLE_SHIFT]
        if self.conditions:
            self.world.network.afflict(self.host, to, message, bits, delay_us)
            return
        at_us = self.environment._now + delay_us
        heappush(self.queue, (at_us, 1, next(self.numbers), to.deliver, (self.host, message)))

    def send_soon(self, to: Any, message: Any) -> None:
        """Call another server; where calls are batched it may wait a moment to travel with others."""
        self.send(to, message)

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the shard's log."""
        self.log.write(record, then, self.life)

    def ride(self, key: Any, record: Any) -> None:
        """Write with the next record."""
        self.log.ride(key, record)

    def set_timer(self, delay_us: int, callback: Callable[[Any], None], argument: Any) -> None:
        """A timer of this incarnation."""
        host = self.host
        if host.clock.drift_ppm:
            delay_us = host.clock.true_span_us(delay_us)
        self.lanes[delay_us].arm(host.fire, (self.life, callback, argument))

    def monotonic_us(self) -> int:
        """The host's monotonic clock."""
        return self.host.clock.local_us(self.world.environment._now)

    def reached(self, case: int, operation: int = kinds.NONE) -> None:
        """Claim a hard case."""
        self.world.facts.reached(case, self.host.number, operation)

    def registry(self) -> Any:
        """The session registry."""
        return self.world.registry

    def store_of(self, conversation: int) -> Any:
        """The store shard of a conversation."""
        return self.world.store_of(conversation)

    def stores(self) -> tuple[Any, ...]:
        """Every store shard."""
        return self.world.stores

    def inbox_of(self, user: int) -> Any:
        """The inbox shard of a user."""
        return self.world.inboxes[user % len(self.world.inboxes)]

    def long_term_store(self) -> Any:
        """The long-term store of this sequencer."""
        return self.world.long_term_store_of(self.shard)

    def presence_nodes(self) -> tuple[Any, ...]:
        """Every registry node."""
        return (self.world.registry,)

    def presence_of(self, user: int) -> Any:
        """The registry node that knows how a user is."""
        return self.world.registry

    def heard_us(self, server: Any, connection: int) -> int:
        """When a server heard of a connection last, by this host's clock."""
        held = server.connections.get(connection)
        return kinds.NONE if held is None else self.host.clock.local_us(self.world.watch.heard_by_registry_us(held))

    def presence_told(self, states: int) -> None:
        """Presence states go out in one batch."""
        tally = self.world.tally
        tally["presence_updates"] += states
        tally["presence_batches"] += 1

    def served(self, device: int, epoch: int) -> None:
        """An inbox serves a connection."""
        served = self.world.served
        if served.get(device) != epoch:
            served[device] = epoch
            self.world.facts.row(kinds.SERVED, device, number=epoch)

    def lease_granted(self, device: int, epoch: int, server: Any, incarnation: int) -> None:
        """The registry granted a lease."""
        self.world.granted_us[device] = self.world.environment._now
        self.world.facts.row(kinds.LEASE_GRANTED, device, number=epoch, value=server.number, extra=incarnation)

    def lease_ended(self, device: int, epoch: int, server: Any, incarnation: int) -> None:
        """A lease is over."""
        self.world.facts.row(kinds.LEASE_ENDED, device, number=epoch, value=server.number, extra=incarnation)

    # -- inboxes and push gateways ------------------------------------------------------------------------------

    def ask_nudge(self, nudge: Any, through: int) -> None:
        """Ask the push gateway for a nudge; first the fact, since the shard may crash with the call on its way."""
        push: PushService = self.world.push  # type: ignore[assignment]
        push.nudge_asked(nudge.device, through)
        self.send(push.gateway_of(nudge.user), nudge)

    def provider_of(self, device: int) -> Any:
        """The push provider of a device."""
        push: PushService = self.world.push  # type: ignore[assignment]
        return push.provider_of(device)

    def nudge_collapsed(self, device: int) -> None:
        """A nudge was left out."""
        push: PushService = self.world.push  # type: ignore[assignment]
        push.note(device, push.provider_of(device).index, NudgeFate.COLLAPSED)

    # -- connection servers -----------------------------------------------------------------------------------

    def send_down(self, connection: Connection, message: Any) -> None:
        """Write to a phone's connection."""
        connection.send_down(message)

    def close(self, connection: Connection) -> None:
        """End a connection."""
        connection.close()

    def keep_lease(self, connection: Connection) -> None:
        """Renew with every heartbeat."""
        self.world.watch.keep_lease(connection)


class PlacedServerPort(ServerPort):
    """A server's port where places count: a message takes the way between them on top of its drawn delay."""

    __slots__ = ()

    def send(self, to: Any, message: Any) -> None:
        """Call another server."""
        bits = spread(self.keys[message.__class__] ^ to.salt, message.trace)
        host = self.host
        world = self.world
        delay_us = self.table[bits >> TABLE_SHIFT] + world.far_us[host.place][to.place]
        if self.conditions:
            world.network.afflict(host, to, message, bits, delay_us)
            return
        heappush(self.queue, (self.environment._now + delay_us, 1, next(self.numbers), to.deliver, (host, message)))

    def inbox_of(self, user: int) -> Any:
        """The inbox shard of a user, near their home."""
        return self.world.inbox_of(user)


class PhonePort(PhoneReads):
    """A phone's port, for one life of its app."""

    __slots__ = ("disk", "durable", "life", "phone", "redrawing", "world")

    def __init__(self, phone: PhoneHost) -> None:
        self.phone = phone
        self.world = phone.world
        self.life = phone.life
        self.disk = phone.disk
        self.durable = phone.state
        self.redrawing = 0

    def connect(self, epoch: int, avoid: Any) -> Connection:
        """Open a connection to a server of the balancer's choice."""
        world = self.world
        phone = self.phone
        server = world.choose_server(phone.device, epoch, avoid)
        connection = world.connection_class(world, world.next_connection(), phone, server, epoch)
        phone.connections.append(connection)
        world.open_path(connection)
        return connection

    def send_up(self, connection: Connection, message: Any) -> None:
        """Write to the connection."""
        connection.send_up(message)

    def send_unnamed(self, connection: Connection, message: Any) -> None:
        """Write to a connection that names nobody."""
        self.world.key_ring.sent_unnamed(self.phone, connection, message)  # type: ignore[union-attr]
        self.send_up(connection, message)

    def believed(self, content: Any, stamped_us: int) -> None:
        """A certificate was believed."""
        self.world.key_ring.believed(self.phone.device, content, stamped_us)  # type: ignore[union-attr]

    def watch(self, connection: Connection) -> None:
        """Heartbeat on it."""
        self.world.watch.phone_watches(connection)

    def hang_up(self, connection: Connection) -> None:
        """End it."""
        connection.hang_up()

    def with_heartbeat(self, connection: Connection, callback: Callable[[Any], None], argument: Any) -> None:
        """Go with the next heartbeat."""
        at_us = self.world.watch.next_sent_us(connection)
        self.world.environment.call_at(at_us, self.phone.fire, (self.life, callback, argument))

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the database."""
        self.disk.write(record, then, self.life)

    def ride(self, key: Any, record: Any) -> None:
        """Write with the next record."""
        self.disk.ride(key, record)

    def set_timer(self, delay_us: int, callback: Callable[[Any], None], argument: Any) -> None:
        """A timer of this life."""
        clock = self.phone.clock
        if clock.drift_ppm:
            delay_us = clock.true_span_us(delay_us)
        self.world.lanes_by_delay[delay_us].arm(self.phone.fire, (self.life, callback, argument))

    def monotonic_us(self) -> int:
        """The phone's monotonic clock."""
        return self.phone.clock.local_us(self.world.environment._now)

    def wall_clock_us(self) -> int:
        """What the phone takes for the date."""
        clock = self.phone.clock
        return clock.local_us(self.world.environment._now) + clock.wall_offset_us

    def object_store_of(self, blob: int) -> Any:
        """The way to the object store of a blob."""
        assert self.world.media is not None
        return self.world.media.path(self.phone, blob)

    def bytes_moving_us(self) -> int:
        """How long the radio is still busy with media."""
        assert self.world.media is not None
        return self.world.media.moving_us(self.phone.device)

    def jitter_below(self, limit_us: int) -> int:
        """A random time for a back-off."""
        return self.world.dice.below(limit_us, "back-off", self.phone.device, self.durable.epoch)

    def reached(self, case: int, operation: int = kinds.NONE) -> None:
        """Claim a hard case."""
        self.world.facts.reached(case, self.phone.device, operation)

    # -- the screen -------------------------------------------------------------------------------------------

    def draw_pending(self, conversation: int, body: int) -> None:
        """An own message stands in the list as pending."""
        world = self.world
        world.facts.append(
            (
                world.environment._now,
                kinds.PENDING_DRAWN,
                self.phone.device,
                conversation,
                kinds.NONE,
                body,
                self.redrawing,
                kinds.NONE,
            )
        )

    def show(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """Somebody else's message stands in the list."""
        self.enter_list(kinds.SHOWN, conversation, sequence, body, below)
        if not self.redrawing:
            self.world.on_shown(self.phone, conversation, body)

    def show_copy(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """A message of one's own, from another device, stands in the list."""
        self.enter_list(kinds.SHOWN, conversation, sequence, body, below)
        if not self.redrawing:
            self.world.on_copy(self.phone, body)

    def place(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """An own message has its place."""
        self.enter_list(kinds.PLACED, conversation, sequence, body, below)

    def enter_list(self, kind: int, conversation: int, sequence: int, body: int, below: int) -> None:
        """One more line on the screen, above so many others."""
        facts = self.world.facts
        redraw = self.redrawing
        if below:
            facts.tally["visible_jumps"] += 1
        facts.append(
            (
                facts.environment._now,
                kind,
                self.phone.device,
                conversation,
                sequence,
                body,
                redraw,
                below or kinds.NONE,
            )
        )

    def show_reference(self, conversation: int, body: int, blob: int) -> None:
        """A small picture is drawn."""
        assert self.world.media is not None
        self.world.media.reference_shown(self.phone, conversation, body, blob, self.redrawing)

    def open_media(self, conversation: int, body: int, blob: int, found: bool) -> None:
        """The person sees the whole of it."""
        assert self.world.media is not None
        self.world.media.opened(self.phone, conversation, body, blob, found)

    def draw_tick(self, conversation: int, body: int, tick: int) -> None:
        """A tick beside an own message."""
        self.world.facts.tick_drawn(self.phone.device, conversation, body, tick, self.redrawing)

    def draw_expired(self, before: int, through: int) -> None:
        """A marker of expired updates."""
        extra = self.redrawing
        self.world.facts.row(kinds.MARKER_SHOWN, self.phone.device, number=through, value=before, extra=extra)

    def address_book(self) -> tuple[int, ...]:
        """With whom the person has chats from the beginning."""
        return self.world.address_book(self.phone.user)

    def draw_contact(self, contact: int, shown: int, seen_us: int) -> None:
        """How a contact is."""
        phone = self.phone
        self.world.facts.row(
            kinds.CONTACT_SHOWN,
            phone.device,
            chat=conversation_between(phone.user, contact),
            number=contact,
            value=shown,
            extra=kinds.NONE if seen_us == kinds.NONE else self.monotonic_us() - seen_us,
        )

    def begin_redraw(self) -> None:
        """The lists are drawn again."""
        self.redrawing = int(self.phone.was_killed)

    def end_redraw(self) -> None:
        """They are complete."""
        self.redrawing = 0
        if self.phone.was_killed:
            self.world.facts.row(kinds.SCREEN_DRAWN, self.phone.device)
