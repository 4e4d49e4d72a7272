"""The recorder: takes rows from the world and hands them on in chunks.

Recording a row is one ``list.append`` (``Recorder.record`` is that bound method); everything else happens in
``pump``, which the world calls between slices of simulated time. A chunk goes, in this order, into the digest, to
the kept columns, to the sinks and to the checkers. Chunks are cut by their number of rows, never by when ``pump``
is called, so the digest and the files do not depend on how a run is sliced.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..vocabulary.kinds import KIND_NAMES, Row
from .columns import DIGEST_BYTES, History

HistoryRow = tuple[int, int, int, int, int, int, int, int]
"""A row as in ``sim/vocabulary/kinds.py``: time_us, kind, who, chat, number, operation, value, extra."""

Take = Callable[[HistoryRow], None]
Chunk = NDArray[np.int64]
"""Rows as a table of little-endian int64: one line per row, one column per field."""

Sink = Callable[[Chunk], None]
"""Something that stores chunks, such as ``ParquetSink.write``. A chunk must not be changed."""

CHUNK_ROWS: Final = 8_192
FIELDS: Final = len(Row._fields)


class Recorder:
    """Collects rows and hands them on. ``takers`` names what to call with each row of each kind; rows of kinds that
    nobody takes cost their share of the digest and nothing else. With ``keep`` the history stays in memory (64 bytes
    a row); without it memory follows what is in one slice.
    """

    __slots__ = ("_digest", "_finished", "_kept", "_rows", "_sinks", "_takers", "record", "row_count")

    def __init__(self, takers: Mapping[int, Sequence[Take]], keep: bool = False, sinks: Sequence[Sink] = ()) -> None:
        self._rows: list[HistoryRow] = []
        self.record: Callable[[HistoryRow], None] = self._rows.append
        """Record one row: bind it once, call it with a tuple of eight integers."""
        self.row_count = 0
        """Rows handed on so far (all of them after ``finish``)."""
        self._takers: list[tuple[Take, ...]] = [tuple(takers.get(kind, ())) for kind in range(max(KIND_NAMES) + 1)]
        self._digest = hashlib.blake2b(digest_size=DIGEST_BYTES)
        self._kept: list[Chunk] | None = [] if keep else None
        self._sinks = tuple(sinks)
        self._finished = ""

    def pump(self) -> None:
        """Hand on every full chunk; a rest shorter than ``CHUNK_ROWS`` waits. Cheap when there is nothing to do."""
        rows = self._rows
        whole = len(rows) - len(rows) % CHUNK_ROWS
        if not whole:
            return
        if whole == len(rows) == CHUNK_ROWS:
            self._hand_on(rows)
        else:
            for start in range(0, whole, CHUNK_ROWS):
                self._hand_on(rows[start : start + CHUNK_ROWS])
        # In place, because the world holds this list's append.
        del rows[:whole]

    def finish(self) -> str:
        """Hand on what is left and return the digest of the whole history in hexadecimal. A second call repeats it."""
        if not self._finished:
            self.pump()
            if self._rows:
                self._hand_on(self._rows)
                self._rows.clear()
            self._finished = self._digest.hexdigest()
        return self._finished

    @property
    def history(self) -> History:
        """The kept columns, after ``finish``; ``ValueError`` if nothing was kept."""
        if self._kept is None:
            raise ValueError("this recorder keeps no history (make it with keep=True)")
        return History.from_chunks(self._kept)

    def _hand_on(self, rows: Sequence[HistoryRow]) -> None:
        chunk = encode(rows)
        self._digest.update(chunk.tobytes())
        self.row_count += len(rows)
        if self._kept is not None:
            self._kept.append(chunk)
        for sink in self._sinks:
            sink(chunk)
        takers = self._takers
        for row in rows:
            for take in takers[row[1]]:
                take(row)


def encode(rows: Sequence[HistoryRow]) -> Chunk:
    """Rows as a table of canonical int64 (little-endian on every machine)."""
    flat = np.fromiter(chain.from_iterable(rows), dtype="<i8", count=len(rows) * FIELDS)
    return flat.reshape(len(rows), FIELDS)
