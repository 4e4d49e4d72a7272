"""``size`` finds the smallest size that holds, and says only what was played; ``sweep`` plays every combination."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sim.results import exit_codes
from sim.results.records import Record
from sim.results.summary import Subject
from sim.scenario.errors import ScenarioError
from sim.scenario.model import Scenario
from sim.statistics.intervals import Estimate
from sim.studies.playing import Side
from sim.studies.sizing import Candidate, Sizing, _search, read_level, size
from sim.studies.sweeping import Point, Sweep, read_range, sweep

SUBJECT = Subject(Scenario(), "hello")
AT_MOST_A_SECOND = read_level("delivery_p99_s<=1s")


@pytest.mark.parametrize("least", [1, 3])
@pytest.mark.parametrize("smallest", range(1, 41))
def test_the_search_ends_at_the_smallest_that_holds(least: int, smallest: int) -> None:
    played: list[int] = []

    def holds(number: int) -> bool:
        assert number not in played, "nothing is played twice"
        played.append(number)
        return number >= smallest

    _search(holds, least, 40)
    answer = max(least, smallest)
    assert answer in played
    assert answer == least or answer - 1 in played, "the size below was played, too"
    assert max(played) <= 40
    assert len(played) <= 2 * math.log2(40) + 2


def test_a_search_without_an_end_tries_the_largest() -> None:
    played: list[int] = []
    _search(lambda number: bool(played.append(number)), 1, 20)
    assert played == [1, 2, 4, 8, 16, 20]


@pytest.mark.parametrize(
    ("text", "low", "high", "holds"),
    [
        ("delivery_p99_s<=1s", 0.8, 1.0, True),
        ("delivery_p99_s <= 1s", 0.8, 1.1, None),
        ("delivery_p99_s<=1000ms", 1.01, 1.1, False),
        ("shown>=100", 100.0, 120.0, True),
        ("shown>=100", 90.0, 120.0, None),
        ("shown>=100", 90.0, 99.0, False),
        ("hand_off_us_store<=2ms", 1_000.0, 2_000.0, True),
        ("sent.store.enter<=5", 4.0, 4.5, True),
    ],
)
def test_a_level_holds_when_its_whole_interval_does(text: str, low: float, high: float, holds: bool | None) -> None:
    assert read_level(text).holds(Estimate((low + high) / 2, low, high, 5)) is holds


def test_what_has_no_interval_has_not_been_shown() -> None:
    assert AT_MOST_A_SECOND.holds(None) is None
    assert AT_MOST_A_SECOND.holds(Estimate(0.1, None, None, 1)) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("delivery_p99_s=1s", "is no service level"),
        ("delivery_p98_s<=1s", "did you mean 'delivery_p99_s'"),
        ("delivery_p99_s<=soon", "is no limit for delivery_p99_s"),
        ("shown>=10s", "is no limit for shown"),
    ],
)
def test_a_level_that_cannot_be_read_is_refused(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_level(text)


def candidate(number: int, seconds: float, holds: bool | None, **more: object) -> Candidate:
    found = Estimate(seconds, seconds - 0.1, seconds + 0.1, 5)
    record = Record("1", 1, int(more.pop("exit_code", 0)))  # type: ignore[call-overload]
    judged = {AT_MOST_A_SECOND.text: holds}
    return Candidate(number, SUBJECT, (record,), {"delivery_p99_s": found}, judged, **more)  # type: ignore[arg-type]


def sizing(*candidates: Candidate) -> Sizing:
    of = {each.size: each for each in candidates}
    return Sizing("hello", "topology.connection_servers", (AT_MOST_A_SECOND,), 1, 64, ("1", "2"), of)


def test_the_answer_says_what_is_below() -> None:
    found = sizing(candidate(2, 3.0, False), candidate(3, 1.0, None), candidate(4, 0.5, True))
    assert (found.smallest is not None and found.smallest.size, found.exit_code) == (4, exit_codes.PASSED)
    assert (
        "4 connection servers are the fewest that hold delivery_p99_s <= 1s: delivery_p99_s 500ms" in found.sentence()
    )
    assert "With 3 delivery_p99_s cannot be told from the limit: it is 1s ± 100ms." in found.sentence()


def test_an_answer_needs_the_size_below_it() -> None:
    """A search that was interrupted knows a size that holds, and not whether it is the smallest."""
    found = sizing(candidate(2, 3.0, False), candidate(4, 0.5, True))
    assert found.smallest is None and found.exit_code == exit_codes.CHECK_FAILED
    assert sizing(candidate(1, 0.5, True)).smallest is not None, "nothing is below the least"


def test_runs_that_do_not_pass_hold_nothing_and_more_is_not_always_better() -> None:
    failing = candidate(4, 0.5, True, exit_code=exit_codes.CHECK_FAILED)
    assert not failing.holds
    found = sizing(candidate(2, 3.0, False), candidate(3, 0.5, True), failing)
    assert not found.is_monotone and "more is not always better" in found.sentence()
    assert candidate(4, 0.5, True, exit_code=exit_codes.NOTHING_TESTED).holds, "a hard case that is met no more"
    assert sizing(candidate(1, 0.5, True, exit_code=exit_codes.OUR_BUG)).exit_code == exit_codes.OUR_BUG


def test_a_fleet_of_the_simulator_is_sized() -> None:
    """100 phones, a server dies, each takes a hello in four seconds: with few servers it takes too long."""
    sets = ("workload.users=100", "workload.messages=20", "protocol.accept_rate=0.25/s")
    found = size("server_death", ["reconnect_longest_s<=1m"], least=3, most=32, seeds="1..2", most_runs=4, sets=sets,
                 jobs="1")  # fmt: skip
    assert found.smallest is not None, found.sentence()
    number = found.smallest.size
    assert found.candidates[3].refused, "the server that dies is not there"
    assert not found.candidates[number - 1].holds
    assert f"{number} connection servers are the fewest that hold reconnect_longest_s <= 1m" in found.sentence()
    assert found.candidates[number].found["reconnect_longest_s"].high <= 60.0  # type: ignore[union-attr, operator]


def test_one_seed_or_no_level_sizes_nothing() -> None:
    with pytest.raises(ValueError, match="two or more"):
        size("two_phones", ["shown>=1"], seeds="1")
    with pytest.raises(ValueError, match="name one"):
        size("two_phones", [])
    with pytest.raises(ValueError, match="no size"):
        size("two_phones", ["shown>=1"], least=5, most=4)
    with pytest.raises(ScenarioError):
        size("two_phones", ["shown>=1"], path="protocol.heartbeat", seeds="1..2")


# -- sweeps -----------------------------------------------------------------------------------------------------


def test_every_combination_meets_the_same_seeds() -> None:
    over = {"network.phone_one_way": ["30ms", "200ms"], "topology.connection_servers": ["2", "3"]}
    found = sweep("two_phones", over, ["delivery_mean_s", "composed"], seeds="1..3", jobs="1")
    assert [tuple(each.values.values()) for each in found.points] == [
        ("30ms", "2"), ("30ms", "3"), ("200ms", "2"), ("200ms", "3"),
    ]  # fmt: skip
    means = [each.estimate("delivery_mean_s") for each in found.points]
    assert all(each is not None and each.runs == 3 for each in means)
    near, far = means[0], means[2]
    assert near is not None and far is not None and far.value > near.value + 0.3
    assert found.exit_code == exit_codes.PASSED
    rows = found.rows()
    assert (
        rows[3]["topology.connection_servers"] == "3" and rows[3]["passed"] == "3 of 3" and rows[3]["composed"] == "3"
    )
    assert found.document()["points"][2]["metrics"]["delivery_mean_s"]["value"] == far.value


def test_a_sweep_with_a_failing_run_does_not_pass() -> None:
    side = Side("a", SUBJECT, {0: Record("1", 1, exit_codes.CHECK_FAILED)})
    found = Sweep("hello", ("owed",), ("1",), (Point({"protocol.page": "3"}, side),))
    assert (found.exit_code, found.rows()[0]["passed"], found.rows()[0]["owed"]) == (1, "0 of 1", "–")


def test_ranges() -> None:
    assert read_range("topology.connection_servers=2..4,8") == ("topology.connection_servers", ("2", "3", "4", "8"))
    assert read_range("protocol.heartbeat=30s, 1m") == ("protocol.heartbeat", ("30s", "1m"))
    for wrong in ("protocol.page", "=3", "protocol.page=", "a=1..99999999"):
        with pytest.raises(ValueError, match="is no range"):
            read_range(wrong)


def test_wrong_values_are_refused_before_anything_is_played(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError):
        sweep("two_phones", {"protocol.page": ["3", "x"]}, ["owed"])
    with pytest.raises(ValueError, match="did you mean 'owed'"):
        sweep("two_phones", {"protocol.page": ["3"]}, ["ownd"])
    with pytest.raises(ValueError, match="combinations"):
        sweep("two_phones", {"protocol.page": [str(each) for each in range(1, 10_002)]}, ["owed"])
