"""Counting through every schedule of a few faults: what is counted, what is left out, what is found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from sim import Scenario, run
from sim.commands import main
from sim.scenario.loading import load
from sim.search.exhaust import Exhaust, Task, World, perform
from sim.search.exhaust_choices import KINDS


@cache
def smallest() -> Scenario:
    return load("smallest")


@cache
def one_message() -> Scenario:
    """A world that is smaller still: the first message alone."""
    scenario = smallest()
    work = replace(scenario.workload, operations=scenario.workload.operations[:1], lasts_us=3_000_000)
    return replace(scenario, workload=work, time=replace(scenario.time, chaos_us=15_000_000))


def search(world: World, most: int, workers: int = 1) -> Exhaust:
    found = Exhaust(world, most, workers=workers)
    for level, tasks in found.plan():
        found.play(level, tasks, lambda task, answer: None)
        if level.tally.failed and not world.to_the_end:
            break
    return found


def test_every_single_fault_on_the_smallest_world_violates_nothing() -> None:
    found = search(World(smallest()), 1)
    assert found.failing is None and found.is_whole
    assert found.levels[1].tally.runs > 600
    struck = {each["kind"] for each in counted(found)}
    assert struck == set(KINDS), "every kind strikes somewhere"
    assert len(found.levels[1].tally.outcomes) > 50, "and people see it"


def counted(found: Exhaust) -> list[dict[str, object]]:
    made = found.world.choices().after(found.world.play((), watch=True).met, None)
    return [{"kind": choice.fault.kind} for choice in made]


def test_single_faults_that_are_left_out_are_runs_that_are_played() -> None:
    digests = {}
    for prune in (True, False):
        world = World(one_message(), prune=prune)
        choices = list(world.choices().after(world.play((), watch=True).met, None))
        digests[prune] = {(choice.whom, world.play((choice,), watch=True).history) for choice in choices}
    assert digests[True] == digests[False]


@pytest.mark.parametrize("first", ["message_repeated", "crash", "offline"])
def test_pruning_loses_no_outcome_behind_a_first_fault(first: str) -> None:
    pruned, everything = World(one_message(), to_the_end=True), World(one_message(), to_the_end=True, prune=False)
    singles = pruned.choices().after(pruned.play((), watch=True).met, None)
    of_kind = [choice for choice in singles if choice.fault.kind == first]
    last = of_kind[len(of_kind) // 4]
    some, all_of_them = (perform(Task(world, ((last,),), 1)).tally for world in (pruned, everything))
    assert some.runs < all_of_them.runs
    assert sorted(some.outcomes) == sorted(all_of_them.outcomes)


@pytest.mark.parametrize(
    ("mutant", "size", "kinds", "check"),
    [
        ("13", 0, KINDS, "LOSS-2"),
        ("25", 1, ("write_refused",), "LOSS-1"),
        ("15", 1, ("app_killed",), "DUP-1"),
        ("1", 1, ("crash",), "LOSS-1"),
        ("9", 1, ("message_late",), "FLOW-1"),
        ("42", 1, ("pause",), "ROUTE-1"),
    ],
)
def test_planted_bugs_are_found_by_their_least_fault(
    mutant: str, size: int, kinds: tuple[str, ...], check: str
) -> None:
    found = search(World(smallest(), mutant=mutant, kinds=kinds), 1)
    assert found.failing is not None
    assert len(found.failing.schedule) == size and check in found.failing.invalid


@pytest.mark.parametrize(
    ("name", "mutant", "kinds", "check"),
    [
        ("smallest_crossing", "18", ("clock_step",), "LOSS-1"),
        ("smallest_crossing", "20", ("message_lost",), "LOSS-1"),
        ("smallest_crossing", "22", ("message_lost",), "LOSS-1"),
        ("smallest_crossing", "29", ("offline",), "TICK-1"),
        ("smallest_crossing", "44", ("offline",), "ORDER-4"),
        ("smallest_three", "46", ("pause",), "TICK-3"),
    ],
)
def test_other_small_worlds_bring_more_bugs_within_one_fault(
    name: str, mutant: str, kinds: tuple[str, ...], check: str
) -> None:
    found = search(World(load(name), mutant=mutant, kinds=kinds), 1)
    assert found.failing is not None
    assert len(found.failing.schedule) == 1 and check in found.failing.invalid
    assert search(World(load(name), kinds=kinds), 1).failing is None, "it is the planted bug, not the world"


def test_one_worker_and_two_find_the_same_schedule() -> None:
    alone, together = (search(World(smallest(), mutant="16"), 1, workers) for workers in (1, 2))
    assert alone.failing is not None and alone.failing == together.failing


def test_a_violation_is_kept_as_a_scenario_that_fails_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["exhaust", "smallest", "--faults", "1", "--mutant", "25", "--out", str(tmp_path), "--jobs", "1"]
    assert main(arguments) == 1
    printed = capsys.readouterr().out
    assert "write_refused" in printed and "LOSS-1" in printed
    (kept,) = tmp_path.rglob("smallest_*.yaml")
    failing = {verdict.check for verdict in run(kept, mutant=25).verdicts if verdict.outcome == "invalid"}
    assert "LOSS-1" in failing
    assert run(kept).outcome() == 0, "it is the planted bug, not the schedule"


def test_nothing_found_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exhaust", "smallest", "--faults", "0", "--jobs", "1"]) == 0
    printed = capsys.readouterr().out
    assert "none violates" in printed and "store: persist.append_entry 3" in printed
