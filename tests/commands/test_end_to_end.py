"""The command line on the real simulator; left out as long as there is none."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

DOCUMENT = ("--report", "never", "--json", "-")

pytestmark = pytest.mark.skipif(importlib.util.find_spec("sim.runner") is None, reason="this version has no runner yet")


def doubletick(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(TOP / "cli.py"), *words],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )


def test_two_phones_pass_and_are_the_same_on_two_workers(tmp_path: Path) -> None:
    documents = []
    for jobs in ("1", "2"):
        done = doubletick(tmp_path, "run", "two_phones", "--seeds", "1..4", "--jobs", jobs, *DOCUMENT)
        assert done.returncode == 0, done.stderr
        (summary,) = json.loads(done.stdout)["summaries"]
        documents.append([(run["seed"], run["digest"], run["counts"]) for run in summary["seeds"]])
    assert documents[0] == documents[1]


def test_a_run_can_be_replayed_from_what_it_printed(tmp_path: Path) -> None:
    done = doubletick(tmp_path, "run", "two_phones", "--seed", "3", "--json", "a.json")
    assert done.returncode == 0, done.stderr
    assert "PASSED" in done.stdout
    (first,) = json.loads((tmp_path / "a.json").read_text())["summaries"]
    assert (tmp_path / first["folder"] / "report.html").is_file(), "a page is made unless none is asked for"
    again = doubletick(tmp_path, "replay", "two_phones", "--seed", "3", *DOCUMENT)
    assert again.returncode == 0, again.stderr
    (second,) = json.loads(again.stdout)["summaries"]
    assert first["seeds"][0]["digest"] == second["seeds"][0]["digest"]


def test_a_misspelt_name_gets_a_hint(tmp_path: Path) -> None:
    done = doubletick(tmp_path, "run", "two_phone")
    assert done.returncode == 2
    assert "two_phones" in done.stderr
    assert done.stdout == ""
