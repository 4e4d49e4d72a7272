"""Server hosts: a processor, an incarnation that a crash ends, and the machines that run there."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..protocol.port import Crashed
from ..vocabulary import kinds
from ..vocabulary.points import REGISTRY, ROLES

if TYPE_CHECKING:
    from .world import World

HOSTS_PER_ROLE: Final = 1_000_000
NEVER_US: Final = 1 << 62


def salt_of(number: int) -> int:
    """What makes the draws of one end differ from those of another, where many get the same message."""
    return (number + 1) * 0xA076_1D64_78BD_642F & 0xFFFF_FFFF_FFFF_FFFF


class Life:
    """One incarnation's life: what was set going under it asks whether it still lives."""

    __slots__ = ("alive",)

    def __init__(self) -> None:
        self.alive = True


class Clock:
    """A host's clocks (CLOCK-1): a monotonic one that drifts and never steps, and a wall clock that may be wrong."""

    __slots__ = ("base_us", "before", "drift_ppm", "drifts", "since_us", "wall_offset_us")

    def __init__(self) -> None:
        self.drift_ppm = 0
        self.since_us = 0
        self.base_us = 0
        self.wall_offset_us = 0
        self.drifts: dict[int, int] = {}
        self.before: list[tuple[int, int, int]] = []
        """How it ran before, oldest first: since when, from which reading on, and its drift."""

    def local_us(self, now_us: int) -> int:
        """The monotonic clock's reading at a true time, be it past: a clock that runs fast today did not yesterday."""
        since_us = now_us - self.since_us
        if since_us < 0:
            return self.past_us(now_us)
        return self.base_us + (since_us * (1_000_000 + self.drift_ppm) // 1_000_000 if self.drift_ppm else since_us)

    def past_us(self, time_us: int) -> int:
        """What it read at a time before its drift last changed."""
        ran = (each for each in reversed(self.before) if each[0] <= time_us)
        since_us, base_us, drift_ppm = next(ran, (0, 0, 0))
        return base_us + (time_us - since_us) * (1_000_000 + drift_ppm) // 1_000_000

    def drift_for(self, reason: int, now_us: int, drift_ppm: int) -> None:
        """For this reason the clock drifts (0: no longer); the reasons add up to no more than the strongest."""
        self.drifts[reason] = drift_ppm
        self.set_drift(now_us, max(self.drifts.values(), key=abs))

    def set_drift(self, now_us: int, drift_ppm: int) -> None:
        """From now on the clock runs this many parts per million fast (or slow); it does not step."""
        self.before.append((self.since_us, self.base_us, self.drift_ppm))
        self.base_us = self.local_us(now_us)
        self.since_us = now_us
        self.drift_ppm = drift_ppm

    def true_span_us(self, span_us: int) -> int:
        """How long a span of this clock really takes."""
        return span_us * 1_000_000 // (1_000_000 + self.drift_ppm) if self.drift_ppm else span_us


class ServerHost:
    """A server: the address that others send to. For a replicated shard, its present leader."""

    __slots__ = (
        "busy_until_us",
        "clock",
        "connections",
        "dark",
        "environment",
        "handlers",
        "incarnation",
        "index",
        "life",
        "log",
        "machines",
        "make_machines",
        "name",
        "number",
        "paused_until_us",
        "place",
        "port",
        "role",
        "salt",
        "service_us",
        "slowed",
        "up",
        "world",
    )

    def __init__(self, world: World, role: str, index: int) -> None:
        self.world = world
        self.environment = world.environment
        self.role = role
        self.index = index
        self.name = f"{role} {index}" if role != REGISTRY else role
        self.number = ROLES.index(role) * HOSTS_PER_ROLE + index
        """The host's number in the history."""
        self.salt = salt_of(self.number)
        self.place = 0
        """Where it stands: the number of a zone (of a shard: where its present leader stands)."""
        self.dark = 0
        """Reasons for the whole place to be gone: it does not come back before the last of them is over."""
        self.up = False
        self.incarnation = 0
        self.life = Life()
        self.life.alive = False
        self.busy_until_us = 0
        self.paused_until_us = 0
        self.slowed: dict[int, float] = {}
        self.service_us = world.scenario.network.message_service_us
        self.clock = Clock()
        self.machines: tuple[Any, ...] = ()
        self.handlers: dict[type, Callable[[Any, Any], None]] = {}
        self.connections: dict[int, Any] = {}
        """Open connections of a connection server, by number."""
        self.log: Any = None
        """The replicated log of a store or inbox shard."""
        self.port: Any = None
        self.make_machines: Callable[[ServerHost], tuple[Any, ...]] = lambda host: ()

    def __repr__(self) -> str:
        return self.name

    @property
    def replica(self) -> int:
        """Which replica of its shard this is: the one that leads."""
        return int(self.log.leader)

    # -- living and dying -----------------------------------------------------------------------------------

    def start(self) -> None:
        """A new incarnation, with nothing in memory."""
        self.up = True
        self.life = Life()
        self.incarnation += 1
        self.busy_until_us = self.paused_until_us = 0
        self.port = self.world.make_server_port(self)
        self.machines = self.make_machines(self)
        self.handlers = {
            taken: getattr(machine, name) for machine in self.machines for taken, name in machine.TAKES.items()
        }
        self.world.facts.row(kinds.STARTED, self.number, number=self.incarnation)
        for machine in self.machines:
            on_start = getattr(machine, "on_start", None)
            if on_start is not None:
                self.guard(on_start)

    def stop(self) -> None:
        """The incarnation ends at once, wherever it is: all memory is lost."""
        if not self.up:
            return
        self.up = False
        self.life.alive = False
        self.world.facts.row(kinds.CRASHED, self.number, number=self.incarnation)
        self.handlers = {}
        self.machines = ()

    def guard(self, function: Callable[..., None], *arguments: Any) -> None:
        """Call into a machine; a crash in the middle ends the call and nothing else."""
        try:
            function(*arguments)
        except Crashed:
            return

    # -- the processor ----------------------------------------------------------------------------------------

    def deliver(self, item: tuple[Any, Any]) -> None:
        """A message arrives. One that finds the processor busy waits for its turn, in one more entry."""
        now = self.environment._now
        if self.busy_until_us > now:
            self.wait_for_turn(item)
            return
        self.busy_until_us = now + self.service_us
        if self.up:
            try:
                self.handlers[item[1].__class__](item[0], item[1])
            except Crashed:
                return

    def wait_for_turn(self, item: tuple[Any, Any]) -> None:
        """The processor is busy: after all that waits already."""
        if self.up:
            turn = self.busy_until_us
            self.busy_until_us = turn + self.service_us
            self.environment.call_at(turn, self.take_turn, (item, self.life))

    def take_turn(self, queued: tuple[tuple[Any, Any], Life]) -> None:
        """The processor has come to a message that waited; a crash or a pause in between takes its toll."""
        item, life = queued
        if not life.alive:
            return
        if self.paused_until_us > self.world.environment._now:
            self.world.environment.call_at(self.paused_until_us, self.take_turn, queued)
            return
        self.guard(self.handlers[item[1].__class__], item[0], item[1])

    def fire(self, timer: tuple[Life, Callable[[Any], None], Any]) -> None:
        """A timer of this host is due."""
        life, callback, argument = timer
        if not life.alive:
            return
        if self.paused_until_us > self.world.environment._now:
            self.world.environment.call_at(self.paused_until_us, self.fire, timer)
            return
        try:
            callback(argument)
        except Crashed:
            return

    def pause(self, until_us: int) -> None:
        """Everything on this host stands still until then (a stop-the-world collection, say)."""
        self.paused_until_us = max(self.paused_until_us, until_us)
        self.busy_until_us = max(self.busy_until_us, until_us)

    def slow_down(self, reason: int, factor: float) -> None:
        """For this reason a message takes the processor this many times as long (1: no longer); the worst counts."""
        self.slowed[reason] = factor
        worst = max(self.slowed.values())
        self.service_us = max(1, round(self.world.scenario.network.message_service_us * worst))
