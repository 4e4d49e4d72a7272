"""Every checker is proven by a planted bug: the bug is caught by the check that it names, the reference passes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sim import run
from sim.checkers.catalogue import CHECK_IDS
from sim.checkers.verdict import INVALID
from sim.commands import main
from sim.mutants.catalogue import MUTANTS, by_number
from sim.mutants.planted import Planted
from sim.scenario.loading import load

ROOT = Path(__file__).parents[1]
QUICK = (2, 9, 13, 15, 20, 22, 28, 43, 45, 47, 66)
QUICK_SEEDS = range(1, 21)
ALL_SEEDS = "1..200"
SURVIVORS: dict[int, str] = {}
"""Bugs that are known to survive, each to be killed by a better scenario; one that is killed must leave this list."""
UNLISTED: dict[int, tuple[str, ...]] = {}
"""Checks that fire besides the named one, and that the bug's ``also`` does not list yet."""


def catches(planted: type[Planted], seeds: range) -> tuple[int, list[str]]:
    """The first seed in which the named check is invalid (0: none), and all that fired in it."""
    scenario = load(planted.scenario)
    for seed in seeds:
        fired = [each.check for each in run(scenario, seed, mutant=planted).verdicts if each.outcome == INVALID]
        if planted.check in fired:
            return seed, fired
    return 0, []


@pytest.mark.parametrize("number", QUICK)
def test_a_planted_bug_is_caught_within_a_few_seeds(number: int) -> None:
    planted = by_number(number)
    assert planted is not None
    seed, fired = catches(planted, QUICK_SEEDS)
    assert seed, f"bug {number} ({planted.title}) survived: {planted.check} never fired"
    unexpected = set(fired) - {planted.check, *planted.also}
    assert not unexpected, f"bug {number} also fires {sorted(unexpected)}, which it does not list"


@pytest.mark.parametrize("number", QUICK)
def test_the_reference_passes_where_the_bug_is_caught(number: int) -> None:
    planted = by_number(number)
    assert planted is not None
    for seed in range(1, 6):
        result = run(planted.scenario, seed)
        assert not [each.story for each in result.verdicts if each.outcome == INVALID], (planted.scenario, seed)


@pytest.mark.parametrize("planted", MUTANTS, ids=lambda planted: str(planted.number))
def test_a_planted_bug_says_what_it_is(planted: type[Planted]) -> None:
    assert planted.number and planted.title and planted.needs and planted.CLASSES
    assert planted.check in CHECK_IDS
    assert set(planted.also) <= set(CHECK_IDS) - {planted.check}
    assert load(planted.scenario).name == planted.scenario


def test_numbers_are_given_once() -> None:
    assert len({planted.number for planted in MUTANTS}) == len(MUTANTS)


def test_no_check_without_a_planted_bug() -> None:
    """By what the bugs say of themselves; the long matrix shows that each check really fires."""
    assert set(CHECK_IDS) <= {check for planted in MUTANTS for check in (planted.check, *planted.also)}


# -- the example of the README ----------------------------------------------------------------------------------


def test_the_bug_of_the_readme_is_caught_as_the_readme_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (source,) = re.findall(r"```python\n# my_bug\.py\n(.*?)```", readme, re.DOTALL)
    (tmp_path / "my_bug.py").write_text(source, encoding="utf-8")
    (words,) = re.findall(r"^doubletick (run \S+ .*--mutant my_bug\.py:\w+)$", readme, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    code = main([*words.split(), "--report", "never"])
    told = capfd.readouterr().out
    assert code == 1, told
    said = re.findall(r"^FAILED: .*$|^  LIVE-1: .*Broken in seed .*$|^    heal began .*$", told, re.MULTILINE)
    assert len(said) == 3 and all(line in readme for line in said), told


def test_the_shipped_bug_that_the_readme_shows_is_caught_as_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (words,) = re.findall(r"^doubletick (run \S+ --seed \d+ --mutant \d+)$", readme, re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    assert main([*words.split(), "--report", "never"]) == 1
    told = capfd.readouterr().out.split("FAILED")[1].split("  replay:")[0].splitlines()
    assert len(told) > 4 and all(line in readme for line in told[2:]), told


# -- all of them ------------------------------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_the_kill_matrix(tmp_path: Path) -> None:
    """Every bug killed, and the reference unharmed on every seed of every scenario that a bug uses."""
    words = ["mutants", "--seeds", ALL_SEEDS, "--json", "matrix.json", "--quiet"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    matrix = json.loads((tmp_path / "matrix.json").read_text(encoding="utf-8"))
    survivors = {row["number"]: row["title"] for row in matrix["mutants"] if not row["killed"]}
    assert survivors.keys() == SURVIVORS.keys(), survivors
    assert [row for row in matrix["reference"] if row["fired"] or row["error"]] == []
    assert matrix["killed"] == len(MUTANTS) - len(SURVIVORS)
    for row in matrix["mutants"]:
        unexpected = set(row["others"]) - set(row["others_expected"]) - set(UNLISTED.get(row["number"], ()))
        assert not unexpected, f"bug {row['number']} also fires {sorted(unexpected)}, which it does not list"
    fired = {check for row in matrix["mutants"] for check in (row["check"], *row["others"])}
    assert sorted(set(CHECK_IDS) - fired) == [], "checks that no planted bug turned invalid"
    assert done.returncode == int(bool(SURVIVORS)), done.stdout
