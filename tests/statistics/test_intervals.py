"""Intervals mean what they say: they agree with the formulas, and they cover what they promise to cover."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from sim.statistics.bootstrap import bootstrap
from sim.statistics.histogram import Histogram
from sim.statistics.intervals import Sample, difference, estimate, mean_of, ratio
from sim.statistics.quantiles import quantile_of

CONFIDENCE_FEWEST, CONFIDENCE_MOST = 0.91, 0.985
"""What a 95 % interval may cover in a few hundred experiments."""


def draws(number: int) -> np.random.Generator:
    return np.random.default_rng(number)


def covers(low: float | None, high: float | None, truth: float) -> bool:
    assert low is not None
    assert high is not None
    return low <= truth <= high


def test_it_is_students_interval_for_a_mean() -> None:
    values = draws(1).normal(10.0, 2.0, 9).tolist()
    found = estimate(mean_of(values))
    expected = stats.t.interval(0.95, 8, loc=np.mean(values), scale=stats.sem(values))
    assert (found.value, found.runs) == (pytest.approx(np.mean(values)), 9)
    assert (found.low, found.high) == pytest.approx(expected)
    assert estimate(mean_of(values), 0.99).half_width > found.half_width  # type: ignore[operator]


def test_one_run_has_no_interval_and_says_nothing_of_zero() -> None:
    found = estimate(mean_of([5.0]))
    assert (found.value, found.low, found.high, found.half_width) == (5.0, None, None, None)
    assert not found.excludes(0.0)
    with pytest.raises(ValueError, match="no runs"):
        mean_of([])


def test_runs_that_agree_have_an_interval_of_no_width() -> None:
    found = difference(mean_of([3.0, 4.0, 5.0]), mean_of([1.0, 2.0, 3.0]))
    assert (found.value, found.low, found.high) == (2.0, 2.0, 2.0)
    assert found.excludes(0.0)
    assert not difference(mean_of([1.0, 2.0]), mean_of([1.0, 2.0])).excludes(0.0)


def test_common_luck_cancels_in_the_difference() -> None:
    luck = draws(2).normal(100.0, 20.0, 8)
    one, other = mean_of((luck + 1.0).tolist()), mean_of(luck.tolist())
    found = difference(one, other)
    assert found.excludes(0.0)
    assert found.value == pytest.approx(1.0)
    apart = difference(mean_of((luck[::-1] + 1.0).tolist()), other)
    assert not apart.excludes(0.0), "paired wrongly, the same figures tell nothing"


def test_a_quantile_is_that_of_all_messages_and_no_average() -> None:
    many, few = Histogram([1_000] * 990), Histogram([9_000_000] * 10)
    sample = quantile_of([many, few], 0.5)
    assert sample.whole == pytest.approx(1_000, rel=0.004)
    assert sample.values == (pytest.approx(1_000, rel=0.004), pytest.approx(9_000_000, rel=0.004))
    with pytest.raises(ValueError, match="without any times"):
        quantile_of([many, Histogram()], 0.5)


def test_an_interval_of_a_quantile_covers_it() -> None:
    """Sectioning: 8 runs of 300 lognormal times each, whose medians differ from run to run."""
    random, hits = draws(3), 0
    experiments = 300
    for _ in range(experiments):
        medians = 100_000 * np.exp(random.normal(0.0, 0.1, 8))
        runs = [Histogram((median * np.exp(random.normal(0.0, 0.5, 300))).astype(int)) for median in medians]
        found = estimate(quantile_of(runs, 0.9))
        hits += covers(found.low, found.high, 100_000 * math.exp(1.2816 * math.sqrt(0.5**2 + 0.1**2)))
    assert CONFIDENCE_FEWEST <= hits / experiments <= CONFIDENCE_MOST


def test_runs_that_share_a_bin_do_not_seem_to_agree_exactly() -> None:
    """From 32,768 us on a bin is 256 us wide: 40.00 and 40.05 ms are the same bin, and nobody can tell them apart."""
    one = quantile_of([Histogram([40_000]), Histogram([40_050])], 0.5)
    other = quantile_of([Histogram([40_010]), Histogram([40_040])], 0.5)
    assert one.resolution == other.resolution == 255.0
    apart, alone = difference(one, other), estimate(one)
    assert alone.half_width is not None and alone.half_width >= 127.5
    assert apart.half_width is not None and apart.half_width >= 255.0
    assert not apart.excludes(0.0)
    times = ratio(one, other)
    assert times is not None and times.low is not None and times.high is not None
    assert times.low <= 1.0 - 255 / 40_000 < 1.0 + 255 / 40_000 <= times.high
    many = estimate(Sample((40.0,) * 10_000, 40.0, 2.0))
    assert many.half_width == 1.0, "more runs make no bin narrower"


def test_an_interval_covers_what_lies_within_a_bin() -> None:
    """Three runs whose medians differ by less than a bin: their rounded values agree, the truth is in the interval."""
    random, hits = draws(7), 0
    experiments = 400
    for _ in range(experiments):
        truth = float(random.uniform(33_000, 60_000))
        runs = [Histogram([int(random.normal(truth, 40.0))] * 9) for _ in range(3)]
        found = estimate(quantile_of(runs, 0.5))
        hits += covers(found.low, found.high, truth)
    assert hits / experiments >= CONFIDENCE_FEWEST


def test_exact_values_have_no_resolution() -> None:
    assert quantile_of([Histogram([200, 201]), Histogram([200])], 0.5).resolution == 0.0
    assert mean_of([40_000.0, 40_000.0]).resolution == 0.0


def test_fiellers_interval_covers_the_ratio() -> None:
    random, hits = draws(4), 0
    experiments = 500
    for _ in range(experiments):
        luck = random.normal(0.0, 3.0, 6)
        top = mean_of((30.0 + 3 * luck + random.normal(0.0, 1.0, 6)).tolist())
        bottom = mean_of((10.0 + luck + random.normal(0.0, 1.0, 6)).tolist())
        found = ratio(top, bottom)
        assert found is not None
        hits += found.low is None or covers(found.low, found.high, 3.0)
    assert CONFIDENCE_FEWEST <= hits / experiments <= CONFIDENCE_MOST


def test_a_ratio_to_what_may_be_nothing_has_no_interval() -> None:
    found = ratio(mean_of([5.0, 6.0, 7.0]), mean_of([-1.0, 1.0, 0.3]))
    assert found is not None
    assert found.low is None
    assert ratio(mean_of([5.0, 6.0]), mean_of([0.0, 0.0])) is None
    exact = ratio(mean_of([4.0, 4.0]), mean_of([2.0, 2.0]))
    assert exact is not None
    assert (exact.value, exact.low, exact.high) == (2.0, 2.0, 2.0)
    alone = ratio(mean_of([4.0]), mean_of([2.0]))
    assert alone is not None
    assert (alone.value, alone.low) == (2.0, None)


def test_pairs_must_match() -> None:
    with pytest.raises(ValueError):
        difference(Sample((1.0, 2.0), 1.5), Sample((1.0,), 1.0))


# -- bootstrap --------------------------------------------------------------------------------------------------


def test_the_bootstrap_agrees_with_student_where_both_apply() -> None:
    values = draws(5).normal(50.0, 5.0, 40).tolist()
    found, formula = bootstrap(values, lambda runs: math.fsum(runs) / len(runs)), estimate(mean_of(values))
    assert found.value == pytest.approx(formula.value)
    assert found.half_width == pytest.approx(formula.half_width, rel=0.15)


def test_the_bootstrap_is_the_same_every_time() -> None:
    values = [1.0, 4.0, 2.0, 8.0, 5.0, 7.0]
    assert bootstrap(values, max, resamples=200) == bootstrap(values, max, resamples=200)


def test_the_bootstrap_keeps_pairs_together() -> None:
    luck = draws(6).normal(100.0, 30.0, 12)
    pairs = [(value, 2 * value) for value in luck.tolist()]
    found = bootstrap(pairs, lambda runs: sum(two for _, two in runs) / sum(one for one, _ in runs))
    assert (found.low, found.high) == pytest.approx((2.0, 2.0))


def test_the_bootstrap_of_what_cannot_vary() -> None:
    assert bootstrap([3.0], max).low is None
    same = bootstrap([3.0, 3.0, 3.0], max)
    assert (same.low, same.high) == (3.0, 3.0)
