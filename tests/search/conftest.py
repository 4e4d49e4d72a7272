"""What the tests of searching share: a small world, and the command that hunts in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hunts import Command

from sim.scenario.loading import load
from sim.scenario.model import Scenario


@pytest.fixture(scope="session")
def small() -> Scenario:
    """A world of six people and forty messages, under random faults."""
    return load("mutants")


@pytest.fixture
def hunt(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.chdir(tmp_path)
    return Command(capfd)
