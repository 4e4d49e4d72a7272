"""A run is a function of (scenario, seed) and of nothing else (docs/architecture.md, "The same run twice")."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load
from sim.vocabulary.kinds import STARTED
from sim.world.dice import Dice
from sim.world.ports import PhonePort, ServerPort

ROOT = Path(__file__).parents[1]
WORLDS = (("mutants", 3), ("mutants_lossy", 1), ("mutants_pause", 2), ("swarm", 7), ("swarm", "a word"))
"""Small worlds with every sort of fault: written, drawn, at times and at points; values drawn per seed."""

PLAY = """
import json, sys
from sim import run
print(json.dumps([run(name, seed).digest for name, seed in json.loads(sys.argv[1])]))
"""


@pytest.fixture(scope="module")
def plain() -> dict[tuple[str, int | str], Result]:
    """Every world, played once without any extras."""
    return {world: run(*world) for world in WORLDS}


def digests_in_a_process(python: str, surroundings: dict[str, str]) -> list[str]:
    """The digests of all worlds, played by a process of its own."""
    done = subprocess.run(
        [python, "-c", PLAY, json.dumps(WORLDS)],
        cwd=ROOT,
        env={**os.environ, **surroundings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answer: list[str] = json.loads(done.stdout)
    return answer


def digests(results: dict[Any, Result]) -> list[str]:
    return [result.digest for result in results.values()]


def test_worlds_are_worth_comparing(plain: dict[Any, Result]) -> None:
    """Messages, faults and different histories: equal digests of nothing would prove nothing."""
    assert all(result.counts["composed"] >= 40 and result.counts["rows"] > 300 for result in plain.values())
    assert all(any(each.touched for each in result.injected) for result in plain.values())
    assert any(each.fault.point and each.touched for result in plain.values() for each in result.injected)
    assert len(set(digests(plain))) == len(WORLDS)


def test_another_seed_is_another_history() -> None:
    assert len({run("two_phones", seed).digest for seed in (1, 2, 3, "word", "other word")}) == 5


def test_the_same_process_twice(plain: dict[Any, Result]) -> None:
    assert [run(*world).digest for world in WORLDS] == digests(plain)


@pytest.mark.parametrize("hash_seed", ["0", "31337"])
def test_another_process_with_another_hash_seed(plain: dict[Any, Result], hash_seed: str) -> None:
    surroundings = {"PYTHONHASHSEED": hash_seed, "TZ": "Pacific/Apia", "LC_ALL": "C"}
    assert digests_in_a_process(sys.executable, surroundings) == digests(plain)


def test_one_worker_and_two(tmp_path: Path) -> None:
    told = []
    for jobs in ("1", "2"):
        document = tmp_path / f"{jobs}.json"
        words = ["run", "swarm", "mutants", "--seeds", "1..2", "--jobs", jobs, "--quiet", "--report", "never"]
        words += ["--history", "never", "--out", str(tmp_path / jobs), "--json", str(document)]
        done = subprocess.run(
            [sys.executable, str(ROOT / "cli.py"), *words], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode in (0, 4), done.stderr
        summaries = json.loads(document.read_text(encoding="utf-8"))["summaries"]
        told.append([(one["seed"], one["digest"], one["counts"]) for each in summaries for one in each["seeds"]])
    assert told[0] == told[1]
    assert len(told[0]) == 4


@pytest.mark.parametrize(
    "extras",
    [{"lanes": False}, {"keep_history": True}, {"coverage": True}],
    ids=["timers without lanes", "history kept", "points counted"],
)
def test_detail_changes_nothing(plain: dict[Any, Result], extras: dict[str, Any]) -> None:
    played = {world: run(*world, **extras) for world in WORLDS}
    assert digests(played) == digests(plain)
    if "coverage" in extras:
        assert all(len(result.points_met) > 20 for result in played.values())
    if "keep_history" in extras:
        assert all(len(result.history) == result.counts["rows"] for result in played.values() if result.history)


def test_verdicts_and_figures_are_the_same_too(plain: dict[Any, Result]) -> None:
    for world, result in plain.items():
        again = run(*world, lanes=False, coverage=True)
        assert (again.verdicts, again.injected, again.reached) == (result.verdicts, result.injected, result.reached)
        assert (again.counts, again.simulated_us) == (result.counts, result.simulated_us)


def test_fewer_checks_change_nothing(plain: dict[Any, Result]) -> None:
    """Checkers look on."""
    name, seed = WORLDS[0]
    assert run(replace(load(name), checks=("BOUND-1",)), seed).digest == plain[WORLDS[0]].digest


@cache
def rows_of(name: str, seed: int | str, spares: int) -> list[tuple[int, ...]]:
    """The history of a world with so many idle servers."""
    scenario = load(name)
    topology = replace(scenario.topology, spare_connection_servers=spares)
    return [tuple(row) for row in run(replace(scenario, topology=topology), seed, keep_history=True).history or ()]


@pytest.mark.parametrize("spares", [1, 7])
def test_an_idle_server_moves_no_draw(spares: int) -> None:
    """Row by row the same history, but for the rows that say that the spare servers have started."""
    for name, seed in WORLDS:
        before, after = rows_of(name, seed, load(name).topology.spare_connection_servers), rows_of(name, seed, spares)
        known = {row[2] for row in before if row[1] == STARTED}
        idle = [row for row in after if row[1] == STARTED and row[2] not in known]
        assert len(idle) == spares, "each spare server really starts, once"
        assert [row for row in after if row not in idle] == before


def test_a_draw_more_changes_nothing(plain: dict[Any, Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """A draw added in one place moves none elsewhere: dice keep no state."""
    drawn: list[int] = []

    def with_a_draw(original: Callable[..., Any]) -> Callable[..., Any]:
        def drawing(port: Any, *arguments: Any) -> Any:
            drawn.append(port.world.dice.below(1_000_000, "of no use", 0, len(drawn)))
            return original(port, *arguments)

        return drawing

    for port, effect in ((ServerPort, "send"), (ServerPort, "persist"), (PhonePort, "send_up"), (PhonePort, "persist")):
        monkeypatch.setattr(port, effect, with_a_draw(getattr(port, effect)))
    assert [run(*world).digest for world in WORLDS] == digests(plain)
    assert len(drawn) > 1_000


def test_shelves_change_nothing(plain: dict[Any, Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every call-back that may stand on a shelf does, however empty the queue."""
    monkeypatch.setattr("sim.world.environment.CROWDED", 0)
    for world, result in plain.items():
        assert run(*world).digest == result.digest


def test_draws_depend_on_all_that_they_hang_on() -> None:
    dice = Dice(5)
    draws = [
        dice.bits("a"),
        dice.bits("b"),
        dice.bits("a", 1),
        dice.bits("a", 0, 1),
        dice.bits("a", 0, 0, 1),
        Dice(6).bits("a"),
        Dice(5 + (1 << 64)).bits("a"),
    ]
    assert len(set(draws)) == len(draws)
    assert draws[0] == Dice(5).bits("a")


def other_python() -> str | None:
    """A Python 3.13 with what a run needs: DOUBLETICK_PYTHON_313, or one on the PATH or in pyenv."""
    home = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    known = sorted(home.glob("3.13*/bin/python3.13"))
    candidates = [os.environ.get("DOUBLETICK_PYTHON_313"), shutil.which("python3.13"), *map(str, known)]
    for candidate in candidates:
        if candidate and _answers_to(candidate):
            return candidate
    return None


def _answers_to(python: str) -> bool:
    asked = [python, "-c", "import sys, venv; print(sys.version_info[:2])"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    return done.returncode == 0 and done.stdout.strip() == "(3, 13)"


@pytest.mark.long
@pytest.mark.timeout(600)
def test_python_3_13_gives_the_same_digests(plain: dict[Any, Result], tmp_path: Path) -> None:
    """Python 3.11 and 3.13, and whatever versions of the libraries fit each."""
    python = other_python()
    if python is None:
        pytest.skip("there is no Python 3.13 here (set DOUBLETICK_PYTHON_313 to one)")
    subprocess.run([python, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    inside = str(tmp_path / "venv" / "bin" / "python")
    wanted = [str(ROOT)]
    installed = subprocess.run(
        [inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *wanted],
        capture_output=True,
        text=True,
        check=False,
        timeout=450,
        cwd=tmp_path,
    )
    if installed.returncode:
        pytest.skip(f"the libraries could not be installed for Python 3.13: {installed.stderr[-500:]}")
    assert digests_in_a_process(inside, {}) == digests(plain)
