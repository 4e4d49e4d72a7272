"""A record as a line of a ledger: all of it comes back."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from sim import run
from sim.results.record_lines import as_json, from_json
from sim.results.records import Record, broken_record, record_of
from sim.statistics.histogram import Histogram


def there_and_back(record: Record) -> Record:
    return from_json(json.loads(json.dumps(as_json(record))))


def test_a_rich_run_comes_back() -> None:
    """Drawn options, drawn faults, several histograms, a failing check with its story."""
    drawn, failed = record_of(run("swarm", 1)), record_of(run("mutants_lossy", 2, mutant=22))
    assert failed.failing and drawn.drawn and any(one.explicit for one in drawn.injected)
    for record in (drawn, failed):
        back = there_and_back(record)
        for declared in fields(Record):
            assert getattr(back, declared.name) == getattr(record, declared.name), declared.name


def test_every_field_comes_back_whatever_it_holds() -> None:
    record = replace(
        broken_record("main", 2**63 + 5, "Traceback\n  …"),
        drawn={"random_faults.kinds": ("crash", "offline"), "network.idle_time_out": None},
        metrics={"lost": float("inf"), "share": 0.1 + 0.2},
        delivery=Histogram([2**53 + 1, 3]),
        unwritten="No space left on device",
    )
    assert there_and_back(record) == record


@pytest.mark.parametrize("document", [{}, {"seed_text": "1", "other": 3}, {"times": 3}, {"verdicts": [{}]}])
def test_what_is_no_record_is_refused(document: dict[str, object]) -> None:
    with pytest.raises((LookupError, TypeError, ValueError)):
        from_json(document)
