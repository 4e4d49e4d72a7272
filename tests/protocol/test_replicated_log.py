"""The replicated log under store and inboxes: a quorum decides, a fail-over keeps what was answered (STORE-3, 4, 7)."""

from __future__ import annotations

from typing import Any

import pytest
from words import append

from sim.scenario.model import Scenario, Topology
from sim.vocabulary import kinds
from sim.vocabulary.records import AppendEntry, FanOutMoved
from sim.world.disks import DiskCondition, DiskFault
from sim.world.replicas import ReplicatedLog
from sim.world.roles import REFERENCE
from sim.world.world import World

MILLISECOND = 1_000
LONG = 60_000_000


class Writer:
    """A machine of the present leader that writes to the log and notes what it is told."""

    def __init__(self, log: ReplicatedLog) -> None:
        self.port = log.host.port
        self.told: list[int] = []
        self.refused: list[int] = []

    def write(self, *numbers: int) -> None:
        for number in numbers:
            self.port.persist(AppendEntry(append(number), "server a", append(number).trace), self.on_durable)

    def on_durable(self, record: Any) -> None:
        self.told.append(record.append.send_number)

    def on_write_refused(self, record: Any) -> None:
        self.refused.append(record.append.send_number)


class Shard:
    """One store shard in a tiny world."""

    def __init__(self, replicas: int = 3) -> None:
        topology = Topology(1, 0, 10, 1, replicas, 1, 1)
        self.rows: list[tuple[int, ...]] = []
        self.world = World(Scenario(topology=topology), 1, self.rows.append, REFERENCE)
        self.log: ReplicatedLog = self.world.stores[0].log
        self.writer = Writer(self.log)

    def wait(self, span_us: int = LONG) -> None:
        environment = self.world.environment
        environment.run_until(int(environment._now) + span_us)

    def entries(self) -> list[int]:
        return [entry.append.send_number for entry in self.log.state.entries]

    def replicas_that_have_the_first(self) -> int:
        now = self.world.environment._now
        return sum(time <= now for time in self.log.pending[0].times) if self.log.pending else self.log.replicas

    def until(self, replicas: int) -> None:
        """Wait until so many replicas have the first write in flight."""
        while self.log.pending and self.replicas_that_have_the_first() < replicas:
            self.wait(10)


@pytest.mark.parametrize(("replicas", "quorum"), [(1, 1), (3, 2), (5, 3)])
def test_store_3_a_write_is_told_when_a_quorum_has_it_and_not_before(replicas: int, quorum: int) -> None:
    shard = Shard(replicas)
    shard.writer.write(1)
    while not shard.writer.told:
        assert shard.entries() == [], "nobody reads it before its quorum (STORE-4)"
        assert shard.replicas_that_have_the_first() < quorum
        shard.wait(10)
    assert shard.writer.told == shard.entries() == [1]


def test_store_3_writes_become_durable_in_order() -> None:
    shard = Shard()
    shard.writer.write(*range(1, 30))
    shard.wait()
    assert shard.writer.told == list(range(1, 30)) == shard.entries()


def test_store_7_without_a_quorum_of_voters_nothing_is_told_until_one_is_back() -> None:
    shard = Shard()
    shard.log.replica_down(1)
    shard.log.replica_down(2)
    shard.writer.write(1)
    shard.wait()
    assert shard.writer.told == []
    shard.log.replica_up(1)
    shard.wait()
    assert shard.writer.told == [1]


def test_store_7_one_of_three_replicas_may_be_lost() -> None:
    shard = Shard()
    shard.writer.write(1)
    shard.log.replica_down(1)
    shard.writer.write(2)
    shard.wait()
    assert shard.writer.told == shard.entries() == [1, 2]


def test_store_7_a_write_in_flight_that_loses_its_quorum_waits_and_is_told_once() -> None:
    shard = Shard()
    shard.writer.write(1, 2)
    shard.log.replica_down(1)
    shard.log.replica_down(2)
    shard.wait()
    assert shard.writer.told == []
    shard.log.replica_up(2)
    shard.wait()
    assert shard.writer.told == shard.entries() == [1, 2]


def test_store_4_a_fail_over_keeps_everything_that_was_told() -> None:
    for delay in range(0, 6_000, 250):
        shard = Shard()
        shard.writer.write(1, 2, 3)
        shard.wait(delay)
        told = list(shard.writer.told)
        shard.log.depose()
        shard.wait()
        assert shard.entries()[: len(told)] == told
        assert shard.entries() == list(range(1, len(shard.entries()) + 1)), "a prefix, never a hole"
        assert shard.writer.told == told, "the deposed leader hears nothing any more"


def test_store_4_a_write_that_only_one_replica_had_may_live_on_but_its_leader_is_not_told() -> None:
    shard = Shard()
    shard.writer.write(1)
    shard.until(replicas=1)
    shard.log.depose()
    shard.wait()
    assert shard.entries() == [1] and shard.writer.told == []
    assert kinds.HardCase.FAIL_OVER_BETWEEN_APPEND_AND_ANSWER in shard.world.facts.reached_counts


def test_store_4_a_write_that_no_replica_had_is_gone() -> None:
    shard = Shard()
    shard.writer.write(1)
    shard.log.lose_unsynced()
    shard.log.depose()
    shard.wait()
    assert shard.entries() == [] and shard.writer.told == []


def test_store_7_a_replica_that_lost_its_disk_does_not_lead_before_it_has_caught_up() -> None:
    shard = Shard()
    shard.log.replica_down(1)
    for _ in range(4):
        shard.log.depose()
        shard.wait()
        assert shard.log.leader != 1


def test_store_7_without_a_quorum_nobody_is_elected() -> None:
    shard = Shard()
    shard.log.replica_down(1)
    shard.log.replica_down(2)
    shard.log.depose()
    shard.wait()
    assert not shard.log.host.up
    shard.log.replica_up(1)
    shard.wait()
    assert shard.log.host.up


def test_store_4_a_new_leader_is_a_new_incarnation_and_the_old_ones_writes_are_not_told() -> None:
    shard = Shard()
    before = shard.log.host.incarnation
    shard.log.depose()
    shard.wait()
    assert shard.log.host.incarnation == before + 1
    shard.writer.write(1)
    shard.wait()
    assert shard.writer.told == [], "its life is over"


def test_riders_become_durable_with_the_write_that_carries_them_and_die_with_the_leader() -> None:
    """FAN-1: what rides may be lost, and costs a repeat."""
    shard = Shard()
    shard.writer.write(1)
    shard.wait()
    shard.writer.port.ride(FanOutMoved, FanOutMoved(1, 0))
    shard.log.depose()
    shard.wait()
    assert shard.log.state.fan_out == 0
    fresh = Writer(shard.log)
    fresh.port.ride(FanOutMoved, FanOutMoved(1, 0))
    fresh.write(2)
    shard.wait()
    assert shard.log.state.fan_out == 1 and fresh.told == [2]


def test_a_disk_that_refuses_tells_the_writer_and_keeps_nothing() -> None:
    """STORE-3: neither durable nor answered."""
    shard = Shard()
    condition = DiskCondition()
    condition.add(DiskFault(type("Fault", (), {"touched": 0})(), refuses_share=1.0))
    shard.log.condition = condition
    shard.writer.write(1)
    shard.wait()
    assert shard.writer.refused == [1] and shard.writer.told == [] and shard.entries() == []
