"""The histogram: bins, quantiles, merging."""

from __future__ import annotations

import math
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.statistics.histogram import Histogram, bin_of, bounds_of, merged

TIMES = st.lists(st.integers(0, 10**13), min_size=1, max_size=200)


@given(st.integers(0, 10**15))
def test_a_bin_holds_its_time_and_is_narrow(us: int) -> None:
    lowest, highest = bounds_of(bin_of(us))
    assert lowest <= us <= highest
    assert highest - lowest <= us * 0.01
    assert bin_of(lowest) == bin_of(highest) == bin_of(us)


@given(st.integers(0, 10**12))
def test_bins_follow_one_another(us: int) -> None:
    assert bin_of(us + 1) - bin_of(us) in (0, 1)


@given(TIMES, st.floats(0.0, 1.0))
def test_quantiles_are_within_half_a_percent(times: list[int], share: float) -> None:
    rank = max(1, math.ceil(share * len(times) - 1e-9))
    exact = sorted(times)[rank - 1]
    found = Histogram(times).quantile(share)
    assert found is not None
    assert abs(found - exact) <= 0.005 * exact


@given(TIMES, TIMES)
def test_merging_is_counting_all(first: list[int], second: list[int]) -> None:
    both = Histogram(first)
    both.merge(Histogram(second))
    assert both == Histogram(first + second)
    assert both == merged([None, Histogram(second), Histogram(first)])
    assert both.count == len(first) + len(second)
    assert both.minimum_us == min(first + second)
    assert both.maximum_us == max(first + second)
    assert both.mean_us == pytest.approx(sum(first + second) / len(first + second))


@given(TIMES)
def test_one_by_one_is_all_at_once(times: list[int]) -> None:
    histogram = Histogram()
    for us in times:
        histogram.add(us)
    assert histogram == Histogram(times)
    assert sum(number for _, _, number in histogram.rows()) == len(times)
    assert pickle.loads(pickle.dumps(histogram)) == histogram


def test_the_pooled_quantile_is_not_the_mean_of_quantiles() -> None:
    fast, slow = Histogram([1000] * 990), Histogram([9_000_000] * 10)
    pooled = merged([fast, slow])
    assert pooled is not None
    assert pooled.quantile(0.99) == pytest.approx(1000, rel=0.005)
    assert pooled.quantile(0.991) == 9_000_000


def test_empty_and_wrong_input() -> None:
    empty = Histogram()
    assert (empty.quantile(0.5), empty.mean_us, empty.minimum_us, empty.maximum_us) == (None, None, None, None)
    assert merged([]) is None
    with pytest.raises(ValueError, match="below zero"):
        empty.add(-1)
    with pytest.raises(ValueError, match="below zero"):
        empty.add_many([1, -1])
    assert empty.count == 0
    with pytest.raises(ValueError, match="no share"):
        empty.quantile(99)


def test_it_is_small_when_pickled() -> None:
    assert len(pickle.dumps(Histogram(range(1, 10**6, 7)))) < 30_000
