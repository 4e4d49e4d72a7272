"""CHAN-1: what reads of a log show."""

from __future__ import annotations

import pytest
from history_language import history

from sim.checkers.judging import judge
from sim.checkers.verdict import Verdict
from sim.scenario.model import Scenario, Topology

READ = Scenario(topology=Topology(data_services=1))
FIVE = "a sends 1 to b; a sends 2 to b; b sends 3 to a; a sends 4 to b; a sends 5 to b;"


def judged(text: str, scenario: Scenario = READ) -> Verdict:
    (verdict,) = judge(history(text), scenario, ("CHAN-1",))
    return verdict


GOOD = {
    "the newest page": "b asks newest; query 1; b gets 3 to 5 by 1",
    "a page before": "b asks before 3; query 1; b gets 1 to 2 by 1",
    "a page behind": "b asks behind 1; query 1; b gets 2 to 4 by 1",
    "the end of the log": "b asks behind 5; query 1; b gets 6 to 5 by 1",
    "reading on": """b asks newest; query 1; b gets 3 to 5 by 1; a sends 6 to b; b asks behind 5; query 2
        b gets 6 to 6 by 2""",
    "more than there was when the query began": "b asks newest; query 1; a sends 6 to b; b gets 4 to 6 by 1",
    "less than there is, but all that there was": "b asks newest; query 1; a writes 6 to b; log 6; b gets 3 to 5 by 1",
    "another app remembers nothing": """b asks newest; query 1; b gets 3 to 5 by 1; kill b; drawn b
        b asks behind 1; query 2; b gets 2 to 4 by 2""",
}


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD.keys())
def test_a_true_page_is_valid(text: str) -> None:
    verdict = judged(FIVE + text)
    assert verdict.outcome == "valid", verdict.story
    assert verdict.exercised


BAD = {
    "an entry is another message": ("b asks newest; query 1; b gets 3 to 5 by 1 but 4 as 2", "message 4 in the log"),
    "an entry is missing": ("b asks newest; query 1; b gets 3 to 5 by 1 without 4", "entry 4 is missing"),
    "the last entry is missing": ("b asks newest; query 1; b gets 3 to 5 by 1 without 5", "entry 5 is missing"),
    "no quorum had it": ("b asks newest; query 1; b gets 4 to 6 by 1", "no quorum had it"),
    "a replica that lags": ("kill b; drawn b; b asks newest; query 1; b gets 2 to 4 by 1", "the log had 5 entries"),
    "the end of the log is behind": ("b asks behind 3; query 1; b gets 4 to 4 by 1", "the log had 5 entries"),
    "the page begins too late": ("b asks newest; query 1; b gets 4 to 5 by 1", "begins in the wrong place"),
    "the page behind begins elsewhere": ("b asks behind 1; query 1; b gets 3 to 5 by 1", "the entry behind it is 2"),
    "a page before is short": ("b asks before 4; query 1; b gets 2 to 3 by 1", "it should be entries 1 to 3"),
    "a hole between two pages": (
        "b asks newest; query 1; b gets 3 to 5 by 1; a sends 6 to b; a sends 7 to b; b asks behind 6; query 2;"
        "b gets 7 to 7 by 2",
        "had read on to entry 5",
    ),
    "a page that nobody asked for": ("query 1; b gets 3 to 5 by 1", "nobody had asked"),
    "a page that comes twice": ("b asks newest; query 1; b gets 3 to 5 by 1; b gets 3 to 5 by 1", "nobody had asked"),
}


@pytest.mark.parametrize(("text", "said"), BAD.values(), ids=BAD.keys())
def test_a_page_that_is_not_true_is_told(text: str, said: str) -> None:
    verdict = judged(FIVE + text)
    assert verdict.outcome == "invalid"
    assert said in verdict.story[-1]


def test_a_screen_never_shows_less_than_it_had_shown() -> None:
    """Also what came by push counts: the query had begun before, and was joined (STORE-4)."""
    verdict = judged(FIVE + "query 1; a sends 6 to b; b asks newest; b gets 3 to 5 by 1")
    assert verdict.outcome == "invalid"
    assert "that screen had shown entry 6 before" in verdict.story[-1]


@pytest.mark.parametrize("text", ["", "b asks newest; query 1", "query 1"])
def test_without_a_page_nothing_is_judged(text: str) -> None:
    assert judged(FIVE + text).outcome == "unknown"


def test_where_nobody_reads_nothing_is_judged() -> None:
    assert judged(FIVE + "b asks newest; query 1; b gets 4 to 5 by 1", Scenario()).outcome == "unknown"
