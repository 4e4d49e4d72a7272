"""One recording fake for each kind of host: the calls that only it has, and the machines that run on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from recording_port import (
    DATA_SERVICE,
    INBOX,
    LONG_TERM_STORE,
    OBJECT_STORE,
    REGISTRY,
    STORE,
    FakeConnection,
    RecordingPort,
    timers,
)

from sim.protocol.archiver import Archiver
from sim.protocol.connection_server import ConnectionServer
from sim.protocol.data_service import DataService
from sim.protocol.device_directory import DeviceDirectory
from sim.protocol.fan_out import FanOut
from sim.protocol.group_receipts import GroupReceipts
from sim.protocol.inbox import InboxShard
from sim.protocol.inbox_state import InboxState
from sim.protocol.log_ranges import Holdings
from sim.protocol.long_term_store import LongTermState, LongTermStore
from sim.protocol.message_store import MessageStore
from sim.protocol.object_store import ObjectStore, ObjectStoreState
from sim.protocol.phone import Phone
from sim.protocol.phone_state import PhoneState
from sim.protocol.presence import Presence, PresenceOptions
from sim.protocol.push_gateway import PushGateway
from sim.protocol.session_registry import SessionRegistry
from sim.protocol.store_replica import StoreReplica
from sim.protocol.store_state import StoreState
from sim.scenario.store_reads import StoreReads
from sim.vocabulary.ids import user_of
from sim.vocabulary.messages import kind_of


class ServerFake(RecordingPort):
    """The port of a server that other servers call."""

    shard = 0
    store_count = 1
    nodes: tuple[Any, ...] = (REGISTRY,)

    def send(self, to: Any, message: Any) -> None:
        self.effect("send", message, to)

    def send_soon(self, to: Any, message: Any) -> None:
        self.send(to, message)

    def sent_to(self, to: Any) -> list[Any]:
        """The messages that went to one address, in order."""
        return [each.subject for each in self.effects if each.name == "send" and each.to is to]

    def receive(self, source: Any, message: Any) -> None:
        """A message arrives, for whichever machine of this host takes it."""
        for machine in self.machines:
            method = machine.TABLE.get(message.__class__)
            if method is not None:
                method(machine, source, message)
                return
        raise KeyError(kind_of(type(message)))

    def registry(self) -> Any:
        return REGISTRY

    def store_of(self, conversation: int) -> Any:
        return STORE

    def stores(self) -> tuple[Any, ...]:
        return (STORE, *(f"store {shard}" for shard in range(1, self.store_count)))

    def inbox_of(self, user: int) -> Any:
        return INBOX

    def long_term_store(self) -> Any:
        return LONG_TERM_STORE

    def presence_nodes(self) -> tuple[Any, ...]:
        return self.nodes

    def presence_of(self, user: int) -> Any:
        return self.nodes[user % len(self.nodes)]

    def channel_told(self, what: str) -> None:
        self.effect("told", what)

    def served(self, device: int, epoch: int) -> None:
        self.effect("served", (device, epoch))

    def lease_granted(self, device: int, epoch: int, server: Any, incarnation: int) -> None:
        self.effect("granted", (device, epoch))

    def lease_ended(self, device: int, epoch: int, server: Any, incarnation: int) -> None:
        self.effect("ended", (device, epoch))


class ConnectionServerFake(ServerFake):
    """The port of a connection server."""

    runs = (ConnectionServer,)

    def send_down(self, connection: FakeConnection, message: Any) -> None:
        self.effect("down", message, connection)
        if connection.open:
            connection.down.append(message)

    def close(self, connection: FakeConnection) -> None:
        self.effect("close", connection.number, connection)
        connection.open = False

    def keep_lease(self, connection: FakeConnection) -> None:
        self.effect("keep lease", (connection.session.device, connection.session.epoch))
        connection.leased = True

    def data_service_of(self, fetch: Any) -> Any:
        return DATA_SERVICE

    def to_phone(self, connection: FakeConnection) -> list[Any]:
        """What was written to a connection, in order."""
        return [each.subject for each in self.effects if each.name == "down" and each.to is connection]


class ReplicaFake(ServerFake):
    """The port of a replica that is read from; the test says what it holds."""

    def __init__(self, holdings: Holdings) -> None:
        self.held = holdings
        super().__init__(None)

    def make_machines(self) -> tuple[Any, ...]:
        return (StoreReplica(self),)

    def holdings(self, conversation: int) -> Holdings:
        return self.held


class DataServiceFake(ServerFake):
    """The port of a data service over three replicas."""

    def __init__(self, replicas: int = 3, **changes: Any) -> None:
        self.replicas = tuple(f"replica {number}" for number in range(replicas))
        self.settings = replace(StoreReads(), **changes)
        self.dead: list[str] = []
        self.queries = 0
        super().__init__(None)

    def make_machines(self) -> tuple[Any, ...]:
        return (DataService(self, self.settings),)

    def replicas_of(self, conversation: int) -> tuple[Any, ...]:
        return self.replicas

    def is_connected(self, replica: Any) -> bool:
        return replica not in self.dead

    def begin_query(self, conversation: int) -> int:
        self.queries += 1
        return self.queries

    def end_query(self, conversation: int, query: int, readers: int) -> None:
        self.effect("answered", readers, query)


class RegistryFake(ServerFake):
    """The port of the session registry, with the presence part beside it if asked for."""

    runs = (SessionRegistry,)

    def __init__(self, presence: PresenceOptions | None = None, **changes: Any) -> None:
        self.options = presence
        self.beats: dict[int, int] = {}
        """Connection to its last heartbeat, while nobody plays them."""
        super().__init__(**changes)

    def make_machines(self) -> tuple[Any, ...]:
        registry = SessionRegistry(self, self.timers)
        if self.options is None:
            return (registry,)
        registry.presence = Presence(self, self.options)
        return registry, registry.presence

    def heard_us(self, server: Any, connection: int) -> int:
        return self.beats.get(connection, -1)

    def presence_told(self, states: int) -> None:
        self.effect("told", states)


class StoreFake(ServerFake):
    """The port of a store shard's leader, with its fan-out."""

    def __init__(self, state: StoreState | None = None, **changes: Any) -> None:
        super().__init__(state or StoreState(timers(**changes).send_window), **changes)

    def make_machines(self) -> tuple[Any, ...]:
        fan_out = FanOut(self, self.timers)
        receipts = GroupReceipts(self, self.timers)
        return MessageStore(self, self.timers, fan_out, receipts), fan_out, receipts

    @property
    def fan_out(self) -> FanOut:
        """The second machine."""
        return self.machines[1]  # type: ignore[no-any-return]


class SequencerFake(StoreFake):
    """The same in the architecture ``update_queue``: a sequencer, with its archiver (UQ-1)."""

    def __init__(self, state: StoreState | None = None, **changes: Any) -> None:
        given = timers(architecture="update_queue", **changes)
        fresh = state or StoreState(given.send_window)
        fresh.become_sequencer(self.shard, given.archive_backlog)
        super().__init__(fresh, architecture="update_queue", **changes)

    def make_machines(self) -> tuple[Any, ...]:
        _, fan_out, receipts = super().make_machines()
        archiver = Archiver(self, self.timers)
        return MessageStore(self, self.timers, fan_out, receipts, archiver), fan_out, receipts, archiver


class LongTermFake(ServerFake):
    """The port of a long-term store's leader."""

    runs = (LongTermStore,)

    def __init__(self, state: LongTermState | None = None, **changes: Any) -> None:
        super().__init__(state or LongTermState(), **changes)


class InboxFake(ServerFake):
    """The port of an inbox shard's leader, with the device directory."""

    runs = (InboxShard, DeviceDirectory)

    def __init__(self, state: InboxState | None = None, **changes: Any) -> None:
        super().__init__(state or InboxState(), **changes)

    def ask_nudge(self, nudge: Any, through: int) -> None:
        self.effect("nudge", nudge, through)

    def nudged(self) -> list[tuple[int, int]]:
        """The nudges that were asked for: (device, through which row) each."""
        return [(each.subject.device, each.to) for each in self.effects if each.name == "nudge"]


class PushGatewayFake(ServerFake):
    """The port of a push gateway: even users have one provider, odd ones the other."""

    runs = (PushGateway,)

    def provider_of(self, device: int) -> Any:
        return f"provider {user_of(device) % 2}"

    def nudge_collapsed(self, device: int) -> None:
        self.effect("collapsed", device)


class ObjectStoreFake(ConnectionServerFake):
    """The port of an object store shard's leader."""

    runs = (ObjectStore,)

    def __init__(self, state: ObjectStoreState | None = None, **changes: Any) -> None:
        super().__init__(state or ObjectStoreState(), **changes)


class PhoneFake(RecordingPort):
    """A phone's port."""

    runs = (Phone,)
    riders_wait = True

    def __init__(self, state: PhoneState, servers: tuple[Any, ...] = ("server a", "server b"), **changes: Any) -> None:
        self.servers = servers
        self.connections: list[FakeConnection] = []
        self.jitter: Callable[[int], int] = lambda limit_us: limit_us - 1
        self.wall_us = 0
        self.with_next_heartbeat: list[tuple[Callable[[Any], None], Any]] = []
        self.address_book_users: tuple[int, ...] = ()
        self.moving_us = 0
        self.list_now: list[int] = []
        super().__init__(state, **changes)

    @property
    def connection(self) -> FakeConnection:
        """The newest connection."""
        return self.connections[-1]

    def connect(self, epoch: int, avoid: Any) -> FakeConnection:
        self.effect("connect", epoch)
        server = next((server for server in self.servers if server is not avoid), self.servers[0])
        self.connections.append(FakeConnection(len(self.connections) + 1, epoch, server, device=self.durable.device))
        return self.connection

    def send_up(self, connection: FakeConnection, message: Any) -> None:
        self.effect("send", message, connection)
        if connection is not OBJECT_STORE and connection.open:
            connection.up.append(message)

    def watch(self, connection: FakeConnection) -> None:
        self.effect("watch", connection.number)
        connection.watched = True

    def with_heartbeat(self, connection: FakeConnection, callback: Callable[[Any], None], argument: Any) -> None:
        self.effect("with heartbeat", connection.number)
        self.with_next_heartbeat.append((callback, argument))

    def beat(self) -> None:
        """The next heartbeat goes out, and with it what waited for it."""
        waiting, self.with_next_heartbeat = self.with_next_heartbeat, []
        for callback, argument in waiting:
            callback(argument)

    def draw_contact(self, contact: int, shown: int, seen_us: int) -> None:
        self.effect("contact", (contact, shown, seen_us))

    def address_book(self) -> tuple[int, ...]:
        return self.address_book_users

    def hang_up(self, connection: FakeConnection) -> None:
        self.effect("hang up", connection.number)
        connection.open = False

    def jitter_below(self, limit_us: int) -> int:
        return self.jitter(limit_us)

    def wall_clock_us(self) -> int:
        return self.wall_us

    def object_store_of(self, blob: int) -> Any:
        return OBJECT_STORE

    def bytes_moving_us(self) -> int:
        return self.moving_us

    def show_reference(self, conversation: int, body: int, blob: int) -> None:
        self.effect("picture", body, blob)

    def open_media(self, conversation: int, body: int, blob: int, found: bool) -> None:
        self.effect("seen" if found else "gone", body, blob)

    def draw_pending(self, conversation: int, body: int) -> None:
        self.effect("pending", body)

    def show(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        self.effect("show", body, sequence)
        self.enter_list(body, below)

    def place(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        self.effect("place", body, sequence)
        self.enter_list(body, below)

    def forget(self) -> None:
        super().forget()
        self.list_now = []

    def enter_list(self, body: int, below: int) -> None:
        self.list_now.insert(len(self.list_now) - below, body)

    def draw_tick(self, conversation: int, body: int, tick: int) -> None:
        self.effect("tick", (body, tick))

    def draw_expired(self, before: int, through: int) -> None:
        self.effect("expired", (before, through))

    read_page = 3

    def read_asked(self, conversation: int, side: int, edge: int) -> None:
        self.effect("ask", side, edge)

    def show_range(self, conversation: int, edge: int, query: int, rows: tuple[Any, ...]) -> None:
        self.effect("range", [row.sequence for row in rows], query)

    def begin_redraw(self) -> None:
        self.effect("redraw", "begins")
        self.list_now = []

    def end_redraw(self) -> None:
        self.effect("redraw", "ends")

    def list_shown(self) -> list[int]:
        """The placed part of the screen since the last redraw began (or what was seen was forgotten), in order."""
        return list(self.list_now)
