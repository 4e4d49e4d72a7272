"""A written schedule beyond what the system promises to survive is refused, unless the scenario says so (STORE-7)."""

from __future__ import annotations

import pytest

from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load_text

BASE = "schema: doubletick/1\nworkload: {users: 4, messages: 10}\n"
TWO = (
    "faults:\n"
    "  - {kind: replica_loss, at: 10s, for: 20s, target: store 0}\n"
    "  - {kind: crash, at: 25s, for: 5s, target: store 0}\n"
)


def test_two_of_three_replicas_at_once_are_refused_with_their_place() -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(BASE + TWO, "two.yaml")
    said = str(refused.value)
    assert "two.yaml:5:5" in said and "beyond the promise" in said and "beyond_promise: true" in said


@pytest.mark.parametrize("target", ["stores", "store any", "servers"])
def test_whoever_is_named_with_many_counts_for_each_shard(target: str) -> None:
    with pytest.raises(ScenarioError, match="takes replica 2 of 3 of a shard"):
        load_text(BASE + TWO.replace("for: 5s, target: store 0", f"for: 5s, target: {target}"), "many.yaml")


@pytest.mark.parametrize(
    "change",
    [
        "beyond_promise: true\n" + TWO,
        "topology: {store_replicas: 5}\n" + TWO,
        TWO.replace("crash, at: 25s", "crash, at: 55s"),
        TWO.replace("for: 5s, target: store 0", "for: 5s, target: store 1"),
        TWO.replace("for: 5s, target: store 0", "for: 5s, target: inbox 0"),
    ],
)
def test_what_is_within_the_promise_or_said_to_exceed_it_is_played(change: str) -> None:
    assert len(load_text(BASE + change, "fine.yaml").faults) == 2


def test_a_clock_that_drifts_faster_than_declared_is_refused() -> None:
    text = BASE + "faults:\n  - {kind: clock_drift, at: 10s, for: 20s, target: phone 0, factor: 5000}\n"
    with pytest.raises(ScenarioError, match="CLOCK-1"):
        load_text(text, "drift.yaml")


REGIONS = BASE + "topology: {connection_servers: 3}\nregions: {number: 3, zones: 3, replicas: %s}\nfaults:\n"
BEYOND = REGIONS.replace("faults:", "beyond_promise: true\nfaults:")
GONE = "  - {kind: region_loss, at: 10s, for: 20s, target: region %s}\n"


@pytest.mark.parametrize("target", ["frankfurt", "any"])
@pytest.mark.parametrize("replicas", ["zone", "zones"])
def test_store_7_a_region_that_holds_more_than_f_replicas_of_a_shard_may_not_go(replicas: str, target: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(REGIONS % replicas + GONE % target, "region.yaml")
    assert "takes replica 3 of 3 of a shard" in str(refused.value)
    assert "regions.replicas" in str(refused.value) and "beyond_promise: true" in str(refused.value)
    played = load_text(BEYOND % replicas + GONE % target, "region.yaml")
    assert played.beyond_promise


def test_a_region_that_holds_one_replica_of_each_shard_may_go_but_not_with_another() -> None:
    assert load_text(REGIONS % "regions" + GONE % "frankfurt", "region.yaml")
    with pytest.raises(ScenarioError, match="takes replica 2 of 3"):
        load_text(REGIONS % "regions" + GONE % "frankfurt" + GONE % "tokyo", "two.yaml")
    with pytest.raises(ScenarioError, match="takes replica 2 of 3"):
        crash = "  - {kind: crash, at: 15s, for: 5s, target: store 0}\n"
        load_text(REGIONS % "regions" + GONE % "frankfurt" + crash, "two.yaml")


def test_a_zone_may_go_where_replicas_stand_in_three() -> None:
    zone = "  - {kind: zone_loss, at: 10s, for: 20s, target: zone frankfurt/2}\n"
    assert load_text(REGIONS % "zones" + zone, "zone.yaml")
    with pytest.raises(ScenarioError, match="takes replica 2 of 3"):
        load_text(REGIONS.replace("zones: 3", "zones: 2") % "zones" + zone.replace("/2", "/0"), "two.yaml")
    assert load_text(REGIONS % "zone" + zone, "zone.yaml"), "nobody stands in that zone"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("regions: {number: 3, names: [tokyo]}\n", "3 regions are in use, and 1 are named"),
        ("regions: {number: 2, names: [tokyo, tokyo]}\n", "a region is named twice"),
        ("regions: {number: 2, weights: [1, 2, 3]}\n", "3 weights for 2 regions"),
        ("regions: {number: 2, names: [tokyo, atlantis]}\n", "there is no region 'atlantis'"),
        ("faults: [{kind: region_loss, at: 1s, target: region any}]\n", "there is one place"),
        ("regions: {number: 2}\nfaults: [{kind: zone_loss, at: 1s, target: zone tokyo/0}]\n", "no region 'tokyo'"),
        ("regions: {zones: 2}\nfaults: [{kind: zone_loss, at: 1s, target: zone frankfurt/2}]\n", "there is no zone 2"),
        ("regions: {zones: 2}\nfaults: [{kind: zone_loss, at: 1s, target: zone frankfurt}]\n", "is no zone"),
        ("regions: {zones: 2}\nfaults: [{kind: zone_loss, at: 1s, target: zone}]\n", "which zone?"),
        ("regions: {zones: 2}\nfaults: [{kind: crash, at: 1s, target: zone any}]\n", "does not hit a zone"),
    ],
)
def test_regions_that_make_no_sense_are_told(text: str, said: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        load_text(BASE + text, "regions.yaml")
    assert said in str(refused.value)
