"""Where a shrinking stands, in a file that is replaced whole: what was asked, what is smallest so far, what was
told."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ..results.atomic import write_json
from ..scenario.model import Scenario
from .shrink_steps import with_operations

SCHEMA_VERSION: Final = 1
FILE: Final = "state.json"


@dataclass(slots=True)
class State:
    """What a resumed shrinking goes on from."""

    subject: str
    """A name for all that determines the failing run and the check; another one is another shrinking."""
    text: str = ""
    """The smallest scenario so far as YAML, once it fits into a file."""
    operations: tuple[int, ...] = ()
    faults: tuple[int, ...] = ()
    """The numbers that are left, until then."""
    told: list[str] = field(default_factory=list)
    played: int = 0
    spent_s: float = 0.0
    finished: bool = False

    def take(self, best: Scenario, text: str) -> None:
        """Remember a scenario as the smallest, with its file if it has one."""
        self.text = text
        self.operations = _numbers(best.workload.operations)
        self.faults = _numbers(best.faults)

    def best(self, whole: Scenario) -> Scenario:
        """The smallest scenario so far, of a run that was written out."""
        from ..scenario.loading import load_text

        if self.text:
            return replace(load_text(self.text), source=whole.source, folder=whole.folder)
        if not self.operations:
            return whole
        left = [step for step in whole.workload.operations if step.number in self.operations]
        faults = tuple(fault for fault in whole.faults if fault.number in self.faults)
        return replace(with_operations(whole, left), faults=faults)


def _numbers(items: Sequence[Any]) -> tuple[int, ...]:
    return tuple(item.number for item in items)


def read_state(folder: Path, subject: str) -> State | None:
    """The state of the same shrinking, if one was kept that can be read."""
    try:
        document = json.loads((folder / FILE).read_text(encoding="utf-8"))
        if document.pop("schema_version") != SCHEMA_VERSION or document["subject"] != subject:
            return None
        state = State(**document)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    state.operations, state.faults = tuple(state.operations), tuple(state.faults)
    return state


def write_state(folder: Path, state: State) -> None:
    """Write it whole; raises ``OSError``."""
    write_json(folder / FILE, {"schema_version": SCHEMA_VERSION, **asdict(state)})
