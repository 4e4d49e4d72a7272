"""Filling a run folder: summary, tables, resolved scenario, errors, repro; every part whole."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from ..scenario.model import Scenario
from .atomic import write_json, write_text
from .folder import RunFolder
from .records import Record, first_failing
from .repro import write_repro
from .summary import Subject
from .tables import write_tables

_MOST_ERROR_FILES: Final = 20


def scenario_text(scenario: Scenario, folder: Path | None = None) -> str:
    """The resolved scenario as YAML, for a file in ``folder`` (a trace is named from there)."""
    from ..scenario.writing import to_yaml

    return to_yaml(scenario, folder=folder)


def fill(folder: RunFolder, subject: Subject, summary: dict[str, Any], records: Sequence[Record]) -> None:
    """Write everything but the page and the last manifest; ``OSError`` when something could not be written."""
    write_json(folder.path / "summary.json", summary)
    write_text(folder.path / "scenario.resolved.yaml", scenario_text(subject.scenario, folder.path))
    write_tables(folder.path, records)
    for record in [record for record in records if record.error][:_MOST_ERROR_FILES]:
        write_text(folder.path / f"error-{record.seed_text}.txt", record.error.rstrip() + "\n")
    failed = first_failing(records)
    if failed is not None:
        write_repro(folder.path, subject, failed, scenario_text(subject.scenario))
