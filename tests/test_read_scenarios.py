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
    results = played("gc_pauses_small", variant, range(1, 4))
    times = merged(result.times["query"] for result in results)
    assert times is not None and times.count > 500
    return (times.quantile(0.99) or 0) / 1e6


def test_collections_cost_the_tail_and_a_third_replica_wins_most_of_it_back() -> None:
    """People's reads; tests/world/test_store_reads.py holds the store's figures against the published ones."""
    without, with_retry, with_collections = (
        p99_s(variant) for variant in ("without_collections", "speculative_retry", None)
    )
    assert without < with_retry < with_collections / 2


# -- hot_channel_small: half of hot_channel --------------------------------------------------------------------------


def test_equal_reads_that_meet_are_one_query_and_nobody_waits_for_a_thousand() -> None:
    """STORE-5: routed and coalesced, coalesced at any of four, and a query for each reader."""
    (base,), (spread,), (alone,) = (
        played("hot_channel_small", variant, (1,)) for variant in (None, "not_routed", "without_coalescing")
    )
    queries = [each.metrics()["queries"] for each in (base, spread, alone)]
    assert queries[0] < queries[1] < queries[2] / 4
    assert alone.metrics()["queries"] == alone.metrics()["reads"]
    assert base.metrics()["read_p99_s"] < alone.metrics()["read_p99_s"] / 5


# -- giant_channel_small: a twenty-fifth of giant_channel ------------------------------------------------------------


def test_a_channel_that_is_pulled_is_in_no_inbox() -> None:
    """CHAN-1: no row for anybody; a hint for those who look, one message for each of their servers."""
    (pulled,), (pushed,) = (played("giant_channel_small", variant, (1,)) for variant in (None, "pushed"))
    told = pulled.metrics()
    assert told["inbox_rows"] == told["owed"] == 0
    assert pushed.metrics()["inbox_rows"] >= 199 * pushed.metrics()["composed"]
    assert 0 < told["channel_news"] < told["channel_hints"] < 200 * told["composed"]
    assert 0 < told["queries"] < told["reads"]


# -- mutants_channels ------------------------------------------------------------------------------------------------


def test_whoever_looks_is_shown_all_of_it_while_servers_and_phones_fail() -> None:
    """CHAN-1 over a few seeds; the planted bugs 110 to 112 show that it can fail."""
    for result in played("mutants_channels", None, range(1, 6)):
        (verdict,) = (each for each in result.verdicts if each.check == "CHAN-1")
        assert verdict.outcome == "valid" and verdict.exercised > 100


def test_the_planted_bugs_of_channels_are_killed_by_chan_1() -> None:
    """110 leaves a hole, and nothing but CHAN-1 sees it; 111 and 112 leave viewers behind."""
    fired = [each.check for each in run("mutants_channels", 1, mutant=110).verdicts if each.outcome == INVALID]
    assert fired == ["CHAN-1"]
    fired = [each.check for each in run("mutants_channels", 1, mutant=111).verdicts if each.outcome == INVALID]
    assert fired == ["CHAN-1", "LIVE-1"]
