"""Bootstrap intervals, for figures of which no formula is known: the runs are drawn again and again from themselves.

What is drawn are whole runs, since they are independent and the messages within one are not. The interval is the
bias-corrected and accelerated one (Efron, "Better bootstrap confidence intervals", JASA 82, 1987), as scipy has it; it
is worth something from about ten runs on. The draws hang on a fixed number, so the same runs give the same interval.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from .intervals import CONFIDENCE, Estimate

Run = TypeVar("Run")
RESAMPLES: Final = 2_000
_DRAWS: Final = 20_260_101


def bootstrap(
    runs: Sequence[Run],
    figure: Callable[[Sequence[Run]], float],
    *,
    confidence: float = CONFIDENCE,
    resamples: int = RESAMPLES,
) -> Estimate:
    """Any figure of several runs with its interval. A run is whatever ``figure`` takes a list of: a number, a
    histogram, a pair of two variants' results on the same seed (which keeps them paired)."""
    from scipy.stats import bootstrap as draw_again

    value = float(figure(runs))
    number = len(runs)
    if number < 2:
        return Estimate(value, None, None, number)

    def of_places(places: NDArray[np.int64]) -> float:
        return figure([runs[place] for place in places])

    values = {figure([run]) for run in runs}
    if values == {value}:
        return Estimate(value, value, value, number)
    with warnings.catch_warnings():
        # With runs that hardly differ the acceleration is undefined; that is told by the interval being none.
        warnings.simplefilter("ignore")
        found: Any = draw_again(
            (np.arange(number),),
            of_places,
            vectorized=False,
            confidence_level=confidence,
            n_resamples=resamples,
            method="BCa",
            random_state=_DRAWS,
        )
    low, high = (float(bound) for bound in found.confidence_interval)
    if not (np.isfinite(low) and np.isfinite(high)):
        return Estimate(value, None, None, number)
    return Estimate(value, low, high, number)
