"""Where a warm-up ends: MSER-5.

The series is cut into batches of five; of the batch means Z_1 .. Z_m the first d are dropped for which

    MSER(d) = sum over i > d of (Z_i - mean)^2 / (m - d)^2

is least: the squared width of the interval of what is left (White, "An effective truncation heuristic for bias
reduction in simulation output", Simulation 69(6), 1997; White, Cobb and Spratt, "A comparison of five steady-state
truncation heuristics", WSC 2000). Only the first half is searched, since the last few batches may agree by chance; a
minimum at its very end means that the series is still on its way, or too short to tell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

BATCH: Final = 5
_LEAST_BATCHES: Final = 4


def warm_up_length(series: Sequence[float]) -> int | None:
    """How many values at the start belong to the warm-up (a multiple of five); ``None`` when the series is too short to
    tell, or is still on its way at the middle."""
    batches = len(series) // BATCH
    if batches < _LEAST_BATCHES:
        return None
    means = np.asarray(series[: batches * BATCH], dtype=np.float64).reshape(batches, BATCH).mean(axis=1)
    # A series far from zero would lose its variance to rounding in the sum of squares.
    means = means - means.mean()
    left = np.arange(batches, 0, -1, dtype=np.float64)
    sums = np.cumsum(means[::-1])[::-1]
    squares = np.cumsum((means * means)[::-1])[::-1]
    width = (squares - sums * sums / left) / (left * left)
    half = batches // 2
    dropped = int(np.argmin(width[: half + 1]))
    return dropped * BATCH if dropped < half else None
