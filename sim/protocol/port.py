"""The port: all that a machine can do to the world, one call after the other.

Any call may raise ``Crashed``: the host dies between two effects, and no machine catches it. ``persist`` hands a
record to the log; when it is durable the world applies it to the state and calls ``then(record)``, if that
incarnation still lives; a disk that refuses it makes the world call the machine's ``on_write_refused(record)``
instead. ``ride`` is a cheaper write for what may be lost in a crash: the record is made durable together with the
host's next one, and a later ride under the same key takes its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from ..vocabulary.messages import Address
from ..vocabulary.read_messages import Fetch, LogRow

if TYPE_CHECKING:
    from .log_ranges import Holdings

Connection = Any
"""A connection as its two ends hold it: opaque, with an integer ``number`` that nobody else's connection has."""


class Crashed(Exception):
    """The host died in the middle of a machine's step. Raised by the port, caught by nobody but the world."""


class ProtocolError(AssertionError):
    """A machine was asked for a move that its lifecycle table does not have: a bug in the caller."""


class Port(Protocol):
    """What every machine can do."""

    durable: Any

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write a record; ``then(record)`` follows when it is durable and applied."""

    def ride(self, key: Any, record: Any) -> None:
        """Write a record together with the next one of this host; lost if the host crashes before."""

    def set_timer(self, delay_us: int, callback: Callable[[Any], None], argument: Any) -> None:
        """Call back after ``delay_us`` of this host's monotonic clock (CLOCK-1). What it guards may have moved on."""

    def monotonic_us(self) -> int:
        """This host's monotonic clock: it may drift, and never steps (CLOCK-1)."""

    def reached(self, case: int, operation: int = -1) -> None:
        """Claim that a hard case was reached."""


class ServerPort(Port, Protocol):
    """What a server's machine can do besides."""

    incarnation: int
    """How often this host has started (REG-2)."""

    def send(self, to: Address, message: Any) -> None:
        """Call another server: it may be lost, delayed, repeated and reordered."""

    def send_soon(self, to: Address, message: Any) -> None:
        """Call another server; it may wait a moment to travel with others (FAN-4)."""

    def registry(self) -> Address:
        """The session registry."""

    def store_of(self, conversation: int) -> Address:
        """The store shard of a conversation."""

    def stores(self) -> tuple[Address, ...]:
        """Every store shard, in order."""

    def inbox_of(self, user: int) -> Address:
        """The inbox shard of a user."""

    def presence_nodes(self) -> tuple[Address, ...]:
        """Every registry node, in order."""

    def presence_of(self, user: int) -> Address:
        """The registry node that knows how a user is."""

    def long_term_store(self) -> Address:
        """The long-term store that follows this sequencer (UQ-2)."""

    shard: int
    """Which shard of its role this host leads (stores and inboxes)."""

    def channel_told(self, what: str) -> None:
        """One more message says how far a channel reaches: the world counts it under this name."""

    def served(self, device: int, epoch: int) -> None:
        """An inbox serves a connection of this epoch: the world writes it down."""

    def lease_granted(self, device: int, epoch: int, server: Address, incarnation: int) -> None:
        """The registry granted a lease: the world writes it down."""

    def lease_ended(self, device: int, epoch: int, server: Address, incarnation: int) -> None:
        """A lease is over: the world writes it down."""


class InboxPort(ServerPort, Protocol):
    """What an inbox shard can do besides."""

    def ask_nudge(self, nudge: Any, through: int) -> None:
        """Ask the push gateway to nudge a device whose rows through this one wait (PUSH-1); the world writes it
        down."""


class PushGatewayPort(ServerPort, Protocol):
    """What a push gateway can do besides."""

    def provider_of(self, device: int) -> Address:
        """The push provider of the device's platform."""

    def nudge_collapsed(self, device: int) -> None:
        """A nudge was left out, since one for that device is under way: the world writes it down."""


class RegistryPort(ServerPort, Protocol):
    """What the presence part of the registry can do besides."""

    def heard_us(self, server: Address, connection: int) -> int:
        """When that server last heard of that connection, by this host's clock, seen from now (-1: never): asked only
        while its renewals come in time, which nobody plays one by one."""

    def presence_told(self, states: int) -> None:
        """So many states are about to be told in one batch: the world counts them."""


class ReplicaPort(ServerPort, Protocol):
    """What the read side of a replica can do besides."""

    def holdings(self, conversation: int) -> Holdings:
        """What this replica holds of a conversation at present."""


class DataServicePort(ServerPort, Protocol):
    """What a data service can do besides."""

    def replicas_of(self, conversation: int) -> tuple[Address, ...]:
        """The replicas of the store shard of a conversation, in order."""

    def is_connected(self, replica: Address) -> bool:
        """Whether the connection to a replica stands: who dies closes it, who stands still does not."""

    def begin_query(self, conversation: int) -> int:
        """A number for a query, which no other query of the run has; the world writes it down."""

    def end_query(self, conversation: int, query: int, readers: int) -> None:
        """A query is over and answers so many readers: the world writes it down."""


class ConnectionServerPort(ServerPort, Protocol):
    """What a connection server can do besides."""

    def data_service_of(self, fetch: Fetch) -> Address:
        """The data service for a read (STORE-5): that of its conversation, or any; a repeat goes to another one."""

    def send_down(self, connection: Connection, message: Any) -> None:
        """Write to a phone's connection: in order while it lives, lost with it."""

    def close(self, connection: Connection) -> None:
        """End a connection; the phone sees it end if the network still carries that."""

    def keep_lease(self, connection: Connection) -> None:
        """Renew this lease with every heartbeat of the connection, until it ends (REG-1). The world tells
        ``on_renewal_missed`` when the registry does not know it, ``on_renewal_failed`` when it cannot be reached."""


class PhonePort(Port, Protocol):
    """What a phone can do besides."""

    def connect(self, epoch: int, avoid: Address | None) -> Connection:
        """Open a connection to a server of the balancer's choice, another than ``avoid`` if there is one (PHONE-6)."""

    def send_up(self, connection: Connection, message: Any) -> None:
        """Write to the connection: in order while it lives, lost with it."""

    def watch(self, connection: Connection) -> None:
        """Heartbeat on this connection until it ends (PHONE-7): the world calls ``on_silence(connection)`` when an
        answer did not come in time."""

    def send_unnamed(self, connection: Connection, message: Any) -> None:
        """Write to a connection that no hello has named (SEAL-1); the world writes down whether that is so."""

    def believed(self, content: Any, stamped_us: int) -> None:
        """Claim that a sender's certificate was believed at the time that the store stamped (SEAL-4)."""

    def hang_up(self, connection: Connection) -> None:
        """End the connection from this side."""

    def with_heartbeat(self, connection: Connection, callback: Callable[[Any], None], argument: Any) -> None:
        """Call back when the next heartbeat of a watched connection goes out, so that what is sent goes with it."""

    def object_store_of(self, blob: int) -> Connection:
        """The way to the object store that a blob belongs to, beside any connection: what is written to it may be
        lost, and a lot of bytes takes its time (MEDIA-A)."""

    def bytes_moving_us(self) -> int:
        """How long the media that are leaving or reaching the phone at present still take, as far as it can see."""

    def jitter_below(self, limit_us: int) -> int:
        """A random time in [0, limit_us) for a back-off (PHONE-6)."""

    def wall_clock_us(self) -> int:
        """The phone's own idea of the date: for display, and wrong by days where a fault says so (CLOCK-1)."""

    def draw_pending(self, conversation: int, body: int) -> None:
        """An own message enters the pending part of the list."""

    def show(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """Somebody else's message enters the placed part of the list, above so many others (0: at its end)."""

    def show_copy(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """A message that the user wrote on another device enters the placed part of the list, above so many others."""

    def place(self, conversation: int, sequence: int, body: int, below: int = 0) -> None:
        """An own message leaves the pending part and takes its place in the placed part, above so many others."""

    def show_reference(self, conversation: int, body: int, blob: int) -> None:
        """The message that was just shown or placed refers to a blob, and its small picture is drawn."""

    def open_media(self, conversation: int, body: int, blob: int, found: bool) -> None:
        """The person sees the whole of it, or is told that there is no such blob."""

    def draw_tick(self, conversation: int, body: int, tick: int) -> None:
        """Draw a tick beside an own message: 1 accepted, 2 delivered, 3 read, 4 failed."""

    def draw_expired(self, before: int, through: int) -> None:
        """A marker: updates behind ``before``, through this one, expired and will not come (INBOX-6)."""

    def address_book(self) -> tuple[int, ...]:
        """The users with whom the person has chats, also those in which nothing was written yet."""

    def draw_contact(self, contact: int, shown: int, seen_us: int) -> None:
        """Show how a contact is (a ``Shown``), and when they were last seen by this phone's monotonic clock."""

    read_page: int
    """How many entries a page of a read holds."""

    def read_asked(self, conversation: int, side: int, edge: int) -> None:
        """The phone asks for a range: the world writes it down."""

    def show_range(self, conversation: int, edge: int, query: int, rows: tuple[LogRow, ...]) -> None:
        """The range that was asked for is on the screen."""

    def begin_redraw(self) -> None:
        """After a restart: the lists are drawn again from the database."""

    def end_redraw(self) -> None:
        """The lists are complete again."""


class Timers(Protocol):
    """The durations and sizes that a machine is given; the names and units of the scenario's ``protocol``."""

    @property
    def heartbeat_us(self) -> int: ...
    @property
    def answer_within_us(self) -> int: ...
    @property
    def server_patience_us(self) -> int: ...
    @property
    def lease_us(self) -> int: ...
    @property
    def resend_us(self) -> int: ...
    @property
    def call_again_us(self) -> int: ...
    @property
    def push_again_us(self) -> int: ...
    @property
    def route_life_us(self) -> int: ...
    @property
    def nudge_after_us(self) -> int: ...
    @property
    def nudge_batch_us(self) -> int: ...
    @property
    def push_try_again_us(self) -> int: ...
    @property
    def retention_us(self) -> int: ...
    @property
    def retention_look_us(self) -> int: ...
    @property
    def inbox_cap(self) -> int: ...
    @property
    def screen_order(self) -> str: ...
    @property
    def send_window(self) -> int: ...
    @property
    def push_window(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def lag_limit(self) -> int: ...
    @property
    def archive_batch(self) -> int: ...
    @property
    def architecture(self) -> str: ...
    @property
    def transfer_again_us(self) -> int: ...
    @property
    def part_bytes(self) -> int: ...
    @property
    def blob_life_us(self) -> int: ...
    @property
    def blob_fresh_us(self) -> int: ...
    @property
    def back_off(self) -> str: ...
    @property
    def back_off_first_us(self) -> int: ...
    @property
    def back_off_most_us(self) -> int: ...
    @property
    def accept_rate_per_s(self) -> float | None: ...
    @property
    def accept_burst_us(self) -> int: ...
    @property
    def retry_after_us(self) -> int: ...
    @property
    def hint_us(self) -> int: ...
    @property
    def follow_us(self) -> int: ...
