"""The day curve and the fluid model against what can be worked out by hand."""

from __future__ import annotations

import math

import pytest

from sim.planning import DayCurve, PickUp, backlog

DAY_S = 86_400.0


def test_the_curve_has_the_mean_the_peak_and_the_trough_that_it_was_given() -> None:
    curve = DayCurve(100.0, 3.1)
    assert curve.peak_per_s / curve.trough_per_s == pytest.approx(3.1)
    assert curve.rate_per_s(curve.peak_at_s) == pytest.approx(curve.peak_per_s)
    assert curve.rate_per_s(curve.peak_at_s + DAY_S / 2) == pytest.approx(curve.trough_per_s)
    assert curve.events(0.0, DAY_S) == pytest.approx(100.0 * DAY_S)
    assert DayCurve.with_peak(curve.peak_per_s, 3.1).mean_per_s == pytest.approx(100.0)
    with pytest.raises(ValueError, match="trough"):
        DayCurve(1.0, 0.5)


def test_the_area_is_the_sum_of_the_rates() -> None:
    curve = DayCurve(7.0, 2.1)
    summed = sum(curve.rate_per_s(second + 0.5) for second in range(3_000, 9_000))
    assert curve.events(3_000, 9_000) == pytest.approx(summed, rel=1e-6)


def test_an_outage_under_a_steady_load() -> None:
    """210 min of nothing at 100 a second, then 150: 1.26 M wait, the first of them for 210 min, and it takes twice the
    outage to catch up."""
    found = backlog(DayCurve(100.0), 150.0, outages_s=[(3_600, 3_600 + 12_600)])
    assert found.most == pytest.approx(1_260_000)
    assert found.most_at_s == pytest.approx(16_200, abs=10)
    assert found.longest_wait_s == pytest.approx(12_600, abs=20)
    assert found.empty_at_s == pytest.approx(3_600 + 12_600 * 3, abs=10)


def test_a_peak_above_the_capacity_leaves_what_the_area_says() -> None:
    """Above the capacity the queue grows by the area between curve and capacity; that is worked out here on its own."""
    curve, capacity = DayCurve(100.0, 3.0), 120.0
    half = math.acos((capacity / 100 - 1) / curve.swing) * DAY_S / (2 * math.pi)
    begins, ends = curve.peak_at_s - half, curve.peak_at_s + half
    expected = curve.events(begins, ends) - capacity * (ends - begins)
    found = backlog(curve, capacity)
    assert found.most == pytest.approx(expected, rel=0.001)
    assert found.most_at_s % DAY_S == pytest.approx(ends % DAY_S, abs=20)


def test_without_overload_nothing_waits_and_too_little_never_catches_up() -> None:
    fine = backlog(DayCurve(100.0, 3.0), 151.0)
    assert (fine.most, fine.longest_wait_s, fine.empty_at_s) == (0.0, 0.0, 0.0)
    short = backlog(DayCurve(100.0), 90.0)
    assert short.empty_at_s is None
    assert short.most == pytest.approx(10 * 2 * DAY_S)


def test_how_many_messages_wait() -> None:
    """Little's law: what waits is the rate times the mean wait, cut where nothing is kept longer; by adding up."""
    pick_up = PickUp(60.0, 1.5)
    kept = 3_600.0
    summed = sum(1.0 - pick_up.gone_by(second + 0.5) for second in range(int(kept)))
    assert pick_up.waiting(10.0, kept) == pytest.approx(10.0 * summed, rel=0.001)
    assert pick_up.gone_by(pick_up.wait_of(0.9)) == pytest.approx(0.9)
    assert pick_up.gone_by(0.0) == 0.0
