"""Ctrl-C, killed workers and readers that go away, on processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sim.results import exit_codes

PROGRAM = Path(__file__).with_name("fake_doubletick.py")
TOP = Path(__file__).parents[2]


def start(folder: Path, tags: str, *words: str, **options: Any) -> subprocess.Popen[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("DOUBLETICK")}
    environment.update(FAKE_TAGS=tags, FAKE_FOLDER=str(folder), PYTHONPATH=str(TOP), PYTHONUNBUFFERED="1")
    environment["DOUBLETICK_RUN_REPORT"] = "never"  # nobody looks at the page, and drawing it takes longest
    settings: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *words],
        cwd=folder,
        env=environment,
        text=True,
        start_new_session=True,
        **settings,
    )


def wait_for(happened: Callable[[], bool]) -> None:
    for _ in range(600):
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError("it did not happen within 30 s")


def summary_of(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    latest = folder / "reports" / "runs" / "hello" / "latest"
    return tuple(json.loads((latest / name).read_text()) for name in ("manifest.json", "summary.json"))  # type: ignore[return-value]


def test_ctrl_c_keeps_what_was_done(tmp_path: Path) -> None:
    process = start(tmp_path, "interrupt:4", "run", "hello", "--seeds", "1..9", "--jobs", "1")
    out, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED, err
    assert "\nINTERRUPTED: 3 of 9 runs were played, and no check was broken by then.\n" in out
    assert "PASSED" not in out
    assert "keeping what is done" in err
    assert "Traceback" not in err
    manifest, summary = summary_of(tmp_path)
    assert (manifest["finished"], manifest["interrupted"], manifest["exit_code"]) == (True, True, 130)
    assert (summary["exit_code"], summary["passed"], summary["interrupted"]) == (130, False, True)
    assert summary["runs"]["finished"] == 3


def test_ctrl_c_after_a_failure_tells_both(tmp_path: Path) -> None:
    process = start(tmp_path, "fail:2 interrupt:4", "run", "hello", "--seeds", "1..9", "--jobs", "1")
    out, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED, err
    assert "\nINTERRUPTED: 3 of 9 runs were played. By then FAILED: 1 of 3 runs broke LOSS-1" in out
    assert "replay: doubletick replay hello --seed 2" in out


def test_ctrl_c_of_a_whole_terminal_ends_the_workers(tmp_path: Path) -> None:
    process = start(tmp_path, "slow:*", "run", "hello", "--seeds", "1..200", "--jobs", "2")
    wait_for(lambda: len(list(tmp_path.glob("slept-*"))) >= 6)
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED, err
    assert "Traceback" not in err
    assert "of 200 runs were played" in out
    with pytest.raises(ProcessLookupError):
        for _ in range(100):
            os.killpg(process.pid, 0)
            time.sleep(0.05)


def test_ctrl_c_before_the_first_result_leaves_nothing_behind(tmp_path: Path) -> None:
    process = start(tmp_path, "interrupt:1", "run", "hello", "--seeds", "1..9", "--jobs", "1")
    _, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED, err
    assert not (tmp_path / "reports" / "runs" / "hello").exists()


def test_a_killed_worker_loses_only_its_own_seed(tmp_path: Path) -> None:
    process = start(tmp_path, "kill:3", "run", "hello", "--seeds", "1..6", "--jobs", "2")
    out, err = process.communicate(timeout=60)
    assert process.returncode == exit_codes.OUR_BUG, err
    assert "BROKEN: seed 3" in out
    assert "its worker process was killed, twice" in out
    _, summary = summary_of(tmp_path)
    assert summary["runs"]["finished"] == 6
    assert summary["runs"]["passed"] == 5


def test_a_worker_killed_once_costs_nothing(tmp_path: Path) -> None:
    process = start(tmp_path, "kill_once:3", "run", "hello", "--seeds", "1..6", "--jobs", "2")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert "6 of 6 seeds" in out


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(tmp_path, "fail:1", "run", "hello", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.CHECK_FAILED, err
    assert err == ""
    manifest, _ = summary_of(tmp_path)
    assert manifest["finished"] is True


def test_json_that_nobody_reads_is_not_written(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    process = start(tmp_path, "", "run", "hello", "--json", "-", stdout=write)
    os.close(write)
    _, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.NOT_WRITTEN
    assert "could not be written to stdout" in err
    assert "Traceback" not in err
