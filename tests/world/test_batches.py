"""FAN-4: batches are a layer: the same outcome as naive, far fewer messages.

What a hand-off costs (V5, V6) is in ``tests/published/test_hand_offs.py``.
"""

from __future__ import annotations

import dataclasses

import pytest

from sim import Result, run
from sim.scenario.loading import load
from sim.scenario.model import Scenario

MEMBERS = 300
SERVERS = 20


def big_group(fan_out: str) -> Scenario:
    """Messages to 300 members who are online: 1:100 of the published case."""
    scenario = load("big_group_small")
    return dataclasses.replace(scenario, protocol=dataclasses.replace(scenario.protocol, fan_out=fan_out))


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
