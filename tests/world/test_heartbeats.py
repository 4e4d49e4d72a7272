"""Heartbeats played one by one give the same history as heartbeats computed (PHONE-7, CONN-7, REG-1, CONN-10)."""

from __future__ import annotations

import pytest

from sim import run
from sim.scenario.loading import load, load_text

CASES = [("two_phones", seed) for seed in (1, 2, 3)]
CASES += [("swarm", seed) for seed in (1, 2, 3, 8, 12, 98, 188)]
CASES += [("mutants", seed) for seed in range(1, 9)]
MORE = [("swarm", seed) for seed in (4, 5, 6, 7, 9, 10, 11, 35, 51, 70, 91, 174, 257)]
MORE += [("mutants", seed) for seed in range(9, 25)]
KNOWN = pytest.mark.xfail(reason="a person is shown another last-seen time", strict=True)


def check_that_both_are_the_same(name: str, seed: int) -> None:
    scenario = load(name)
    computed = run(scenario, seed)
    played = run(scenario, seed, play_heartbeats=True)
    assert played.digest == computed.digest
    assert played.counts["entries"] > computed.counts["entries"], "heartbeats cost entries only when they are played"


@pytest.mark.parametrize(("name", "seed"), [*CASES, pytest.param("swarm", 56, marks=KNOWN)])
def test_played_heartbeats_give_the_same_history(name: str, seed: int) -> None:
    check_that_both_are_the_same(name, seed)


@pytest.mark.long
@pytest.mark.parametrize(("name", "seed"), MORE)
def test_they_do_in_more_runs(name: str, seed: int) -> None:
    check_that_both_are_the_same(name, seed)


REGISTRY = (
    "  - {kind: pause, at: 20s, for: 40s, target: registry}\n",
    "  - {kind: partition, at: 20s, for: 15s, target: registry}\n"
    "  - {kind: partition, at: 60s, for: 25s, target: registry}\n",
    "  - {kind: crash, at: 31s, for: 3s, target: registry}\n  - {kind: crash, at: 80s, for: 30s, target: registry}\n",
    "  - {kind: partition, at: 20s, for: 40s, target: registry}\n  - {kind: half_open, at: 30s, target: phones}\n",
)
BASE = (
    "schema: doubletick/1\ntime: {chaos: 2m}\nworkload: {users: 6, messages: 80}\n"
    "protocol: {heartbeat: 5s, answer_within: 3s, server_patience: 8s, lease: 12s}\nfaults:\n"
)


@pytest.mark.parametrize("faults", REGISTRY)
def test_renewals_that_do_not_reach_the_registry_end_alike(faults: str) -> None:
    """CONN-10: a server that cannot renew in time closes; what was renewed in between counts."""
    scenario = load_text(BASE + faults, "registry.yaml")
    computed, played = run(scenario, 1), run(scenario, 1, play_heartbeats=True)
    assert computed.digest == played.digest and computed.outcome() == 0
