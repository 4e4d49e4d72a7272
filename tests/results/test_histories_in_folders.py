"""The histories in run folders: they read back to the same digest and the same verdicts, or are said to be damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import run
from sim.checkers.catalogue import applicable
from sim.checkers.judging import judge
from sim.commands import main
from sim.history.parquet import HistoryFileError, read_about, read_history
from sim.results import exit_codes
from sim.scenario.loading import load


def folder_of(out: Path, *words: str) -> tuple[int, Path]:
    code = main(["run", *words, "--out", str(out), "--report", "never", "--quiet"])
    (latest,) = out.glob("*/latest")
    return code, latest


def test_the_history_of_a_failing_run_reads_back(tmp_path: Path) -> None:
    code, folder = folder_of(tmp_path, "mutants_lossy", "--seed", "2", "--mutant", "22")
    assert code == exit_codes.CHECK_FAILED
    history, about = read_history(folder / "history" / "seed-2.parquet")
    played = run("mutants_lossy", 2, mutant=22)
    summary = json.loads((folder / "summary.json").read_text())
    assert history.digest() == about.digest == played.digest == summary["seeds"][0]["digest"]
    assert (about.scenario, about.seed, dict(about.notes)) == ("mutants_lossy", "2", {"mutant": "22"})
    checks = played.scenario.checks or applicable(played.scenario)
    assert judge(history, played.scenario, checks) == played.verdicts


def test_every_seed_has_its_own(tmp_path: Path) -> None:
    code, folder = folder_of(tmp_path, "two_phones", "--seeds", "1..3", "--jobs", "1", "--history", "always")
    assert code == exit_codes.PASSED
    summary = json.loads((folder / "summary.json").read_text())
    for seed in summary["seeds"]:
        path = folder / "history" / f"seed-{seed['seed']}.parquet"
        assert read_about(path).digest == seed["digest"]
        verdicts = judge(read_history(path)[0], load("two_phones"), list(seed["checks"]))
        assert {verdict.check: verdict.outcome for verdict in verdicts} == seed["checks"]


def test_a_damaged_one_is_told(tmp_path: Path) -> None:
    """Wherever a bit has changed: it is told, or (in the filling between parts) it changes no row."""
    _, folder = folder_of(tmp_path, "two_phones", "--seed", "1", "--history", "always")
    path = folder / "history" / "seed-1.parquet"
    whole, digest = path.read_bytes(), read_about(path).digest
    told = 0
    for place in range(0, len(whole), 97):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x10]) + whole[place + 1 :])
        try:
            assert read_history(path)[0].digest() == digest, place
        except HistoryFileError:
            told += 1
    assert told > len(range(0, len(whole), 97)) // 3
    path.write_bytes(whole[:-100])
    with pytest.raises(HistoryFileError):
        read_history(path)
