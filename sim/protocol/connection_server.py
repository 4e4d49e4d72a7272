"""The connection server: holds connections, relays, and remembers nothing that matters (CONN-1..10).

In memory only: a compact session per device. A crash loses them all, and no message with them.
"""

from __future__ import annotations

from typing import ClassVar, Final

from ..vocabulary.encryption import StaleList
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import (
    Accepted,
    Acknowledge,
    Address,
    Append,
    Claim,
    Confirmed,
    Denied,
    Drain,
    Fenced,
    Granted,
    Hello,
    NotHere,
    ReadThrough,
    Refused,
    Register,
    Registered,
    Release,
    Sync,
    Unlink,
    Unlinked,
    Updates,
    trace_of,
)
from ..vocabulary.presence import ContactState, ContactStates, PresenceBatch, UnwatchContacts, WatchContacts
from ..vocabulary.read_messages import Fetch, Fetched
from .front_door import FrontDoor
from .port import Connection, ConnectionServerPort, Timers

CLAIMING: Final = 1
"""The lease is asked for."""
DRAINING: Final = 2
"""The lease is ours; a page of the inbox is asked for and not here yet."""
LIVE: Final = 3
"""All that was asked for is here."""


class Session:
    """What a server knows of a connected device."""

    __slots__ = (
        "acked",
        "asked",
        "connection",
        "device",
        "drains",
        "epoch",
        "head",
        "sent",
        "stage",
        "user",
        "welcomed",
    )

    def __init__(self, hello: Hello, connection: Connection) -> None:
        self.device = hello.device
        self.user = hello.user
        self.epoch = hello.epoch
        self.connection = connection
        self.stage = CLAIMING
        self.acked = hello.cursor
        """The device's cursor, as far as we know."""
        self.sent = hello.cursor
        """The highest update written to this connection; *sent* belongs to one connection (INBOX-3)."""
        self.head = hello.cursor
        """How far the inbox reaches, as far as we know."""
        self.drains = 0
        """Counts claims and drains, so that a timer of an earlier one is known as such."""
        self.welcomed = False
        self.asked = False
        """A nudged phone waits for an answer, even if there is nothing for it (PHONE-9)."""


class ConnectionServer(FrontDoor):
    """One host's connections."""

    __slots__ = ("registering",)
    sessions: dict[int, Session]
    TAKES: ClassVar[dict[type, str]] = {
        Hello: "on_hello",
        Register: "on_register",
        Append: "on_append",
        Acknowledge: "on_acknowledge",
        Sync: "on_sync",
        ReadThrough: "on_read_through",
        Granted: "on_granted",
        Denied: "on_denied",
        Updates: "on_updates",
        Fenced: "on_fenced",
        Accepted: "on_for_phone",
        Refused: "on_for_phone",
        StaleList: "on_for_phone",
        Confirmed: "on_for_phone",
        Unlink: "on_unlink",
        Unlinked: "on_for_phone",
        Registered: "on_registered",
        WatchContacts: "on_watch_contacts",
        UnwatchContacts: "on_watch_contacts",
        PresenceBatch: "on_presence_batch",
        Fetch: "on_fetch",
        Fetched: "on_for_phone",
    }

    def __init__(self, port: ConnectionServerPort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.registering: dict[int, Connection] = {}
        """Devices that make themselves known and have no session yet (PHONE-10)."""

    # -- hello: claim, then drain ---------------------------------------------------------------------------

    def on_hello(self, connection: Connection, hello: Hello) -> None:
        """CONN-2: claim the lease, and only then drain."""
        if self.guarded and self.turns_away(connection, hello):
            return
        present = self.sessions.get(hello.device)
        if present is not None and present.connection is not connection:
            if present.epoch >= hello.epoch:
                self.port.close(connection)
                return
            self.end_session(present)
            self.port.close(present.connection)
        session = Session(hello, connection)
        self.sessions[hello.device] = session
        connection.session = session
        self.claim(session, 0)

    def claim(self, session: Session, attempt: int) -> None:
        """REG-1: ask for the lease, again while nobody answers."""
        session.stage = CLAIMING
        session.drains += 1
        trace = trace_of(session.device, session.epoch + attempt)
        port = self.port
        claim = Claim(session.device, session.epoch, port.incarnation, session.connection.number, trace)
        port.send(port.registry(), claim)
        port.set_timer(self.timers.call_again_us, self.on_claim_due, (session, session.drains, attempt + 1))

    def on_claim_due(self, due: tuple[Session, int, int]) -> None:
        """The registry did not answer in time."""
        session, drains, attempt = due
        if self.is_present(session) and session.stage == CLAIMING and session.drains == drains:
            self.claim(session, attempt)

    def on_granted(self, source: Address, message: Granted) -> None:
        """The lease is ours. For a connection that has ended meanwhile it is given back (REG-3)."""
        session = self.sessions.get(message.device)
        if session is None or session.epoch != message.epoch or session.connection.number != message.connection:
            self.release(message.device, message.epoch, message.connection)
            return
        if session.stage == CLAIMING:
            self.drain(session, 0)  # first: a registry that has lost the lease again says so with the first renewal
            self.port.keep_lease(session.connection)

    def on_denied(self, source: Address, message: Denied) -> None:
        """CONN-2: a refused claim closes the connection."""
        self.close_if_present(message.device, message.epoch)

    def drain(self, session: Session, attempt: int) -> None:
        """CONN-2: ask the inbox for a page behind what was sent; the cursor goes along as an acknowledgement."""
        session.stage = DRAINING
        session.drains += 1
        trace = trace_of(session.device, session.epoch + session.sent + attempt)
        port = self.port
        drain = Drain(session.device, session.user, session.epoch, session.acked, session.sent, trace)
        port.send(port.inbox_of(session.user), drain)
        port.set_timer(self.timers.call_again_us, self.on_drain_due, (session, session.drains, attempt + 1))

    def on_drain_due(self, due: tuple[Session, int, int]) -> None:
        """The inbox did not answer in time."""
        session, drains, attempt = due
        if self.is_present(session) and session.stage == DRAINING and session.drains == drains:
            self.drain(session, attempt)

    def on_fenced(self, source: Address, message: Fenced) -> None:
        """CONN-2: a fenced drain closes the connection."""
        self.close_if_present(message.device, message.epoch)

    # -- updates down, acknowledgements up ------------------------------------------------------------------

    def on_updates(self, source: Address, message: Updates) -> None:
        """CONN-4, CONN-5: relay in order within the window; beyond it stop, and let acknowledgements restart."""
        session = self.sessions.get(message.device)
        if session is None or session.epoch != message.epoch:
            self.port.reached(HardCase.STALE_LEASE_AT_PUSH)
            self.port.send(source, NotHere(message.device, message.epoch, message.trace))
            return
        if message.drained and session.stage == DRAINING:
            session.stage = LIVE
        elif session.stage == DRAINING:
            self.port.reached(HardCase.DRAIN_OVERLAPS_LIVE_PUSH)
        if message.head > session.head:
            session.head = message.head
        rows = message.rows
        if session.stage == DRAINING and rows and rows[0].number > session.sent + 1:
            return
        if message.expired_through > session.acked:
            self.relay_expired(session, message)
        elif not rows:
            if not session.welcomed:
                self.relay(session, message)
            elif message.expired_through:
                self.acknowledge_again(session, message.trace)
        elif rows[-1].number <= session.acked:
            self.acknowledge_again(session, message.trace)
        else:
            self.relay_window(session, message)
        if session.asked and message.drained:
            session.asked = False
            self.relay(session, message._replace(rows=(), expired_through=0, expired=()))

    def relay_window(self, session: Session, message: Updates) -> None:
        """CONN-4: what fits into the window, as it is: a gap is the phone's to notice."""
        rows = message.rows
        last = rows[-1].number
        limit = session.acked + self.room(session)
        if last > limit:
            rows = tuple(row for row in rows if row.number <= limit)
            if not rows:
                return
            last = rows[-1].number
            message = message._replace(rows=rows)
        if last > session.sent:
            session.sent = last
        self.relay(session, message)

    def relay_expired(self, session: Session, message: Updates) -> None:
        """INBOX-6: the device is to move beyond what expired, so the window begins there (CONN-4)."""
        limit = message.expired_through + self.room(session)
        rows = tuple(row for row in message.rows if row.number <= limit)
        session.sent = max(session.sent, rows[-1].number if rows else message.expired_through)
        self.relay(session, message._replace(rows=rows))

    def room(self, session: Session) -> int:
        """CONN-4: how many updates may be in flight to one phone."""
        return self.timers.push_window

    def relay(self, session: Session, message: Updates) -> None:
        """Write to the connection; the first answer after hello is the welcome."""
        session.welcomed = True
        self.port.send_down(session.connection, message)

    def acknowledge_again(self, session: Session, trace: int) -> None:
        """CONN-6: the inbox repeats what the device has: its acknowledgement was lost between servers."""
        self.port.reached(HardCase.ACKNOWLEDGEMENT_LOST_AFTER_PERSIST)
        acknowledge = Acknowledge(session.device, session.user, session.epoch, session.acked, trace)
        self.port.send(self.port.inbox_of(session.user), acknowledge)

    def on_acknowledge(self, connection: Connection, message: Acknowledge) -> None:
        """CONN-6: pass it on, but not ahead of the claim, since the drain will carry it (CONN-2); CONN-4: it makes
        room."""
        session = connection.session
        if session is None or not self.is_present(session):
            return
        if message.cursor > session.acked:
            session.acked = message.cursor
        if session.stage == CLAIMING:
            return
        self.port.send_soon(self.port.inbox_of(session.user), message)
        if session.stage == LIVE and session.sent < session.head:
            session.sent = max(session.sent, session.acked)
            if session.sent - session.acked <= self.timers.push_window // 2:
                self.drain(session, 0)

    def on_sync(self, connection: Connection, message: Sync) -> None:
        """PHONE-3: the phone saw a gap: serve it from its cursor. PHONE-9: a nudged one is answered in any case."""
        session = connection.session
        if session is None or not self.is_present(session):
            return
        session.asked = session.asked or message.nudged
        if session.stage == CLAIMING:
            return
        session.acked = max(session.acked, message.cursor)
        session.sent = session.acked
        self.drain(session, 0)

    # -- messages and watermarks on their way ---------------------------------------------------------------

    def on_append(self, connection: Connection, message: Append) -> None:
        """CONN-3: to the store; nothing is said to the sender before the store has answered."""
        self.port.send(self.port.store_of(message.conversation), message)

    def on_read_through(self, connection: Connection, message: ReadThrough) -> None:
        """INBOX-9: to the reader's own inbox."""
        self.port.send(self.port.inbox_of(message.user), message)

    def on_fetch(self, connection: Connection, message: Fetch) -> None:
        """STORE-5: to the data service; one of the same conversation is where the same range is read."""
        self.port.send(self.port.data_service_of(message), message)

    def on_for_phone(
        self, source: Address, message: Accepted | Refused | StaleList | Confirmed | Unlinked | Fetched
    ) -> None:
        """CONN-3: the store's or the inbox's answer, to whatever connection the device has here now."""
        session = self.sessions.get(message.device)
        if session is not None:
            self.port.send_down(session.connection, message)

    def on_register(self, connection: Connection, message: Register) -> None:
        """PHONE-10: to the directory; the device has no session yet."""
        self.registering[message.device] = connection
        self.port.send(self.port.inbox_of(message.user), message)

    def on_unlink(self, connection: Connection, message: Unlink) -> None:
        """PHONE-10: to the directory."""
        self.port.send(self.port.inbox_of(message.user), message)

    def on_registered(self, source: Address, message: Registered) -> None:
        """The directory knows the device: its phone may say hello."""
        connection = self.registering.pop(message.device, None)
        if connection is not None:
            self.port.send_down(connection, message)

    # -- presence -------------------------------------------------------------------------------------------

    def on_watch_contacts(self, connection: Connection, message: WatchContacts | UnwatchContacts) -> None:
        """PRES-B: to whoever knows how these users are, one call to each registry node."""
        session = connection.session
        if session is None or not self.is_present(session):
            return
        if len(self.port.presence_nodes()) == 1:
            self.port.send(self.port.presence_nodes()[0], message)
            return
        nodes: dict[Address, list[int]] = {}
        for contact in message.contacts:
            nodes.setdefault(self.port.presence_of(contact), []).append(contact)
        for node, contacts in nodes.items():
            self.port.send(node, message._replace(contacts=tuple(contacts)))

    def on_presence_batch(self, source: Address, message: PresenceBatch) -> None:
        """FAN-4: split among the phones here; what was meant for another connection is dropped, since nobody waits for
        it: the next question renews it (PRES-B)."""
        parts: dict[int, list[ContactState]] = {}
        for state in message.states:
            session = self.sessions.get(state.device)
            if session is not None and session.epoch == state.epoch:
                parts.setdefault(state.device, []).append(state)
        for device, states in parts.items():
            session = self.sessions[device]
            news = ContactStates(device, session.epoch, tuple(states), states[0].trace)
            self.port.send_down(session.connection, news)

    # -- the end of a connection, and of a lease ------------------------------------------------------------

    def is_present(self, session: Session) -> bool:
        """Whether this is still the session of its device."""
        return self.sessions.get(session.device) is session

    def on_closed(self, connection: Connection) -> None:
        """The connection ended at the other side or on the way."""
        session = connection.session
        if session is not None and self.is_present(session):
            self.end_session(session)
        elif session is None:
            self.registering = {device: each for device, each in self.registering.items() if each is not connection}

    def on_silence(self, connection: Connection) -> None:
        """CONN-7: no heartbeat for K: close, release the lease."""
        self.on_closed(connection)
        self.port.close(connection)

    def close_if_present(self, device: int, epoch: int) -> None:
        """Close the session of this device, if it is of this epoch."""
        session = self.sessions.get(device)
        if session is not None and session.epoch == epoch:
            self.end_session(session)
            self.port.close(session.connection)

    def end_session(self, session: Session) -> None:
        """Forget it and give the lease back."""
        del self.sessions[session.device]
        session.connection.session = None
        self.release(session.device, session.epoch, session.connection.number)

    def release(self, device: int, epoch: int, connection: int) -> None:
        """REG-3: best effort, it lapses anyway."""
        port = self.port
        port.send(port.registry(), Release(device, epoch, port.incarnation, connection, trace_of(device, epoch)))

    def on_renewal_missed(self, device: int, epoch: int) -> None:
        """CONN-10: the registry does not know the lease: a new claim, and drain again."""
        session = self.sessions.get(device)
        if session is not None and session.epoch == epoch and session.stage != CLAIMING:
            self.port.reached(HardCase.RENEWAL_MISSED)
            self.claim(session, 0)

    def on_renewal_failed(self, device: int, epoch: int) -> None:
        """CONN-10: a server that cannot renew in time closes the connection."""
        self.close_if_present(device, epoch)
