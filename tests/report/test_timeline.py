"""The run over time: bins that add up, widths that people count in, phones and not connections."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_cases import SECOND, Rows, chunk, rows_of, timeline_of

from sim.runner import run
from sim.statistics.histogram import Histogram
from sim.statistics.timeline import MOST_BINS, WIDTHS_US, Timeline, width_for
from sim.vocabulary import kinds
from sim.vocabulary.kinds import NONE, Phase

TIMES = st.lists(st.integers(1, 30 * SECOND), min_size=1, max_size=120)


@given(TIMES, st.integers(1, 10**9))
def test_bins_add_up_however_wide_they_become(times_us: list[int], planned_us: int) -> None:
    series = timeline_of(rows_of(times_us), planned_us)
    assert sum(series.composed) == sum(series.shown) == len(times_us)
    assert len(series.composed) <= MOST_BINS
    lengths = {len(value) for value in (series.shown, series.waited_p50_us, series.connected_most, series.connected)}
    assert lengths == {len(series.composed)}


@given(TIMES, st.integers(1, 50))
def test_chunks_do_not_matter(times_us: list[int], size: int) -> None:
    rows = rows_of(times_us)
    timeline = Timeline(rows[-1][0])
    for start in range(0, len(rows), size):
        timeline.take(chunk(rows[start : start + size]))
    assert timeline.finish() == timeline_of(rows)


@given(TIMES)
def test_a_time_stands_where_its_message_was_written(times_us: list[int]) -> None:
    series = timeline_of(rows_of(times_us, gap_us=SECOND), 10 * SECOND * len(times_us))
    for place in range(len(series.composed)):
        begin, end = place * series.width_us, (place + 1) * series.width_us
        inside = [us for number, us in enumerate(times_us) if begin <= (number + 1) * SECOND < end]
        for found, share in ((series.waited_p50_us[place], 0.5), (series.waited_p99_us[place], 0.99)):
            expected = Histogram(inside).quantile(share)
            if expected is None:
                assert found is None
            else:
                assert found == pytest.approx(expected, rel=0.01, abs=1)


def test_widths_are_round() -> None:
    assert list(WIDTHS_US) == sorted(WIDTHS_US)
    assert width_for(600 * SECOND) == 5 * SECOND
    assert width_for(193 * 86_400 * SECOND) == 86_400 * SECOND
    assert width_for(0) == WIDTHS_US[0]
    assert width_for(10**16) * 200 >= 10**16


def link(time_us: int, phone: int, epoch: int, *, up: bool = True) -> tuple[int, ...]:
    return (time_us, kinds.CONNECTED if up else kinds.DISCONNECTED, phone, NONE, epoch, NONE, 0, 1)


def test_phones_are_counted_not_connections() -> None:
    rows: Rows = [
        link(100, 1, 1),
        link(200, 2, 1),
        link(5 * SECOND, 1, 2),
        # The old connection of phone 1 is given up only now.
        link(6 * SECOND, 1, 1, up=False),
        link(8 * SECOND, 2, 1, up=False),
        (10 * SECOND, kinds.PHASE, NONE, NONE, Phase.END, NONE, NONE, NONE),
    ]
    series = timeline_of(rows, 200 * SECOND)
    assert series.width_us == SECOND
    assert series.connected == (2, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1)
    assert series.connected_least == (0, 2, 2, 2, 2, 2, 2, 2, 1, 1, 1)
    assert series.connected_most == (2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1)
    assert series.phases == ((10 * SECOND, Phase.END),)


def test_a_message_seen_again_counts_once() -> None:
    rows = rows_of([1_000, 2_000])
    again = [(row[0] + 5, *row[1:]) for row in rows if row[1] == kinds.SHOWN]
    assert sum(timeline_of(sorted([*rows, *again])).shown) == 2


def test_nothing_gives_nothing() -> None:
    assert Timeline(10**6).finish().composed == ()


def test_a_series_is_small_when_pickled() -> None:
    assert len(pickle.dumps(timeline_of(rows_of([SECOND] * 5_000)))) < 12_000


def test_a_real_run_brings_its_timeline() -> None:
    result = run("two_phones", 1)
    assert result.timeline is not None
    assert sum(result.timeline.composed) == result.counts["composed"]
    assert sum(result.timeline.shown) == result.counts["shown"]
    assert result.timeline.connected[-1] == 2
    assert [phase for _, phase in result.timeline.phases] == sorted(phase for _, phase in result.timeline.phases)
