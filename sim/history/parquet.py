"""Histories in Parquet files.

A file holds the eight columns and, in its metadata, what the history is of and its digest. It is written beside its
name and renamed when it is complete, so a name never stands for half a file; reading checks the digest. Everything that
is wrong with a file is told as a ``HistoryFileError``. pyarrow is imported when a file is touched, not before.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from .columns import COLUMN_NAMES, DIGEST_BYTES, History

FORMAT: Final = "doubletick-history/1"
GROUP_ROWS: Final = 131_072
"""Rows in one row group: what is held in memory while writing and reading."""

_PREFIX: Final = "doubletick."


class HistoryFileError(Exception):
    """A file that is no complete, undamaged history; the message names the file and says what is wrong."""


@dataclass(frozen=True, slots=True)
class About:
    """What a history is of."""

    scenario: str
    """The scenario's name, or its whole text."""
    seed: str
    notes: Mapping[str, str] = field(default_factory=dict)
    """Anything else, such as a commit or a variant."""
    digest: str = ""
    """The history's digest (set by what writes and reads)."""
    rows: int = 0


class ParquetSink:
    """Streams chunks of rows into a file: a sink for the recorder. Use it as a context manager; without ``close`` (as
    when a run fails) no file stays.
    """

    __slots__ = ("_about", "_digest", "_part", "_path", "_rows", "_waiting", "_waiting_rows", "_writer")

    def __init__(self, path: Path, about: About) -> None:
        self._path = path
        self._part = path.with_name(path.name + ".part")
        self._about = about
        self._digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        self._rows = 0
        self._waiting: list[NDArray[np.int64]] = []
        self._waiting_rows = 0
        parquet = _pyarrow("parquet")
        self._writer: Any = parquet.ParquetWriter(self._part, _schema(), compression="zstd")

    def __enter__(self) -> ParquetSink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if error is not None:
            self.abandon()
        elif self._writer is not None:
            self.close()

    def write(self, chunk: NDArray[np.int64]) -> None:
        """Take one table of rows."""
        self._digest.update(chunk.tobytes())
        self._rows += len(chunk)
        self._waiting.append(chunk)
        self._waiting_rows += len(chunk)
        if self._waiting_rows >= GROUP_ROWS:
            self._flush()

    def close(self) -> About:
        """Complete the file and give it its name; return what it says about itself."""
        self._flush()
        about = About(self._about.scenario, self._about.seed, self._about.notes, self._digest.hexdigest(), self._rows)
        self._writer.add_key_value_metadata(_to_metadata(about))
        self._writer.close()
        self._writer = None
        self._part.replace(self._path)
        return about

    def abandon(self) -> None:
        """Leave no file behind."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None
        self._part.unlink(missing_ok=True)

    def _flush(self) -> None:
        if self._waiting:
            table = np.concatenate(self._waiting)
            columns = [np.ascontiguousarray(table[:, place]) for place in range(len(COLUMN_NAMES))]
            arrow = _pyarrow()
            self._writer.write_table(arrow.table(columns, schema=_schema()), row_group_size=GROUP_ROWS)
            self._waiting.clear()
            self._waiting_rows = 0


def write_history(path: Path, history: History, about: About) -> About:
    """Write a history that is in memory."""
    with ParquetSink(path, about) as sink:
        for chunk in history.chunks():
            sink.write(chunk)
        return sink.close()


def read_about(path: Path) -> About:
    """What a file says about itself, without reading its rows."""
    return _open(path)[1]


def read_rows(path: Path) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
    """The rows of a file, a row group in memory at a time. Damage that only the digest shows is told after the last
    row, so do not trust what was read before the iterator has ended.
    """
    for history in _groups(path):
        yield from history.rows()


def read_history(path: Path) -> tuple[History, About]:
    """A whole history into memory, and what it is of."""
    _, about = _open(path)
    groups = list(_groups(path))
    columns = [np.concatenate([group[name] for group in groups] or [np.empty(0, "<i8")]) for name in COLUMN_NAMES]
    return History(columns), about


def _groups(path: Path) -> Iterator[History]:
    file, about = _open(path)
    digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
    rows = 0
    for place in range(file.num_row_groups):
        try:
            table = file.read_row_group(place)
            history = History([table.column(name).to_numpy() for name in COLUMN_NAMES])
        except (_pyarrow().ArrowException, OSError, ValueError) as error:
            raise HistoryFileError(f"{path}: damaged in row group {place + 1}: {_first_line(error)}") from error
        for chunk in history.chunks():
            digest.update(chunk.tobytes())
        rows += len(history)
        yield history
    if rows != about.rows or digest.hexdigest() != about.digest:
        raise HistoryFileError(f"{path}: damaged: its {rows} rows do not have the digest that it was written with")


def _open(path: Path) -> tuple[Any, About]:
    try:
        file = _pyarrow("parquet").ParquetFile(path)
    except FileNotFoundError as error:
        raise HistoryFileError(f"{path}: no such file") from error
    except (_pyarrow().ArrowException, OSError, ValueError) as error:
        raise HistoryFileError(f"{path}: not a Parquet file, or cut short: {_first_line(error)}") from error
    raw = file.metadata.metadata or {}
    found = {key.decode("utf-8", "replace"): value.decode("utf-8", "replace") for key, value in raw.items()}
    stated = found.get(_PREFIX + "format")
    if stated is None:
        raise HistoryFileError(f"{path}: a Parquet file, but not a history of this program")
    if stated != FORMAT:
        raise HistoryFileError(f"{path}: a history in format {stated!r}; this version reads {FORMAT!r}")
    if not file.schema_arrow.equals(_schema()):
        raise HistoryFileError(f"{path}: its columns are not those of a history ({', '.join(COLUMN_NAMES)}, all int64)")
    try:
        return file, _from_metadata(found)
    except (KeyError, ValueError) as error:
        raise HistoryFileError(f"{path}: its metadata is damaged ({error})") from error


def _to_metadata(about: About) -> dict[str, str]:
    notes = {f"note.{name}": text for name, text in about.notes.items()}
    facts = {"format": FORMAT, "scenario": about.scenario, "seed": about.seed, "digest": about.digest, **notes}
    return {_PREFIX + name: text for name, text in {**facts, "rows": str(about.rows)}.items()}


def _from_metadata(found: Mapping[str, str]) -> About:
    note = _PREFIX + "note."
    return About(
        found[_PREFIX + "scenario"],
        found[_PREFIX + "seed"],
        {name.removeprefix(note): text for name, text in found.items() if name.startswith(note)},
        found[_PREFIX + "digest"],
        int(found[_PREFIX + "rows"]),
    )


def _schema() -> Any:
    arrow = _pyarrow()
    return arrow.schema([arrow.field(name, arrow.int64(), nullable=False) for name in COLUMN_NAMES])


def _pyarrow(module: str = "") -> ModuleType:
    """pyarrow, when it is needed: a run that writes no file must not pay for its import."""

    return import_module(f"pyarrow.{module}" if module else "pyarrow")


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]
