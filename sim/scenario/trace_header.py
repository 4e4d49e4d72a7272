"""Looking at the head of a trace before a run: is it there, can it be read, does it have the columns?"""

from __future__ import annotations

import csv
import gzip
import stat
import zlib
from pathlib import Path
from typing import Final

from .errors import Problem, did_you_mean, one_of, shortened
from .model import Workload

MOST_HEADER_BYTES: Final = 65_536
_COLUMN_KEYS: Final = ("sender_column", "recipient_column", "time_column")


def locate(file: str, folders: tuple[Path, ...]) -> Path | None:
    """The folder of the first that holds this file, or None."""
    for folder in folders:
        try:
            if stat.S_ISREG((folder / file).stat().st_mode):
                return folder
        except (OSError, ValueError):
            continue
    return None


def header_problems(path: Path, workload: Workload) -> list[Problem]:
    """What is wrong with the first line of a trace; empty when its columns are there."""
    try:
        line = _first_line(path)
    except (OSError, EOFError, zlib.error) as problem:
        return [Problem(str(path), 0, 0, "workload.file", f"the trace cannot be read: {_reason(problem)}")]
    except UnicodeDecodeError:
        return [Problem(str(path), 1, 1, "workload.file", "the first line of the trace is no UTF-8 text")]
    try:
        columns = [name.strip() for name in next(csv.reader([line]), [])]
    except csv.Error as problem:
        return [Problem(str(path), 1, 1, "workload.file", f"the first line of the trace is no CSV: {problem}")]
    if not columns:
        return [Problem(str(path), 1, 1, "workload.file", "the trace is empty", "its first line names the columns")]
    problems = []
    for key in _COLUMN_KEYS:
        column = getattr(workload, key)
        if column not in columns:
            hint = did_you_mean(column, columns) or f"its columns are: {one_of(list(map(_cut, columns)))}"
            message = f"the trace has no column {shortened(column)}"
            problems.append(Problem(str(path), 1, 1, f"workload.{key}", message, hint, line[:200]))
    return problems


def _first_line(path: Path) -> str:
    opener = gzip.open if path.name.endswith(".gz") else open
    with opener(path, "rb") as stream:
        line = stream.readline(MOST_HEADER_BYTES)
    return bytes(line).decode("utf-8-sig").rstrip("\r\n")


def _cut(column: str) -> str:
    return shortened(column)[1:-1]


def _reason(problem: Exception) -> str:
    return problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
