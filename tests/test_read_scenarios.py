"""The scenarios of reads: each question gets its answer, on a small twin where the scenario is large."""

from __future__ import annotations

from collections.abc import Iterable

from sim import run
from sim.checkers.verdict import INVALID
from sim.runner import Result
from sim.scenario.loading import load
from sim.statistics.histogram import merged


def played(name: str, variant: str | None, seeds: Iterable[int], *sets: str) -> list[Result]:
    results = [run(load(name, variant=variant, sets=sets), seed) for seed in seeds]
    assert [each.story for result in results for each in result.verdicts if each.outcome == INVALID] == []
    assert [result.missed() for result in results] == [()] * len(results)
    return results


# -- gc_pauses: a tenth of it ----------------------------------------------------------------------------------------


def p99_s(variant: str | None) -> float:
    """The 99th percentile of the store's reads, over a few seeds."""
    results = played("gc_pauses", variant, range(1, 4), "workload.users=20", "workload.messages=300")
    times = merged(result.times["query"] for result in results)
    assert times is not None and times.count > 500
    return (times.quantile(0.99) or 0) / 1e6


def test_collections_cost_the_tail_and_a_third_replica_wins_most_of_it_back() -> None:
    """People's reads; tests/world/test_store_reads.py holds the store's figures against the published ones."""
    without, with_retry, with_collections = (
        p99_s(variant) for variant in ("without_collections", "speculative_retry", None)
    )
    assert without < with_retry < with_collections / 2
