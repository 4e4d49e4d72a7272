"""The folder of a comparison: the document, a table of every run, and a folder for each variant like that of a run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ..executors.seeds import format_seeds
from ..results.atomic import write_json
from ..results.folder import RunFolder
from ..results.summary import summarise
from ..results.tables import run_rows, write_rows
from ..results.writing import fill
from .comparing import Comparison
from .document import FILE

STUDY: Final = "compare"
VARIANTS: Final = "variants"
_NOT_IN_NAMES: Final = re.compile(r"[^A-Za-z0-9._-]")


def open_folder(out: Path, comparison: Comparison, *, argv: Sequence[str] = (), workers: int = 1) -> RunFolder:
    """Make the folder, before anything is played."""
    subject = replace(comparison.sides[comparison.contest.baseline].subject, variant=None)
    seeds = format_seeds(comparison.seeds)
    return RunFolder.create(out, subject, seeds, argv=argv, workers=workers, study=STUDY)


def fill_folder(folder: RunFolder, comparison: Comparison, document: Mapping[str, Any]) -> None:
    """Write everything but the page and the last manifest."""
    write_json(folder.path / FILE, document)
    write_rows(folder.path / "runs.parquet", comparison_rows(comparison))
    for name, side in comparison.sides.items():
        path = folder.path / VARIANTS / _NOT_IN_NAMES.sub("-", name).strip(".")
        path.mkdir(parents=True, exist_ok=True)
        records = side.in_order()
        summary = summarise(side.subject, records, asked=len(comparison.seeds), interrupted=comparison.interrupted)
        fill(RunFolder(path, {}), side.subject, summary, records)


def comparison_rows(comparison: Comparison) -> list[dict[str, Any]]:
    """One row per run, with its variant; columns as in the table of a run folder."""
    return [{"variant": name, **row} for name in comparison.contest.names for row in run_rows(comparison.records(name))]
