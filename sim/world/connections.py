"""A phone's connection: a stream each way, in order while it lives.

Loss shows as delay. A path that is silent for a while (a partition, a paused server) holds what is in flight and
delivers it afterwards; one that is dead for good (a half-open connection) swallows it. Either side notices a silent
path only by its own timer: see ``watch.py``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.port import Crashed
from ..vocabulary import kinds
from ..vocabulary.messages import Acknowledge, Append, Hello, Updates
from .dice import TABLE_SHIFT, spread
from .hosts import salt_of

if TYPE_CHECKING:
    from .hosts import ServerHost
    from .phones import PhoneHost
    from .world import World


class Connection:
    """Both ends and the way between them."""

    __slots__ = (
        "acked",
        "dead",
        "device",
        "down_after_us",
        "down_clear_us",
        "epoch",
        "granted_at_us",
        "heard_before_us",
        "held_down",
        "held_up",
        "hung_up_us",
        "leased",
        "life",
        "number",
        "one_way_us",
        "path_changes",
        "phone",
        "phone_open",
        "pushed",
        "renewals",
        "renewals_stopped_us",
        "renews_first",
        "salt",
        "server",
        "server_incarnation",
        "server_open",
        "session",
        "silences",
        "silent_from_us",
        "speaks_from_us",
        "table",
        "taken_up_us",
        "up_after_us",
        "up_clear_us",
        "watched_from_us",
        "world",
    )

    def __init__(self, world: World, number: int, phone: PhoneHost, server: ServerHost, epoch: int) -> None:
        self.world = world
        self.number = number
        self.phone = phone
        self.device = phone.device
        self.salt = salt_of(phone.device)
        self.life = phone.life
        self.server = server
        self.server_incarnation = server.incarnation
        self.epoch = epoch
        self.session: Any = None
        """The connection server's own memory of this connection."""
        self.phone_open = True
        self.server_open = True
        self.taken_up_us = -1
        """When the server got the hello (-1: not yet)."""
        self.watched_from_us = -1
        """When the phone's first heartbeat went out (-1: not yet)."""
        self.hung_up_us = -1
        """When the phone ended it (-1: not yet): it sends no heartbeat from then on."""
        self.leased = False
        self.granted_at_us = 0
        self.renewals = 0
        """How often renewals have begun to get through."""
        self.renewals_stopped_us = -1
        """Since when renewals do not reach the registry although heartbeats are heard (-1: they do)."""
        self.renews_first = False
        """Whether the first heartbeat, which has not gone out yet, has to renew the lease like any later one."""
        self.silences = 0
        """Reasons for the path to be silent at present."""
        self.dead = False
        """Silent for good."""
        self.silent_from_us = -1
        """Since when nothing gets through (-1: it does)."""
        self.speaks_from_us = 0
        """Since when it does again ..."""
        self.heard_before_us = -1
        """... and when the server had heard of the phone last before that."""
        self.path_changes = 0
        self.table = world.phone_table
        """How long a message takes, by the top bits of a draw."""
        self.one_way_us: int = world.scenario.network.phone_one_way_us
        if world.geography is not None:
            far_us = world.geography.phone_far_us(phone.user, server)
            self.table = world.geography.phone_table(far_us)
            self.one_way_us += far_us
        now = world.environment._now
        self.up_clear_us = now + 2 * self.one_way_us
        """When the last message up will be there; the first waits for the handshake."""
        self.down_clear_us = 0
        self.up_after_us = 0
        """When what was held up arrives: what was under way behind it comes no sooner."""
        self.down_after_us = 0
        """The same, down."""
        self.held_up: list[Any] = []
        self.held_down: list[Any] = []
        self.pushed = 0
        self.acked = 0

    @property
    def silent(self) -> bool:
        """Whether nothing gets through at present."""
        return self.dead or self.silences > 0

    # -- up ---------------------------------------------------------------------------------------------------

    def send_up(self, message: Any) -> None:
        """From the phone to the server."""
        if not self.phone_open:
            return
        if message.__class__ is Append:
            self.count_sent(message)
        world = self.world
        environment = world.environment
        bits = spread(world.stream_keys[message.__class__] ^ self.salt, message.trace)
        delay_us = self.table[bits >> TABLE_SHIFT]
        if world.conditions:
            delay_us = world.network.stream_delay_us(self.phone, self.server, bits, delay_us)
        at = environment._now + delay_us
        if at < self.up_clear_us:
            at = self.up_clear_us
        self.up_clear_us = at
        environment.put(at, self.arrive_up, message)

    def count_sent(self, append: Append) -> None:
        """BOUND-1: how many messages of one conversation are in flight from one phone: those in its outbox up to this
        one (PHONE-2)."""
        world = self.world
        in_flight = 0
        for number in self.phone.state.chats[append.conversation].outbox:
            if number > append.send_number:
                break
            in_flight += 1
        world.facts.queue_long(kinds.QueueKind.SEND_WINDOW, self.device, in_flight, world.scenario.protocol.send_window)

    def arrive_up(self, message: Any) -> None:
        """At the server's end."""
        if self.dead:
            return
        if self.up_after_us > self.world.environment._now:
            self.world.environment.call_at(self.up_after_us, self.arrive_up, message)
            return
        server = self.server
        if self.silences and not (self.silences == 1 and server.paused_until_us > self.world.environment._now):
            # A paused server's kernel still takes what comes; the server finds it when it wakes.
            self.held_up.append(message)
            return
        if not self.server_open or not server.up or server.incarnation != self.server_incarnation:
            self.refuse()
            return
        if message.__class__ is Hello:
            if not self.take_up(message):
                return
        elif message.__class__ is Acknowledge and message.cursor > self.acked:
            self.acked = message.cursor
        server.deliver((self, message))

    def take_up(self, hello: Hello) -> bool:
        """The hello is here: the server takes the connection up, if it is below its limit."""
        server = self.server
        if self.number not in server.connections:
            if len(server.connections) >= self.world.scenario.topology.connections_each:
                self.server_open = False
                self.refuse()
                return False
            server.connections[self.number] = self
            self.taken_up_us = self.world.environment._now
            self.acked = self.pushed = hello.cursor
            self.world.watch.taken_up(self)
            self.world.facts.row(
                kinds.CONNECTED, self.device, number=self.epoch, value=server.number, extra=server.incarnation
            )
        return True

    def refuse(self) -> None:
        """Nobody is there: a reset goes back, unless the host itself is gone without a word."""
        if self.phone_open and not self.dead:
            if self.server.dark or self.world.is_silent_end(self):
                self.go_dead()
            else:
                self.world.environment.call_after(self.one_way_us, self.arrive_end_at_phone, None)

    # -- down ---------------------------------------------------------------------------------------------------

    def send_down(self, message: Any) -> None:
        """From the server to the phone."""
        if not self.server_open:
            return
        world = self.world
        environment = world.environment
        bits = spread(world.stream_keys[message.__class__] ^ self.salt, message.trace)
        delay_us = self.table[bits >> TABLE_SHIFT]
        if world.conditions:
            delay_us = world.network.stream_delay_us(self.server, self.phone, bits, delay_us)
        at = environment._now + delay_us
        if at < self.down_clear_us:
            at = self.down_clear_us
        self.down_clear_us = at
        if message.__class__ is Updates and message.rows:
            self.count_pushed(message)
        environment.put(at, self.arrive_down, message)

    def count_pushed(self, message: Updates) -> None:
        """BOUND-1: how much is in flight to one phone, from what went down and what came up."""
        if message.expired_through > self.acked:
            self.acked = message.expired_through
        number = message.rows[-1].number
        if number > self.pushed:
            self.pushed = number
            world = self.world
            bound = world.scenario.protocol.push_window
            world.facts.queue_long(kinds.QueueKind.PUSH_WINDOW, self.device, number - self.acked, bound)

    def arrive_down(self, message: Any) -> None:
        """At the phone's end."""
        if self.dead:
            return
        if self.down_after_us > self.world.environment._now:
            self.world.environment.call_at(self.down_after_us, self.arrive_down, message)
            return
        if self.silences:
            self.held_down.append(message)
            return
        if not self.phone_open:
            self.end_at_server()
            return
        phone = self.phone
        if phone.life is self.life:
            try:
                phone.machine.receive(message)
            except Crashed:
                return

    # -- the end ------------------------------------------------------------------------------------------------

    def hang_up(self) -> None:
        """The phone ends it; the server learns of it if the network still carries that."""
        if not self.phone_open:
            return
        self.phone_open = False
        world = self.world
        self.hung_up_us = world.environment._now
        if self.server_open and not self.silent and self.phone.network_up:
            at = max(world.environment._now + self.one_way_us, self.up_clear_us)
            world.environment.call_at(at, self.arrive_end_at_server, None)
            world.watch.hung_up(self, at)
        elif not self.dead:
            self.go_dead()
        self.phone.forget(self)

    def arrive_end_at_server(self, _: None) -> None:
        """The phone's goodbye is here, if the path held."""
        if self.up_after_us > self.world.environment._now and not self.dead:
            self.world.environment.call_at(self.up_after_us, self.arrive_end_at_server, None)
        elif not self.silent:
            self.end_at_server()
        elif not self.dead:
            self.go_dead()

    def end_at_server(self) -> None:
        """The server learns that the connection is over."""
        if self.server_open:
            server = self.server
            self.close_server_end()
            if server.up and server.incarnation == self.server_incarnation:
                server.guard(server.machines[0].on_closed, self)

    def close_server_end(self) -> None:
        """The server's end is closed, by itself or with the server."""
        if not self.server_open:
            return
        if self.world.signs is not None:
            self.world.signs.end(self)
        self.server_open = False
        if self.server.connections.pop(self.number, None) is not None:
            self.world.watch.renewals_end(self)
            self.world.facts.row(
                kinds.DISCONNECTED,
                self.device,
                number=self.epoch,
                value=self.server.number,
                extra=self.server_incarnation,
            )

    def close(self) -> None:
        """The server ends it; the phone learns of it if the network still carries that."""
        self.close_server_end()
        if self.phone_open and not self.silent:
            world = self.world
            at = max(world.environment._now + self.one_way_us, self.down_clear_us)
            world.environment.call_at(at, self.arrive_end_at_phone, None)

    def arrive_end_at_phone(self, _: None) -> None:
        """The phone learns that the connection is over."""
        if self.dead or not self.phone_open:
            return
        if self.down_after_us > self.world.environment._now:
            self.world.environment.call_at(self.down_after_us, self.arrive_end_at_phone, None)
            return
        if self.silences:
            self.held_down.append(None)
            return
        self.phone_open = False
        phone = self.phone
        phone.forget(self)
        if phone.life is self.life:
            phone.guard(phone.machine.on_broken, self)

    # -- the path -------------------------------------------------------------------------------------------------

    def fall_silent(self) -> None:
        """Nothing gets through from now on, for one more reason; what is in flight waits."""
        self.silences += 1
        if self.silences == 1 and not self.dead:
            self.lose_path()

    def speak_again(self) -> None:
        """One reason less; with the last one gone, what was held arrives, in order."""
        self.silences -= 1
        if self.silences or self.dead:
            return
        self.path_changes += 1
        self.silent_from_us = -1
        self.speaks_from_us = self.world.environment._now
        up, self.held_up = self.held_up, []
        down, self.held_down = self.held_down, []
        environment = self.world.environment
        one_way = self.one_way_us
        if up:
            # What is still under way behind it is there before that, and waits; what is sent from now on comes later.
            self.up_after_us = after_us = max(self.up_clear_us + 1, environment._now + one_way)
            self.up_clear_us = after_us + 1
            for message in up:
                environment.call_at(after_us, self.arrive_up, message)
        if down:
            self.down_after_us = after_us = max(self.down_clear_us + 1, environment._now + one_way)
            self.down_clear_us = after_us + 1
            for message in down:
                arrive = self.arrive_end_at_phone if message is None else self.arrive_down
                environment.call_at(after_us, arrive, message)
        if self.world.signs is not None and self.watched_from_us >= 0:
            self.world.signs.begin(self)
        self.world.watch.path_back(self)

    def go_dead(self) -> None:
        """Silent for good: half-open, until the timers of both sides notice."""
        if self.dead:
            return
        was_silent = self.silences > 0
        self.dead = True
        self.held_up = []
        self.held_down = []
        if not was_silent:
            self.lose_path()

    def lose_path(self) -> None:
        """From now on nothing is heard."""
        world = self.world
        if world.signs is not None:
            world.signs.end(self)
        now = world.environment._now
        self.heard_before_us = world.watch.last_heard_us(self, now)
        self.silent_from_us = now
        self.path_changes += 1
        world.watch.path_lost(self)
