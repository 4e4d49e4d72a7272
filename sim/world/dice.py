"""Dice without state: a draw is a 64-bit mix of (seed, purpose, entity, operation, attempt).

Nothing is remembered between draws, so a draw added in one place moves none elsewhere, and two variants of a scenario
share their luck message by message (common random numbers). The mixer is the finaliser of splitmix64 (Steele, Lea,
Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014).
"""

from __future__ import annotations

import hashlib
import math
from functools import lru_cache
from statistics import NormalDist
from typing import Final

MASK: Final = 0xFFFF_FFFF_FFFF_FFFF
_GOLDEN: Final = 0x9E37_79B9_7F4A_7C15
_ENTITY: Final = 0xD6E8_FEB8_6659_FD93
_ATTEMPT: Final = 0xA076_1D64_78BD_642F
TABLE_BITS: Final = 10
TABLE_SIZE: Final = 1 << TABLE_BITS
TABLE_SHIFT: Final = 64 - TABLE_BITS


def mix(key: int, value: int) -> int:
    """Mix a 64-bit key with any integer into 64 well-spread bits."""
    h = (key ^ (value * _GOLDEN)) & MASK
    h = ((h ^ (h >> 30)) * 0xBF58_476D_1CE4_E5B9) & MASK
    h = ((h ^ (h >> 27)) * 0x94D0_49BB_1331_11EB) & MASK
    return h ^ (h >> 31)


def spread(key: int, value: int) -> int:
    """A lighter mix, for the delays of hops: good in its top 40 bits, at half the cost.

    One multiplication spreads the value (a Weyl sequence), one more avalanches it; the tests hold its uniformity and
    independence against ``mix``.
    """
    h = (key ^ (value * _GOLDEN)) & MASK
    h = ((h ^ (h >> 32)) * 0xD6E8_FEB8_6659_FD93) & MASK
    return h ^ (h >> 32)


@lru_cache(maxsize=4096)
def purpose_key(seed: int, purpose: str) -> int:
    """The key of one purpose under one seed: 64 bits of a hash of the name, so no order of creation matters."""
    name = int.from_bytes(hashlib.blake2b(purpose.encode(), digest_size=8).digest(), "big")
    return mix(mix(seed & MASK, seed >> 64), name)


def seed_of(text: str) -> int:
    """A seed is text: digits are an integer, anything else (a commit) is hashed to 64 bits."""
    stripped = text.strip()
    if stripped.isdecimal() and stripped.isascii():
        return int(stripped)
    return int.from_bytes(hashlib.blake2b(stripped.encode(), digest_size=8).digest(), "big")


class Dice:
    """Every draw of one run. A purpose is a short name such as ``"phone link delay"``."""

    __slots__ = ("seed",)

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def key(self, purpose: str) -> int:
        """The key of a purpose, to be kept by callers that draw often and call ``mix`` themselves."""
        return purpose_key(self.seed, purpose)

    def bits(self, purpose: str, entity: int = 0, operation: int = 0, attempt: int = 0) -> int:
        """64 random bits."""
        key = purpose_key(self.seed, purpose)
        return mix(key ^ ((entity * _ENTITY) & MASK) ^ ((attempt * _ATTEMPT) & MASK), operation)

    def below(self, limit: int, purpose: str, entity: int = 0, operation: int = 0, attempt: int = 0) -> int:
        """A whole number in [0, limit), by multiplication (bias below 2^-64 times the limit)."""
        return (self.bits(purpose, entity, operation, attempt) * limit) >> 64

    def unit(self, purpose: str, entity: int = 0, operation: int = 0, attempt: int = 0) -> float:
        """A number in [0, 1), with 53 bits."""
        return (self.bits(purpose, entity, operation, attempt) >> 11) * 2.0**-53

    def chance(self, share: float, purpose: str, entity: int = 0, operation: int = 0, attempt: int = 0) -> bool:
        """True with this probability."""
        return self.unit(purpose, entity, operation, attempt) < share

    def lognormal_us(
        self, median_us: int, sigma: float, purpose: str, entity: int = 0, operation: int = 0, attempt: int = 0
    ) -> int:
        """A lognormal time in whole microseconds, at least 1."""
        return lognormal_table(median_us, sigma)[self.bits(purpose, entity, operation, attempt) >> TABLE_SHIFT]


@lru_cache(maxsize=1)
def _standard_normal_quantiles() -> tuple[float, ...]:
    normal = NormalDist()
    return tuple(normal.inv_cdf((place + 0.5) / TABLE_SIZE) for place in range(TABLE_SIZE))


@lru_cache(maxsize=256)
def lognormal_table(median_us: int, sigma: float) -> tuple[int, ...]:
    """Quantiles of a lognormal time in whole microseconds: 1,024 of equal weight, indexed by the top bits of a draw.

    Drawing is one look-up; the far tail is cut at the 1 - 1/2048 quantile, which faults are there to exceed.
    """
    return tuple(max(1, round(median_us * math.exp(sigma * z))) for z in _standard_normal_quantiles())
