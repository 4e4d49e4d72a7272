"""A run over time, streamed: at most 300 bins of what was written and seen, how long it took, and who was connected.

Bins have a width that people count in (5 s, 1 min, 1 day), chosen so that the writing fills at most 200 of them; a
run that goes on for longer than planned has its bins merged two by two. A delivery time belongs to the bin in which
its message was *written*: what a person who wrote at that moment had to wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from ..vocabulary import kinds
from .histogram import Histogram

HistoryRow = tuple[int, int, int, int, int, int, int, int]

MOST_BINS: Final = 300
_PLANNED_BINS: Final = 200
_MS: Final = 1_000
_SECOND: Final = 1_000_000
_HOUR: Final = 3_600 * _SECOND
WIDTHS_US: Final = (
    *(number * _MS for number in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(number * _SECOND for number in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800)),
    *(number * _HOUR for number in (1, 2, 3, 6, 12, 24, 48, 96, 168)),
)


def width_for(duration_us: int) -> int:
    """The narrowest width (microseconds) with which so long a time fills at most 200 bins."""
    fits = (width for width in WIDTHS_US if duration_us <= width * _PLANNED_BINS)
    return next(fits, -(-duration_us // _PLANNED_BINS))


@dataclass(frozen=True, slots=True)
class Series:
    """A finished timeline: equally long lists, a place per bin, bin 0 from the start of the run."""

    width_us: int
    composed: tuple[int, ...]
    """Messages written in the bin."""
    shown: tuple[int, ...]
    """Messages that their readers saw for the first time in the bin."""
    waited_p50_us: tuple[int | None, ...]
    """Median delivery time of the messages written in the bin; ``None`` where none of them was seen."""
    waited_p99_us: tuple[int | None, ...]
    connected: tuple[int, ...]
    """Phones that a server holds a connection of, at the end of the bin."""
    connected_least: tuple[int, ...]
    connected_most: tuple[int, ...]
    phases: tuple[tuple[int, int], ...]
    """(time in microseconds, ``Phase``) of every phase that began."""


class Timeline:
    """Reads COMPOSED, SHOWN, CONNECTED, DISCONNECTED and PHASE rows. Memory follows the messages that nobody has seen
    yet and the phones that are connected."""

    __slots__ = ("_bins", "_epochs", "_phases", "_width_us", "_written")

    def __init__(self, duration_us: int) -> None:
        self._width_us = width_for(duration_us)
        self._bins: list[_Bin] = []
        self._written: dict[int, int] = {}
        self._epochs: dict[int, int] = {}
        self._phases: list[tuple[int, int]] = []

    def takers(self) -> Mapping[int, Callable[[HistoryRow], None]]:
        """What to call with each row of each kind."""
        return {
            kinds.COMPOSED: self.take_composed,
            kinds.SHOWN: self.take_shown,
            kinds.CONNECTED: self.take_connected,
            kinds.DISCONNECTED: self.take_disconnected,
            kinds.PHASE: self.take_phase,
        }

    def take_composed(self, row: HistoryRow) -> None:
        """A message was written."""
        self._written[row[5]] = row[0]
        self._at(row[0]).composed += 1

    def take_shown(self, row: HistoryRow) -> None:
        """Its reader sees it; only the first time counts."""
        written_us = self._written.pop(row[5], None)
        if written_us is not None:
            self._at(row[0]).shown += 1
            self._bins[written_us // self._width_us].waited.add(row[0] - written_us)

    def take_connected(self, row: HistoryRow) -> None:
        """A server holds a connection of this phone; an older one of the same phone does not count any more."""
        now = self._at(row[0])
        self._epochs[row[2]] = row[4]
        now.count(len(self._epochs))

    def take_disconnected(self, row: HistoryRow) -> None:
        """The phone has no connection left, unless this was an old one."""
        now = self._at(row[0])
        if self._epochs.get(row[2]) == row[4]:
            del self._epochs[row[2]]
            now.count(len(self._epochs))

    def take_phase(self, row: HistoryRow) -> None:
        """A phase began; the last one ends the run."""
        self._phases.append((row[0], row[4]))
        self._at(row[0])

    def finish(self) -> Series:
        """The series of the whole run."""
        bins = self._bins
        return Series(
            width_us=self._width_us,
            composed=tuple(each.composed for each in bins),
            shown=tuple(each.shown for each in bins),
            waited_p50_us=tuple(each.waited.quantile(0.5) for each in bins),
            waited_p99_us=tuple(each.waited.quantile(0.99) for each in bins),
            connected=tuple(each.connected for each in bins),
            connected_least=tuple(each.least for each in bins),
            connected_most=tuple(each.most for each in bins),
            phases=tuple(self._phases),
        )

    def _at(self, time_us: int) -> _Bin:
        """The bin of a time, made if it is new; the number of connected phones carries over into it."""
        place = time_us // self._width_us
        bins = self._bins
        if place >= len(bins):
            while place >= MOST_BINS:
                self._merge_two_by_two()
                place = time_us // self._width_us
                bins = self._bins
            while place >= len(bins):
                bins.append(_Bin(len(self._epochs)))
        return bins[place]

    def _merge_two_by_two(self) -> None:
        for early, late in zip(self._bins[::2], self._bins[1::2], strict=False):
            early.swallow(late)
        del self._bins[1::2]
        self._width_us *= 2


class _Bin:
    """What happened in one bin."""

    __slots__ = ("composed", "connected", "least", "most", "shown", "waited")

    def __init__(self, connected: int) -> None:
        self.composed = 0
        self.shown = 0
        self.waited = Histogram()
        self.connected = self.least = self.most = connected

    def count(self, connected: int) -> None:
        """So many phones are connected from now on."""
        self.connected = connected
        if connected < self.least:
            self.least = connected
        elif connected > self.most:
            self.most = connected

    def swallow(self, later: _Bin) -> None:
        """Take in the bin that follows."""
        self.composed += later.composed
        self.shown += later.shown
        self.waited.merge(later.waited)
        self.connected = later.connected
        self.least = min(self.least, later.least)
        self.most = max(self.most, later.most)
