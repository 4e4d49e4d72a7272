"""Whose fault it is: what the user gave wrongly ends with exit code 2 and one clear message, never as our own bug."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from sim.commands import main

ROOT = Path(__file__).parents[2]
BASE = "schema: doubletick/1\ntime: {chaos: 20s}\nworkload: {users: 4, messages: 10}\n"
TRACE = "schema: doubletick/1\nworkload: {kind: trace, file: t.csv}\n"


@dataclass(frozen=True)
class Done:
    """How a call ended, and what it wrote on both streams."""

    code: int
    out: str
    err: str


class CommandLine:
    """Calls the program in this process; what it catches it catches here as well."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self._capfd = capfd

    def __call__(self, *words: str) -> Done:
        self._capfd.readouterr()
        code = main([*words])
        out, err = self._capfd.readouterr()
        return Done(code, out, err)


@pytest.fixture
def doubletick(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine(capfd)


@pytest.mark.parametrize(
    ("rows", "word"),
    [("1,2,\n", "time"), ("1,2,nan\n", "time"), ("1\n", "t.csv:2"), ("", "no"), ("1,1,5\n", "themselves")],
)
def test_a_bad_row_of_a_trace_is_the_traces_fault(
    doubletick: CommandLine, tmp_path: Path, rows: str, word: str
) -> None:
    (tmp_path / "t.csv").write_text("sender,recipient,time\n" + rows)
    (tmp_path / "a.yaml").write_text(TRACE)
    done = doubletick("run", "a.yaml", "--report", "never")
    assert done.code == 2 and "Traceback" not in done.out + done.err
    assert word in done.out + done.err


@pytest.mark.parametrize(
    "source",
    ["class Bug: pass\n", "def Bug(): pass\n", "raise SystemExit(3)\n", "from sim.mutants import Planted\n"
     "class Bug(Planted):\n    CLASSES = {'shop': int}\n", "from sim.mutants import Planted\n"
     "class Bug(Planted):\n    CLASSES = {'phone': int}\n"],
)  # fmt: skip
def test_a_planted_bug_that_is_none_is_its_writers_fault(doubletick: CommandLine, tmp_path: Path, source: str) -> None:
    (tmp_path / "bug.py").write_text(source)
    done = doubletick("run", "two_phones", "--mutant", "bug.py:Bug", "--report", "never")
    assert done.code == 2 and "Traceback" not in done.out + done.err


def test_a_kind_of_fault_that_cannot_hit_who_meets_the_point_is_refused(
    doubletick: CommandLine, tmp_path: Path
) -> None:
    (tmp_path / "a.yaml").write_text(BASE + "faults:\n  - {kind: pause, point: after phone.send.hello}\n")
    done = doubletick("validate", "a.yaml")
    assert done.code == 2 and "a.yaml:5:" in done.err and "cannot hit the phone" in done.err


def test_servers_that_cannot_hold_everybody_are_refused(doubletick: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE + "topology: {connection_servers: 3, connections_each: 1}\n")
    done = doubletick("validate", "a.yaml")
    assert done.code == 2 and "cannot hold the phones of 4 people" in done.err


def test_results_follow_a_link_and_do_not_replace_it(doubletick: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert doubletick("run", "two_phones", "--report", "never", "--json", "link.json").code == 0
    assert (tmp_path / "link.json").is_symlink() and '"passed": true' in (tmp_path / "real.json").read_text()


def test_a_process_of_its_own_ends_with_the_same_code(tmp_path: Path) -> None:
    """The worst of the above, which would end whoever runs it: a planted bug that exits while it is imported."""
    (tmp_path / "bug.py").write_text("raise SystemExit(3)\n")
    words = ["run", "two_phones", "--mutant", "bug.py:Bug", "--report", "never"]
    done = subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
