"""The figures: axes with units, faults in lanes, percentiles where the numbers say."""

from __future__ import annotations

import re
from typing import Any

import pytest
from page_cases import SECOND, record, rows_of, summary_of, timeline_of

from sim.report import distribution, over_time
from sim.report.over_time import Strike, lanes_of, strikes_of, under_way, usual_tail_us
from sim.report.ticks import span_words, time_ticks, unit_for
from sim.report.views import whom

TIMES = [80_000 + 9_000 * (number % 11) for number in range(60)]
SUMMARY = summary_of(record(TIMES))
DAY = 86_400 * SECOND


def texts(svg: str) -> list[str]:
    return [" ".join(each.split()) for each in re.findall(r"<text[^>]*>([^<]*)", svg)]


def series(**changes: Any) -> dict[str, Any]:
    return {**SUMMARY["timeline"], **changes}


def fault(began_us: int, ended_us: int, touched: int = 1, kind: str = "crash") -> dict[str, Any]:
    return {"kind": kind, "where": "store 0", "began_us": began_us, "ended_us": ended_us, "touched": touched}


def test_axes_of_time_carry_units() -> None:
    svg = over_time.draw(SUMMARY["timeline"], SUMMARY["seeds"][0]["injected"])
    words = texts(svg)
    assert "simulated time from the start of the run (seconds)" in words
    assert {"100 ms", "delivery time (log)", "per 500 ms", "phones"} <= set(words)
    assert 'role="img" aria-label="Four panels' in svg


def test_a_long_run_is_told_in_days() -> None:
    rows = rows_of([3_600 * SECOND] * 193, gap_us=DAY)
    summary = summary_of(record(TIMES))
    run = timeline_of(rows)
    summary["timeline"].update({name: list(getattr(run, name)) for name in ("composed", "shown", "connected")})
    long = {**summary["timeline"], "width_us": run.width_us, "phases": [list(phase) for phase in run.phases]}
    for name in ("waited_p50_us", "waited_p99_us", "connected_least", "connected_most"):
        long[name] = list(getattr(run, name))
    words = texts(over_time.draw(long, [fault(at * 3 * DAY, at * 3 * DAY + SECOND) for at in range(60)]))
    assert "simulated time from the start of the run (days)" in words
    assert {"per day", "1 h", "crash ×60"} <= set(words)


def test_figures_of_distributions_carry_units_and_marks() -> None:
    tail = texts(distribution.draw_tail(SUMMARY["distribution"], SUMMARY["delivery"]))
    assert {"100 ms", "delivery time (log)", "share of messages that took longer (log)", "10 %"} <= set(tail)
    assert any(word.startswith("p50 ") for word in tail)
    histogram = texts(distribution.draw_histogram(SUMMARY["distribution"], SUMMARY["delivery"]))
    assert {"100 ms", "messages per bar", "p50"} <= set(histogram)


def test_bars_hold_every_message() -> None:
    edges, counts = distribution.bars(SUMMARY["distribution"])
    assert counts.sum() == pytest.approx(len(TIMES))
    assert edges[0] <= min(TIMES) and edges[-1] >= max(TIMES)


def test_the_tail_falls_from_all_to_nobody() -> None:
    times, share = distribution.tail(SUMMARY["distribution"])
    assert share[0] == 1.0
    assert (share[1:] < share[:-1] + 1e-12).all()
    for time_us, part in list(zip(times, share, strict=True))[1:-1]:
        assert part == pytest.approx(sum(each > time_us for each in TIMES) / len(TIMES))


def test_colours_follow_the_page() -> None:
    svg = over_time.draw(SUMMARY["timeline"], SUMMARY["seeds"][0]["injected"])
    assert "var(--blue)" in svg
    assert not re.search(r"#(?:0072b2|d55e00|1d2329)", svg)


def test_lanes_stay_few() -> None:
    strikes = [Strike(f"kind {number}", "", number, number, 1) for number in range(30)]
    lanes = lanes_of(strikes)
    assert len(lanes) == 14
    assert lanes[-1][0] == "17 other kinds"
    assert sum(len(lane) for _, lane in lanes) == 30


def test_a_fault_without_an_end_lasts_to_the_end_and_one_that_never_began_is_no_strike() -> None:
    strikes = strikes_of([fault(5, -1), fault(-1, -1), fault(7, 7)], 100)
    assert [(strike.began_us, strike.ended_us) for strike in strikes] == [(5, 100), (7, 7)]


def test_what_is_usual_comes_from_before_the_first_fault() -> None:
    width = SUMMARY["timeline"]["width_us"]
    calm = series(waited_p99_us=[10, 20, 30, 9_999, 9_999])
    assert usual_tail_us(calm, [Strike("crash", "", 3 * width, 4 * width, 1)]) == 20
    assert usual_tail_us(calm, [Strike("crash", "", width, 4 * width, 1)]) is None
    assert usual_tail_us(calm, []) is None


def test_under_way_is_what_was_written_and_not_seen() -> None:
    assert under_way(series(composed=[2, 1, 0], shown=[0, 2, 1])) == [2, 1, 0]


def test_spans_are_told_as_people_say_them() -> None:
    assert [span_words(us) for us in (50_000, 5 * SECOND, 60 * SECOND, DAY, 2 * DAY)] == [
        "50 ms",
        "5 s",
        "1 min",
        "day",
        "2 days",
    ]
    assert [unit_for(us).short for us in (900, 40_000, 17 * SECOND, 700 * SECOND, 193 * DAY)] == [
        "µs",
        "ms",
        "s",
        "min",
        "d",
    ]


@pytest.mark.parametrize("most_us", [10**power for power in range(2, 14)])
def test_an_axis_never_has_many_labels(most_us: int) -> None:
    places, labels = time_ticks(most_us / 40, most_us)
    assert 2 <= len(places) == len(labels) <= 9


def test_whom_a_fault_hit_is_short() -> None:
    assert whom("store 0") == "store 0"
    assert whom("phone 1466, phone 748, phone 1889, phone 632 and 196 more") == "phone 1466 and 199 more"
    assert len(whom("x" * 500)) == 40


def test_a_name_that_would_cover_another_bar_or_name_is_left_out() -> None:
    end_us = SUMMARY["timeline"]["width_us"] * len(SUMMARY["timeline"]["composed"])
    far = [fault(0, end_us // 50), fault(end_us // 2, end_us // 2 + end_us // 50)]
    near = [fault(0, end_us // 50), fault(end_us // 20, end_us // 15)]
    assert texts(over_time.draw(SUMMARY["timeline"], far)).count("store 0") == 2
    assert texts(over_time.draw(SUMMARY["timeline"], near)).count("store 0") == 1
    both_long = [fault(end_us // 5, end_us), fault(end_us // 4, end_us)]
    assert "store 0" not in texts(over_time.draw(SUMMARY["timeline"], both_long))
