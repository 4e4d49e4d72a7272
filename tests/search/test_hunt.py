"""A hunt is a function of its seeds: order, workers, kills and resumption change nothing."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from half_way import stopped_half_way
from hunts import Command, backwards, here, hunted

from sim.results import exit_codes
from sim.results.summary import Subject
from sim.scenario.model import Scenario
from sim.search import trial as trials
from sim.search.hunt import Hunt, RandomPlan
from sim.search.hunt_table import table_of
from sim.search.ledger import FILE, Ledger, LedgerError
from sim.search.outcome import Outcome, as_json, from_json
from sim.search.trial import Task, Trial, play_task

SEEDS = tuple(map(str, range(1, 25)))


def test_the_table_is_the_same_in_whatever_order_runs_end(small: Scenario) -> None:
    _, forwards = hunted(small, here(), SEEDS)
    _, reversed_ = hunted(small, backwards, SEEDS)
    assert forwards == reversed_
    assert forwards["exit_code"] == exit_codes.PASSED
    assert forwards["runs"]["played"] == len(SEEDS)


def test_a_hunt_goes_on_from_what_is_known(small: Scenario) -> None:
    whole, table = hunted(small, here(), SEEDS)
    known = {(each.place, False): each for each in whole.outcomes if each.place % 3}
    again, other = hunted(small, here(), SEEDS, known=known)
    assert other == table
    new = list(Hunt(small, RandomPlan(SEEDS, len(SEEDS)), known=known).play(here()))
    assert {each.place for each in new if not each.again} == {each.place for each in again.outcomes} - {
        place for place, _ in known
    }


def test_outcomes_survive_the_ledger(small: Scenario, tmp_path: Path) -> None:
    hunt, _ = hunted(small, here(), SEEDS[:6], mutant="1")
    ledger = Ledger(tmp_path / FILE, as_json, from_json)
    for outcome in hunt.outcomes:
        assert from_json(json.loads(json.dumps(as_json(outcome)))) == outcome
        ledger.append(outcome)
    ledger.close()
    assert any(outcome.failures and outcome.faults for outcome in hunt.outcomes)
    assert Ledger(ledger.path, as_json, from_json).read() == hunt.outcomes


def test_a_torn_end_of_the_ledger_is_cut_off_and_damage_is_told(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / FILE, as_json, from_json)
    for place in range(4):
        ledger.append(Outcome(place, str(place)))
    ledger.close()
    whole = ledger.path.read_bytes()
    for torn in range(1, 30):
        ledger.path.write_bytes(whole[:-torn])
        assert [each.place for each in Ledger(ledger.path, as_json, from_json).read()] == [0, 1, 2]
        assert whole.startswith(ledger.path.read_bytes())
    ledger.path.write_bytes(whole.replace(b'"place":1', b'"place":7'))
    with pytest.raises(LedgerError, match="line 2"):
        Ledger(ledger.path, as_json, from_json).read()


def test_one_run_in_twenty_is_played_twice_whoever_else_is_played() -> None:
    chosen = [seed for seed in map(str, range(2000)) if Trial(0, seed).is_repeated]
    assert 70 <= len(chosen) <= 130
    assert [seed for seed in chosen if Trial(99, seed).is_repeated] == chosen


def wobbling(task: Task) -> Outcome:
    """A run that gives another history the second time, for one of the seeds."""
    outcome = play_task(task)
    return dataclasses.replace(outcome, digest="another") if task.again and outcome.seed == "5" else outcome


def test_another_history_is_code_5_and_names_the_seed(small: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials, "REPEATED_SHARE", 1.0)
    hunt = Hunt(small, RandomPlan(SEEDS[:8], 8))
    list(hunt.play(lambda function, tasks: here()(wobbling, tasks)))
    table = table_of(Subject(small, "mutants"), hunt, required=())
    assert table["repeats"] == {"played": 8, "identical": 7, "different": ["5"]}
    assert table["exit_code"] == exit_codes.NOT_DETERMINISTIC
    assert table["sentence"].endswith("when it was played again: 5.")


def test_a_hunt_stops_after_failures(small: Scenario) -> None:
    hunt = Hunt(small, RandomPlan(SEEDS, len(SEEDS)), mutant="1", stop_after=2)
    list(hunt.play(here()))
    assert sum(outcome.failed for outcome in hunt.outcomes) == 2
    assert not hunt.is_complete
    assert len(hunt.outcomes) < len(SEEDS)


def test_what_a_hunt_must_reach_is_counted_over_its_runs(hunt: Command) -> None:
    words = ("mutants", "--seeds", "1..12", "--jobs", "1")
    assert hunt(*words, "--must-reach", "update gap synced") == 0
    row = next(row for row in hunt.document["must_reach"] if row["case"] == "update gap synced")
    assert 0 < row["runs"] < 12
    assert hunt(*words, "--must-reach", "archive backlog full") == exit_codes.NOTHING_TESTED
    assert "never reached: archive backlog full" in hunt.out
    assert hunt(*words, "--must-reach", "archive backlog fool") == exit_codes.BAD_USAGE
    assert "did you mean 'archive backlog full'" in hunt.err


def test_the_command_names_failures_with_their_replay_and_keeps_a_repro(hunt: Command) -> None:
    assert hunt("mutants", "--seeds", "1..12", "--mutant", "1", "--jobs", "1", "--out", "runs") == 1
    (row, *_) = hunt.document["failures"]
    assert row["replay"] == f"doubletick replay mutants --seed {row['first_seed']} --mutant 1"
    assert row["replay"] in hunt.out
    folder = Path(hunt.document["folder"])
    repro = json.loads((folder / row["folder"] / "repro" / "repro.json").read_text())
    assert repro["seed"] == row["first_seed"]
    assert row["check"] in repro["checks"]
    assert json.loads((folder / "hunt.json").read_text())["failures"][0]["story"] == row["story"]


def test_seeds_may_come_from_a_commit(hunt: Command) -> None:
    assert hunt("mutants", "--seed-from", "deadbeef", "--runs", "3", "--jobs", "1", "--out", "runs") == 0
    ledger = Ledger(Path(hunt.document["folder"]) / FILE, as_json, from_json)
    assert [each.seed for each in ledger.read() if not each.again] == ["deadbeef.1", "deadbeef.2", "deadbeef.3"]
    assert hunt("mutants", "--seeds", "deadbeef,7", "--jobs", "1") == 0
    assert hunt.document["runs"]["played"] == 2


def test_a_time_budget_ends_a_hunt(hunt: Command) -> None:
    assert hunt("mutants", "--time", "1s", "--jobs", "1") == 0
    assert hunt.document["runs"]["played"] > 1
    assert not hunt.document["complete"]


def test_killed_and_resumed_ends_with_the_same_table(hunt: Command, tmp_path: Path) -> None:
    words = ["mutants", "--seeds", "1..30", "--jobs", "1"]
    stopped = ["hunt", *words[:-1], "2", "--out", str(tmp_path / "a")]
    stopped_half_way(tmp_path / "a", stopped, lambda ledger: ledger.count(b"\n") >= 8)
    assert hunt(*words, "--out", str(tmp_path / "a"), "--resume") == 0
    assert "plays are recorded" in hunt.err
    resumed = {key: value for key, value in hunt.document.items() if key not in ("folder", "wall_s")}
    table = hunt.out
    assert hunt(*words, "--out", str(tmp_path / "b")) == 0
    assert {key: value for key, value in hunt.document.items() if key not in ("folder", "wall_s")} == resumed
    assert hunt.out == table


def test_resuming_where_nothing_was_begins_anew(hunt: Command) -> None:
    assert hunt("mutants", "--seeds", "1..2", "--jobs", "1", "--out", "none", "--resume") == 0
    assert "this one begins anew" in hunt.err
