"""What a run is judged to be, its export is judged to be: in full from rows, and as far as a log says it from a log."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import Scenario, run
from sim.foreign.judging import judge_file
from sim.foreign.needs import NEEDS
from sim.foreign.rows import write_rows
from sim.foreign.writing import write_log
from sim.mutants import recipients
from sim.mutants.catalogue import MUTANTS
from sim.scenario.loading import load

GOOD = [("two_phones", 1), ("swarm", 2), ("swarm", 3), ("mutants_groups", 5), ("mutants_sorted_in", 1)]
GOOD_LONG = [
    *(("swarm", seed) for seed in range(4, 18)),
    *(("mutants_groups", 1), ("mutants_queue", 2), ("mutants_presence", 3), ("mutants_retention", 4)),
    *(("mutants_push", 5), ("mutants", 6), ("mutants_away", 7)),
]
BAD = [1, 15, 28, 34]
BAD_LONG = [entry.number for entry in MUTANTS if entry.number not in BAD]
OF_RECIPIENTS = [planted.number for planted in recipients.PLANTED]
"""A log does not say who there was on the first day, so the store's word for whom an entry is for is believed there."""
SEEDS_MOST = 60


def compare(tmp_path: Path, name: str, seed: int, mutant: int | None = None) -> dict[str, str]:
    """Judge both exports of a run; return the run's outcomes."""
    result = run(load(name), seed, mutant=mutant, keep_history=True)
    assert result.history is not None
    rows, log = tmp_path / "rows.jsonl.gz", tmp_path / "log.jsonl"
    write_rows(rows, result.history, result.scenario, {"about": name}, compressed=True)
    write_log(log, result.history, result.scenario, name)
    assert judge_file(rows).verdicts == result.verdicts
    outcomes = {verdict.check: verdict.outcome for verdict in result.verdicts}
    told = {verdict.check: verdict for verdict in judge_file(log).verdicts}
    for check, outcome in outcomes.items():
        beyond = _beyond_a_log(result.scenario, check) or mutant in OF_RECIPIENTS
        assert told[check].outcome in (outcome, "unknown") or beyond, told[check]
        if told[check].outcome == "unknown" and outcome != "unknown":
            assert check not in NEEDS, told[check]
    return outcomes


def _beyond_a_log(scenario: Scenario, check: str) -> bool:
    """A log has no events for the long-term store, which some checks judge as well."""
    return scenario.protocol.architecture == "update_queue" and check in ("QUEUE-1", "QUEUE-2", "QUEUE-3", "FLOW-1")


def first_failure(tmp_path: Path, number: int) -> None:
    entry = next(entry for entry in MUTANTS if entry.number == number)
    for seed in range(1, SEEDS_MOST):
        if any(verdict.outcome == "invalid" for verdict in run(load(entry.scenario), seed, mutant=number).verdicts):
            assert "invalid" in compare(tmp_path, entry.scenario, seed, number).values()
            return
    pytest.fail(f"planted bug {number} breaks nothing in {SEEDS_MOST} seeds")


@pytest.mark.parametrize(("name", "seed"), GOOD)
def test_a_good_run(tmp_path: Path, name: str, seed: int) -> None:
    assert "invalid" not in compare(tmp_path, name, seed).values()


@pytest.mark.parametrize("number", BAD)
def test_a_run_with_a_planted_bug(tmp_path: Path, number: int) -> None:
    first_failure(tmp_path, number)


@pytest.mark.long
@pytest.mark.parametrize(("name", "seed"), GOOD_LONG)
def test_more_good_runs(tmp_path: Path, name: str, seed: int) -> None:
    assert "invalid" not in compare(tmp_path, name, seed).values()


@pytest.mark.long
@pytest.mark.parametrize("number", BAD_LONG)
def test_every_planted_bug(tmp_path: Path, number: int) -> None:
    first_failure(tmp_path, number)
