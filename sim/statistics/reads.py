"""Reads of logs, streamed: how long the store takes for a query, and how long people wait for a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..vocabulary import kinds
from .histogram import Histogram

Row = tuple[int, int, int, int, int, int, int, int]


class ReadTimes:
    """Reads the rows of reads and queries; memory follows the reads under way."""

    __slots__ = ("_asked", "_store", "_waited")

    def __init__(self) -> None:
        self._store = Histogram()
        self._waited = Histogram()
        self._asked: dict[tuple[int, int], int] = {}

    def takers(self) -> Mapping[int, Callable[[Row], None]]:
        """What to call with each row of each kind."""
        return {
            kinds.QUERY_ANSWERED: self._take_answered,
            kinds.READ_ASKED: self._take_asked,
            kinds.RANGE_SHOWN: self._take_shown,
        }

    def histograms(self) -> dict[str, Histogram]:
        """From a query's begin to its answer, and from asking for a page to seeing it."""
        return {"query": self._store, "read": self._waited} if self._store.count else {}

    def _take_answered(self, row: Row) -> None:
        self._store.add(row[7])

    def _take_asked(self, row: Row) -> None:
        self._asked[row[2], row[3]] = row[0]

    def _take_shown(self, row: Row) -> None:
        asked_us = self._asked.pop((row[2], row[3]), None)
        if asked_us is not None:
            self._waited.add(row[0] - asked_us)
