"""Quantities with units: reading what people write, writing what people read."""

from __future__ import annotations

import re
from typing import Final

MICROSECONDS: Final = {
    "us": 1,
    "µs": 1,
    "ms": 1_000,
    "s": 1_000_000,
    "m": 60_000_000,
    "min": 60_000_000,
    "h": 3_600_000_000,
    "d": 86_400_000_000,
    "w": 604_800_000_000,
}
SECOND_US: Final = 1_000_000
DAY_US: Final = 86_400_000_000
COUNTS: Final = {"": 1, "k": 1_000, "K": 1_000, "M": 1_000_000, "G": 1_000_000_000}

_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(us|µs|ms|s|min|m|h|d|w)")
_RATE = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kKMG]?)\s*/\s*(s|m|min|h)")
_COUNT = re.compile(r"([0-9][0-9_]*(?:\.[0-9]+)?)\s*([kKMG]?)")


def parse_duration_us(text: str) -> int:
    """Read ``90s``, ``1m30s`` or ``2.5ms``; raise ``ValueError`` with a hint otherwise."""
    rest = text.strip()
    total = 0.0
    place = 0
    for part in _DURATION_PART.finditer(rest):
        if rest[place : part.start()].strip():
            break
        total += float(part.group(1)) * MICROSECONDS[part.group(2)]
        place = part.end()
    if place == 0 or rest[place:].strip():
        raise ValueError(f"{text!r} is no time span (write 250us, 90s, 5m, 2h or 7d)")
    return round(total)


def parse_count(text: str) -> int:
    """Read ``20000``, ``20k`` or ``1.5M``; raise ``ValueError`` with a hint otherwise."""
    match = _COUNT.fullmatch(text.strip())
    if match is None:
        hint = " (m is minutes; write M for million)" if re.fullmatch(r"[0-9.]+m", text.strip()) else ""
        raise ValueError(f"{text!r} is no count{hint or ' (write 500, 20k or 1M)'}")
    value = float(match.group(1).replace("_", "")) * COUNTS[match.group(2)]
    if value != int(value):
        raise ValueError(f"{text!r} is no whole number")
    return int(value)


def parse_rate(text: str) -> float:
    """Read ``20k/s``, ``230/s`` or ``30/m`` as so many a second; raise ``ValueError`` with a hint otherwise."""
    match = _RATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is no rate (write 230/s, 20k/s or 30/m)")
    number = float(match.group(1).replace("_", "")) * COUNTS[match.group(2)]
    return number * (SECOND_US / MICROSECONDS[match.group(3)])


def parse_share(text: str) -> float:
    """Read ``0.5%`` or ``0.005``; raise ``ValueError`` with a hint otherwise."""
    stripped = text.strip()
    try:
        value = float(stripped[:-1]) / 100.0 if stripped.endswith("%") else float(stripped)
    except ValueError:
        raise ValueError(f"{text!r} is no share (write 5% or 0.05)") from None
    return value


def format_duration(span_us: float) -> str:
    """Write a time span as people say it: ``850us``, ``12.3ms``, ``4.20s``, ``1h02m``, ``12d03h``."""
    if span_us < 0:
        return "-" + format_duration(-span_us)
    if span_us < 1_000:
        return f"{span_us:.0f}us"
    if span_us < SECOND_US:
        return f"{span_us / 1_000:.3g}ms"
    if span_us < 60 * SECOND_US:
        return f"{span_us / SECOND_US:.3g}s"
    minutes, seconds = divmod(round(span_us / SECOND_US), 60)
    if minutes < 60:
        return f"{minutes}m{seconds:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours}h{minutes:02d}m"
    days, hours = divmod(hours, 24)
    return f"{days}d{hours:02d}h"
