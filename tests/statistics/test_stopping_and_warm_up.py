"""When enough has been played, and where a warm-up ends."""

from __future__ import annotations

import numpy as np
import pytest

from sim.statistics.intervals import Estimate, estimate, mean_of
from sim.statistics.stopping import Precision
from sim.statistics.warm_up import warm_up_length


def test_it_asks_for_the_fewest_first_and_never_for_more_than_the_most() -> None:
    precision = Precision(0.05, least=5, most=20)
    assert precision.more_runs(Estimate(10.0, 9.0, 11.0, 2)) == 3
    assert precision.more_runs(Estimate(10.0, 0.0, 20.0, 18)) == 2
    assert precision.more_runs(Estimate(10.0, 0.0, 20.0, 20)) == 0
    assert precision.more_runs(Estimate(0.0, -1.0, 1.0, 6)) == 6, "of nothing no share is narrow enough"


def test_the_share_is_tightened_as_the_procedure_says() -> None:
    precision = Precision(0.25, least=2)
    assert precision.more_runs(Estimate(10.0, 8.0, 12.0, 9)) == 0, "2 of 10 is 0.25 / 1.25"
    assert precision.more_runs(Estimate(10.0, 7.9, 12.1, 9)) == 1
    assert precision.more_runs(Estimate(0.1, -1.9, 2.1, 9), scale=10.0) == 0


@pytest.mark.parametrize("wrong", [{"relative": 0.0}, {"relative": 5.0}, {"relative": 0.1, "least": 1},
                                   {"relative": 0.1, "least": 9, "most": 8}])  # fmt: skip
def test_what_cannot_be_asked_for(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"share|runs"):
        Precision(**wrong)  # type: ignore[arg-type]


def test_what_it_promises_of_the_truth_it_keeps() -> None:
    """200 studies of a figure that varies by 20 %: asked for 10 %, at least nine in ten must be within that."""
    random, close, runs = np.random.default_rng(7), 0, 0
    precision = Precision(0.1)
    for _ in range(200):
        values: list[float] = []
        more = precision.least
        while more:
            values += random.normal(50.0, 10.0, more).tolist()
            more = precision.more_runs(estimate(mean_of(values)))
        close += abs(np.mean(values) - 50.0) <= 5.0
        runs += len(values)
    assert close >= 180
    assert 10 <= runs / 200 <= 40


# -- warm-up ----------------------------------------------------------------------------------------------------


def plain_mser_5(series: list[float]) -> int:
    """The formula as it is written, without any shortcut."""
    batches = [float(np.mean(series[start : start + 5])) for start in range(0, len(series) - len(series) % 5, 5)]
    number = len(batches)
    widths = []
    for dropped in range(number // 2 + 1):
        left = np.array(batches[dropped:])
        widths.append(float(((left - left.mean()) ** 2).sum()) / len(left) ** 2)
    return 5 * widths.index(min(widths))


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_formula(seed: int) -> None:
    random = np.random.default_rng(seed)
    series = (1e6 + 40.0 * np.exp(-np.arange(203) / 15.0) + random.normal(0.0, 1.0, 203)).tolist()
    assert warm_up_length(series) == plain_mser_5(series)


def test_a_ramp_is_cut_off_and_a_steady_series_is_not() -> None:
    noise = np.random.default_rng(9).normal(0.0, 0.2, 300)
    ramp = np.concatenate([np.linspace(-10.0, 0.0, 60), np.zeros(240)])
    cut = warm_up_length((ramp + noise).tolist())
    assert cut is not None
    assert 50 <= cut <= 75
    assert warm_up_length(noise.tolist()) in range(0, 50)


def test_it_says_when_it_cannot_tell() -> None:
    assert warm_up_length(list(range(100))) is None, "still rising"
    assert warm_up_length([1.0] * 19) is None, "too short"
    assert warm_up_length([1.0] * 100) == 0
