"""One world: its clock, dice, links, disks, hosts and phones, put together from a scenario and a seed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..protocol.port import Timers
from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import LINKED_MOST, device_of, seat_of, user_of
from ..vocabulary.points import CONNECTION_SERVER, DATA_SERVICE, INBOX, LONG_TERM_STORE, PUSH_GATEWAY, REGISTRY, STORE
from ..vocabulary.population import PLAIN, Population
from ..vocabulary.presence import OFF
from .archive_facts import ArchiveFacts
from .atlas import Atlas
from .connections import Connection
from .dice import Dice, lognormal_table, mix
from .environment import Environment
from .facts import Facts
from .geography import Geography
from .harsh import HarshConnection
from .heartbeats import Heartbeats
from .hosts import ServerHost
from .idle import IdlePaths
from .lanes import Lanes
from .layers import host_class_of, layered, layers_of
from .logs import make_logs
from .media import Media
from .network import Network
from .on_demand import Keys, LanesByDelay
from .outages import Outages
from .phones import PhoneHost
from .points import Points
from .ports import PhonePort, PlacedServerPort, ServerPort
from .push import PushService
from .reading import Reading
from .registry_nodes import RegistryNodes
from .roles import Roles
from .sealing import make_key_ring
from .signs import Signs
from .sites import Site
from .watch import Watch


class World(Outages):
    """Everything that machines run on. ``append`` takes the rows of the history."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        append: Callable[[tuple[int, int, int, int, int, int, int, int]], None],
        roles: Roles,
        *,
        with_points: bool = False,
        coverage: bool = False,
        lanes: bool = True,
        play_heartbeats: bool = False,
        users: int = 0,
        population: Population = PLAIN,
    ) -> None:
        self.scenario = scenario
        self.users = users
        self.population = population
        self.seed = seed
        self.roles = roles.encrypted(scenario.encryption.kind)
        self.timers: Timers = scenario.protocol
        self.environment = Environment()
        self.lanes_by_delay = LanesByDelay(Lanes(self.environment, enabled=lanes))
        self.dice = Dice(seed)
        self.facts = Facts(self.environment, append, population)
        self.on_record = self.facts.on_record
        self.facts.waiting = self.row_waits
        self.facts.marked_read = self.watermark_durable
        self.facts.written = self.outbox_has
        self.network = Network(self)
        self.conditions = self.network.conditions
        self.watch = Heartbeats(self) if play_heartbeats else Watch(self)
        self.idle = IdlePaths(self)
        self.signs = Signs(self) if scenario.presence.kind != OFF else None  # signs of life, with presence
        self.points: Points | None = Points(self, coverage) if with_points else None
        network = scenario.network
        self.server_table = lognormal_table(network.server_one_way_us, network.server_sigma)
        self.phone_table = lognormal_table(network.phone_one_way_us, network.phone_sigma)
        self.connection_class: type[Connection] = HarshConnection if network.harsh else Connection
        self.link_keys = Keys(seed, "call")
        self.stream_keys = Keys(seed, "stream")
        self.disk_keys = Keys(seed, "sync")
        self.shard_of: dict[int, ServerHost] = {}  # conversation to its store shard, once asked for
        self.layers = layers_of(population.has_groups, scenario.protocol.fan_out, scenario.network.hand_off_us)
        self.host_class = host_class_of(self.layers)
        self.always_connected = scenario.workload.visits.kind == "always"
        self.phones: dict[int, PhoneHost] = {}
        """Seat (the first device that sat in a slot) to the present installation's host."""
        self.unlinked: dict[int, int] = {}
        """Seat to the device that sat there until it was taken off."""
        self.linked = False  # whether a device has been linked since the first day
        self.retired: list[PhoneHost] = []
        self.served: dict[int, int] = {}
        self.granted_us: dict[int, int] = {}
        """Device to the time of its last lease, for a fail-over that loses the newest."""
        self.draining: list[ServerHost] = []
        """Connection servers that are about to restart: the balancer sends nobody there (CONN-8)."""
        self.texts: dict[int, int] = {}
        """Operation to its text (equal numbers are equal texts); only a planted bug looks into a message."""
        self.connections_made = 0
        self.tally = self.facts.tally
        self.healed = False
        self.on_shown: Callable[[PhoneHost, int, int], None] = lambda phone, chat, body: None
        self.on_copy: Callable[[PhoneHost, int], None] = lambda phone, body: None
        self.on_waiting: Callable[[int], None] = lambda seat: None
        self.on_restarted: Callable[[PhoneHost], None] = lambda phone: None
        self.address_book: Callable[[int], tuple[int, ...]] = lambda user: ()
        """With whom somebody has chats from the beginning."""
        self.on_left: Callable[[PhoneHost], None] = lambda phone: None
        self.rush_to_channel: Callable[[int, int], bool] = lambda user, reason: False  # whether they opened it
        self.build()

    # -- building -----------------------------------------------------------------------------------------------

    def build(self) -> None:
        """Make the hosts and start them."""
        self.facts.row(kinds.FIRST_DAY, kinds.NONE, number=self.users)
        topology = self.scenario.topology
        atlas = Atlas(self.scenario.regions)
        self.geography = None if atlas.is_one_place else Geography(self, atlas)
        """Where everything is; None where all is one place."""
        places = range(atlas.places)
        self.far_us = tuple(tuple(atlas.one_way_us(place, other) for other in places) for place in places)
        """Place and place to the one-way distance, which every message between them takes on top of its drawn delay."""
        self.registry = self.host(REGISTRY, 0)
        self.registry_nodes = RegistryNodes(self, self.scenario.regions.registry_nodes)
        count = topology.connection_servers
        self.servers = tuple(self.host(CONNECTION_SERVER, index) for index in range(count))
        spares = range(count, count + topology.spare_connection_servers)
        self.spares = tuple(self.host(CONNECTION_SERVER, index) for index in spares)
        self.stores = tuple(self.host(STORE, index) for index in range(topology.store_shards))
        self.inboxes = tuple(self.host(INBOX, index) for index in range(topology.inbox_shards))
        self.long_term_stores = tuple(
            self.host(LONG_TERM_STORE, index) for index in range(self.scenario.long_term_shards)
        )
        self.data_services = tuple(self.host(DATA_SERVICE, index) for index in range(topology.data_services))
        self.media: Media | None = Media(self) if self.scenario.has_media else None
        self.object_stores = () if self.media is None else self.media.make_stores()
        self.archive_facts: ArchiveFacts | None = None
        make_logs(self)
        self.reading = Reading(self) if self.data_services else None
        self.key_ring = make_key_ring(self)
        self.push = self.make_push()
        for host in (*self.hosts(), *self.spares):
            host.start()

    def make_push(self) -> PushService | None:
        """The push gateways and what is behind them, where nudges are on (PUSH-1)."""
        if not self.scenario.protocol.nudge_after_us:
            return None
        count = self.scenario.topology.push_gateways
        push = PushService(self, tuple(self.host(PUSH_GATEWAY, index) for index in range(count)))
        self.facts.waiting = push.row_waits
        return push

    def host(self, role: str, index: int) -> ServerHost:
        """A host that is not started yet."""
        host = self.host_class(self, role, index)
        if self.geography is not None:
            host.place = self.geography.atlas.of_machine(index)
        scenario = self.scenario
        timers = scenario.store_reads if role == DATA_SERVICE else self.timers
        host.make_machines = lambda started: self.roles.machines(
            role, started.port, timers, scenario.presence, has_channels=self.has_channels
        )
        return host

    @property
    def has_channels(self) -> bool:
        """Whether there is a channel that is read and not pushed (CHAN-1)."""
        return self.scenario.has_channels

    def channels_rest_us(self) -> int:
        """How long a viewer may not know of the newest entry once nothing fails any more: a phone says what it looks at
        with a heartbeat, a server follows it, and each hint in between may have been lost with what failed last."""
        return 2 * (self.timers.heartbeat_us + self.timers.follow_us) if self.has_channels else 0

    def hosts(self) -> tuple[ServerHost, ...]:
        """Every server, in order."""
        return (self.registry, *self.servers, *self.shards(), *self.push_gateways(), *self.data_services)

    def shards(self) -> tuple[ServerHost, ...]:
        """Every replicated shard, in order."""
        return (*self.stores, *self.inboxes, *self.long_term_stores, *self.object_stores)

    def push_gateways(self) -> tuple[ServerHost, ...]:
        """The push gateways, if there are any."""
        return () if self.push is None else self.push.gateways

    def sites_of(self, host: ServerHost, replicas: int) -> tuple[Site, ...] | None:
        """Where the replicas of a shard stand."""
        if self.geography is None:
            return None
        return tuple(Site(place) for place in self.geography.atlas.of_replicas(host.index, replicas))

    def make_server_port(self, host: Any) -> ServerPort:
        """A port for a new incarnation."""
        plain = ServerPort if self.geography is None else PlacedServerPort
        sort = plain if self.points is None else self.points.port_class()
        return layered(sort, self.layers)(host) if self.layers else sort(host)

    def make_phone_port(self, phone: PhoneHost) -> PhonePort:
        """A port for a new life of an app."""
        return PhonePort(phone) if self.points is None else self.points.phone_port(phone)

    def make_phone_state(self, device: int, user: int, replaces: int, known: bool) -> Any:
        """An empty database."""
        state = self.roles.phone_state(device, user, replaces, known=known)
        if self.key_ring is not None:
            self.key_ring.equip(state)
        return state

    def make_phone_machine(self, port: PhonePort) -> Any:
        """The app."""
        return self.roles.phone_machine(port, self.timers, self.scenario.presence, has_channels=self.has_channels)

    # -- who is where -------------------------------------------------------------------------------------------

    def phone(self, user: int) -> PhoneHost:
        """The present installation of a user's phone, made at its first activity."""
        return self.seated(device_of(user))

    def seated(self, seat: int) -> PhoneHost:
        """The device that sits in a slot now, made at its first activity."""
        phone = self.phones.get(seat)
        if phone is None:
            phone = self.phones[seat] = PhoneHost(self, user_of(seat), seat)
            if self.healed:
                self.facts.row(kinds.REACHABLE, phone.device)
        return phone

    def phones_of(self, user: int) -> list[PhoneHost]:
        """Every device of a user that is in use, the phone first; made if they are there from the first day."""
        first = self.population.devices(user)
        seats = [device_of(user, slot) for slot in range(LINKED_MOST + 1)]
        return [self.seated(seat) for seat in seats if seat in self.phones or self.is_first_day(seat, first)]

    def is_first_day(self, seat: int, first: tuple[int, ...]) -> bool:
        """Whether a slot's device is there from the first day and has not been taken off."""
        return seat in first and seat not in self.unlinked

    def phone_of_device(self, device: int) -> PhoneHost | None:
        """The host of a device, if it is the one that sits in its slot now."""
        phone = self.phones.get(seat_of(device))
        return phone if phone is not None and phone.device == device else None

    def store_of(self, conversation: int) -> ServerHost:
        """Shards by conversation, spread by a mix so that neighbours do not share one."""
        if self.geography is not None:
            return self.geography.store_of(conversation)
        store = self.shard_of.get(conversation)
        if store is None:
            store = self.shard_of[conversation] = self.stores[mix(0x53484152, conversation) % len(self.stores)]
        return store

    def inbox_of(self, user: int) -> ServerHost:
        """Shards by user."""
        if self.geography is not None:
            return self.geography.inbox_of(user)
        return self.inboxes[user % len(self.inboxes)]

    def long_term_store_of(self, shard: int) -> ServerHost:
        """The long-term store that follows a sequencer (UQ-2)."""
        return self.long_term_stores[shard % len(self.long_term_stores)]

    def choose_server(self, device: int, epoch: int, avoid: Any) -> ServerHost:
        """The balancer: any server but the one that just failed, if there is another (PHONE-6)."""
        if self.geography is not None:
            return self.geography.choose_server(user_of(device), device, epoch, avoid)
        servers = self.servers
        if self.draining:
            servers = tuple(server for server in servers if server not in self.draining) or servers
        place = self.dice.below(len(servers), "balancer", device, epoch)
        if servers[place] is avoid and len(servers) > 1:
            place = (place + 1 + self.dice.below(len(servers) - 1, "another server", device, epoch)) % len(servers)
        return servers[place]

    def next_connection(self) -> int:
        """A number for a connection that no other has."""
        self.connections_made += 1
        return self.connections_made

    def open_path(self, connection: Connection) -> None:
        """A new connection meets the partitions and pauses that stand already."""
        if not connection.phone.network_up:
            connection.go_dead()
        for condition in self.network.conditions:
            if condition.stops and (
                condition.hits(connection.phone, connection.server)
                or condition.hits(connection.server, connection.phone)
            ):
                condition.silence(connection)
        if self.idle.boxes:
            self.idle.look(connection)
        server = connection.server
        if server.paused_until_us > self.environment._now:
            connection.fall_silent()
            self.environment.call_at(server.paused_until_us, lambda _: connection.speak_again(), None)

    def is_silent_end(self, connection: Connection) -> bool:
        """Whether the end of a host goes without a word to this connection (the power went, not the process)."""
        share = self.scenario.network.silent_connections
        return self.dice.chance(share, "silent end", connection.device, connection.epoch)

    def registry_reachable(self, server: ServerHost) -> bool:
        """Whether a connection server's renewals reach the registry at present."""
        registry = self.registry
        if registry.paused_until_us > self.environment._now:
            return False
        return registry.up and not (
            self.network.conditions
            and (self.network.is_blocked(server, registry) or self.network.is_blocked(registry, server))
        )

    def inbox_of_device(self, device: int) -> Any:
        """A device's durable inbox, or None."""
        return self.inbox_of(user_of(device)).log.state.inboxes.get(device)

    def seats_waited_for(self) -> list[int]:
        """Slots in whose device's inbox something waits, whether it has been seen yet or not."""
        return [
            seat_of(inbox.device)
            for shard in self.inboxes
            for inbox in shard.log.state.inboxes.values()
            if inbox.head > inbox.cursor and inbox.retired_by < 0 and seat_of(inbox.device) not in self.unlinked
        ]

    def outbox_has(self, device: int, operation: int) -> None:
        """A message is in an outbox: its writer need not write it again."""
        phone = self.phone_of_device(device)
        if phone is not None:
            phone.writing.pop(operation, None)

    def watermark_durable(self, device: int, conversation: int) -> None:
        """An opened chat's watermark is durable."""
        phone = self.phone_of_device(device)
        if phone is not None:
            phone.unmarked.pop(conversation, None)

    def row_waits(self, device: int) -> None:
        """A row is durable in a device's inbox: its person may want to fetch it."""
        seat = seat_of(device)
        phone = self.phones.get(seat)
        if (phone is None or not phone.told_up) and seat not in self.unlinked:
            self.on_waiting(seat)
