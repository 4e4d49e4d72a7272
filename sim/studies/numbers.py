"""Numbers as people read them: as many digits as the interval bears, and the interval behind them."""

from __future__ import annotations

import math
from typing import Final

from ..statistics.intervals import Estimate
from ..vocabulary.metrics import MICROSECONDS, SECONDS
from ..vocabulary.units import format_duration

NOTHING: Final = "–"
PERCENT: Final = "%"
_EXACT_BELOW: Final = 1e15
_DIGITS_ALONE: Final = 4
"""Significant digits of a number without an interval; a percentage has one less."""
_DIGITS_OF_INTERVAL: Final = 2
_LOPSIDED: Final = 0.1


def number_text(found: Estimate | None, unit: str, *, plain: bool = False) -> str:
    """``1,204 ± 31``, ``12.7 (12.4 to 13.3)`` where the interval is lopsided, ``86.3ms ± 1.2ms``, ``-92% ± 1%``; plain
    is without the interval."""
    if found is None or not math.isfinite(found.value):
        return NOTHING
    half = found.half_width
    places = _places(found.value, half, unit)
    text = written(found.value, unit, places)
    if plain or half is None or found.low is None or found.high is None:
        return text
    if half == 0.0:
        return text
    middle = (found.low + found.high) / 2
    if abs(middle - found.value) <= _LOPSIDED * half:
        return f"{text} ± {written(half, unit, places)}"
    return f"{text} ({written(found.low, unit, places)} to {written(found.high, unit, places)})"


def written(value: float, unit: str, places: int) -> str:
    """One number in its unit, rounded to so many places behind the point (before it, if negative)."""
    if unit == SECONDS:
        return format_duration(value * 1e6)
    if unit == MICROSECONDS:
        return format_duration(value)
    scaled = value * 100 if unit == PERCENT else value
    rounded = round(scaled, places) + 0.0
    return f"{rounded:,.{max(0, places)}f}" + (PERCENT if unit == PERCENT else "")


def _places(value: float, half: float | None, unit: str) -> int:
    """Places behind the point: two digits of the interval, or four of a number that has none (a whole one in full)."""
    if unit == PERCENT:
        value, half = value * 100, None if half is None else half * 100
    if half:
        return _DIGITS_OF_INTERVAL - 1 - math.floor(math.log10(half))
    if value == 0.0 or (abs(value) < _EXACT_BELOW and value == int(value)):
        return 0
    digits = _DIGITS_ALONE - (unit == PERCENT)
    return max(0, digits - 1 - math.floor(math.log10(abs(value))))
