"""A world that also writes down every message on its way: who sent it to whom, when, and when it arrived.

The history holds only what checkers need. Whoever wants to draw a run plays it once more in this world. It draws no
dice and writes no row, so the history is the same, digest and all; an ordinary run knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..vocabulary.messages import kind_of, operation_of
from .connections import Connection
from .hosts import ServerHost
from .phones import PhoneHost
from .ports import PhonePort, ServerPort
from .world import World


@dataclass(slots=True)
class Flight:
    """One message from one end to another."""

    sent_us: int
    source: str
    to: str
    message: Any
    arrivals_us: list[int] = field(default_factory=list)
    """Empty: lost on the way, or it found nobody."""

    @property
    def kind(self) -> str:
        """The kind of the message."""
        return kind_of(self.message.__class__)


@dataclass(frozen=True, slots=True)
class Step:
    """A record that somebody begins to write."""

    at_us: int
    who: str
    record: Any

    @property
    def kind(self) -> str:
        """The kind of the record."""
        return kind_of(self.record.__class__)


class Tracks:
    """Everything that was on its way in one run, in the order in which it was sent."""

    def __init__(self) -> None:
        self.flights: list[Flight] = []
        self.steps: list[Step] = []
        self.under_way: dict[tuple[int, str, str], list[Flight]] = {}
        """By message object and ends: a message that is relayed is the same object on both hops. The flights keep the
        objects alive, so that no other gets their number."""

    def sent(self, at_us: int, source: str, to: str, message: Any) -> None:
        """A message sets out."""
        flight = Flight(at_us, source, to, message)
        self.flights.append(flight)
        self.under_way.setdefault((id(message), source, to), []).append(flight)

    def arrived(self, at_us: int, source: str, to: str, message: Any) -> None:
        """It is there: the oldest that is not, or once more the newest."""
        flights = self.under_way.get((id(message), source, to))
        if flights:
            waiting = next((flight for flight in flights if not flight.arrivals_us), flights[-1])
            waiting.arrivals_us.append(at_us)

    def wrote(self, at_us: int, who: str, record: Any) -> None:
        """A record goes to the disk."""
        self.steps.append(Step(at_us, who, record))


class TracedWorld(World):
    """The world with tracks."""

    def build(self) -> None:
        """Make the hosts, of classes that keep the tracks."""
        self.tracks = Tracks()
        self.connection_class = _with(_TracedConnection, self.connection_class)
        self.host_class = _with(_TracedHost, self.host_class)
        super().build()

    def make_server_port(self, host: ServerHost) -> ServerPort:
        """A port for a new incarnation."""
        port = super().make_server_port(host)
        port.__class__ = _with(_TracedServerPort, type(port))
        return port

    def make_phone_port(self, phone: PhoneHost) -> PhonePort:
        """A port for a new life of an app."""
        port = super().make_phone_port(phone)
        port.__class__ = _with(_TracedPhonePort, type(port))
        return port


_CLASSES: dict[tuple[Any, Any], Any] = {}


def _with(track: Any, sort: Any) -> Any:
    """A class that keeps tracks in front of the one that does the work; made once."""
    known = _CLASSES.get((track, sort))
    if known is None:
        known = _CLASSES[(track, sort)] = type(sort.__name__, (track, sort), {"__slots__": ()})
    return known


class _TracedServerPort:
    """Calls to other servers."""

    __slots__ = ()
    world: Any
    host: Any

    def send(self, to: Any, message: Any) -> None:
        """Call another server."""
        world = self.world
        world.tracks.sent(world.environment._now, str(self.host), str(to), message)
        super().send(to, message)  # type: ignore[misc]

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the shard's log."""
        self.world.tracks.wrote(self.world.environment._now, str(self.host), record)
        super().persist(record, then)  # type: ignore[misc]


class _TracedPhonePort:
    """Records of phones."""

    __slots__ = ()
    world: Any
    phone: Any

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the database."""
        self.world.tracks.wrote(self.world.environment._now, str(self.phone), record)
        super().persist(record, then)  # type: ignore[misc]


class _TracedHost:
    """Arrivals at servers."""

    __slots__ = ()
    world: Any
    up: bool

    def deliver(self, item: tuple[Any, Any]) -> None:
        """A message arrives."""
        if self.up:
            source = item[0].phone if isinstance(item[0], Connection) else item[0]
            self.world.tracks.arrived(self.world.environment._now, str(source), str(self), item[1])
        super().deliver(item)  # type: ignore[misc]


class _TracedConnection:
    """Phones' streams, both ways."""

    __slots__ = ()
    world: Any
    phone: Any
    server: Any
    phone_open: bool
    server_open: bool
    dead: bool
    silences: int

    def send_up(self, message: Any) -> None:
        """From the phone to the server."""
        if self.phone_open:
            self.world.tracks.sent(self.world.environment._now, str(self.phone), str(self.server), message)
        super().send_up(message)  # type: ignore[misc]

    def send_down(self, message: Any) -> None:
        """From the server to the phone."""
        if self.server_open:
            self.world.tracks.sent(self.world.environment._now, str(self.server), str(self.phone), message)
        super().send_down(message)  # type: ignore[misc]

    def arrive_down(self, message: Any) -> None:
        """At the phone's end."""
        if self.phone_open and not self.dead and not self.silences:
            self.world.tracks.arrived(self.world.environment._now, str(self.server), str(self.phone), message)
        super().arrive_down(message)  # type: ignore[misc]


def operations_of(message: Any) -> tuple[int, ...]:
    """The messages of people that a message or record is about, as far as it says so; none for one about a device."""
    return tuple(operation for operation in _operations_of(message) if operation >= 0)


def _operations_of(message: Any) -> tuple[int, ...]:
    rows = getattr(message, "rows", None)
    if rows is not None and not isinstance(rows, int):
        return tuple(dict.fromkeys(row.body for row in rows if hasattr(row, "body")))
    covered = getattr(message, "covered", None)
    if covered:
        return tuple(dict.fromkeys(each[3] for each in covered))
    for name in _HOLDS_ONE:
        inner = getattr(message, name, None)
        if inner is not None:
            return operations_of(inner)
    for name in _HOLDS_MANY:
        inner = getattr(message, name, None)
        if inner is not None:
            return tuple(dict.fromkeys(operation for part in inner for operation in operations_of(part)))
    if hasattr(message, "body"):
        return (message.body,)
    if kind_of(message.__class__) in _ABOUT_OPERATIONS:
        subject = operation_of(message.trace)
        return () if subject == getattr(message, "device", None) else (subject,)
    return ()


_HOLDS_ONE = ("append", "enter", "receipt", "archive")
_HOLDS_MANY = ("messages", "records", "entries", "receipts")
_ABOUT_OPERATIONS = (
    "accepted",
    "refused",
    "entered",
    "look_up",
    "route",
    "receipt",
    "receipt_taken",
    "take_accepted",
    "take_refused",
    "confirmed",
)
