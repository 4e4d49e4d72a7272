"""Reads of logs, streamed: how long the store takes for a query, how long people wait for a page, and how old news is
when whoever looks at a channel is shown it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping

from ..vocabulary import kinds
from ..vocabulary.ids import is_channel
from ..vocabulary.read_messages import Side
from .histogram import Histogram

Row = tuple[int, int, int, int, int, int, int, int]


class ReadTimes:
    """Reads the rows of reads and queries; memory follows the reads under way and the entries of channels."""

    __slots__ = ("_asked", "_logged", "_news", "_reading_on", "_store", "_waited")

    def __init__(self) -> None:
        self._store = Histogram()
        self._waited = Histogram()
        self._news = Histogram()
        self._asked: dict[tuple[int, int], tuple[int, bool]] = {}
        """(device, chat) to when a page was asked for, and whether it is one that a viewer reads on with."""
        self._reading_on: dict[int, bool] = {}
        """Device to whether the page that is being drawn is such a one."""
        self._logged: dict[int, array[int]] = {}
        """Channel to the times of its entries."""

    def takers(self) -> Mapping[int, Callable[[Row], None]]:
        """What to call with each row of each kind."""
        return {
            kinds.QUERY_ANSWERED: self._take_answered,
            kinds.READ_ASKED: self._take_asked,
            kinds.RANGE_SHOWN: self._take_shown,
            kinds.RANGE_ENTRY: self._take_entry,
            kinds.LOGGED: self._take_logged,
        }

    def histograms(self) -> dict[str, Histogram]:
        """From a query's begin to its answer, from asking for a page to seeing it, and from the log to a screen."""
        return {"query": self._store, "read": self._waited, "news": self._news} if self._store.count else {}

    def _take_answered(self, row: Row) -> None:
        self._store.add(row[7])

    def _take_asked(self, row: Row) -> None:
        self._asked[row[2], row[3]] = (row[0], row[6] == Side.BEHIND and is_channel(row[3]))

    def _take_shown(self, row: Row) -> None:
        asked_us, reads_on = self._asked.pop((row[2], row[3]), (-1, False))
        self._reading_on[row[2]] = reads_on
        if asked_us >= 0:
            self._waited.add(row[0] - asked_us)

    def _take_logged(self, row: Row) -> None:
        if is_channel(row[3]):
            self._logged.setdefault(row[3], array("q")).append(row[0])

    def _take_entry(self, row: Row) -> None:
        if self._reading_on.get(row[2]):
            self._news.add(row[0] - self._logged[row[3]][row[4] - 1])
