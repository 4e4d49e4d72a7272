"""A phone's disk: writes become durable in order, after a drawn time; what is not synced at a crash is lost.

Riders (``Port.ride``) wait in the page cache for the next write and become durable together with it, before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from ..protocol.port import Crashed
from .dice import TABLE_SHIFT, lognormal_table, spread
from .hosts import Life, salt_of

if TYPE_CHECKING:
    from .world import World

Then = Callable[[Any], None]


def refused_by(then: Then) -> Then:
    """Whom to tell of a write that the disk refused: the machine whose method was to be called."""
    told: Then = then.__self__.on_write_refused  # type: ignore[attr-defined]
    return told


class DiskFault(NamedTuple):
    """What one running fault does to a disk."""

    injected: Any
    """The fault, for its count."""
    factor: float = 1.0
    stalled_until_us: int = 0
    refuses_share: float = 0.0
    tears: Callable[[Any], None] | None = None
    """Told of the next write, in the middle of which the power goes."""
    once: bool = False
    """Whether it refuses the next write and no other."""


class DiskCondition:
    """What the running faults of one disk do together: the slowest, the longest stall, the likeliest refusal."""

    __slots__ = ("factor", "faults", "refusing", "stalled_until_us", "tearing")

    def __init__(self) -> None:
        self.faults: list[DiskFault] = []
        self.factor = 1.0
        self.stalled_until_us = 0
        self.refusing: DiskFault | None = None
        self.tearing: DiskFault | None = None

    def add(self, fault: DiskFault) -> None:
        """One more fault has begun."""
        self.faults.append(fault)
        self.combine()

    def remove(self, injected: Any) -> bool:
        """A fault has ended; True if none is left."""
        self.faults = [fault for fault in self.faults if fault.injected is not injected]
        self.combine()
        return not self.faults

    def combine(self) -> None:
        """Work out what all of them do together."""
        self.factor = max((fault.factor for fault in self.faults), default=1.0)
        self.stalled_until_us = max((fault.stalled_until_us for fault in self.faults), default=0)
        refusing = [fault for fault in self.faults if fault.refuses_share]
        self.refusing = max(refusing, key=lambda fault: fault.refuses_share, default=None)
        self.tearing = next((fault for fault in self.faults if fault.tears is not None), None)

    def refused(self, fault: DiskFault) -> None:
        """A write was refused by a fault, which may have been all that it does."""
        fault.injected.touched += 1
        if fault.once:
            self.remove(fault.injected)

    def tear(self, record: Any) -> None:
        """A write begins: the power may go in its middle."""
        if self.tearing is not None and self.tearing.tears is not None:
            self.tearing.tears(record)

    def delay_us(self, now_us: int, base_us: int) -> int:
        """How long a sync takes under them."""
        for fault in self.faults:
            if not fault.refuses_share and fault.tears is None:
                fault.injected.touched += 1
        delayed = round(base_us * self.factor)
        return max(delayed, self.stalled_until_us - now_us + base_us)


class LocalDisk:
    """One phone's database file."""

    __slots__ = ("clear_at_us", "condition", "riders", "salt", "state", "table", "told", "world")

    def __init__(self, world: World, state: Any) -> None:
        self.world = world
        self.state = state
        self.salt = salt_of(state.device)
        self.clear_at_us = 0
        """When the last write in flight will be durable: syncs complete in order."""
        self.riders: dict[Any, Any] = {}
        self.condition: DiskCondition | None = None
        storage = world.scenario.storage
        self.table = lognormal_table(storage.phone_sync_us, storage.phone_sigma)

    def write(self, record: Any, then: Then, life: Life) -> None:
        """Start a write; ``then(record)`` follows in the same life when it is durable."""
        world = self.world
        environment = world.environment
        now = environment._now
        sync_us = self.table[spread(world.disk_keys[record.__class__] ^ self.salt, record.trace) >> TABLE_SHIFT]
        condition = self.condition
        if condition is not None:
            sync_us = condition.delay_us(now, sync_us)
            refusing = condition.refusing
            if refusing is not None and world.dice.chance(
                refusing.refuses_share, "disk refuses", self.state.device, record.trace, now
            ):
                condition.refused(refusing)
                environment.call_at(now + sync_us, self.refuse, (record, then, life))
                return
            condition.tear(record)
        done = now + sync_us
        if done < self.clear_at_us:
            done = self.clear_at_us
        self.clear_at_us = done
        environment.put(done, self.synced, (record, then, life))

    def ride(self, key: Any, record: Any) -> None:
        """Into the page cache, for the next write; the newest of a key replaces the one before."""
        self.riders[key] = record

    def synced(self, write: tuple[Any, Then, Life]) -> None:
        """The write is durable, if the power was not gone before."""
        record, then, life = write
        if not life.alive:
            return
        if self.riders:
            self.settle_riders()
        world = self.world
        state = self.state
        change = state.TABLE[record.__class__](state, record)
        observe = world.on_record.get(record.__class__)
        if observe is not None:
            observe(state, record, change)
        if world.points is not None:
            try:
                world.points.after_persist(self.state.device, record, life)
            except Crashed:
                return
        try:
            then(record)
        except Crashed:
            return

    def take(self, record: Any) -> None:
        """Apply a durable record and write down what it did."""
        change = self.state.apply(record)
        observe = self.world.facts.on_record.get(record.__class__)
        if observe is not None:
            observe(self.state, record, change)

    def settle_riders(self) -> None:
        """What rode along is durable too."""
        riders, self.riders = self.riders, {}
        for record in riders.values():
            self.take(record)

    def refuse(self, write: tuple[Any, Then, Life]) -> None:
        """The disk gave an error instead."""
        record, then, life = write
        if life.alive:
            try:
                refused_by(then)(record)
            except Crashed:
                return

    def lose_unsynced(self) -> None:
        """The app or the power is gone: nothing in flight will be durable."""
        self.riders = {}
        self.clear_at_us = 0
