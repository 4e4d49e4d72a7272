"""A run over time, streamed: at most 300 bins of what was written and seen, how long it took, and who was connected.

Bins have a width that people count in (5 s, 1 min, 1 day), chosen so that the writing fills at most 200 of them; a
run that goes on for longer than planned has its bins merged two by two. A delivery time belongs to the bin in which
its message was *written*: what a person who wrote at that moment had to wait.

It is a sink of the recorder and works on whole chunks, which costs less than a microsecond a message and
a fraction of one for each connection that comes or goes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ..vocabulary import kinds
from ..vocabulary.kinds import Row
from .histogram import SUB_BITS, bounds_of

Integers = NDArray[np.int64]

MOST_BINS: Final = 300
_PLANNED_BINS: Final = 200
_BATCH_ROWS: Final = 4_096
"""NumPy calls cost the same for one row as for some hundred, so rows are gathered."""
_PLACE_BITS: Final = 13
"""A bin of a histogram of times below 2**53 us has a number below 2**13."""
_NOTHING_YET: Final = -1
_READ_KINDS: Final = (kinds.COMPOSED, kinds.SHOWN, kinds.CONNECTED, kinds.DISCONNECTED, kinds.PHASE)
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
    """A sink that picks COMPOSED, SHOWN, CONNECTED, DISCONNECTED and PHASE rows out of the chunks of a history. Memory
    follows the messages that nobody has seen yet and the phones that are connected."""

    def __init__(self, duration_us: int) -> None:
        self._width_us = width_for(duration_us)
        self._reads = np.zeros(max(kinds.KIND_NAMES) + 1, dtype=bool)
        self._reads[list(_READ_KINDS)] = True
        self._gathered: list[Integers] = []
        self._gathered_rows = 0
        self._end_us = 0
        self._composed = np.zeros(MOST_BINS, dtype=np.int64)
        self._shown = np.zeros(MOST_BINS, dtype=np.int64)
        self._waited: dict[int, int] = {}
        """(bin << 13) + bin of the histogram of times: how many."""
        self._last = np.full(MOST_BINS, _NOTHING_YET, dtype=np.int64)
        self._least = np.full(MOST_BINS, np.iinfo(np.int64).max, dtype=np.int64)
        self._most = np.full(MOST_BINS, _NOTHING_YET, dtype=np.int64)
        self._written_us: dict[int, int] = {}
        self._epochs: dict[int, int] = {}
        self._phases: list[tuple[int, int]] = []

    def take(self, chunk: Integers) -> None:
        """Read a chunk of the history: a line per row, a column per field of ``Row``."""
        rows = chunk[self._reads[chunk[:, 1]]]
        if len(rows):
            self._gathered.append(rows)
            self._gathered_rows += len(rows)
            if self._gathered_rows >= _BATCH_ROWS:
                self._work()

    def finish(self) -> Series:
        """The series of the whole run."""
        self._work()
        number = self._end_us // self._width_us + 1 if self._phases or self._composed.any() else 0
        last, least, most = self._connected(number)
        halves, tails = self._quantiles(number, 0.5), self._quantiles(number, 0.99)
        return Series(
            width_us=self._width_us,
            composed=tuple(self._composed[:number].tolist()),
            shown=tuple(self._shown[:number].tolist()),
            waited_p50_us=tuple(halves),
            waited_p99_us=tuple(tails),
            connected=tuple(last.tolist()),
            connected_least=tuple(least.tolist()),
            connected_most=tuple(most.tolist()),
            phases=tuple(self._phases),
        )

    def _work(self) -> None:
        """Count what was gathered."""
        if not self._gathered:
            return
        rows = Row(*np.concatenate(self._gathered).T)
        self._gathered.clear()
        self._gathered_rows = 0
        time_us, kind = np.asarray(rows.time_us), np.asarray(rows.kind)
        self._end_us = int(time_us[-1])
        while self._end_us // self._width_us >= MOST_BINS:
            self._merge_two_by_two()
        place = time_us // self._width_us
        composed, shown, phase = (kind == wanted for wanted in (kinds.COMPOSED, kinds.SHOWN, kinds.PHASE))
        operation, who, number = (np.asarray(column) for column in (rows.operation, rows.who, rows.number))
        self._composed += np.bincount(place[composed], minlength=MOST_BINS)
        self._written_us.update(zip(operation[composed].tolist(), time_us[composed].tolist(), strict=True))
        self._count_shown(operation[shown], time_us[shown])
        up = kind == kinds.CONNECTED
        link = up | (kind == kinds.DISCONNECTED)
        self._count_connected(place[link], up[link], who[link], number[link])
        self._phases.extend(zip(time_us[phase].tolist(), number[phase].tolist(), strict=True))

    def _count_shown(self, operation: Integers, time_us: Integers) -> None:
        """Only the first time that a message is seen counts."""
        take = self._written_us.pop
        written_us = np.fromiter((take(each, -1) for each in operation.tolist()), np.int64, len(operation))
        first = written_us >= 0
        written_us, time_us = written_us[first], time_us[first]
        if not len(time_us):
            return
        self._shown += np.bincount(time_us // self._width_us, minlength=MOST_BINS)
        keys = (written_us // self._width_us << _PLACE_BITS) + _bins_of(time_us - written_us)
        for key, count in zip(*(part.tolist() for part in np.unique(keys, return_counts=True)), strict=True):
            self._waited[key] = self._waited.get(key, 0) + count

    def _count_connected(self, place: Integers, up: NDArray[np.bool_], device: Integers, epoch: Integers) -> None:
        """Count phones, not connections: an old one that dies in silence is not counted beside the new one."""
        if not len(place):
            return
        epochs = self._epochs
        counts = []
        for comes, who, number in zip(up.tolist(), device.tolist(), epoch.tolist(), strict=True):
            if comes:
                epochs[who] = number
            elif epochs.get(who) == number:
                del epochs[who]
            counts.append(len(epochs))
        now = np.array(counts, dtype=np.int64)
        self._last[place] = now
        np.minimum.at(self._least, place, now)
        np.maximum.at(self._most, place, now)

    def _connected(self, number: int) -> tuple[Integers, Integers, Integers]:
        """At the end of, fewest and most within each bin; what was connected before a bin carries over into it."""
        last = self._last[:number].copy()
        before = 0
        carried = np.zeros(number, dtype=np.int64)
        for place in range(number):
            carried[place] = before
            if last[place] == _NOTHING_YET:
                last[place] = before
            before = last[place]
        return last, np.minimum(self._least[:number], carried), np.maximum(self._most[:number], carried)

    def _quantiles(self, number: int, share: float) -> Iterator[int | None]:
        """The quantile of every bin; ``None`` for one without a delivery."""
        by_bin = {
            place: list(group) for place, group in groupby(sorted(self._waited), key=lambda key: key >> _PLACE_BITS)
        }
        for place in range(number):
            keys = by_bin.get(place, [])
            counts = [self._waited[key] for key in keys]
            yield _quantile([key & (1 << _PLACE_BITS) - 1 for key in keys], counts, share) if keys else None

    def _merge_two_by_two(self) -> None:
        self._width_us *= 2
        empty = MOST_BINS // 2
        for counted in (self._composed, self._shown):
            counted[:empty] = counted[::2] + counted[1::2]
            counted[empty:] = 0
        self._last[:empty] = np.where(self._last[1::2] == _NOTHING_YET, self._last[::2], self._last[1::2])
        self._least[:empty] = np.minimum(self._least[::2], self._least[1::2])
        self._most[:empty] = np.maximum(self._most[::2], self._most[1::2])
        self._last[empty:] = self._most[empty:] = _NOTHING_YET
        self._least[empty:] = np.iinfo(np.int64).max
        waited: dict[int, int] = {}
        for key, count in self._waited.items():
            merged = (key >> _PLACE_BITS + 1 << _PLACE_BITS) + (key & (1 << _PLACE_BITS) - 1)
            waited[merged] = waited.get(merged, 0) + count
        self._waited = waited


def _bins_of(times_us: Integers) -> Integers:
    """``histogram.bin_of`` of many times; a double holds every time below 2**53 us (285 years) exactly."""
    shift = np.maximum(np.frexp(times_us.astype(np.float64))[1].astype(np.int64) - SUB_BITS - 1, 0)
    bins: Integers = (shift << SUB_BITS) + (times_us >> shift)
    return bins


def _quantile(places: list[int], counts: list[int], share: float) -> int:
    """Nearest rank; the middle of the bin in which it lies."""
    rank = max(1, -int(-share * sum(counts) // 1))
    for place, count in zip(places, counts, strict=True):
        rank -= count
        if rank <= 0:
            return sum(bounds_of(place)) // 2
    raise AssertionError("the ranks of the bins do not add up")
