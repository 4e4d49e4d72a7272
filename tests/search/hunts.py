"""Hunts as tests play them: in this process, or by the command."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sim.commands import main
from sim.executors.local import Done, stream
from sim.results.summary import Subject
from sim.scenario.model import Scenario
from sim.search.hunt import Hunt, Play, RandomPlan
from sim.search.hunt_table import table_of
from sim.search.outcome import Outcome
from sim.search.trial import Task


def here(workers: int = 1) -> Play:
    """This machine's cores."""
    return partial(stream, workers=workers)


def backwards(function: Callable[[Task], Outcome], tasks: Sequence[Task]) -> Iterator[Done[Outcome]]:
    """Answers come in the worst order there is."""
    for index in reversed(range(len(tasks))):
        yield Done(index, answer=function(tasks[index]))


def hunted(scenario: Scenario, play: Play, seeds: Sequence[str], **settings: Any) -> tuple[Hunt, dict[str, Any]]:
    """Play a whole hunt and make its table."""
    hunt = Hunt(scenario, settings.pop("plan", None) or RandomPlan(seeds, len(seeds)), **settings)
    list(hunt.play(play))
    return hunt, table_of(Subject(scenario, scenario.name), hunt, required=scenario.hunt.must_reach)


class Command:
    """``doubletick hunt`` in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str]) -> None:
        self.capfd = capfd
        self.out = self.err = ""
        self.document: dict[str, Any] = {}

    def __call__(self, *words: str) -> int:
        self.capfd.readouterr()
        code = main(["hunt", *words, "--json", "hunt.json"])
        self.out, self.err = self.capfd.readouterr()
        self.document = json.loads(Path("hunt.json").read_text()) if Path("hunt.json").exists() else {}
        return code
