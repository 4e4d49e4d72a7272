"""Any run can be written out: explicit operations and faults that give the same history, and go on doing so when
others are taken away."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.faults.schedule import Fault
from sim.results.written_out import explicit_text, written_out
from sim.runner import Result, run
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text
from sim.scenario.model import Scenario
from sim.scenario.writing import to_short_yaml, to_yaml
from sim.vocabulary import kinds


def played(name: str, seed: int, mutant: str | None = None, **more: bool) -> tuple[Result, Scenario]:
    scenario = load(name)
    result = run(scenario, seed, mutant=mutant, **more)
    return result, written_out(scenario, seed, result.injected)


@pytest.mark.parametrize(
    ("name", "seed"),
    [("two_phones", 1), ("mutants", 3), ("mutants_groups", 2), ("mutants_presence", 1), ("mutants_push", 2),
     ("mutants_queue", 2), ("media", 4), ("swarm", 5), ("swarm", 11)],
)  # fmt: skip
def test_the_same_history_without_anything_that_draws(name: str, seed: int) -> None:
    result, whole = played(name, seed)
    assert run(whole, seed).digest == result.digest
    assert whole.workload.kind == "script" and not whole.drawn and whole.random_faults.most == 0
    assert not any("any" in fault.target.split() for fault in whole.faults if "phone" not in fault.target)


def test_a_trace_is_written_out_too() -> None:
    scenario = load("college_messages")
    few = replace(
        scenario, workload=replace(scenario.workload, first=150), random_faults=load("two_phones").random_faults
    )
    result = run(few, 4)
    assert run(written_out(few, 4, result.injected), 4).digest == result.digest


@pytest.mark.parametrize("write", [to_yaml, to_short_yaml])
def test_the_file_loads_to_the_same_run(write: object) -> None:
    result, whole = played("mutants", 7)
    again = load_text(write(whole))  # type: ignore[operator]
    assert again.faults == whole.faults and again.workload == whole.workload
    assert run(again, 7).digest == result.digest


def test_taking_a_message_away_shifts_no_fault() -> None:
    """A fault at the n-th meeting of a point is known by its operation or device, and there by its n-th time."""
    result, whole = played("mutants", 4)
    at_points = [fault for fault in whole.faults if fault.point is not None]
    assert at_points and all(fault.operation is not None or fault.device is not None for fault in at_points)
    named = {fault.operation for fault in at_points}
    dropped = next(step for step in whole.workload.operations if step.number not in named and step.number)
    left = [
        replace(step, reply_to=None) for step in whole.workload.operations if step.number != dropped.number
    ]  # places have moved, so answers are dropped as well
    less = replace(whole, workload=replace(whole.workload, operations=tuple(left)))
    again = run(less, 4, keep_history=True)
    assert again.history is not None
    met = {row[4]: row[7] for row in again.history.rows() if row[1] == kinds.FAULT_BEGAN}
    for fault in at_points:
        if fault.operation is not None and fault.number in met:
            assert met[fault.number] == fault.operation
    assert [each for each in again.injected if each.explicit] and again.counts["composed"] == result.counts[
        "composed"
    ] - 1


def test_a_failing_run_fails_the_same_check_when_written_out() -> None:
    scenario = load("mutants")
    seed = next(seed for seed in range(1, 60) if run(scenario, seed, mutant="1").outcome() == 1)
    result = run(scenario, seed, mutant="1")
    failing = [verdict.check for verdict in result.verdicts if verdict.outcome == "invalid"]
    text = explicit_text(scenario, seed, result.injected, failing)
    assert text is not None and failing[0] in text
    again = run(load_text(text), seed, mutant="1")
    assert again.digest == result.digest and again.verdicts == result.verdicts


def test_numbers_are_given_once() -> None:
    text = """
schema: doubletick/1
time: {chaos: 10s}
workload:
  kind: script
  users: 2
  operations:
    - {at: 1s, sender: 0, recipient: 1, number: 4}
    - {at: 2s, sender: 0, recipient: 1, number: 4}
faults:
  - {kind: crash, at: 2s, target: store 0, number: 1}
  - {kind: crash, at: 3s, target: store 1}
  - {kind: crash, point: after store.persist.append_entry, operation: 0}
"""
    with pytest.raises(ScenarioError) as refused:
        load_text(text)
    said = str(refused.value)
    assert "the number 4 already" in said and "the number 1 already" in said and "there is no operation 0" in said


def test_only_those_named_as_present_come_up() -> None:
    text = """
schema: doubletick/1
time: {chaos: 10s}
workload:
  kind: script
  users: 6
  people: counted
  present: [1, 4]
  operations: [{at: 3s, sender: 1, recipient: 4, number: 9}]
"""
    result = run(load_text(text), 1, keep_history=True)
    assert result.history is not None and result.outcome() == 0
    assert {row[2] >> 10 for row in result.history.rows() if row[1] == kinds.CONNECTED} == {1, 4}
    assert {row[5] for row in result.history.rows() if row[1] == kinds.COMPOSED} == {9}


def test_a_fault_that_never_began_is_left_out() -> None:
    scenario = replace(load("two_phones"), faults=(Fault("crash", point="after store.persist.append_entry", nth=99),))
    result = run(scenario, 1)
    assert result.injected[0].explicit is None and written_out(scenario, 1, result.injected).faults == ()
