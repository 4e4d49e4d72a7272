"""The two architectures, played: who waits for a slow store, that nothing is lost, and that the checks bite in both."""

from __future__ import annotations

from functools import cache

import pytest

from sim import run
from sim.checkers.catalogue import applicable
from sim.checkers.verdict import INVALID, UNKNOWN
from sim.faults.nemesis import Nemesis
from sim.faults.schedule import Fault
from sim.mutants.catalogue import by_number
from sim.results import exit_codes
from sim.runner import Result
from sim.scenario.errors import ScenarioError
from sim.scenario.loading import load, load_text, variants_of
from sim.statistics.histogram import Histogram, merged
from sim.vocabulary import kinds
from sim.vocabulary.metrics import DELIVERY_CALM, DELIVERY_DURING_FAULTS
from sim.vocabulary.points import ONLY_IN_UPDATE_QUEUE

SECOND = 1_000_000
STALL_SEEDS = (1,)
QUEUE = ("protocol.architecture=update_queue",)


def complaints(result: Result) -> list[str]:
    return [f"{each.check}: {' / '.join(each.story)}" for each in result.verdicts if each.outcome == INVALID]


# -- a store that stalls --------------------------------------------------------------------------------------------


@cache
def stalled(variant: str) -> tuple[Result, ...]:
    return tuple(run(load("slow_store", variant=variant), seed) for seed in STALL_SEEDS)


def median_us(histograms: list[Histogram | None]) -> int:
    pooled = merged(histograms)
    assert pooled is not None and pooled.count > 300
    median = pooled.quantile(0.5)
    assert median is not None
    return median


def medians(variant: str) -> tuple[int, int]:
    """Median delivery of what was written in calm, and of what was written during the stall."""
    results = stalled(variant)
    return median_us([each.times[DELIVERY_CALM] for each in results]), median_us(
        [each.times[DELIVERY_DURING_FAULTS] for each in results]
    )


@pytest.mark.parametrize("variant", variants_of("slow_store"))
def test_a_store_that_stalls_loses_nothing(variant: str) -> None:
    """STORE-3, UQ-2: every check valid, every message shown."""
    for result in stalled(variant):
        assert complaints(result) == []
        assert result.outcome() == exit_codes.PASSED, result.missed()
        assert result.counts["shown"] == result.counts["composed"] == 2_000
        assert {each.check for each in result.verdicts if each.outcome == UNKNOWN} == set()


@pytest.mark.parametrize("variant", ["update_queue", "slow_update_queue"])
def test_uq_2_in_update_queue_nobody_waits_for_the_store(variant: str) -> None:
    calm_us, during_us = medians(variant)
    assert abs(during_us - calm_us) <= 0.1 * calm_us
    assert all(result.reached["delivered before archived"] for result in stalled(variant))


@pytest.mark.parametrize(("variant", "least_us"), [("store_then_inbox", 4 * SECOND), ("slow_store_then_inbox", SECOND)])
def test_in_store_then_inbox_whoever_writes_during_the_stall_waits_for_its_end(variant: str, least_us: int) -> None:
    calm_us, during_us = medians(variant)
    assert calm_us < 200_000 and during_us > least_us


def test_uq_2_a_log_without_room_makes_people_wait_and_goes_on_when_there_is_room() -> None:
    calm_us, during_us = medians("backlog_full")
    assert during_us > 20 * calm_us
    for result in stalled("backlog_full"):
        assert result.reached["archive backlog full"]


def test_the_figures_of_calm_and_of_faults_are_among_the_metrics() -> None:
    (first,) = stalled("store_then_inbox")
    figures = first.metrics()
    assert figures["delivery_calm_p50_s"] < figures["delivery_p99_s"]
    assert figures["delivery_during_faults_p50_s"] > 4
    calm = run("two_phones", 1, faults=())
    assert "delivery_during_faults_p50_s" not in calm.metrics()
    assert calm.times[DELIVERY_CALM] == calm.delivery


# -- who is hit -----------------------------------------------------------------------------------------------------


def hit(target: str, *sets: str) -> list[int]:
    """The hosts that a fault of this target hit: role and place, as numbers of the history."""
    fault = Fault("slow_disk", at_us=10 * SECOND, for_us=SECOND, target=target, factor=2.0)
    result = run(load("two_phones", sets=sets), 1, faults=(fault,), keep_history=True)
    assert result.history is not None
    return [row[2] for row in result.history.rows() if row[1] == kinds.FAULT_BEGAN]


def test_long_term_store_is_the_store_itself_where_the_store_keeps_messages_for_good() -> None:
    assert hit("long_term_store 0") == hit("store 0")


def test_sequencer_and_long_term_store_are_hit_separately() -> None:
    assert hit("long_term_store 0", *QUEUE) != hit("store 0", *QUEUE)
    assert hit("store 0", *QUEUE) == hit("store 0")


SHARDS = (
    "schema: doubletick/1\nprotocol: {architecture: update_queue}\ntopology: {store_shards: 3, long_term_shards: 2}\n"
)


def test_a_long_term_store_that_is_not_there_is_refused_with_its_place() -> None:
    text = SHARDS + "faults: [{kind: crash, at: 5s, target: long_term_store 2}]\n"
    with pytest.raises(ScenarioError, match="long_term_store 0 to 1"):
        load_text(text, "three.yaml")
    assert load_text(text.replace("update_queue", "store_then_inbox"), "three.yaml").faults


TWO_LOST = "".join(
    f"  - {{kind: replica_loss, at: {at}s, for: 20s, target: {target} 0}}\n"
    for at, target in ((10, "store"), (15, "long_term_store"))
)


def test_two_replicas_of_two_logs_are_within_the_promise_and_two_of_one_are_not() -> None:
    """STORE-7: where they are the same log, the two count together."""
    base = "schema: doubletick/1\nprotocol: {architecture: update_queue}\nfaults:\n"
    assert len(load_text(base + TWO_LOST, "two.yaml").faults) == 2
    with pytest.raises(ScenarioError, match="beyond the promise"):
        load_text((base + TWO_LOST).replace("update_queue", "store_then_inbox"), "two.yaml")
    with pytest.raises(ScenarioError, match="beyond the promise"):
        load_text(base + TWO_LOST.replace("target: store", "target: long_term_store"), "two.yaml")


def test_the_nemesis_strikes_only_what_an_architecture_has() -> None:
    drawn = {}
    for architecture in ("store_then_inbox", "update_queue"):
        scenario = load("mutants", sets=(f"protocol.architecture={architecture}",))
        faults = [each for seed in range(300) for each in Nemesis(scenario, seed, 100, 90 * SECOND).draw()]
        at_its_own = [each for each in faults if each.point in ONLY_IN_UPDATE_QUEUE]
        drawn[architecture] = len(at_its_own), sum(each.target.startswith("long_term_store") for each in faults)
    assert drawn["store_then_inbox"] == (0, 0)
    assert min(drawn["update_queue"]) > 20


# -- every invariant in both ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["two_phones", "mutants", "mutants_disk", "mutants_lossy", "mutants_pause"])
def test_the_reference_keeps_every_promise_in_update_queue(name: str) -> None:
    results = [run(load(name, sets=QUEUE), seed) for seed in range(1, 5)]
    assert [each for result in results for each in complaints(result)] == []
    judged = {verdict.check for result in results for verdict in result.verdicts if verdict.outcome != UNKNOWN}
    assert judged == {check for result in results for check in applicable(result.scenario)}


@pytest.mark.parametrize("number", [1, 8, 9, 11, 16, 22, 40, 41, 45, 47])
def test_bugs_planted_in_the_shared_rules_are_caught_in_update_queue_too(number: int) -> None:
    """UQ-1: the sequencer obeys the store's rules, so their bugs are its bugs."""
    planted = by_number(number)
    assert planted is not None
    scenario = load(planted.scenario, sets=QUEUE)
    fired: set[str] = set()
    for seed in range(1, 31):
        fired = {each.check for each in run(scenario, seed, mutant=planted).verdicts if each.outcome == INVALID}
        if planted.check in fired:
            return
    raise AssertionError(f"bug {number} ({planted.title}) survived; the last seed fired {sorted(fired)}")


@pytest.mark.long
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("architecture", ["store_then_inbox", "update_queue"])
def test_the_swarm_is_valid_in_each_architecture(architecture: str) -> None:
    scenario = load("swarm", sets=(f"protocol.architecture={architecture}",))
    assert [each for seed in range(1, 201) for each in complaints(run(scenario, seed))] == []
