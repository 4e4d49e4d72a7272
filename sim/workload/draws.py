"""Draws by the thousand: the same bits as ``dice.mix``, for a whole array of operations at once.

Only wrapping 64-bit integer arithmetic, and products of doubles, which every platform rounds alike: the stream is the
same everywhere, and equal to what single draws would give.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import numpy.typing as npt

from ..world.dice import MASK, TABLE_SHIFT, lognormal_table

Words = npt.NDArray[np.uint64]
Units = npt.NDArray[np.float64]
Wholes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

_GOLDEN: Final = np.uint64(0x9E37_79B9_7F4A_7C15)
_FIRST: Final = np.uint64(0xBF58_476D_1CE4_E5B9)
_SECOND: Final = np.uint64(0x94D0_49BB_1331_11EB)
_UNIT_BITS: Final = 53


def mix_many(key: int, values: Words) -> Words:
    """``dice.mix(key, value)`` of every value."""
    h = values * _GOLDEN
    h ^= np.uint64(key & MASK)
    h ^= h >> np.uint64(30)
    h *= _FIRST
    h ^= h >> np.uint64(27)
    h *= _SECOND
    h ^= h >> np.uint64(31)
    return h


def units(words: Words) -> Units:
    """Numbers in [0, 1) with 53 bits, as ``Dice.unit`` makes them."""
    return (words >> np.uint64(64 - _UNIT_BITS)).astype(np.float64) * 2.0**-_UNIT_BITS


def chances(words: Words, share: float) -> Flags:
    """True with this probability, as ``Dice.chance`` decides it."""
    return (words >> np.uint64(64 - _UNIT_BITS)) < np.uint64(math.ceil(share * 2.0**_UNIT_BITS))


def lognormal_us(words: Words, median_us: int, sigma: float) -> Wholes:
    """Lognormal times in whole microseconds, as ``Dice.lognormal_us`` draws them."""
    table = np.array(lognormal_table(median_us, sigma), dtype=np.int64)
    return table[(words >> np.uint64(TABLE_SHIFT)).astype(np.int64)]
