"""Metrics: declared in one place, counted from rows, the tally and the points, and never made up."""

from __future__ import annotations

import numpy as np
import pytest

from sim import run
from sim.statistics.histogram import Histogram
from sim.statistics.metrics import RowCounts, counted, figures
from sim.vocabulary import kinds
from sim.vocabulary.metrics import METRICS, known_metrics, metric_of, point_of
from sim.vocabulary.points import CATALOGUE


def test_rows_are_counted_by_kind() -> None:
    rows = RowCounts()
    chunk = np.full((5, 8), kinds.NONE, dtype=np.int64)
    chunk[:, 1] = [kinds.LOGGED, kinds.OWED, kinds.OWED, kinds.COMPOSED, kinds.OWED]
    rows.take(chunk)
    rows.take(chunk[:2])
    assert (rows.of(kinds.LOGGED), rows.of(kinds.OWED), rows.of(kinds.LOGGED, kinds.COMPOSED)) == (2, 4, 3)
    assert counted(rows, {}) == {"logged": 2, "owed": 4}


def test_what_nobody_added_to_is_nothing_and_what_cannot_be_told_is_left_out() -> None:
    found = figures({}, 2_500_000, None, {})
    assert found["owed"] == 0.0
    assert found["simulated_s"] == 2.5
    assert not [name for name in found if name.startswith(("delivery", "sent", "owed_per"))]


def test_times_come_from_the_histogram_in_seconds() -> None:
    found = figures({"owed": 6, "logged": 3}, 0, Histogram([1_000_000, 2_000_000, 6_000_000]), {})
    assert found["delivery_p50_s"] == pytest.approx(2.0, rel=0.004)
    assert (found["delivery_mean_s"], found["delivery_longest_s"], found["owed_per_entry"]) == (3.0, 6.0, 2.0)


@pytest.mark.parametrize("name", ["presense_updates", "owed_per_entry", "owed"])
def test_a_count_that_is_not_declared_as_one_is_refused(name: str) -> None:
    with pytest.raises(KeyError, match=name):
        counted(RowCounts(), {name: 1})


def test_every_message_and_record_is_a_metric() -> None:
    names = [name for name in known_metrics() if name not in METRICS]
    assert sorted(map(point_of, names)) == sorted(point for point in CATALOGUE if point.startswith("after "))
    enter = metric_of("sent.store.enter")
    assert enter is not None
    assert enter.doc == "enter messages sent by every store"
    assert metric_of("sent.store.nonsense") is None


def test_a_run_tells_them_all() -> None:
    result = run("two_phones", 1, coverage=True)
    found = result.metrics()
    absent = {
        name for name in METRICS if name.startswith(("reconnect_", "presence_updates_per_", "media_messages_per_"))
    }
    absent |= {"delivery_calm_p50_s", "delivery_during_faults_p50_s"} - set(found)
    absent |= {name for name, metric in METRICS.items() if metric.of in ("query", "read", "news")} | {
        "queries_per_read"
    }
    assert set(found) == set(known_metrics()) - absent, "nobody lost a connection, was told of anybody, or read a log"
    assert found["composed"] == found["logged"] == found["owed"] == found["sent.phone.append"] == 3.0
    # A message each, a delivered receipt each, a read receipt each.
    assert found["inbox_rows_per_message"] == 3.0
    assert found["written.store.append_entry"] == 3.0


def test_messages_are_counted_only_where_points_are() -> None:
    assert not [name for name in run("two_phones", 1).metrics() if name not in METRICS]
