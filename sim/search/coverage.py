"""What a run has covered: points of the protocol, and which effect of one operation followed which of another's, at a
host.

Both are sets over numbered places, kept as the bits of one integer: joining and comparing them is one operation each.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from ..vocabulary.points import CATALOGUE

_PLACE: Final = {point: number for number, point in enumerate(CATALOGUE)}
_OFTEN: Final = (1, 2, 4, 8, 32, 128)
"""A point that is met more often than ever before, by these steps, is news as well."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was covered, by one run or by many."""

    points: int = 0
    """Bit n: the n-th point of the catalogue was met."""
    often: int = 0
    """Bits of (point, how often by steps)."""
    pairs: int = 0
    """Bit n * size + m: effect m of one operation followed effect n of another at the same host."""

    @classmethod
    def of(cls, result: Any) -> Coverage:
        """What a run that counted coverage has met."""
        points = often = 0
        steps = len(_OFTEN)
        for point, times in result.points_met.items():
            place = _PLACE.get(point)
            if place is None:
                continue  # a planted bug's own effect: no point of the protocol
            points |= 1 << place
            often |= 1 << place * steps + sum(times >= step for step in _OFTEN) - 1
        return cls(points, often, bits_of_pairs(result.pairs_met))

    def __or__(self, other: Coverage) -> Coverage:
        return Coverage(self.points | other.points, self.often | other.often, self.pairs | other.pairs)

    def beyond(self, known: Coverage) -> Coverage:
        """What is covered here and was not known."""
        return Coverage(self.points & ~known.points, self.often & ~known.often, self.pairs & ~known.pairs)

    @property
    def size(self) -> int:
        """How many places are covered."""
        return self.points.bit_count() + self.often.bit_count() + self.pairs.bit_count()

    def named(self) -> tuple[str, ...]:
        """The points that were met, by name."""
        return tuple(point for point, number in _PLACE.items() if self.points >> number & 1)

    def as_text(self) -> str:
        """Short text for a ledger."""
        return ".".join(_packed(each) for each in (self.points, self.often, self.pairs))

    @classmethod
    def from_text(cls, text: str) -> Coverage:
        """Read what ``as_text`` wrote."""
        points, often, pairs = (_unpacked(part) for part in text.split("."))
        return cls(points, often, pairs)


def bits_of_pairs(pairs: Mapping[tuple[str, str], int]) -> int:
    """Pairs of point names as bits."""
    size = len(CATALOGUE)
    bits = bytearray(size * size // 8 + 1)
    for first, then in pairs:
        if first not in _PLACE or then not in _PLACE:
            continue
        place = _PLACE[first] * size + _PLACE[then]
        bits[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(bits, "little")


def pairs_named(bits: int) -> Iterator[tuple[str, str]]:
    """The pairs of point names that bits stand for."""
    size = len(CATALOGUE)
    while bits:
        lowest = bits & -bits
        place = lowest.bit_length() - 1
        yield CATALOGUE[place // size], CATALOGUE[place % size]
        bits ^= lowest


def _packed(bits: int) -> str:
    raw = bits.to_bytes((bits.bit_length() + 7) // 8, "little")
    return base64.b64encode(zlib.compress(raw, 6)).decode() if raw else ""


def _unpacked(text: str) -> int:
    return int.from_bytes(zlib.decompress(base64.b64decode(text)), "little") if text else 0
