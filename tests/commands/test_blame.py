"""Whose fault it is: what the user gave wrongly ends with exit code 2 and one clear message, never as our own bug."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BASE = "schema: doubletick/1\ntime: {chaos: 20s}\nworkload: {users: 4, messages: 10}\n"
TRACE = "schema: doubletick/1\nworkload: {kind: trace, file: t.csv}\n"


def doubletick(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("rows", "word"),
    [("1,2,\n", "time"), ("1,2,nan\n", "time"), ("1\n", "t.csv:2"), ("", "no"), ("1,1,5\n", "themselves")],
)
def test_a_bad_row_of_a_trace_is_the_traces_fault(tmp_path: Path, rows: str, word: str) -> None:
    (tmp_path / "t.csv").write_text("sender,recipient,time\n" + rows)
    (tmp_path / "a.yaml").write_text(TRACE)
    done = doubletick(tmp_path, "run", "a.yaml", "--report", "never")
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr
    assert word in done.stdout + done.stderr


@pytest.mark.parametrize(
    "source",
    ["class Bug: pass\n", "def Bug(): pass\n", "raise SystemExit(3)\n", "from sim.mutants import Planted\n"
     "class Bug(Planted):\n    CLASSES = {'shop': int}\n", "from sim.mutants import Planted\n"
     "class Bug(Planted):\n    CLASSES = {'phone': int}\n"],
)  # fmt: skip
def test_a_planted_bug_that_is_none_is_its_writers_fault(tmp_path: Path, source: str) -> None:
    (tmp_path / "bug.py").write_text(source)
    done = doubletick(tmp_path, "run", "two_phones", "--mutant", "bug.py:Bug", "--report", "never")
    assert done.returncode == 2 and "Traceback" not in done.stdout + done.stderr


def test_a_kind_of_fault_that_cannot_hit_who_meets_the_point_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE + "faults:\n  - {kind: pause, point: after phone.send.hello}\n")
    done = doubletick(tmp_path, "validate", "a.yaml")
    assert done.returncode == 2 and "a.yaml:5:" in done.stderr and "cannot hit the phone" in done.stderr


def test_servers_that_cannot_hold_everybody_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(BASE + "topology: {connection_servers: 3, connections_each: 1}\n")
    done = doubletick(tmp_path, "validate", "a.yaml")
    assert done.returncode == 2 and "cannot hold the phones of 4 people" in done.stderr


def test_results_follow_a_link_and_do_not_replace_it(tmp_path: Path) -> None:
    (tmp_path / "real.json").write_text("old")
    (tmp_path / "link.json").symlink_to("real.json")
    assert doubletick(tmp_path, "run", "two_phones", "--report", "never", "--json", "link.json").returncode == 0
    assert (tmp_path / "link.json").is_symlink() and '"passed": true' in (tmp_path / "real.json").read_text()
