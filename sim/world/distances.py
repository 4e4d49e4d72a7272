"""How far seven regions are from one another: measured round trips, and a stated rule for pairs that nobody measured.

Ten pairs are published round trips between data centres of one provider (grade A in the project's table of figures).
For any other pair the round trip is the lesser of two estimates:

- the shortest way over published pairs (traffic can go there, so it is an upper bound), and
- the great-circle distance times what the published pairs cost per kilometre (their median).
"""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from statistics import median
from typing import Final

MEASURED_MS: Final[dict[tuple[str, str], int]] = {
    ("dallas", "washington"): 31,
    ("dallas", "frankfurt"): 123,
    ("washington", "london"): 76,
    ("frankfurt", "london"): 13,
    ("dallas", "tokyo"): 143,
    ("frankfurt", "tokyo"): 228,
    ("sydney", "tokyo"): 115,
    ("washington", "sydney"): 214,
    ("sao_paulo", "frankfurt"): 197,
    ("sao_paulo", "sydney"): 328,
}
"""Published round trips."""

POSITIONS: Final[dict[str, tuple[float, float]]] = {
    "frankfurt": (50.11, 8.68),
    "washington": (38.91, -77.04),
    "tokyo": (35.68, 139.69),
    "london": (51.51, -0.13),
    "dallas": (32.78, -96.80),
    "sydney": (-33.87, 151.21),
    "sao_paulo": (-23.55, -46.63),
}
"""Latitude and longitude of the cities, in degrees."""
REGION_NAMES: Final = tuple(POSITIONS)
"""Every region that the matrix knows, in the order in which a scenario takes them."""
_EARTH_RADIUS_KM: Final = 6371.0


def kilometres(one: str, other: str) -> float:
    """The great-circle distance of two regions."""
    latitude, longitude = (radians(value) for value in POSITIONS[one])
    latitude_there, longitude_there = (radians(value) for value in POSITIONS[other])
    across = sin((latitude_there - latitude) / 2) ** 2
    across += cos(latitude) * cos(latitude_there) * sin((longitude_there - longitude) / 2) ** 2
    return 2 * _EARTH_RADIUS_KM * asin(sqrt(across))


def measured_ms(one: str, other: str) -> int | None:
    """The published round trip of a pair, if there is one."""
    return MEASURED_MS.get((one, other), MEASURED_MS.get((other, one)))


@cache
def round_trip_ms(one: str, other: str) -> int:
    """The round trip between two regions: as published, or by the rule above."""
    if one == other:
        return 0
    published = measured_ms(one, other)
    if published is not None:
        return published
    per_kilometre = median(time / kilometres(*pair) for pair, time in MEASURED_MS.items())
    return min(_shortest_way_ms(one, other), round(kilometres(one, other) * per_kilometre))


def _shortest_way_ms(one: str, other: str) -> int:
    """The least sum of published round trips on a way from one to the other."""
    ways: list[tuple[str, ...]] = [(one,)]
    best: int | None = None
    while ways:
        way = ways.pop()
        length = sum(measured_ms(here, there) or 0 for here, there in pairwise(way))
        if best is not None and length >= best:
            continue
        if way[-1] == other:
            best = length
            continue
        ways.extend((*way, following) for following in REGION_NAMES
                    if following not in way and measured_ms(way[-1], following) is not None)  # fmt: skip
    assert best is not None, "every region has a published pair, and they hang together"
    return best
