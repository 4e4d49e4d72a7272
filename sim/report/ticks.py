"""Axes that people can read: time spans with the unit that suits, on linear and on logarithmic axes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullFormatter, NullLocator

from ..vocabulary.units import DAY_US, SECOND_US

_MINUTE_US: Final = 60 * SECOND_US
_HOUR_US: Final = 60 * _MINUTE_US
_UNITS: Final = (
    ("µs", "microseconds", 1),
    ("ms", "milliseconds", 1_000),
    ("s", "seconds", SECOND_US),
    ("min", "minutes", _MINUTE_US),
    ("h", "hours", _HOUR_US),
    ("d", "days", DAY_US),
)
_LADDER_US: Final = (
    *(step * 10**power for power in range(6) for step in (1, 2, 5)),
    *(step * SECOND_US for step in (1, 2, 5, 10, 20, 30)),
    *(step * _MINUTE_US for step in (1, 2, 5, 10, 20, 30)),
    *(step * _HOUR_US for step in (1, 2, 6, 12)),
    *(step * DAY_US for step in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
)
_COARSE_US: Final = (
    *(10**power for power in range(6)),
    *(
        SECOND_US,
        10 * SECOND_US,
        _MINUTE_US,
        10 * _MINUTE_US,
        _HOUR_US,
        6 * _HOUR_US,
        DAY_US,
        10 * DAY_US,
        100 * DAY_US,
    ),
)
_MOST_LABELS: Final = 7
_LEAST_FACTOR: Final = 10.0


class Unit(NamedTuple):
    """A unit of time for an axis."""

    short: str
    name: str
    us: int


def unit_for(span_us: float) -> Unit:
    """The largest unit of which the span has at least three, so that an axis shows numbers of a few digits."""
    fitting = [unit for unit in _UNITS if span_us >= 3 * unit[2]]
    return Unit(*(fitting[-1] if fitting else _UNITS[0]))


def span_words(span_us: int) -> str:
    """A round time span as an axis names it: ``5 s``, ``1 day``."""
    short, _, size = next(unit for unit in reversed(_UNITS) if span_us >= unit[2])
    number = span_us / size
    if short == "d":
        return "day" if number == 1 else f"{number:g} days"
    return f"{number:g} {short}"


def time_ticks(least_us: float, most_us: float) -> tuple[list[float], list[str]]:
    """Places and labels for a logarithmic axis from ``least_us`` to ``most_us``."""
    places: Sequence[float] = [tick for tick in _LADDER_US if least_us <= tick <= most_us]
    if len(places) > _MOST_LABELS:
        coarse = [tick for tick in _COARSE_US if least_us <= tick <= most_us]
        places = coarse if len(coarse) >= 2 else places
    return list(places), [span_words(int(place)) if place != DAY_US else "1 day" for place in places]


def log_time_axis(axis: Any, least_us: float, most_us: float) -> None:
    """Make a matplotlib axis logarithmic in time; its ticks carry their units. It spans a factor of ten at least, or it
    would make much of little and have room for a tick or two."""
    widen = max(1.0, _LEAST_FACTOR / (most_us / least_us)) ** 0.5
    least_us, most_us = least_us / widen, most_us * widen
    axis.axes.set(**{f"{axis.axis_name}scale": "log", f"{axis.axis_name}lim": (least_us, most_us)})
    places, labels = time_ticks(least_us, most_us)
    axis.set_major_locator(FixedLocator(places))
    axis.set_major_formatter(FuncFormatter(lambda _, place: labels[place] if place is not None else ""))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())


def linear_time_axis(axis: Any, most_us: float) -> Unit:
    """Ticks of a linear axis in the unit that suits, which is returned for the axis label."""
    unit = unit_for(most_us)
    steps = [1, 2, 3, 6, 10] if unit.short in ("s", "min") and most_us / unit.us > 20 else [1, 2, 5, 10]
    places = MaxNLocator(nbins=10, steps=steps).tick_values(0, most_us / unit.us)
    axis.set_major_locator(FixedLocator([place * unit.us for place in places]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value / unit.us:g}"))
    return unit


def count_axis(axis: Any, most: float, *, bins: int = 4) -> None:
    """From nothing to a little above ``most``, in whole numbers with a comma at the thousands."""
    axis.axes.set(**{f"{axis.axis_name}lim": (0, 1.08 * most)})
    axis.set_major_locator(MaxNLocator(nbins=bins, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
