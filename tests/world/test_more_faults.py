"""Faults of links, load and disks: each touches something, does what it says, and is survived."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from sim import run
from sim.faults.catalogue import KINDS
from sim.faults.kind import Running
from sim.faults.schedule import Fault
from sim.runner import Result
from sim.scenario.loading import load_text
from sim.scenario.model import Scenario
from sim.vocabulary import kinds
from sim.vocabulary.messages import Release
from sim.world.roles import REFERENCE
from sim.world.world import World

SECOND = 1_000_000
BASE = """
schema: doubletick/1
time: {chaos: 80s}
topology: {connection_servers: 3, store_shards: 1, inbox_shards: 1}
workload: {users: 8, messages: 160, burst_share: 0.6}
protocol: {heartbeat: 5s, answer_within: 4s, server_patience: 12s, lease: 25s}
"""


def scenario(text: str = "") -> Scenario:
    return load_text(BASE + text, "faults.yaml")


def played(entry: str, seed: int = 1, more: str = "", **options: Any) -> Result:
    return run(scenario(f"{more}faults: [{{at: 20s, {entry}}}]"), seed, **options)


def broken(result: Result) -> list[str]:
    return [f"{each.check}: {each.story}" for each in result.verdicts if each.outcome == "invalid"]


@pytest.mark.parametrize(
    "entry",
    [
        "kind: hold, for: 6s, target: store 0",
        "kind: hold, for: 20s, target: phones 50%",
        "kind: hold, for: 20s, target: registry",
        "kind: clogging, for: 20s, target: servers",
        "kind: clogging, for: 20s, target: connection_servers, by: 2s",
        "kind: corruption, for: 30s, target: servers, probability: 30%",
        "kind: corruption, for: 30s, target: phones, probability: 30%",
        "kind: bandwidth, for: 30s, target: store 0, by: 100ms",
        "kind: bandwidth, for: 30s, target: phones, by: 200ms",
        "kind: overload, for: 5s, target: store 0, factor: 2",
        "kind: overload, for: 5s, target: connection_servers, factor: 1.5",
        "kind: hot_partition, for: 30s, target: store 0, probability: 90%",
        "kind: hot_partition, for: 30s, target: inbox 0, probability: 90%",
        "kind: gc_pauses, for: 40s, target: store 0, by: 2s",
        "kind: gc_pauses, for: 40s, target: servers",
        "kind: full_disk, for: 10s, target: store 0",
        "kind: full_disk, for: 10s, target: phones 50%",
        "kind: torn_write, for: 30s, target: store 0",
        "kind: torn_write, for: 30s, target: inbox 0",
        "kind: torn_write, for: 30s, target: phones 50%",
        "kind: lost_disk, for: 5s, target: store 0",
        "kind: lost_disk, for: 5s, target: inbox 0",
    ],
)
def test_it_touches_something_and_is_survived(entry: str) -> None:
    result = played(entry)
    assert broken(result) == []
    assert result.injected[0].touched, entry
    assert result.counts["shown"] == 160


# -- links --------------------------------------------------------------------------------------------------------


class Pair:
    """A world in which one server calls the registry, and a fault that begins and ends by hand."""

    def __init__(self, **fault: Any) -> None:
        self.world = World(scenario(), 1, lambda row: None, REFERENCE, users=8)
        self.arrived: list[int] = []
        self.world.registry.handlers[Release] = lambda source, message: self.arrived.append(self.now)
        self.running = Running(Fault(at_us=0, **fault), 0, "written")
        self.kind = KINDS[self.running.fault.kind]
        self.kind.begin(self.world, self.running, [self.world.registry])

    @property
    def now(self) -> int:
        return int(self.world.environment._now)

    def call(self, number: int = 1) -> None:
        for epoch in range(number):
            self.world.servers[0].port.send(self.world.registry, Release(0, epoch, 1, 1, epoch << 8))

    def wait(self, span_us: int) -> None:
        self.world.environment.run_until(self.now + span_us)

    def end(self) -> None:
        self.running.ended_us = self.now
        self.kind.end(self.world, self.running, [self.world.registry])


def test_what_is_held_is_released_and_not_lost() -> None:
    pair = Pair(kind="hold", target="registry", for_us=SECOND)
    pair.call(3)
    pair.wait(SECOND)
    assert pair.arrived == []
    pair.end()
    pair.wait(SECOND)
    assert len(pair.arrived) == 3 and min(pair.arrived) > SECOND


def test_a_narrow_link_carries_one_message_after_the_other() -> None:
    pair = Pair(kind="bandwidth", target="registry", amount_us=50_000)
    pair.call(4)
    pair.wait(SECOND)
    pair.end()
    gaps = [later - earlier for earlier, later in pairwise(sorted(pair.arrived))]
    assert len(gaps) == 3 and all(45_000 < gap < 55_000 for gap in gaps)
    assert pair.running.touched == 3, "the first did not wait"


def test_a_checksum_refuses_what_is_damaged_and_counts_it() -> None:
    pair = Pair(kind="corruption", target="registry", probability=1.0)
    pair.call(5)
    pair.wait(SECOND)
    assert pair.arrived == []
    assert pair.running.touched == pair.world.tally["checksum_refused"] == 5
    on_streams = played("kind: corruption, for: 50s, target: phones, probability: 50%")
    assert on_streams.metrics()["checksum_refused"] > 50
    assert broken(on_streams) == []


def test_links_clog_one_after_another_and_open_in_another_order() -> None:
    world = World(scenario(), 3, lambda row: None, REFERENCE, users=8)
    hosts = list(world.hosts())
    running = Running(Fault("clogging", at_us=0, for_us=20 * SECOND, target="servers"), 0, "written")
    KINDS["clogging"].begin(world, running, hosts)
    seen: list[tuple[int, ...]] = []
    for _ in range(40):
        world.environment.run_until(int(world.environment._now) + SECOND // 2)
        clogged = tuple(condition.number for condition in world.conditions)
        if not seen or seen[-1] != clogged:
            seen.append(clogged)
    most = max(seen, key=len)
    assert len(most) == len(hosts) and seen[-1] == ()
    assert [len(each) for each in seen[: len(hosts)]] == list(range(1, len(hosts) + 1))
    steps = [(before, after) for before, after in pairwise(seen) if len(after) < len(before)]
    opened = [next(place for place in before if place not in after) for before, after in steps]
    assert sorted(opened) == sorted(most) and opened != list(most)


# -- load ---------------------------------------------------------------------------------------------------------


def test_the_backlog_of_an_overload_outlives_it() -> None:
    world = World(scenario(), 1, lambda row: None, REFERENCE, users=8)
    running = Running(Fault("overload", at_us=0, for_us=SECOND, target="store 0", factor=3.0), 0, "written")
    KINDS["overload"].begin(world, running, [world.stores[0]])
    world.environment.run_until(10 * SECOND)
    running.ended_us = 10 * SECOND
    assert 19 * SECOND < world.stores[0].busy_until_us - 10 * SECOND < 21 * SECOND


def test_collections_come_as_the_stated_distributions_say() -> None:
    world = World(scenario(), 1, lambda row: None, REFERENCE, users=8)
    running = Running(Fault("gc_pauses", at_us=0, for_us=SECOND, target="store 0", amount_us=2 * SECOND), 0, "written")
    server = world.servers[0]
    KINDS["gc_pauses"].begin(world, running, [server])
    pauses: dict[int, int] = {}
    for _ in range(60_000):
        world.environment.run_until(int(world.environment._now) + 20_000)
        if server.paused_until_us > world.environment._now:
            pauses.setdefault(server.paused_until_us, 0)
            pauses[server.paused_until_us] += 1
    assert 400 < running.touched < 620, "1,200 s, about 2.3 s from one to the next"
    longest = max(pauses.values()) * 20_000
    assert SECOND < longest < 6 * SECOND


def test_a_hot_partition_makes_its_people_wait() -> None:
    calm, hot = run(scenario(), 1), played("kind: hot_partition, for: 60s, target: store 0, probability: 95%")
    assert calm.delivery is not None and hot.delivery is not None
    assert (hot.delivery.mean_us or 0) > 1.2 * (calm.delivery.mean_us or 0)


def test_live_1_a_load_beyond_capacity_for_good_is_told_as_overload() -> None:
    """The queue outgrows everybody's patience, answers come too late, and repeats make it longer."""
    result = run(scenario("network: {message_service: 100ms}"), 1)
    (live,) = [verdict for verdict in result.verdicts if verdict.check == "LIVE-1"]
    assert live.outcome == "invalid"
    assert any(line.startswith("overload: ") and " is busy until " in line for line in live.story), live.story
    assert result.outcome() == 1


# -- disks --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("target", ["store 0", "phone 1"])
def test_a_torn_write_is_found_at_recovery(target: str) -> None:
    result = played(f"kind: torn_write, for: 40s, target: {target}", keep_history=True)
    assert result.injected[0].touched == 1
    assert result.history is not None
    found = [row for row in result.history.rows() if row[1] == kinds.TORN_WRITE_FOUND]
    assert len(found) == 1 and found[0][0] > 21 * SECOND
    assert broken(result) == []


def test_store_7_a_lost_disk_votes_again_when_it_has_caught_up_and_a_second_one_stays() -> None:
    world = World(scenario(), 1, lambda row: None, REFERENCE, users=8)
    log = world.stores[0].log
    running = Running(Fault("lost_disk", at_us=0, for_us=SECOND, target="store 0"), 0, "written")
    KINDS["lost_disk"].begin(world, running, [world.stores[0]])
    assert log.voting == [False, True, True] and running.touched == 1
    world.environment.run_until(5 * SECOND)
    assert log.leader == 1
    KINDS["lost_disk"].begin(world, running, [world.stores[0]])
    assert running.touched == 1, "never more than f of 2f + 1"
    world.environment.run_until(12 * SECOND)
    assert all(log.voting)


# -- harsh links --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(1, 5))
def test_the_protocol_survives_links_of_phones_that_promise_nothing(seed: int) -> None:
    """PHONE-3, CONN-6, CONN-10: numbers, repeats and maxima do what a stream would."""
    faults = (
        "network: {harsh: true, harsh_share: 10%}\nfaults:\n"
        "  - {kind: loss, at: 10s, for: 30s, target: phones, probability: 40%}\n"
        "  - {kind: duplication, at: 20s, for: 40s, target: servers, probability: 40%}\n"
        "  - {kind: one_way_partition, at: 50s, for: 8s, target: phones 50%}\n"
        "  - {kind: hold, at: 65s, for: 3s, target: phones}\n"
    )
    result = run(scenario(faults), seed)
    assert broken(result) == []
    assert result.metrics()["harsh_lost"] > 20 < result.metrics()["harsh_repeated"]
    assert result.reached["update gap synced"] and result.reached["duplicate update dropped"]
    assert result.counts["shown"] == 160


def test_a_stream_never_loses_and_never_repeats_by_itself() -> None:
    metrics = run(scenario(), 1).metrics()
    assert not metrics.get("harsh_lost") and not metrics.get("harsh_repeated")
