"""Replicas of a store shard as hosts that are read from: cores, queues, garbage collections.

A read takes a core for a drawn time; reads of a hot conversation queue at its core, or, where any core may read it,
at the one that is free first. A replica that stands still answers nothing, and all that waited when it wakes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.log_ranges import Holdings
from ..protocol.port import Crashed
from ..vocabulary.points import STORE
from .dice import TABLE_SHIFT, lognormal_table, mix
from .hosts import Clock, Life, ServerHost, salt_of
from .pauses import stand_still
from .replica_views import ReplicaViews

if TYPE_CHECKING:
    from .replicas import ReplicatedLog
    from .world import World

_REPLICA_BITS = 4


class ReplicaHost:
    """One replica's read side. Calls of the data service are sent to it."""

    __slots__ = (
        "busy_us",
        "clock",
        "connections",
        "environment",
        "handlers",
        "index",
        "keys",
        "life",
        "log",
        "machine",
        "name",
        "number",
        "port",
        "replica",
        "role",
        "salt",
        "table",
        "up",
        "views",
        "world",
    )

    def __init__(self, world: World, shard: ServerHost, replica: int) -> None:
        self.world = world
        self.environment = world.environment
        self.role = STORE
        self.index = shard.index
        self.number = shard.number
        self.salt = salt_of(shard.number << _REPLICA_BITS | replica)
        self.log: ReplicatedLog = shard.log
        self.replica = replica
        self.name = f"replica {replica} of {shard.name}"
        self.clock = Clock()
        self.connections: dict[int, Any] = {}
        self.life = Life()
        self.up = False
        self.port: Any = None
        self.machine: Any = None
        self.handlers: dict[type, Callable[[Any, Any], None]] = {}
        reads = world.scenario.store_reads
        self.busy_us = [0] * reads.cores
        """When each core is free."""
        self.table = lognormal_table(reads.query_us, reads.query_sigma) if reads.query_sigma else (reads.query_us,)
        self.keys = world.disk_keys
        self.views: ReplicaViews = shard.log.views

    def __repr__(self) -> str:
        return self.name

    @property
    def place(self) -> int:
        """Where it stands."""
        return 0 if self.log.sites is None else self.log.sites[self.replica].place

    @property
    def incarnation(self) -> int:
        """That of its shard's leader."""
        return self.log.host.incarnation

    def start(self) -> None:
        """It is there, with nothing in hand."""
        self.views.back(self.replica)
        self.up = True
        self.life = Life()
        self.busy_us = [0] * len(self.busy_us)
        self.port = self.world.make_server_port(self)
        self.machine = self.world.roles.store_replica(self.port)
        self.handlers = {taken: getattr(self.machine, name) for taken, name in self.machine.TAKES.items()}

    def stop(self) -> None:
        """It is gone, with all that waited."""
        self.up = False
        self.life.alive = False

    # -- reading ------------------------------------------------------------------------------------------------

    def deliver(self, item: tuple[Any, Any]) -> None:
        """A read arrives and waits for its core."""
        if not self.up:
            return
        message = item[1]
        now = self.environment._now
        busy = self.busy_us
        core = self.core_of(message.conversation)
        began = max(now, busy[core], self.views.paused_us[self.replica])
        busy[core] = done = began + self.read_us(message)
        self.environment.call_at(done, self.serve, (item, self.life))

    def core_of(self, conversation: int) -> int:
        """The core that reads this conversation, or the one that is free first."""
        if self.world.scenario.store_reads.shard_per_core:
            return mix(0x434F5245, conversation) % len(self.busy_us)
        return min(range(len(self.busy_us)), key=self.busy_us.__getitem__)

    def read_us(self, message: Any) -> int:
        """How long one read takes; a slow disk makes it slower."""
        if len(self.table) == 1:
            read_us = self.table[0]
        else:
            bits = mix(self.keys[message.__class__] ^ self.salt, message.trace)
            read_us = self.table[bits >> TABLE_SHIFT]
        condition = self.log.condition
        return read_us if condition is None else condition.delay_us(int(self.environment._now), read_us)

    def serve(self, queued: tuple[tuple[Any, Any], Life]) -> None:
        """The read is done, if the replica is still there; one that stands still is done when it wakes."""
        item, life = queued
        if not life.alive:
            return
        wakes_us = self.views.paused_us[self.replica]
        if wakes_us > self.environment._now:
            self.environment.call_at(wakes_us, self.serve, queued)
            return
        try:
            self.handlers[item[1].__class__](item[0], item[1])
        except Crashed:
            return

    def holdings(self, conversation: int) -> Holdings:
        """What this replica holds."""
        return self.views.holdings(self.replica, conversation)


class Collections:
    """Garbage collections: each replica stops the world again and again, for drawn times."""

    __slots__ = ("count", "reads", "table", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.reads = world.scenario.store_reads
        self.table = lognormal_table(self.reads.collection_us, self.reads.collection_sigma)
        self.count = 0

    def begin(self) -> None:
        """From now on."""
        for shard in self.world.stores:
            for host in shard.log.readers:
                self.plan(host, 0)

    def plan(self, host: ReplicaHost, n: int) -> None:
        """When the n-th collection of a replica comes: they come without memory."""
        u = self.world.dice.unit("collection gap", host.number << _REPLICA_BITS | host.replica, n)
        gap_us = max(1, round(-self.reads.collection_every_us * math.log(1.0 - u)))
        self.world.environment.call_after(gap_us, self.collect, (host, n))

    def collect(self, due: tuple[ReplicaHost, int]) -> None:
        """It stops the replica; the next one comes some time after its end."""
        host, n = due
        world = self.world
        bits = world.dice.bits("collection", host.number << _REPLICA_BITS | host.replica, n)
        span_us = min(self.reads.collection_most_us, self.table[bits >> TABLE_SHIFT])
        if host.up:
            self.count += 1
            stand_still(host.log, host.replica, int(world.environment._now) + span_us)
        world.environment.call_after(span_us, lambda _: self.plan(host, n + 1), None)
