"""The command line as tests call it: words in, exit code out, with the texts of both streams."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sim.commands import main
from sim.scenario.answer import Answer
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.model import Scenario


class CommandLine:
    """Runs commands in this process, in an empty folder; ``scenarios`` is what the loader finds."""

    def __init__(self, capfd: pytest.CaptureFixture[str], folder: Path) -> None:
        self.scenarios: dict[str, Scenario] = {}
        self.answers: dict[str, Answer] = {}
        self.loaded: list[tuple[str, tuple[str, ...], str | None]] = []
        self.folder = folder
        self.out = self.err = ""
        self._capfd = capfd

    def scenario(self, *tags: str, name: str = "hello", **fields: Any) -> None:
        self.scenarios[name] = Scenario(name=name, question="Does it work?", tags=tags, **fields)

    def __call__(self, *words: str) -> int:
        self._capfd.readouterr()
        code = main([*words])
        self.out, self.err = self._capfd.readouterr()
        return code

    def run_folder(self, name: str = "hello") -> Path:
        return (self.folder / "reports" / "runs" / name / "latest").resolve()

    def load(self, given: str, *, sets: tuple[str, ...] = (), variant: str | None = None) -> Scenario:
        self.loaded.append((given, sets, variant))
        if given not in self.scenarios:
            raise ScenarioError([Problem(given, 0, 0, "", "there is no such scenario", "did you mean 'hello'?")])
        return self.scenarios.get(f"{given} {variant}", self.scenarios[given])

    def answer_of(self, given: str) -> Answer | None:
        return self.answers.get(given)

    def load_text(self, text: str, source: str, *, folder: str) -> Scenario:
        self.loaded.append((f"text of {source}", (), None))
        assert text.startswith("schema: doubletick/1")
        return self.scenarios["hello"]
