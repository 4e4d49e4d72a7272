"""Beyond the promise: quorums lost with acknowledged writes, faults that never end. Safety is judged all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim import run
from sim.checkers.verdict import INVALID, Verdict
from sim.faults.nemesis import Nemesis
from sim.faults.schedule import Fault
from sim.runner import Result
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text
from sim.scenario.model import Scenario

BASE = """schema: doubletick/1
time: {chaos: 30s}
workload: {kind: synthetic, users: 4, messages: 60, partners: 3}
protocol: {resend: 1s, heartbeat: 2s, answer_within: 2s, server_patience: 5s, lease: 8s}
"""
BEYOND = BASE + "beyond_promise: true\n"


def played(faults: str, seed: int = 1) -> Result:
    return run(load_text(BEYOND + "faults:\n" + faults, "beyond.yaml"), seed)


def invalid(result: Result) -> dict[str, Verdict]:
    return {each.check: each for each in result.verdicts if each.outcome == INVALID}


def failing(result: Result) -> list[str]:
    return [each.check for each in result.verdicts if each.fails]


@pytest.mark.parametrize("by", ["", "by: 5s, "])
@pytest.mark.parametrize("role", ["store", "inbox"])
def test_a_lost_quorum_takes_acknowledged_writes_and_no_safety(role: str, by: str) -> None:
    """STORE-7: told, and no failure; whatever a person has seen stays as it was."""
    result = played(f"  - {{kind: quorum_loss, at: 15s, for: 2s, {by}target: {role} 0}}\n")
    assert result.reached["acknowledged writes lost"] == 1
    told = invalid(result)
    assert told
    assert all("lost acknowledged" in verdict.beyond and not verdict.fails for verdict in told.values())
    assert not {"DUP-1", "GHOST-1", "ORDER-2", "TICK-2", "BOUND-1"} & set(told)
    assert result.outcome() == 0
    again = played(f"  - {{kind: quorum_loss, at: 15s, for: 2s, {by}target: {role} 0}}\n")
    assert again.digest == result.digest


def test_a_lost_quorum_before_anything_was_written_loses_nothing() -> None:
    result = played("  - {kind: quorum_loss, at: 1us, for: 1s, target: stores}\n")
    assert "acknowledged writes lost" not in result.reached
    assert not invalid(result)


def test_a_set_back_log_holds_what_was_durable_then() -> None:
    """With a window shorter than any write takes, all that was acknowledged is there."""
    result = played("  - {kind: quorum_loss, at: 15s, for: 2s, by: 1us, target: store 0}\n")
    assert result.injected[0].touched == 1
    assert not invalid(result), invalid(result)
    assert result.counts["shown"] == result.counts["composed"]


def test_what_never_ends_outlasts_the_heal() -> None:
    result = played("  - {kind: partition, at: 10s, target: store 0, for_good: true}\n")
    assert result.injected[0].ended_us == -1
    assert result.reached["broken for good"] == 1
    told = invalid(result)
    assert "LIVE-1" in told and told["LIVE-1"].beyond == "something stays broken to the end"
    assert result.outcome() == 0


def test_the_last_server_and_the_quorum_may_go() -> None:
    gone = "".join(f"  - {{kind: gone, at: {10 + n}s, target: store 0}}\n" for n in range(8))
    result = played(gone)
    assert sum(each.touched for each in result.injected) >= 2
    assert result.reached["no quorum at heal"] == 1
    assert "LIVE-1" in invalid(result)
    assert not failing(result)


@pytest.mark.parametrize("kind", ["replica_loss", "lost_disk"])
def test_more_than_f_disks_may_be_lost_at_once(kind: str) -> None:
    lost = "".join(f"  - {{kind: {kind}, at: {10 + n}s, for: 10s, target: store 0}}\n" for n in range(4))
    result = played(lost)
    assert sum(each.touched for each in result.injected) >= 2
    assert not failing(result)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{kind: quorum_loss, at: 10s, for: 1s, target: store 0}", "STORE-7"),
        ("{kind: hold, at: 10s, target: store 0, for_good: true}", "never ends"),
    ],
)
def test_it_is_refused_unless_the_scenario_says_so(fault: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_text(BASE + f"faults:\n  - {fault}\n", "within.yaml")
    assert load_text(BEYOND + f"faults:\n  - {fault}\n", "beyond.yaml").faults


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("{kind: hold, at: 10s, for: 1s, target: store 0, for_good: true}", "not both"),
        ("{kind: crash, at: 10s, target: store 0, for_good: true}", "takes no 'for_good'"),
    ],
)
def test_for_good_is_for_what_can_stay(fault: str, said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        load_text(BEYOND + f"faults:\n  - {fault}\n", "wrong.yaml")


def test_the_nemesis_goes_beyond_only_where_the_scenario_does() -> None:
    with pytest.raises(ScenarioError, match="beyond_promise: true says so"):
        load_text(BASE + "random_faults: {least: 5, most: 5, beyond_promise: 50%}\n", "timid.yaml")


def daring(share: float) -> Scenario:
    scenario = load("swarm_beyond")
    settings = replace(scenario.random_faults, least=200, most=200, beyond_promise=share)
    return replace(scenario, random_faults=settings, drawn={})


def is_beyond(fault: Fault) -> bool:
    drifts = fault.kind == "clock_drift" and abs(fault.factor) > 500
    return fault.kind in ("quorum_loss", "gone") or fault.for_good or drifts


def test_the_nemesis_draws_its_share_beyond_the_promise() -> None:
    faults = Nemesis(daring(1.0), 1, 100, 60_000_000).draw()
    assert sum(map(is_beyond, faults)) > 150
    lost = [fault for fault in faults if fault.kind == "quorum_loss"]
    assert {fault.point is None for fault in lost} == {True, False}
    assert {fault.amount_us == 0 for fault in lost} == {True, False}
    assert {fault.kind for fault in faults if fault.for_good} >= {"partition", "hold", "full_disk"}
    within = Nemesis(daring(0.0), 1, 100, 60_000_000).draw()
    assert not any(map(is_beyond, within))
    half = Nemesis(daring(0.5), 1, 100, 60_000_000).draw()
    kept = [fault for fault in half if not is_beyond(fault)]
    assert sum(fault in within for fault in kept) > 60, "a share moves no other draw"
