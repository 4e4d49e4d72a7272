"""The command line with a fake simulator and a fake loader behind it."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import command_fakes
import pytest
from command_line import CommandLine

from sim.executors import jobs
from sim.results.origin import Commit

COMMIT = Commit("0123456789abcdef0123456789abcdef01234567", False)


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for command in ("RUN", "REPLAY"):  # drawing a page takes longer than all the rest, and few tests look at it
        monkeypatch.setenv(f"DOUBLETICK_{command}_REPORT", "never")
    monkeypatch.chdir(tmp_path)
    line = CommandLine(capfd, tmp_path)
    loading = types.ModuleType("sim.scenario.loading")
    loading.load = line.load  # type: ignore[attr-defined]
    loading.load_text = line.load_text  # type: ignore[attr-defined]
    loading.answer_of = line.answer_of  # type: ignore[attr-defined]
    loading.variants_of = lambda given: ("naive", "eager")  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sim.scenario.loading", loading)
    catalogue = types.ModuleType("sim.mutants.catalogue")
    catalogue.MUTANTS = tuple(types.SimpleNamespace(number=number) for number in range(1, 8))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sim.mutants.catalogue", catalogue)
    monkeypatch.setattr(jobs, "play", command_fakes.play)
    monkeypatch.setattr("sim.results.origin.commit", lambda: COMMIT)
    monkeypatch.setattr(
        "sim.results.writing.scenario_text",
        lambda scenario, folder=None: f"schema: doubletick/1\nname: {scenario.name}\n",
    )
    line.scenario()
    return line
