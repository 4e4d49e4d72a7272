"""Heartbeats played one by one give the same history as heartbeats computed (PHONE-7, CONN-7, REG-1, CONN-10)."""

from __future__ import annotations

import pytest

from sim import run
from sim.scenario.loading import load

CASES = [("two_phones", seed) for seed in (1, 2, 3)] + [("swarm", seed) for seed in range(1, 13)]
CASES += [("mutants", seed) for seed in range(1, 25)]


@pytest.mark.parametrize(("name", "seed"), CASES)
def test_played_heartbeats_give_the_same_history(name: str, seed: int) -> None:
    scenario = load(name)
    computed = run(scenario, seed)
    played = run(scenario, seed, play_heartbeats=True)
    assert played.digest == computed.digest
    assert played.counts["entries"] > computed.counts["entries"], "heartbeats cost entries only when they are played"
