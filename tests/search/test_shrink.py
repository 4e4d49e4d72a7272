"""Shrinking a failing run: what is left fails the same check, is small, and can be resumed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from sim.commands import group
from sim.results.written_out import written_out
from sim.runner import run
from sim.scenario.loading import load, load_text
from sim.search.fewest import fewest
from sim.search.shrink import NotFailing, Shrinking, Size
from sim.search.shrink_state import FILE, State
from sim.search.shrink_steps import with_operations
from sim.search.shrink_trial import Failure, Trials, Unplayable


@pytest.mark.parametrize("needed", [(), (7,), (0, 19), (3, 4, 5), (0, 5, 11, 13, 19)])
def test_fewest_keeps_what_is_needed_and_nothing_else(needed: tuple[int, ...]) -> None:
    asked = 0

    def holds(left: tuple[int, ...]) -> bool:
        nonlocal asked
        asked += 1
        return set(needed) <= set(left)

    assert fewest(range(20), holds) == needed
    assert asked < 120


def test_fewest_ends_where_no_single_one_can_go() -> None:
    """Where what is needed is no fixed part, the answer is still one from which nothing can be taken."""
    holds: Callable[[tuple[int, ...]], bool] = lambda left: sum(left) % 7 == 0 and len(left) >= 3  # noqa: E731
    start = tuple(range(1, 14))
    kept = fewest(start, holds)
    assert holds(kept)
    assert not any(holds(tuple(one for one in kept if one != gone)) for gone in kept)


def test_fewest_of_big_parts_ends_where_none_of_them_can_go() -> None:
    everything, spread = tuple(range(16)), {0, 5, 10, 15}
    assert fewest(everything, lambda left: {0, 9} <= set(left), 4) == (0, 9)
    assert fewest(everything, lambda left: spread <= set(left), 4) == everything
    assert set(fewest(everything, lambda left: spread <= set(left))) == spread


@pytest.mark.parametrize(("bug", "scenario", "seed"), [("1", "mutants", 21), ("26", "mutants_groups", 1)])
def test_a_planted_bug_becomes_a_story_of_three_messages(bug: str, scenario: str, seed: int) -> None:
    first: list[str] = []
    told: list[str] = []
    shrunk = Shrinking(
        load(scenario),
        seed,
        mutant=bug,
        on_first=lambda result, verdict: first.append(verdict.check),
        on_step=told.append,
    ).perform(60)
    assert first == [shrunk.failure.check] and told and shrunk.finished
    assert shrunk.after.faults <= 3 and shrunk.after.messages <= 3 < shrunk.before.messages
    assert shrunk.after.people <= shrunk.before.people and shrunk.after.machines < shrunk.before.machines
    # the bug shows in it, and nothing else does
    assert run(shrunk.scenario, seed, mutant=bug).outcome() == 1
    assert run(shrunk.scenario, seed).outcome() == 0


@pytest.mark.long
@pytest.mark.parametrize(
    ("bug", "scenario", "seed", "most"), [("35", "mutants_storm", 1, 300), ("46", "mutants_slots", 5, 150)]
)
def test_many_phones_or_faults_take_few_runs(bug: str, scenario: str, seed: int, most: int) -> None:
    """What can go in big parts goes first, so that the many small steps are made on a small run."""
    shrunk = Shrinking(load(scenario), seed, mutant=bug).perform(600)
    assert shrunk.finished and shrunk.played <= most
    assert shrunk.after.faults <= 3 and shrunk.after.messages <= 3 and shrunk.after.people <= 30


def test_what_no_file_could_hold_is_refused_and_not_played_again() -> None:
    scenario = load("mutants_storm")
    whole = written_out(scenario, 1, run(scenario, 1, mutant="35").injected)
    trials = Trials(Failure(1, "LIVE-1", "35"), whole)
    # nobody writes anything: a script without operations is no scenario, though the phones still come too late
    silent = with_operations(whole, [])
    assert trials.fails(silent) and not trials.accepts(silent)
    assert trials.best == whole
    played = trials.played
    assert not trials.accepts(silent) and trials.played == played and not trials.fails(silent)


def test_a_candidate_that_breaks_the_simulator_is_refused_if_no_file_may_say_it() -> None:
    scenario = load("mutants_reads")
    trials = Trials(Failure(1, "CHAN-1", "65"), written_out(scenario, 1, run(scenario, 1, mutant="65").injected))
    # people look into a channel, and there is no service to ask
    senseless = replace(trials.best, topology=replace(trials.best.topology, data_services=0))
    with pytest.raises(Unplayable):
        trials.play(senseless)
    assert not trials.accepts(senseless)


def test_it_goes_on_where_the_time_was_over(tmp_path: Path) -> None:
    def shrinking() -> Shrinking:
        return Shrinking(load("mutants"), 16, mutant="3", folder=tmp_path)

    begun = shrinking().perform(0.25)
    assert not begun.finished and json.loads((tmp_path / FILE).read_text())["finished"] is False
    done = shrinking().perform(60)
    assert done.finished and done.after.messages <= begun.after.messages and done.played > begun.played
    again = shrinking().perform(60)
    assert again.scenario == done.scenario and again.played <= done.played + 4


def test_a_state_of_a_run_too_long_for_a_file_keeps_the_numbers() -> None:
    scenario = load("mutants")
    whole = written_out(scenario, 4, run(scenario, 4).injected)
    steps = [step for step in whole.workload.operations if step.number and step.number % 2]
    half = replace(with_operations(whole, steps), faults=whole.faults[:1])
    state = State("name")
    state.take(half, "")
    assert state.best(whole) == half


def test_what_does_not_fail_is_not_shrunk() -> None:
    with pytest.raises(NotFailing, match="no check fails"):
        Shrinking(load("two_phones"), 1).perform(5)
    with pytest.raises(NotFailing, match="DUP-1 does not fail"):
        Shrinking(load("mutants"), 21, mutant="1", check="DUP-1").perform(5)


def test_a_candidate_in_which_the_reference_fails_as_well_is_refused() -> None:
    """Otherwise the search would slip from the planted bug to whatever breaks a senseless scenario."""
    scenario = load("mutants_storm")
    whole = written_out(scenario, 1, run(scenario, 1, mutant="35").injected)
    trials = Trials(Failure(1, "LIVE-1", "35"), whole)
    # far too few hellos a second for everybody to be back in time, whatever the back-off
    senseless = replace(whole, protocol=replace(whole.protocol, accept_rate_per_s=0.5))
    assert trials.play(senseless) is not None and not trials.fails(senseless)
    assert trials.fails(whole)


def called(*arguments: object) -> Result:
    return CliRunner().invoke(group, [str(each) for each in arguments], catch_exceptions=False, standalone_mode=False)


def test_the_command_ends_with_a_file_that_replays(tmp_path: Path) -> None:
    done = called("shrink", "mutants", "--seed", 16, "--mutant", 3, "-o", tmp_path, "--json", tmp_path / "shrunk.json")
    assert done.return_value == 0
    document = json.loads((tmp_path / "shrunk.json").read_text())
    lines = done.stdout.splitlines()
    assert lines[0] == f"mutants, seed 16: {document['check']} fails"
    assert document["check"] == "QUEUE-1" and document["after"]["messages"] <= 3
    words = document["replay"].split()
    assert words[:2] == ["doubletick", "replay"]
    assert called(*words[1:], "-o", tmp_path / "runs", "--report", "never").return_value == 1
    small = load(document["regression"])
    assert any(each.check == "QUEUE-1" and each.outcome == "invalid" for each in run(small, 16, mutant="3").verdicts)
    assert Size.of(small).messages == document["after"]["messages"]


def test_the_command_takes_a_recorded_failure(tmp_path: Path) -> None:
    recorded = called("run", "mutants", "--seed", 21, "--mutant", 1, "-o", tmp_path / "runs", "--report", "never")
    assert recorded.return_value == 1
    repro = next((tmp_path / "runs").rglob("repro.json"))
    explicit = load_text((repro.parent / "regression.yaml").read_text())
    assert run(explicit, 21, mutant="1").digest == json.loads(repro.read_text())["digest"]
    done = called("shrink", repro, "-o", tmp_path / "small", "--check", "LOSS-1", "-q")
    assert done.return_value == 0 and "LOSS-1 still fails" in done.stdout
    assert called("shrink", "two_phones", "--seed", 1, "-o", tmp_path / "small").return_value == 4


def test_what_cannot_be_written_is_told_and_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where the folder should be")
    done = called("shrink", "mutants", "--seed", 16, "--mutant", 3, "-o", tmp_path / "taken" / "below", "-q")
    assert done.return_value == 74 and "could not be written" in done.stderr
