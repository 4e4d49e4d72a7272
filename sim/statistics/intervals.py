"""An interval on every number, from independent replications.

A figure over n runs is a ``Sample``: what each run gave, and what all of them give together (the mean, or a quantile of
the merged histograms). The runs are independent (their seeds are), the messages within one are not, so it is the runs
that are counted.

*Interval of a figure.* With the runs' own values x_i around the figure of the whole w,

    w +- t(n - 1; 97.5 %) * s / sqrt(n),    s^2 = sum (x_i - w)^2 / (n - 1)

For a mean this is Student's interval (Student, "The probable error of a mean", Biometrika 6, 1908; Law, "Simulation
Modeling and Analysis", 5th ed. 2015, section 9.4.1). For a quantile it is *sectioning*: the middle is the quantile of
all, the runs only say how far it may be off, and no percentiles are averaged (Asmussen and Glynn, "Stochastic
Simulation", 2007, III.5; Nakayama, "Confidence intervals for quantiles using sectioning", TOMACS 24(4), 2014).

*Difference of two variants.* Played on the same seeds they share their luck (common random numbers), so the same
formula is taken of the differences run by run; what both had in common cancels (Law, sections 10.2.1 and 11.2).

*Ratio.* Fieller's interval: every theta that the data do not refute as the ratio of the two means,

    (a - theta b)^2 <= t^2 (s_aa - 2 theta s_ab + theta^2 s_bb) / n

(Fieller, "Some problems in interval estimation", JRSS B 16, 1954). There is none where b itself may be zero.

*Resolution.* A value read from a histogram is known to its bin, of width d. Runs that fall into the same bin seem to
agree exactly, and s would be nothing. So a value counts as one that lies anywhere in its bin: d^2/12 is added to s^2
(Sheppard, Proc. London Math. Soc. 29, 1898), and no interval is narrower than the bin itself. In a difference the
resolutions of both add up.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

CONFIDENCE: Final = 0.95


@dataclass(frozen=True, slots=True)
class Sample:
    """A figure over independent runs."""

    values: tuple[float, ...]
    """What each run gave."""
    whole: float
    """What all of them give together."""
    resolution: float = 0.0
    """How wide the bins are that the values were read from (0: the values are exact)."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its interval. ``low`` and ``high`` are ``None`` where there is none: from a single run, say."""

    value: float
    low: float | None
    high: float | None
    runs: int

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def excludes(self, number: float) -> bool:
        """Whether the interval says that it is not this number. Without an interval nothing is said."""
        return self.low is not None and self.high is not None and not self.low <= number <= self.high


def mean_of(values: Sequence[float]) -> Sample:
    """The mean of the runs' values as a sample; there must be one at least."""
    if not values:
        raise ValueError("there is no mean of no runs")
    return Sample(tuple(values), math.fsum(values) / len(values))


def estimate(sample: Sample, confidence: float = CONFIDENCE) -> Estimate:
    """The figure with its interval."""
    runs = len(sample.values)
    if runs < 2:
        return Estimate(sample.whole, None, None, runs)
    half = max(critical(runs, confidence) * math.sqrt(_covariance(sample, sample) / runs), sample.resolution / 2)
    return Estimate(sample.whole, sample.whole - half, sample.whole + half, runs)


def difference(sample: Sample, baseline: Sample, confidence: float = CONFIDENCE) -> Estimate:
    """How much more than the baseline, paired run by run: both must hold the same seeds in the same order."""
    return estimate(differences(sample, baseline), confidence)


def differences(sample: Sample, baseline: Sample) -> Sample:
    """The differences run by run, as a sample of their own."""
    pairs = zip(sample.values, baseline.values, strict=True)
    resolution = sample.resolution + baseline.resolution
    return Sample(tuple(value - other for value, other in pairs), sample.whole - baseline.whole, resolution)


def ratio(sample: Sample, baseline: Sample, confidence: float = CONFIDENCE) -> Estimate | None:
    """How many times the baseline, paired run by run; ``None`` where the baseline is nothing."""
    top, bottom = sample.whole, baseline.whole
    if bottom == 0.0:
        return None
    runs = len(sample.values)
    if runs < 2:
        return Estimate(top / bottom, None, None, runs)
    squared = critical(runs, confidence) ** 2 / runs
    a = bottom * bottom - squared * _covariance(baseline, baseline)
    b = top * bottom - squared * _covariance(sample, baseline)
    c = top * top - squared * _covariance(sample, sample)
    # The interval is where a theta^2 - 2 b theta + c <= 0; rounding may push an empty width below nothing.
    inside = max(0.0, b * b - a * c)
    if a <= 0.0:
        return Estimate(top / bottom, None, None, runs)
    least, most = _within_bins(sample, baseline)
    return Estimate(top / bottom, min(least, (b - math.sqrt(inside)) / a), max(most, (b + math.sqrt(inside)) / a), runs)


def _within_bins(sample: Sample, baseline: Sample) -> tuple[float, float]:
    """The least and the most that the ratio can be when both are only known to their bins."""
    tops = [sample.whole + side * sample.resolution / 2 for side in (-1, 1)]
    bottoms = [baseline.whole + side * baseline.resolution / 2 for side in (-1, 1)]
    corners = [top / bottom for top in tops for bottom in bottoms]
    return min(corners), max(corners)


def _covariance(one: Sample, other: Sample) -> float:
    pairs = zip(one.values, other.values, strict=True)
    spread = math.fsum((x - one.whole) * (y - other.whole) for x, y in pairs) / (len(one.values) - 1)
    return spread + one.resolution**2 / 12 if one is other else spread


@lru_cache(maxsize=1024)
def critical(runs: int, confidence: float = CONFIDENCE) -> float:
    """Student's t with ``runs - 1`` degrees of freedom, two-sided."""
    from scipy.special import stdtrit

    return float(stdtrit(runs - 1, 0.5 + confidence / 2))
