"""A history in memory: eight columns of int64, one line per row."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..vocabulary.kinds import Row

Column = NDArray[np.int64]

COLUMN_NAMES: Final = Row._fields
_SLICE: Final = 8_192
DIGEST_BYTES: Final = 16


class History:
    """What was observed in one run. ``history["time_us"]`` is a column; iterating yields rows as plain tuples."""

    __slots__ = ("_columns",)

    def __init__(self, columns: Sequence[Column]) -> None:
        if len(columns) != len(COLUMN_NAMES) or len({len(column) for column in columns}) != 1:
            raise ValueError(f"a history has {len(COLUMN_NAMES)} columns of equal length")
        self._columns = tuple(np.ascontiguousarray(column, dtype="<i8") for column in columns)

    @classmethod
    def from_chunks(cls, chunks: Sequence[NDArray[np.int64]]) -> History:
        """Join tables of rows (one line per row) as the recorder cuts them."""
        if not chunks:
            return cls([np.empty(0, dtype="<i8") for _ in COLUMN_NAMES])
        table = np.concatenate(chunks)
        return cls([table[:, place] for place in range(len(COLUMN_NAMES))])

    @classmethod
    def from_rows(cls, rows: Sequence[tuple[int, ...]]) -> History:
        """Make a history from rows written by hand."""
        if not rows:
            return cls.from_chunks([])
        return cls.from_chunks([np.array(rows, dtype="<i8").reshape(len(rows), len(COLUMN_NAMES))])

    def __len__(self) -> int:
        return len(self._columns[0])

    def __getitem__(self, name: str) -> Column:
        """One column by its name (``time_us``, ``kind``, ``who``, ...)."""
        try:
            return self._columns[COLUMN_NAMES.index(name)]
        except ValueError:
            raise KeyError(f"no column {name!r}; there are {', '.join(COLUMN_NAMES)}") from None

    def __iter__(self) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
        return self.rows()

    def rows(self) -> Iterator[tuple[int, int, int, int, int, int, int, int]]:
        """The rows in order, as tuples of plain integers."""
        for start in range(0, len(self), _SLICE):
            lists = [column[start : start + _SLICE].tolist() for column in self._columns]
            yield from zip(*lists, strict=True)

    def of_kinds(self, *kinds: int) -> History:
        """Only the rows of these kinds, in order."""
        return self.where(np.isin(self["kind"], kinds))

    def where(self, mask: NDArray[np.bool_]) -> History:
        """Only the rows where ``mask`` holds, in order."""
        return History([column[mask] for column in self._columns])

    def chunks(self) -> Iterator[NDArray[np.int64]]:
        """The history as the recorder cuts it: tables of rows, for a sink."""
        for start in range(0, len(self), _SLICE):
            yield np.ascontiguousarray(np.stack([column[start : start + _SLICE] for column in self._columns], axis=1))

    def digest(self) -> str:
        """The digest that the recorder gave (hexadecimal)."""
        digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        for chunk in self.chunks():
            digest.update(chunk.tobytes())
        return digest.hexdigest()
