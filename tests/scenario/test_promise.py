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
