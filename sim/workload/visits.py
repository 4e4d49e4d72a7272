"""When phones are connected: always, or in visits through the day that are drawn day by day, when somebody asks.

A person's day runs from four in the morning to four in the morning of their own clock, when hardly anyone is up, so
an evening past midnight is one piece. The run begins at noon of the middle time zone. Visits are half-open: a phone
whose visit ends at t is connected before t and not at t.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from operator import itemgetter
from typing import Final, NamedTuple, Protocol

import numpy as np

from ..scenario.model import Visits
from ..vocabulary.units import DAY_US, MICROSECONDS
from ..world.dice import MASK, TABLE_SHIFT, TABLE_SIZE, lognormal_table, mix, purpose_key
from .draws import Words, mix_many

Visit = tuple[int, int]
"""Start and end in microseconds from the start of the run; the start may lie before it."""

FOREVER_US: Final = 1 << 62
HOUR_US: Final = MICROSECONDS["h"]
DAY_BEGINS_HOUR: Final = 4
RUN_BEGINS_HOUR: Final = 12
ZONE_HOURS: Final = 6
"""Time zones reach this far to either side of the middle one; the middle ones hold most people."""
LONGEST_US: Final = DAY_US // 2
"""No single visit is longer, so one reaches into the next day at most."""
HOUR_WEIGHTS: Final = (1, 2, 4, 7, 9, 9, 9, 10, 11, 10, 9, 9, 10, 11, 12, 13, 14, 14, 13, 10, 6, 3, 2, 1)
"""How likely a visit begins in each hour of a person's day, from four in the morning on."""
DAILY_SIGMA: Final = 0.35
"""How much the number of visits differs from day to day and from person to person (sigma of its logarithm)."""
CACHED_DAYS: Final = 4096
_DAYS_LOOKED_AT: Final = 100_000
_LOW_WORD: Final = 0xFFFF_FFFF
_WEIGHT: Final = sum(HOUR_WEIGHTS)
_HOUR_STARTS: Final = tuple(
    hour * HOUR_US + part * HOUR_US // weight for hour, weight in enumerate(HOUR_WEIGHTS) for part in range(weight)
)
"""The day in ``_WEIGHT`` stretches of equal weight: where each begins."""
_HOUR_LENGTHS: Final = tuple(
    (part + 1) * HOUR_US // weight - part * HOUR_US // weight for weight in HOUR_WEIGHTS for part in range(weight)
)


class VisitPlan(Protocol):
    """When a person's phone is connected by their own habits."""

    always: bool
    """True: nobody ever leaves, and nobody needs to ask."""

    def visits_of_day(self, user: int, day: int) -> tuple[Visit, ...]:
        """The visits that begin on a person's own day of this number: sorted, no two overlapping."""

    def next_visit(self, user: int, at_us: int) -> Visit:
        """The visit that is running at this time, or else the next one to begin."""


def plan_visits(visits: Visits, seed: int) -> VisitPlan:
    """The plan that a scenario asks for."""
    return AlwaysThere() if visits.kind == "always" else DailyVisits(visits, seed)


class AlwaysThere:
    """Every phone is connected all the time."""

    always = True

    def visits_of_day(self, user: int, day: int) -> tuple[Visit, ...]:
        return ((day * DAY_US, (day + 1) * DAY_US),)

    def next_visit(self, user: int, at_us: int) -> Visit:
        return (0, FOREVER_US)


class _Day(NamedTuple):
    """One day of one person."""

    free_from_us: int
    """When the last visit of the day before has ended; the start of the day when it ended by then."""
    visits: tuple[Visit, ...]


class DailyVisits:
    """Each (person, day) is drawn by itself; the days drawn last are kept.

    The mean number of visits begun a day is ``per_day``; those that run into one another are merged, so a little
    fewer are seen. A visit that runs into the next day takes away the start of what it overlaps there.
    """

    always = False

    def __init__(self, visits: Visits, seed: int) -> None:
        self._key = purpose_key(seed, "visits")
        self._zone_key = purpose_key(seed, "time zone")
        self._lengths, self._late = _lengths(visits.length_us, visits.sigma)
        self._counts = _counts(visits.per_day)
        self._day = lru_cache(maxsize=CACHED_DAYS)(self._draw_day)

    def day_of(self, user: int, at_us: int) -> int:
        """The number of a person's own day at a time; it may be -1 at the start of the run."""
        return (at_us - self._begin(user)) // DAY_US

    def visits_of_day(self, user: int, day: int) -> tuple[Visit, ...]:
        """The visits that begin on a person's own day of this number: sorted, no two overlapping."""
        if self._count(mix(mix(self._key, user), day)) == 0:
            return ()  # not worth a place among the days that are kept
        return self._day(user, day).visits

    def next_visit(self, user: int, at_us: int) -> Visit:
        """The visit that is running at this time, or else the next one to begin."""
        today = self.day_of(user, at_us)
        free_from_us, visits = self._day(user, today)
        if free_from_us > at_us:
            return self._day(user, today - 1).visits[-1]
        day = today
        while not visits or visits[-1][1] <= at_us:
            day += 1
            if day - today > _DAYS_LOOKED_AT:
                return (FOREVER_US, FOREVER_US)
            visits = self.visits_of_day(user, day)
        return visits[bisect_right(visits, at_us, key=itemgetter(1))]

    def _begin(self, user: int) -> int:
        """When the person's day number 0 begins. The sum of two draws makes the middle zones the fullest."""
        bits = mix(self._zone_key, user)
        sides = ZONE_HOURS + 1
        zone = ((bits >> 32) * sides >> 32) + ((bits & _LOW_WORD) * sides >> 32) - ZONE_HOURS
        return (DAY_BEGINS_HOUR - RUN_BEGINS_HOUR - zone) * HOUR_US

    def _count(self, day_key: int) -> int:
        """How many visits begin: a whole number whose mean over all days is ``per_day``."""
        bits = mix(day_key, -1)
        whole, more = self._counts[bits >> TABLE_SHIFT]
        return whole + ((bits & _LOW_WORD) < more)

    def _draws(self, user: int, day: int) -> Words:
        """One draw for each visit of a day: its place in the day in the high bits, its length in the low ones."""
        day_key = mix(mix(self._key, user), day)
        return mix_many(day_key, np.arange(self._count(day_key), dtype=np.uint64))

    def _draw_day(self, user: int, day: int) -> _Day:
        begin, lengths = self._begin(user) + day * DAY_US, self._lengths
        free_from = self._end_past_day(user, day - 1, begin)
        visits: list[Visit] = []
        latest = free_from - 1
        # the more the bits, the later the start: sorting the draws sorts the visits
        for bits in np.sort(self._draws(user, day)).tolist():
            start = begin + _start_of(bits)
            end = start + lengths[bits % TABLE_SIZE]
            if end <= latest or end <= free_from:
                continue
            if visits and start <= latest:
                visits[-1] = (visits[-1][0], end)
            else:
                visits.append((max(start, free_from), end))
            latest = end
        return _Day(free_from, tuple(visits))

    def _end_past_day(self, user: int, day: int, day_end: int) -> int:
        """When the last visit of a day ends that runs into the next day; the end of the day when none does."""
        draws = self._draws(user, day)
        late = draws[draws >= self._late].tolist()
        starts = day_end - DAY_US
        return max((starts + _start_of(bits) + self._lengths[bits % TABLE_SIZE] for bits in late), default=day_end)


def _start_of(bits: int) -> int:
    """The start of a visit within a person's day; it never falls as the bits grow."""
    scaled = bits * _WEIGHT
    part = scaled >> 64
    return _HOUR_STARTS[part] + ((scaled & MASK) * _HOUR_LENGTHS[part] >> 64)


@lru_cache(maxsize=16)
def _lengths(median_us: int, sigma: float) -> tuple[tuple[int, ...], np.uint64]:
    """Lengths of visits by the low bits of a draw, and the fewest bits of a visit that may outlast its day."""
    lengths = tuple(min(length, LONGEST_US) for length in lognormal_table(median_us, sigma))
    low, high = 0, MASK
    while low < high:
        middle = (low + high) // 2
        if _start_of(middle) < DAY_US - lengths[-1]:
            low = middle + 1
        else:
            high = middle
    return lengths, np.uint64(low)


@lru_cache(maxsize=16)
def _counts(per_day: float) -> tuple[tuple[int, int], ...]:
    """Visits a day by the top bits of a draw: a whole number, and out of 2^32 how often one more."""
    spread = lognormal_table(1_000_000, DAILY_SIGMA)
    mean = sum(spread) / TABLE_SIZE
    wanted = [per_day * value / mean for value in spread]
    return tuple((int(value), int((value - int(value)) * 2.0**32)) for value in wanted)
