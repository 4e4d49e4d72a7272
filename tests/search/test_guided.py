"""A guided hunt changes what covered something new, the same way whoever plays it; what it finds can be replayed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hunts import Command, backwards, here, hunted

from sim.commands import main
from sim.faults.promise import TAKES_A_PLACE
from sim.faults.schedule import Fault
from sim.results.summary import Subject
from sim.runner import run
from sim.scenario.loading import load
from sim.scenario.model import Scenario
from sim.search.coverage import Coverage, bits_of_pairs, pairs_named
from sim.search.guided import GuidedPlan
from sim.search.hunt import Hunt
from sim.search.hunt_folder import write_failure
from sim.search.mutating import Material, Mutator
from sim.search.outcome import Outcome
from sim.vocabulary.points import CATALOGUE
from sim.world.dice import Dice

SEEDS = tuple(map(str, range(1, 41)))


def guided(scenario: Scenario, wave: int = 8) -> GuidedPlan:
    return GuidedPlan(scenario, SEEDS, len(SEEDS), wave=wave)


def test_a_guided_hunt_is_the_same_in_whatever_order_runs_end(small: Scenario) -> None:
    one, table = hunted(small, here(), SEEDS, plan=guided(small))
    other, again = hunted(small, backwards, SEEDS, plan=guided(small))
    assert table == again
    assert one.trials == other.trials
    changed = [trial for trial in one.trials.values() if trial.parent >= 0]
    assert len(changed) >= 10
    assert all(trial.parent < trial.place and trial.faults for trial in changed)


def test_a_guided_hunt_goes_on_from_what_is_known(small: Scenario) -> None:
    whole, table = hunted(small, here(), SEEDS, plan=guided(small))
    known = {(each.place, False): each for each in whole.outcomes[:19]}
    _, resumed = hunted(small, here(), SEEDS, plan=guided(small), known=known)
    assert resumed == table


def test_news_make_a_parent_and_more_children_make_it_less_likely(small: Scenario) -> None:
    plan = guided(small)
    plan.learn(Outcome(0, "1", coverage=Coverage(points=0b11), faults=(Fault("crash", at_us=1),)))
    plan.learn(Outcome(1, "2", coverage=Coverage(points=0b01)))
    plan.learn(Outcome(2, "3", coverage=Coverage(points=0b01), reached={"send gap refused": 1}))
    assert [parent.trial.place for parent in plan.parents] == [0, 2]
    before = plan.parents[0].weight
    plan.parents[0].children += 1
    assert plan.parents[0].weight < before
    assert plan.rare_points() == [CATALOGUE[1], CATALOGUE[0]]


def test_a_changed_schedule_keeps_the_numbers_of_what_stays(small: Scenario) -> None:
    faults = tuple(Fault("crash", at_us=1_000_000 * (1 + place), target="store any") for place in range(5))
    material = Material(faults, (), CATALOGUE, 40, 90_000_000)
    kept = added = 0
    for place in range(60):
        schedule = Mutator(small, Dice(7), place).schedule(material)
        numbers = [fault.number for fault in schedule]
        assert None not in numbers
        assert len(set(numbers)) == len(numbers)
        kept += sum(number < 5 for number in numbers if number is not None)
        added += sum(number >= 5 for number in numbers if number is not None)
    assert kept > 200
    assert added > 30


def test_no_change_takes_more_places_than_promised() -> None:
    scenario = load("swarm", sets=("regions.number=3", "regions.zones=1", "regions.replicas=regions"))
    scenario = replace(scenario, drawn={})
    lost = Fault("region_loss", at_us=1_000_000, target="region any", for_us=30_000_000)
    material = Material((lost, replace(lost, at_us=2_000_000)), (lost, lost), CATALOGUE, 40, 90_000_000)
    for place in range(80):
        schedule = Mutator(scenario, Dice(3), place).schedule(material)
        assert sum(fault.kind in TAKES_A_PLACE for fault in schedule) <= 1


def test_a_changed_run_that_fails_is_replayed_from_its_folder(
    small: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    hunt = Hunt(small, guided(small), mutant="22")
    list(hunt.play(here()))
    failed = [each for each in hunt.outcomes if each.failed and hunt.trials[each.place].parent >= 0]
    assert failed
    for outcome in failed[:2]:
        folder = tmp_path / str(outcome.place)
        write_failure(folder, Subject(small, "mutants", mutant="22"), hunt.trials[outcome.place])
        assert outcome.digest in (folder / "repro" / "repro.json").read_text()
        assert main(["replay", str(folder), "--quiet", "--report", "never", "--history", "never"]) == 1


def test_a_guided_hunt_is_a_command(hunt: Command) -> None:
    assert hunt("mutants", "--runs", "20", "--guided", "--jobs", "1") == 0
    assert hunt.document["guided"]
    assert "guided" in hunt.out.splitlines()[0]


def test_coverage_counts_points_and_who_came_before_whom(small: Scenario) -> None:
    result = run(small, 1, coverage=True)
    covered = Coverage.of(result)
    assert set(covered.named()) == set(result.points_met)
    assert dict.fromkeys(pairs_named(covered.pairs)) == dict.fromkeys(sorted(result.pairs_met, key=_place))
    assert Coverage.from_text(covered.as_text()) == covered
    assert not covered.beyond(covered).size
    assert run(small, 1).pairs_met == {}
    assert all(first.startswith("after ") and then.startswith("after ") for first, then in result.pairs_met)
    assert {first.split()[1].split(".")[0] for first, _ in result.pairs_met} >= {"phone", "store", "inbox"}
    assert bits_of_pairs({}) == 0
    own = "before store.persist.of_a_planted_bug"
    assert bits_of_pairs({(own, CATALOGUE[1]): 1, (CATALOGUE[1], own): 1}) == 0


def _place(pair: tuple[str, str]) -> tuple[int, int]:
    return CATALOGUE.index(pair[0]), CATALOGUE.index(pair[1])
