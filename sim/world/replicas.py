"""A shard's replicated log: one write, durable at the quorum's order statistic, and a fail-over that keeps it.

Each write costs one entry in the event queue, at the time at which a quorum of replicas has synced it. When each
replica has it is remembered per write while it is in flight: that is the replica's durable index, and a fail-over
goes by it. A new leader is the living voter with the longest log. Writes that only it has are kept (nobody was told
about them; a repeat finds them), writes that it lacks were on no quorum and are gone.
"""

from __future__ import annotations

from collections import deque
from heapq import heappush
from typing import TYPE_CHECKING, Any, Final

from ..protocol.port import Crashed
from ..vocabulary import kinds
from .dice import lognormal_table, spread
from .disks import DiskCondition, refused_by
from .hosts import Life, ServerHost
from .sites import CUT_OFF, review_log, round_trip_us
from .writes import LOST, Then, Write

if TYPE_CHECKING:
    from .world import World

_TEN_BITS: Final = 1023
REFUSAL_US: Final = 1_000
"""How long a disk takes to say no."""


class ReplicatedLog:
    """The log of one shard, and who leads it."""

    __slots__ = (
        "_condition",
        "away",
        "clear_at_us",
        "committed_at_us",
        "electing",
        "environment",
        "host",
        "is_ordinary",
        "leader",
        "on_record",
        "pending",
        "points",
        "quorum",
        "readers",
        "replicas",
        "riders",
        "sites",
        "stalled",
        "state",
        "table",
        "views",
        "voting",
        "world",
    )

    def __init__(self, world: World, host: ServerHost, state: Any, replicas: int, sync_us: int, sigma: float) -> None:
        self.world = world
        self.host = host
        self.state = state
        self.replicas = replicas
        self.quorum = replicas // 2 + 1
        self.leader = 0
        self.voting = [True] * replicas
        """Replicas that are up and have caught up (STORE-7)."""
        self.away: list[dict[int, bool]] = [{} for _ in range(replicas)]
        """The reasons for which each replica does not vote: a fault that ends does not end another one."""
        self.sites = world.sites_of(host, replicas)
        """Where the replicas stand; None where all is one place."""
        self._condition: DiskCondition | None = None
        self.note_what_is_ordinary()
        self.clear_at_us = [0] * replicas
        self.committed_at_us = 0
        self.pending: deque[Write] = deque()
        self.stalled: deque[Write] = deque()
        """Writes that wait for a quorum of replicas to be there."""
        self.riders: dict[Any, Any] = {}
        self.electing = False
        self.views: Any = None
        """What each replica holds (``ReplicaViews``), where logs are read."""
        self.readers: tuple[Any, ...] = ()
        """The read side of each replica (``ReplicaHost``), where logs are read."""
        self.environment = world.environment
        self.on_record = world.facts.on_record
        self.points = world.points
        self.table = lognormal_table(sync_us, sigma)

    # -- writing ----------------------------------------------------------------------------------------------

    def write(self, record: Any, then: Then, life: Life) -> None:
        """Replicate a record; ``then(record)`` follows in the same life when a quorum has synced it."""
        write = Write(record, then, life)
        if self.riders:
            write.riders, self.riders = self.riders, {}
        if self.is_ordinary:
            self.replicate_to_three(write)
        elif self._condition is not None and self.is_refused(write):
            return
        elif self.stalled or self.voting.count(True) < self.quorum:
            self.stalled.append(write)
        else:
            self.replicate(write)
            if self._condition is not None:
                self._condition.tear(record)

    def occupy(self, busy_us: int) -> None:
        """Others' writes take every replica's disk for so long, before what comes next."""
        now = int(self.environment._now)
        self.clear_at_us = [max(now, clear) + busy_us for clear in self.clear_at_us]

    @property
    def condition(self) -> DiskCondition | None:
        """What a fault does to the disks of this shard at present."""
        return self._condition

    @condition.setter
    def condition(self, condition: DiskCondition | None) -> None:
        self._condition = condition
        self.note_what_is_ordinary()

    def note_what_is_ordinary(self) -> None:
        """Three replicas in one place, all there, on healthy disks: the case that has a short way."""
        three = self.replicas == 3 and self.sites is None
        self.is_ordinary = three and self._condition is None and all(self.voting)

    def is_refused(self, write: Write) -> bool:
        """Whether the leader's disk refuses this one; then nothing is written anywhere and the machine is told."""
        condition = self.condition
        if condition is None or (refusing := condition.refusing) is None:
            return False
        now = self.environment._now
        trace = write.record.trace
        if not self.world.dice.chance(refusing.refuses_share, "disk refuses", self.host.number, trace, now):
            return False
        condition.refused(refusing)
        if write.riders is not None:
            self.riders = write.riders
        self.environment.call_after(REFUSAL_US, self.refuse, write)
        return True

    def replicate_to_three(self, write: Write) -> None:
        """What ``replicate`` does, for the ordinary case, without its loop."""
        world = self.world
        environment = world.environment
        now = environment._now
        record = write.record
        bits = spread(world.disk_keys[record.__class__], record.trace)
        table = self.table
        links = world.server_table
        leader = self.leader
        first = now + table[bits >> 54]
        second = now + table[bits >> 44 & 1023]
        third = now + table[bits >> 34 & 1023]
        if leader != 0:
            first += 2 * links[bits >> 49 & 1023]
        if leader != 1:
            second += 2 * links[bits >> 39 & 1023]
        if leader != 2:
            third += 2 * links[bits >> 29 & 1023]
        clear = self.clear_at_us
        if first < clear[0]:
            first = clear[0]
        if second < clear[1]:
            second = clear[1]
        if third < clear[2]:
            third = clear[2]
        write.times = self.clear_at_us = [first, second, third]
        if first > second:
            first, second = second, first
        at = second if third > second else (third if third > first else first)
        if at < self.committed_at_us:
            at = self.committed_at_us
        self.committed_at_us = at
        self.pending.append(write)
        heappush(environment._queue, (at, 1, next(environment._eid), self.commit, write))

    def replicate(self, write: Write) -> None:
        """Send it to every replica: syncs of one replica complete in order, the quorum decides."""
        world = self.world
        environment = world.environment
        now = environment._now
        bits = spread(world.disk_keys[write.record.__class__], write.record.trace)
        table = self.table
        links = world.server_table
        leader = self.leader
        sites = self.sites
        clear = self.clear_at_us = list(self.clear_at_us)
        times = write.times = []
        condition = self._condition
        for replica, votes in enumerate(self.voting):
            if not votes:
                times.append(LOST)
                continue
            sync_us = table[(bits >> 54 - 10 * (replica % 5)) & _TEN_BITS]
            if condition is not None:
                sync_us = condition.delay_us(now, sync_us)
            if replica != leader:
                sync_us += 2 * links[(bits >> 49 - 10 * (replica % 4)) & _TEN_BITS]
                if sites is not None:
                    one_way_us = world.far_us[sites[leader].place][sites[replica].place]
                    if world.conditions:
                        sync_us += round_trip_us(world, sites[leader], sites[replica], bits, one_way_us)
                    else:
                        sync_us += 2 * one_way_us
            done = now + sync_us
            if done < clear[replica]:
                done = clear[replica]
            clear[replica] = done
            times.append(done)
        at = self.committed_at_us = max(sorted(times)[self.quorum - 1], self.committed_at_us)
        self.pending.append(write)
        heappush(environment._queue, (at, 1, next(environment._eid), self.commit, write))

    def ride(self, key: Any, record: Any) -> None:
        """For the next write; the newest of a key replaces the one before; gone in a crash of the leader."""
        self.riders[key] = record

    def commit(self, write: Write) -> None:
        """A quorum has it: it is durable, applied, and told to the machine that wrote it, if that still lives."""
        if write.dropped:
            return
        first = self.pending.popleft()
        assert first is write, "writes become durable in the order of the log"
        on_record = self.on_record
        state = self.state
        if write.riders is not None:
            self.take_riders(write.riders)
        record = write.record
        change = state.TABLE[record.__class__](state, record)
        observe = on_record.get(record.__class__)
        if observe is not None:
            observe(state, record, change)
        if self.views is not None:
            self.views.written(write.times, change)
        if write.life.alive:
            self.tell(write)

    def take(self, write: Write) -> Any:
        """Apply a durable record, what rode with it first, and write down what it did."""
        if write.riders is not None:
            self.take_riders(write.riders)
        return self.take_record(write.record)

    def take_riders(self, riders: dict[Any, Any]) -> None:
        """What rode along is durable too."""
        for rider in riders.values():
            self.take_record(rider)

    def take_record(self, record: Any) -> Any:
        """Apply one durable record."""
        change = self.state.apply(record)
        observe = self.on_record.get(record.__class__)
        if observe is not None:
            observe(self.state, record, change)
        return change

    def tell(self, write: Write) -> None:
        """Call back into the machine; a paused host hears it when it wakes."""
        host = self.host
        if host.paused_until_us > self.environment._now:
            self.environment.call_at(host.paused_until_us, self.tell_later, write)
            return
        try:
            if self.points is not None:
                host.port.persisted(write.record)
            write.then(write.record)
        except Crashed:
            return

    def tell_later(self, write: Write) -> None:
        """The host woke up, if it did."""
        if write.life.alive:
            self.tell(write)

    def refuse(self, write: Write) -> None:
        """The leader's disk gave an error: nothing was written anywhere."""
        if write.life.alive:
            self.host.guard(refused_by(write.then), write.record)

    # -- leaders and replicas -----------------------------------------------------------------------------------

    def depose(self) -> None:
        """The leader is gone (crashed, paused beyond patience, or told to step down): elect another in a while."""
        if self.electing:
            return
        self.electing = True
        self.host.stop()
        self.riders = {}
        for write in self.pending:
            write.dropped = True
        world = self.world
        world.environment.call_after(world.scenario.storage.election_us, self.elect, None)

    def elect(self, _: None) -> None:
        """STORE-7: the living voter with the longest log leads; without a quorum of voters, wait."""
        voters = [replica for replica in range(self.replicas) if self.voting[replica] and self.is_awake(replica)]
        world = self.world
        if len(voters) < self.quorum:
            world.environment.call_after(world.scenario.storage.election_us, self.elect, None)
            return
        now = world.environment._now
        self.electing = False
        index = {replica: sum(write.times[replica] <= now for write in self.pending) for replica in voters}
        self.leader = max(voters, key=lambda replica: (index[replica], -((replica - self.leader - 1) % self.replicas)))
        kept = index[self.leader]
        if kept:
            world.facts.reached(kinds.HardCase.FAIL_OVER_BETWEEN_APPEND_AND_ANSWER, self.host.number, kinds.NONE)
        writes = list(self.pending)
        for write in writes[:kept]:
            change = self.take(write)
            if self.views is not None:
                self.views.written([min(time, now) for time in write.times], change)
        self.clear_at_us = [now] * self.replicas
        if self.views is not None:
            self.views.elected(writes[kept:])
            self.clear_at_us = [max(now, learns_us) for learns_us in self.views.learns_us]
        self.pending.clear()
        self.stalled.clear()
        self.committed_at_us = now
        if self.sites is not None:
            self.host.place = self.sites[self.leader].place
        self.host.start()
        if self.sites is not None:
            review_log(world, self)

    def is_awake(self, replica: int) -> bool:
        """Whether a replica can vote just now; where nobody reads, only leaders ever stand still."""
        return self.views is None or self.views.is_awake(replica)

    def lose_unsynced(self) -> None:
        """Writes in flight are on no disk: not even the replica that had them in its cache keeps them."""
        for write in self.pending:
            write.dropped = True
            write.times = [LOST] * self.replicas

    def replica_down(self, replica: int, reason: int = 0) -> None:
        """A replica is gone, or lost its disk: it neither votes nor syncs until it is back."""
        self.away[replica][reason] = True
        if not self.voting[replica]:
            return
        self.voting[replica] = False
        if self.readers:
            self.readers[replica].stop()
        self.note_what_is_ordinary()
        for write in self.pending:
            if write.times[replica] > self.world.environment._now:
                write.times = [LOST if place == replica else time for place, time in enumerate(write.times)]
        if replica == self.leader:
            self.depose()
        elif not self.electing:
            self.reschedule()

    def reschedule(self) -> None:
        """A replica less: what waited for it waits for another, or for its return."""
        pending, self.pending = self.pending, deque()
        for write in pending:
            write.dropped = True
            again = Write(write.record, write.then, write.life)
            again.riders = write.riders
            again.times = list(write.times)
            at = sorted(again.times)[self.quorum - 1]
            if at >= LOST:
                self.stalled.append(again)
                continue
            self.committed_at_us = max(self.committed_at_us, at)
            self.pending.append(again)
            self.world.environment.call_at(self.committed_at_us, self.commit, again)

    def replica_up(self, replica: int, reason: int = 0) -> None:
        """One reason less to be away; with the last one gone it has caught up with the leader and votes again, and
        what waited for a quorum goes on."""
        self.away[replica].pop(reason, None)
        if self.sites is not None and reason != CUT_OFF:
            review_log(self.world, self)
        if self.voting[replica] or self.away[replica]:
            return
        self.voting[replica] = True
        if self.readers:
            self.readers[replica].start()
        now = int(self.world.environment._now)
        last = now
        for write in self.pending:
            if not write.dropped and write.times[replica] >= LOST:
                caught_up = max(now, write.times[self.leader])
                write.times = [caught_up if place == replica else time for place, time in enumerate(write.times)]
            if write.times[replica] < LOST:
                last = max(last, write.times[replica])
        self.clear_at_us = [last if place == replica else time for place, time in enumerate(self.clear_at_us)]
        self.note_what_is_ordinary()
        if self.voting.count(True) >= self.quorum and not self.electing:
            stalled, self.stalled = self.stalled, deque()
            for write in stalled:
                if write.life.alive:
                    self.replicate(write)
