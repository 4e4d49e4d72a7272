"""A histogram of times in whole microseconds: bins that grow with the value, so every quantile is within 0.4 %.

Values below 256 us have a bin each. From there on each doubling is cut into 128 bins of equal width, so a bin is at
most 0.8 % wide and its middle is at most 0.4 % off. Finding the bin is a shift and an addition on integers: exact on
every machine, where a logarithm is not. Histograms of several runs are merged and then asked for a quantile;
averaging the quantiles of runs would answer another question.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Final

SUB_BITS: Final = 7
_EXACT_BELOW: Final = 1 << (SUB_BITS + 1)


def bin_of(us: int) -> int:
    """The bin that holds a time in microseconds."""
    shift = us.bit_length() - SUB_BITS - 1
    return us if shift <= 0 else (shift << SUB_BITS) + (us >> shift)


def bounds_of(place: int) -> tuple[int, int]:
    """The smallest and the largest time (microseconds, both inside) of a bin."""
    if place < _EXACT_BELOW:
        return place, place
    shift = (place >> SUB_BITS) - 1
    lowest = (place - (shift << SUB_BITS)) << shift
    return lowest, lowest + (1 << shift) - 1


class Histogram:
    """How often which time was seen. Memory follows the number of different bins, at most a few hundred in practice."""

    __slots__ = ("_bins", "_maximum", "_minimum", "_total")

    def __init__(self, times_us: Iterable[int] = ()) -> None:
        self._bins: dict[int, int] = {}
        self._total = 0
        self._minimum = -1
        self._maximum = -1
        self.add_many(times_us)

    def add(self, us: int) -> None:
        """Count one time in microseconds; negative ones are refused."""
        if us < 0:
            raise ValueError(f"a time of {us} us is below zero")
        shift = us.bit_length() - SUB_BITS - 1
        place = us if shift <= 0 else (shift << SUB_BITS) + (us >> shift)
        bins = self._bins
        bins[place] = bins.get(place, 0) + 1
        self._total += us
        if us > self._maximum:
            self._maximum = us
        if us < self._minimum or self._minimum < 0:
            self._minimum = us

    def add_many(self, times_us: Iterable[int]) -> None:
        """Count many times in microseconds (a list, a column of integers): all of them, or none if one is negative."""
        times = [int(us) for us in times_us]
        if not times:
            return
        least, most = min(times), max(times)
        if least < 0:
            raise ValueError(f"a time of {least} us is below zero")
        for place, number in Counter(map(bin_of, times)).items():
            self._bins[place] = self._bins.get(place, 0) + number
        self._total += sum(times)
        self._widen(least, most)

    def merge(self, other: Histogram) -> None:
        """Add everything that another histogram has counted."""
        for place, number in other._bins.items():
            self._bins[place] = self._bins.get(place, 0) + number
        self._total += other._total
        if other._maximum >= 0:
            self._widen(other._minimum, other._maximum)

    def quantile(self, share: float) -> int | None:
        """The time in microseconds that this share of all does not exceed (nearest rank); ``None`` when empty."""
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{share} is no share between 0 and 1")
        number = self.count
        if number == 0:
            return None
        rank = max(1, _ceiling(share * number))
        for place in sorted(self._bins):
            rank -= self._bins[place]
            if rank <= 0:
                lowest, highest = bounds_of(place)
                return min(max((lowest + highest) // 2, self._minimum), self._maximum)
        raise AssertionError("the ranks of the bins do not add up")

    @property
    def count(self) -> int:
        """How many times were counted."""
        return sum(self._bins.values())

    @property
    def minimum_us(self) -> int | None:
        """The smallest time, exact; ``None`` when empty."""
        return None if self._minimum < 0 else self._minimum

    @property
    def maximum_us(self) -> int | None:
        """The largest time, exact; ``None`` when empty."""
        return None if self._maximum < 0 else self._maximum

    @property
    def mean_us(self) -> float | None:
        """The mean, exact; ``None`` when empty."""
        number = self.count
        return self._total / number if number else None

    def rows(self) -> list[tuple[int, int, int]]:
        """(lowest, highest, how many) of every bin in use, times in microseconds, ascending."""
        return [(*bounds_of(place), self._bins[place]) for place in sorted(self._bins)]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Histogram):
            return NotImplemented
        return (self._bins, self._total, self._minimum, self._maximum) == (
            other._bins,
            other._total,
            other._minimum,
            other._maximum,
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Histogram({self.count} times, {self._minimum}..{self._maximum} us)"

    def _widen(self, least: int, most: int) -> None:
        self._minimum = least if self._minimum < 0 else min(self._minimum, least)
        self._maximum = max(self._maximum, most)


def _ceiling(value: float) -> int:
    """Round up, forgiving what floating point adds: 0.99 times 100 is rank 99, not 100."""
    nearest = round(value)
    return nearest if abs(value - nearest) < 1e-9 * max(1.0, value) else int(value) + 1


def merged(histograms: Iterable[Histogram | None]) -> Histogram | None:
    """One histogram of all; ``None`` when there was none."""
    whole: Histogram | None = None
    for histogram in histograms:
        if histogram is not None:
            whole = whole or Histogram()
            whole.merge(histogram)
    return whole
