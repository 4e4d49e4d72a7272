"""Two phones, two connection servers, a registry, a store and an inbox, wired by hand: no clock, no dice.

A test drives it by a list of moves: what is delivered next, dropped or repeated, which write becomes durable, who
dies and at which call. ``heal`` then lets everything through, in order, until nothing moves any more.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from port_fakes import ConnectionServerFake, InboxFake, PhoneFake, RegistryFake, StoreFake
from recording_port import INBOX, REGISTRY, SECOND, STORE, FakeConnection, RecordingPort
from words import ANN, BOB, CHAT

from sim.protocol.phone_link import OFF
from sim.protocol.phone_state import PhoneState
from sim.protocol.port import Crashed
from sim.vocabulary.ids import device_of
from sim.vocabulary.messages import Acknowledge, Append, Hello, ReadThrough, Register, Sync

SERVERS = ("server a", "server b")
QUICK = {
    "answer_within_us": 3 * SECOND,
    "resend_us": 2 * SECOND,
    "call_again_us": SECOND,
    "push_again_us": 2 * SECOND,
    "route_life_us": 2 * SECOND,
    "back_off_first_us": SECOND,
    "back_off_most_us": 2 * SECOND,
    "page": 2,
    "push_window": 2,
    "send_window": 2,
}
UP = {
    Hello: "on_hello",
    Register: "on_register",
    Append: "on_append",
    Acknowledge: "on_acknowledge",
    Sync: "on_sync",
    ReadThrough: "on_read_through",
}


class SmallWorld:
    """All of it, and what is under way between them."""

    def __init__(self, **changes: Any) -> None:
        timers = {**QUICK, **changes}
        self.flight: list[tuple[str, str, Any]] = []
        """Calls between servers on their way: (to, from, message)."""
        self.notices: list[tuple[str, FakeConnection]] = []
        """Ends of connections that one side has not been told of: ("server" or "phone", connection)."""
        self.hosts: dict[str, Any] = {
            REGISTRY: RegistryFake(**timers),
            STORE: StoreFake(**timers),
            INBOX: InboxFake(**timers),
            **{name: ConnectionServerFake(**timers) for name in SERVERS},
        }
        self.phones = {user: PhoneFake(PhoneState(device_of(user), user), SERVERS, **timers) for user in (ANN, BOB)}
        self.written = 0
        self.calls = 0
        self.fates: dict[int, str] = {}
        """What becomes of the n-th call between servers: lost, repeated or late (until ``heal``)."""
        self.late: list[tuple[str, str, Any]] = []
        self.connections: list[FakeConnection] = []
        for name, host in self.hosts.items():
            self.wire_server(name, host)
        for phone in self.phones.values():
            self.wire_phone(phone)
            phone.machine.on_network_up()

    def wire_server(self, name: str, host: Any) -> None:
        """What this server sends is under way from now on."""
        send = host.send

        def carry(to: str, message: Any) -> None:
            send(to, message)
            self.calls += 1
            fate = self.fates.get(self.calls)
            if fate == "late":
                self.late.append((to, name, message))
            elif fate != "lost":
                self.flight.extend([(to, name, message)] * (2 if fate == "repeated" else 1))

        host.send = carry
        if name in SERVERS:
            close = host.close

            def end(connection: FakeConnection) -> None:
                was_open = connection.open
                close(connection)
                self.connection_ends(connection, *(("phone",) if was_open else ()))

            host.close = end

    def wire_phone(self, phone: PhoneFake) -> None:
        """Its connections are known here, and numbered across phones."""
        connect, hang_up = phone.connect, phone.hang_up

        def open_one(epoch: int, avoid: Any) -> FakeConnection:
            connection = connect(epoch, avoid)
            connection.number = len(self.connections) + 1
            self.connections.append(connection)
            return connection

        def end(connection: FakeConnection) -> None:
            was_open = connection.open
            hang_up(connection)
            self.connection_ends(connection, *(("server",) if was_open else ()))

        phone.connect, phone.hang_up = open_one, end  # type: ignore[method-assign]

    @property
    def ports(self) -> list[RecordingPort]:
        """Every host's port, in order."""
        return [*self.hosts.values(), *self.phones.values()]

    # -- living and dying -----------------------------------------------------------------------------------

    def guard(self, port: RecordingPort, function: Callable[..., Any], *arguments: Any) -> None:
        """Call into a machine; one that dies in the middle starts again."""
        try:
            function(*arguments)
        except Crashed:
            self.crash(port)

    def crash(self, port: RecordingPort) -> None:
        """The host dies, its connections with it, and it starts again."""
        for connection in self.connections:
            if connection.open and port in (self.hosts[connection.server], self.phone_of(connection)):
                connection.open = False
                self.connection_ends(connection, "server" if isinstance(port, PhoneFake) else "phone")
        port.crash()
        if isinstance(port, PhoneFake):
            port.machine.on_network_up()

    def phone_of(self, connection: FakeConnection) -> PhoneFake:
        return next(phone for phone in self.phones.values() if phone.durable.device == connection.device)

    def connection_ends(self, connection: FakeConnection, *unaware: str) -> None:
        """What was in flight on it is gone; the other side, or both, will learn of it."""
        connection.up.clear()
        connection.down.clear()
        connection.leased = False
        self.notices.extend((side, connection) for side in unaware)

    def tell(self, place: int) -> None:
        """One side learns that a connection is over."""
        side, connection = self.notices.pop(place)
        if side == "phone":
            phone = self.phone_of(connection)
            self.guard(phone, phone.machine.on_broken, connection)
        else:
            server = self.hosts[connection.server]
            self.guard(server, server.machine.on_closed, connection)

    # -- moves --------------------------------------------------------------------------------------------------

    def compose(self, user: int) -> None:
        self.written += 1
        phone = self.phones[user]
        self.guard(phone, phone.machine.on_compose, CHAT, self.written, -1)

    def open_chat(self, user: int) -> None:
        phone = self.phones[user]
        self.guard(phone, phone.machine.on_open, CHAT)

    def deliver(self, place: int) -> None:
        to, source, message = self.flight.pop(place)
        host = self.hosts[to]
        self.guard(host, host.receive, source, message)

    def carry_up(self, connection: FakeConnection) -> None:
        server, message = self.hosts[connection.server], connection.up.popleft()
        self.guard(server, getattr(server.machine, UP[message.__class__]), connection, message)

    def carry_down(self, connection: FakeConnection) -> None:
        phone, message = self.phone_of(connection), connection.down.popleft()
        self.guard(phone, phone.machine.receive, message)

    def break_connection(self, connection: FakeConnection) -> None:
        if connection.open:
            connection.open = False
            self.connection_ends(connection, "server", "phone")

    def sync(self, port: RecordingPort) -> None:
        if port.unsynced:
            self.guard(port, port.sync)

    def pass_time(self, span_us: int) -> None:
        for port in self.ports:
            port.now_us += span_us
            while any(timer.at_us <= port.now_us for timer in port.due):
                self.guard(port, port.fire_due)
        self.renew_leases()

    def renew_leases(self) -> None:
        """A heartbeat on every open connection that has a lease (REG-1, CONN-10)."""
        registry = self.hosts[REGISTRY]
        for connection in self.connections:
            if connection.open and connection.leased:
                server = self.hosts[connection.server]
                device, epoch = connection.device, connection.epoch
                if not registry.machine.on_renewals(
                    connection.server, server.incarnation, device, epoch, connection.number
                ):
                    self.guard(server, server.machine.on_renewal_missed, device, epoch)

    def move(self, kind: int, choice: int) -> None:
        """One move of a drawn schedule; a move that is not possible is none."""
        up = [connection for connection in self.connections if connection.up]
        down = [connection for connection in self.connections if connection.down]
        alive = [connection for connection in self.connections if connection.open]
        port = self.ports[choice % len(self.ports)]
        moves: list[tuple[Any, Callable[[], Any]]] = [
            (True, lambda: self.compose(choice % 2)),
            (self.flight, lambda: self.deliver(choice % len(self.flight))),
            (self.flight, lambda: self.flight.pop(choice % len(self.flight))),
            (self.flight, lambda: self.flight.append(self.flight[choice % len(self.flight)])),
            (up, lambda: self.carry_up(up[choice % len(up)])),
            (down, lambda: self.carry_down(down[choice % len(down)])),
            (True, lambda: self.sync(port)),
            (True, lambda: self.crash(port)),
            (True, lambda: self.pass_time(SECOND)),
            (alive, lambda: self.break_connection(alive[choice % len(alive)])),
            (True, lambda: self.open_chat(choice % 2)),
            (True, lambda: setattr(port, "crash_at", 1 + choice % 5)),
            (self.notices, lambda: self.tell(choice % len(self.notices))),
            (True, self.work),
        ]
        possible, act = moves[kind % len(moves)]
        if possible:
            act()

    # -- without faults -----------------------------------------------------------------------------------------

    def work(self) -> None:
        """Everything that is under way now arrives, in order, and everything written becomes durable."""
        for _ in range(len(self.notices)):
            self.tell(0)
        for connection in self.connections:
            for _ in range(len(connection.up)):
                if connection.up:
                    self.carry_up(connection)
            for _ in range(len(connection.down)):
                if connection.down:
                    self.carry_down(connection)
        for _ in range(len(self.flight)):
            self.deliver(0)
        for port in self.ports:
            self.guard(port, port.sync_all)

    def heal(self, rounds: int = 60) -> None:
        """No more faults: let everything through until all is quiet, and once more after a last hello."""
        self.flight.extend(self.late)
        self.late.clear()
        for port in self.ports:
            port.crash_at = None
        for phone in self.phones.values():
            if phone.machine.link == OFF:
                phone.machine.on_network_up()
        self.settle(rounds)
        for phone in self.phones.values():
            phone.machine.on_network_down()
            phone.machine.on_network_up()
        self.settle(rounds)

    def settle(self, rounds: int) -> None:
        for _ in range(rounds):
            for _ in range(12):
                self.work()
            if self.is_quiet():
                return
            self.pass_time(SECOND)

    def is_quiet(self) -> bool:
        """Whether nothing is under way that anybody waits for."""
        if self.flight or self.notices or any(port.unsynced for port in self.ports):
            return False
        if self.hosts[STORE].fan_out.open or self.hosts[STORE].durable.laggards:
            return False
        inboxes = self.hosts[INBOX].durable.inboxes
        for phone in self.phones.values():
            inbox = inboxes.get(phone.durable.device)
            if inbox is not None and phone.durable.cursor < inbox.head:
                return False
            if any(chat.outbox or chat.held for chat in phone.durable.chats.values()):
                return False
        return not any(answered is False for answered in self.hosts[INBOX].machine.receipts.open.values())

    # -- what was seen ------------------------------------------------------------------------------------------

    def composed(self, user: int) -> list[int]:
        """What this person's phone holds of their own, in the order composed."""
        chat = self.phones[user].durable.chats.get(CHAT)
        own = [line for line in chat.lines.values() if line.own] if chat else []
        return [line.body for line in sorted(own, key=lambda line: line.send_number)]

    def on_screen(self, user: int) -> list[int]:
        return self.phones[user].list_shown()

    def announced(self, user: int) -> list[int]:
        """What entered the list other than by a redraw, in order."""
        found, redrawing = [], False
        for each in self.phones[user].effects:
            if each.name == "redraw":
                redrawing = each.subject == "begins"
            elif each.name == "crash":
                redrawing = False
            elif each.name in ("show", "place") and not redrawing:
                found.append(each.subject)
        return found

    def ticks(self, user: int) -> dict[int, list[int]]:
        """Message to the ticks drawn beside it, in order."""
        drawn: dict[int, list[int]] = {}
        for each in self.phones[user].effects:
            if each.name == "tick":
                body, tick = each.subject
                drawn.setdefault(body, []).append(tick)
        return drawn
