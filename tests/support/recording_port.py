"""A recording fake of the port: what a machine does is one list of effects, and the test decides what becomes durable.

    port = PhoneFake(PhoneState(device=0, user=0))
    port.machine.on_compose(CHAT, 7, -1)
    port.sync_all()
    assert port.story() == ["persist compose", "durable compose", "pending 7"]

A write becomes durable when the test says ``sync`` (or at once, with ``at_once``); it can be refused or lost. Timers
fire when the test lets time pass (``fire_due``). ``crash`` makes new machines over the same durable state: writes that
were not synced, riders and timers are lost. ``crash_at`` lets the n-th call from now raise ``Crashed``.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NamedTuple

from sim.protocol.port import Crashed
from sim.scenario.model import Protocol
from sim.vocabulary.messages import kind_of

SECOND = 1_000_000
REGISTRY, STORE, INBOX, LONG_TERM_STORE = "registry", "store", "inbox", "long-term store"
DATA_SERVICE = "data service"
OBJECT_STORE = "object store"


def timers(**changes: Any) -> Protocol:
    """The scenario's default timers, with changes."""
    return replace(Protocol(), **changes)


class Effect(NamedTuple):
    """One effect that crossed the port."""

    name: str
    """``persist``, ``durable``, ``ride``, ``send``, ``show`` and so on."""
    subject: Any
    """The message, the record, or what was drawn."""
    to: Any = None
    """Where it went, for what was sent."""

    def words(self) -> str:
        """As it stands in the story."""
        sort = type(self.subject)
        shared = sort.__module__.startswith("sim.vocabulary")
        return f"{self.name} {kind_of(sort) if shared else self.subject}"


class Timer(NamedTuple):
    """A timer that was set."""

    at_us: int
    callback: Callable[[Any], None]
    argument: Any


class Pending(NamedTuple):
    """A write that is not durable yet."""

    record: Any
    then: Callable[[Any], None]
    riders: dict[Any, Any] | None


@dataclass(eq=False)
class FakeConnection:
    """A connection as both ends hold it."""

    number: int
    epoch: int = 0
    server: Any = "server a"
    session: Any = None
    open: bool = True
    watched: bool = False
    leased: bool = False
    device: int = -1
    up: deque[Any] = field(default_factory=deque)
    """What the phone wrote, for a harness that carries it to the server."""
    down: deque[Any] = field(default_factory=deque)


class RecordingPort:
    """What all fakes share: writes, riders, timers, a clock, and the list of effects."""

    runs: ClassVar[tuple[type, ...]] = ()
    """The classes of the machines."""
    riders_wait: ClassVar[bool] = False
    """Riders join at the sync (a phone's page cache), not when the write begins (a shard's log)."""

    def __init__(self, durable: Any = None, **changes: Any) -> None:
        self.durable = durable
        self.timers = timers(**changes)
        self.effects: list[Effect] = []
        self.unsynced: deque[Pending] = deque()
        self.riders: dict[Any, Any] = {}
        self.due: list[Timer] = []
        self.now_us = 0
        self.at_once = False
        """Every write is durable, and told, within the call."""
        self.refusals = 0
        """How many of the next writes the disk refuses."""
        self.crash_at: int | None = None
        """Which call from now on raises ``Crashed`` (1: the next)."""
        self.incarnation = 0
        self.machines: tuple[Any, ...] = ()
        self.machine: Any = None
        self.start()

    def make_machines(self) -> tuple[Any, ...]:
        """The machines of one incarnation."""
        return tuple(each(self, self.timers) for each in self.runs)

    def start(self) -> None:
        """A new incarnation with nothing in memory."""
        self.incarnation += 1
        self.machines = self.make_machines()
        self.machine = self.machines[0]
        for machine in self.machines:
            if hasattr(machine, "on_start"):
                machine.on_start()

    def crash(self) -> None:
        """All memory is gone, with unsynced writes, riders and timers; then the next incarnation starts."""
        self.lose_unsynced()
        self.due = []
        self.crash_at = None
        self.effects.append(Effect("crash", self.incarnation))
        self.start()

    def effect(self, name: str, subject: Any, to: Any = None) -> None:
        """Write an effect down, unless the host dies before it."""
        if self.crash_at is not None:
            self.crash_at = max(0, self.crash_at - 1)
            if not self.crash_at:
                raise Crashed
        self.effects.append(Effect(name, subject, to))

    # -- the disk ---------------------------------------------------------------------------------------------

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        self.effect("persist", record)
        riders = None
        if not self.riders_wait:
            riders, self.riders = self.riders, {}
        self.unsynced.append(Pending(record, then, riders))
        if self.at_once:
            self.sync_all()

    def ride(self, key: Any, record: Any) -> None:
        self.effect("ride", record)
        self.riders[key] = record

    def sync(self) -> None:
        """The next write becomes durable, and the machine is told; or the disk refuses it."""
        pending = self.unsynced.popleft()
        if self.refusals:
            self.refusals -= 1
            self.effects.append(Effect("refused", pending.record))
            pending.then.__self__.on_write_refused(pending.record)  # type: ignore[attr-defined]
            return
        self.apply(pending)
        pending.then(pending.record)

    def apply(self, pending: Pending) -> None:
        """Make a write durable, with what rides on it, and tell nobody."""
        riders = pending.riders
        if self.riders_wait:
            riders, self.riders = self.riders, {}
        for rider in (riders or {}).values():
            self.durable.apply(rider)
            self.effects.append(Effect("durable", rider))
        self.durable.apply(pending.record)
        self.effects.append(Effect("durable", pending.record))

    def sync_all(self) -> None:
        """Everything written becomes durable, and what is written meanwhile."""
        while self.unsynced:
            self.sync()

    def lose_unsynced(self) -> None:
        """What was written and not synced will never be durable, and nobody is told."""
        self.unsynced.clear()
        self.riders = {}

    def set_timer(self, delay_us: int, callback: Callable[[Any], None], argument: Any) -> None:
        self.effect("timer", callback.__name__)
        self.due.append(Timer(self.now_us + delay_us, callback, argument))

    def monotonic_us(self) -> int:
        return self.now_us

    def fire_due(self, after_us: int = 0) -> int:
        """Let time pass, and fire the timers that are due then, in order. Returns how many."""
        self.now_us += after_us
        due = sorted((timer for timer in self.due if timer.at_us <= self.now_us), key=lambda timer: timer.at_us)
        self.due = [timer for timer in self.due if timer.at_us > self.now_us]
        for timer in due:
            timer.callback(timer.argument)
        return len(due)

    def reached(self, case: int, operation: int = -1) -> None:
        self.effect("reached", case)

    # -- what the test asks -----------------------------------------------------------------------------------

    def story(self, *names: str) -> list[str]:
        """The effects in words, without timers and claims; only those named, if any are."""
        wanted = names or tuple({each.name for each in self.effects} - {"timer", "reached"})
        return [each.words() for each in self.effects if each.name in wanted]

    def forget(self) -> None:
        """Begin a new story."""
        self.effects.clear()

    def sent(self, *classes: type) -> list[Any]:
        """The messages that were sent, in order; only those of these classes, if any are named."""
        messages = [each.subject for each in self.effects if each.name == "send"]
        return [message for message in messages if not classes or isinstance(message, classes)]

    def rides(self, sort: type) -> list[Any]:
        """The records of a class that rode, in order."""
        return [each.subject for each in self.effects if each.name == "ride" and isinstance(each.subject, sort)]

    def claims(self) -> list[int]:
        """The hard cases that were claimed."""
        return [each.subject for each in self.effects if each.name == "reached"]
