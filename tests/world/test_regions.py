"""Places in a world: homes, distances on the way, what is left when a place is gone or cut off (STORE-7, PHONE-6)."""

from __future__ import annotations

from typing import Any

import pytest

from sim import run
from sim.faults.catalogue import KINDS
from sim.faults.kind import Running
from sim.faults.schedule import Fault
from sim.faults.targeting import end_test
from sim.scenario.loading import load, load_text
from sim.scenario.model import Scenario
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.messages import Release
from sim.world.network import LinkCondition
from sim.world.roles import REFERENCE
from sim.world.sites import CUT_OFF, review
from sim.world.world import World

SECOND = 1_000_000
BASE = """
schema: doubletick/1
time: {chaos: 90s}
topology: {connection_servers: 6, store_shards: 3, inbox_shards: 3}
regions: {number: 3, zones: 3, weights: [6, 3, 1], replicas: regions, registry_nodes: 3}
network: {server_one_way: 85us}
workload: {users: 40, messages: 300}
"""


def scenario(text: str = "") -> Scenario:
    return load_text(BASE + text, "regions.yaml")


def world_of(text: str = "") -> World:
    return World(scenario(text), 1, lambda row: None, REFERENCE, users=40)


def wait(world: World, span_us: int) -> None:
    world.environment.run_until(int(world.environment._now) + span_us)


# -- homes --------------------------------------------------------------------------------------------------------


def test_people_live_where_the_weights_say() -> None:
    geography = world_of().geography
    assert geography is not None
    homes = [geography.home_of(user) for user in range(4_000)]
    shares = [homes.count(region) / 4_000 for region in range(3)]
    assert shares == pytest.approx([0.6, 0.3, 0.1], abs=0.03)


def test_inboxes_and_conversations_live_where_their_people_do() -> None:
    world = world_of()
    geography = world.geography
    assert geography is not None
    for user in range(50):
        home = geography.home_of(user)
        assert geography.atlas.region_of(world.inbox_of(user).place) == home
        assert geography.atlas.region_of(world.store_of(conversation_between(user, user + 1)).place) == home
        chosen = world.choose_server(user * 1024, 1, None)
        assert geography.atlas.region_of(chosen.place) == home


def test_phone_6_a_phone_whose_server_failed_tries_its_own_region_and_others() -> None:
    world = world_of()
    atlas = world.geography.atlas  # type: ignore[union-attr]
    failed = world.servers[0]
    tried = [world.choose_server(7 * 1024, epoch, failed) for epoch in range(200)]
    assert failed not in tried
    assert {atlas.region_of(server.place) for server in tried} == {0, 1, 2}


# -- distances ----------------------------------------------------------------------------------------------------


def test_a_call_takes_the_way_between_the_places() -> None:
    world = world_of()
    arrived: list[int] = []
    for server in world.servers[:3]:
        world.registry.handlers[Release] = lambda source, message: arrived.append(int(world.environment._now))
        sent = int(world.environment._now)
        server.port.send(world.registry, Release(0, 1, 1, 1, 4))
        wait(world, SECOND)
        arrived[-1] -= sent
    same, from_washington, from_tokyo = arrived
    assert same < 1_000
    assert from_washington - same == 89_000 // 2
    assert from_tokyo - same == 228_000 // 2


def test_replicas_far_away_make_a_write_slow_and_near_ones_do_not() -> None:
    """The quorum of Frankfurt's shard is itself and Washington, 89 ms there and back."""
    over_regions = run(scenario(), 1)
    in_zones = run(load_text(BASE.replace("replicas: regions", "replicas: zones"), "zones.yaml"), 1)
    assert over_regions.outcome() == in_zones.outcome() == 0
    assert over_regions.delivery is not None and in_zones.delivery is not None
    slower = (over_regions.delivery.quantile(0.5) or 0) - (in_zones.delivery.quantile(0.5) or 0)
    assert slower > 150_000, "two quorum writes on a message's way, 89 ms or more each"


# -- a place is gone ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_a_region_that_is_gone_is_survived(seed: int) -> None:
    fault = "faults: [{kind: region_loss, at: 30s, for: 40s, target: region frankfurt}]"
    result = run(scenario(fault), seed)
    assert result.outcome() == 0, [verdict for verdict in result.verdicts if verdict.outcome == "invalid"]
    assert result.injected[0].touched >= 2 + 1 + 6, "two servers, the registry, a replica of each shard"
    assert result.reached["resumed on another server"]
    assert result.delivery is not None
    assert (result.delivery.quantile(0.9) or 0) < 40 * SECOND, "most did not wait for its return"


def test_store_7_a_region_that_holds_all_replicas_is_waited_for() -> None:
    text = BASE.replace("replicas: regions", "replicas: zones") + "beyond_promise: true\n"
    fault = "faults: [{kind: region_loss, at: 30s, for: 40s, target: region frankfurt}]"
    result = run(load_text(text + fault, "beyond.yaml"), 1)
    assert result.outcome() == 0
    assert result.delivery is not None
    assert result.counts["shown"] == 300
    assert (result.delivery.quantile(0.99) or 0) > 30 * SECOND


def test_the_shards_of_a_lost_place_are_led_from_elsewhere_and_its_servers_come_back_with_it() -> None:
    world = world_of()
    running = Running(Fault("region_loss", at_us=0, for_us=1, target="region frankfurt"), 5, "written")
    KINDS["region_loss"].begin(world, running, [])
    assert not world.servers[0].up and not world.servers[3].up and world.servers[1].up
    wait(world, 10 * SECOND)
    atlas = world.geography.atlas  # type: ignore[union-attr]
    assert [atlas.name_of(shard.place) for shard in world.stores] == ["washington/0", "washington/0", "tokyo/0"]
    assert world.registry.up and atlas.name_of(world.registry.place) == "washington/0", "a node that stood by serves"
    assert not world.crash(world.servers[0], 1) and not world.servers[0].up
    KINDS["region_loss"].end(world, running, [])
    assert world.servers[0].up and all(all(shard.log.voting) for shard in (*world.stores, *world.inboxes))


def test_a_server_that_crashed_does_not_come_back_in_a_place_that_is_gone() -> None:
    fault = (
        "faults:\n  - {kind: crash, at: 20s, for: 5s, target: connection_server 0}\n"
        "  - {kind: zone_loss, at: 22s, for: 30s, target: zone frankfurt/0}\n"
    )
    result = run(scenario(fault), 1, keep_history=True)
    assert result.outcome() == 0
    assert result.injected[1].touched


# -- a place is cut off -------------------------------------------------------------------------------------------


def cut(world: World, target: str, peer: str = "") -> LinkCondition:
    """A partition between places, as the fault makes it."""
    running = Running(Fault("partition", at_us=0, target=target, peer=peer), 0, "written")
    is_end = end_test(world, target, running)
    is_peer = end_test(world, peer, running) if peer else lambda end: True

    def hits(source: Any, destination: Any) -> bool:
        return (is_end(source) and is_peer(destination)) or (is_end(destination) and is_peer(source))

    condition = LinkCondition(0, running, hits)
    condition.blocks = True
    world.network.conditions.append(condition)
    review(world)
    return condition


def test_store_7_a_leader_that_is_cut_off_from_its_quorum_gives_way_to_one_that_is_not() -> None:
    world = world_of()
    condition = cut(world, "region frankfurt")
    log = world.stores[0].log
    assert log.electing and CUT_OFF in log.away[0]
    wait(world, 10 * SECOND)
    assert log.leader == 1 and world.stores[0].up
    assert world.stores[1].log.leader == 0, "Washington keeps its shard, with Tokyo"
    world.network.conditions.remove(condition)
    review(world)
    assert all(all(shard.log.voting) for shard in world.stores)


def test_a_leader_between_two_that_cannot_talk_goes_on() -> None:
    world = world_of()
    cut(world, "region frankfurt", "region tokyo")
    assert [shard.log.leader for shard in world.stores] == [0, 0, 0]
    assert [shard.log.voting.count(True) for shard in world.stores] == [2, 3, 2]


def test_a_shard_whose_replicas_are_all_apart_waits() -> None:
    world = world_of()
    for region in ("frankfurt", "washington", "tokyo"):
        cut(world, f"region {region}")
    log = world.stores[0].log
    assert log.voting.count(True) < log.quorum
    world.network.conditions.clear()
    review(world)
    wait(world, 10 * SECOND)
    assert all(log.voting) and world.stores[0].up


@pytest.mark.parametrize("kind", ["partition", "one_way_partition"])
@pytest.mark.parametrize("target", ["region frankfurt", "zone frankfurt/0"])
def test_a_place_that_is_cut_off_is_survived(kind: str, target: str) -> None:
    result = run(scenario(f"faults: [{{kind: {kind}, at: 30s, for: 30s, target: {target}}}]"), 1)
    assert result.outcome() == 0, [verdict for verdict in result.verdicts if verdict.outcome == "invalid"]
    assert result.injected[0].touched


def test_a_slow_way_between_regions_makes_quorum_writes_slow() -> None:
    fault = "faults: [{kind: delay, at: 10s, for: 70s, target: region frankfurt, peer: region washington, by: 2s}]"
    calm, slow = run(scenario(), 1), run(scenario(fault), 1)
    assert slow.outcome() == 0
    assert slow.delivery is not None and calm.delivery is not None
    assert (slow.delivery.quantile(0.8) or 0) > 1.2 * (calm.delivery.quantile(0.8) or 0)


# -- the scenarios ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "variant"), [("region_loss", "one_region"), ("zone_loss", "one_zone")])
def test_replicas_that_stand_apart_spare_people_the_wait(name: str, variant: str) -> None:
    twin = ("workload.users=60", "workload.messages=600")
    """A quarter of the people and of the messages."""
    apart, together = run(load(name, sets=twin), 1), run(load(name, variant=variant, sets=twin), 1)
    assert apart.outcome() == together.outcome() == 0
    assert apart.delivery is not None and together.delivery is not None
    assert (together.delivery.mean_us or 0) > 4 * (apart.delivery.mean_us or 0)
    assert apart.counts["shown"] == together.counts["shown"] == 600
