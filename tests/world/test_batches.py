"""FAN-4: batches are a layer: the same outcome as naive, far fewer messages; and what a hand-off costs (V5, V6)."""

from __future__ import annotations

import dataclasses

import pytest

from sim import Result, run
from sim.scenario.loading import load
from sim.scenario.model import Scenario

MEMBERS = 300
HAND_OFF_US = 70
SERVERS = 20


def big_group(fan_out: str, **network: int) -> Scenario:
    """One message to 300 members who are online: 1:100 of the published case."""
    scenario = load("big_group_small")
    return dataclasses.replace(
        scenario,
        protocol=dataclasses.replace(scenario.protocol, fan_out=fan_out),
        network=dataclasses.replace(scenario.network, **network),
    )


@pytest.fixture(scope="module", params=["batched", "naive"])
def result(request: pytest.FixtureRequest) -> Result:
    return run(big_group(request.param), 1, coverage=True)


def test_fan_4_everybody_has_it_either_way(result: Result) -> None:
    assert result.outcome() == 0
    assert result.counts["owed"] == result.counts["composed"] * (MEMBERS - 1)


def test_fan_4_one_append_message_per_inbox_shard_and_one_push_per_connection_server() -> None:
    result = run(big_group("batched"), 1, coverage=True)
    messages, shards = result.counts["composed"], result.scenario.topology.inbox_shards
    met = result.points_met
    assert met["after store.send.enter_batch"] == messages * shards
    assert "after store.send.enter" not in met
    assert met["after inbox.send.updates_batch"] <= messages * shards * SERVERS
    naive = run(big_group("naive"), 1, coverage=True).points_met
    assert naive["after store.send.enter"] == messages * (MEMBERS - 1)


@pytest.mark.parametrize("hand_off_us", [30, 70])
def test_v5_a_naive_publish_costs_its_sender_a_hand_off_for_each_session(hand_off_us: int) -> None:
    """V5 at 1:100: 300 sessions, 30 and 70 us a hand-off, one sender: 9.0 and 21.0 ms; at most 111 and 47.6 publishes
    a second, above which the queue grows without end. Exact: hand-offs are counted, and each takes its time."""
    result = run(big_group("naive", hand_off_us=hand_off_us), 1, coverage=True)
    messages = result.counts["composed"]
    hand_offs = result.points_met["after store.send.enter"] // messages
    assert hand_offs == MEMBERS - 1
    busy_us = (hand_offs + 1) * hand_off_us
    assert busy_us == MEMBERS * hand_off_us == {30: 9_000, 70: 21_000}[hand_off_us]
    assert 1_000_000 / busy_us == pytest.approx({30: 111.1, 70: 47.6}[hand_off_us], rel=0.01)
    # The sender really is that busy: the store hands off everything, answers included.
    assert result.counts["hand_off_us_store"] >= messages * hand_offs * hand_off_us


def test_v6_batched_the_sender_is_busy_for_each_server_and_not_for_each_session() -> None:
    """V6: batched over N servers the sender is busy N x 70 us: 1.4 ms at 20 servers; order is kept. Exact."""
    scenario = big_group("batched", hand_off_us=HAND_OFF_US)
    scenario = dataclasses.replace(scenario, topology=dataclasses.replace(scenario.topology, inbox_shards=1))
    result = run(scenario, 1, coverage=True)
    messages = result.counts["composed"]
    copies = result.points_met["after inbox.send.updates_batch"]
    assert copies == messages * SERVERS, "300 network copies become 20"
    assert copies // messages * HAND_OFF_US == 1_400
    assert all(verdict.outcome != "invalid" for verdict in result.verdicts if verdict.check.startswith("ORDER"))


def test_fan_4_a_crash_in_the_middle_of_a_batch_loses_and_repeats_nothing() -> None:
    """The groups' bugs are found under faults at batches' points too, so the reference has to survive them."""
    from sim.faults.schedule import Fault

    points = (
        "before store.send.enter_batch",
        "after store.send.enter_batch",
        "after inbox.persist.together",
        "before inbox.send.updates_batch",
        "after connection_server.send.acknowledge_batch",
        "after store.persist.together",
    )
    for point in points:
        faults = (Fault("crash", point=point, nth=1, for_us=2_000_000),)
        result = run(big_group("batched"), 1, faults=faults)
        broken = [verdict.check for verdict in result.verdicts if verdict.outcome == "invalid"]
        assert not broken and result.injected[0].touched, (point, broken)
