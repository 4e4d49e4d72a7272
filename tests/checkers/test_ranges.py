"""CHAN-1: what reads of a log show."""

from __future__ import annotations

import pytest
from history_language import history

from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.model import Scenario, Topology
from sim.vocabulary import kinds
from sim.vocabulary.ids import device_of, group_numbered
from sim.vocabulary.kinds import NONE
from sim.vocabulary.read_messages import Side

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


# -- groups: a log is, for its reader, what was said while they were in it (STORE-6) ----------------------------------

GROUP = group_numbered(0)
ANN, BOB, EVE = range(3)
READER = device_of(BOB)


class Reads:
    """A group's log of nine entries: Bob leaves with entry 3 and is back with entry 6, Eve comes with entry 5."""

    def __init__(self, known: bool = True, bob_is_back: bool = True) -> None:
        self.rows: list[HistoryRow] = []
        if known:
            self.row(kinds.FIRST_DAY)
            for user in (ANN, BOB):
                self.row(kinds.FIRST_MEMBER, value=user)
        for number in range(1, 10):
            self.row(kinds.LOGGED, device_of(ANN), number, 100 + number, ANN)
            if number == 3:
                self.row(kinds.MEMBER_LEFT, number=3, operation=103, value=BOB)
            elif number == 5:
                self.row(kinds.MEMBER_JOINED, number=5, operation=105, value=EVE)
            elif number == 6 and bob_is_back:
                self.row(kinds.MEMBER_JOINED, number=6, operation=106, value=BOB)
        self.row(kinds.QUERY_BEGAN, number=1)

    def row(self, kind: int, who: int = NONE, number: int = NONE, operation: int = NONE, value: int = NONE,
            extra: int = NONE) -> None:  # fmt: skip
        self.rows.append((len(self.rows), kind, who, GROUP, number, operation, value, extra))

    def judge(self, *entries: int, side: int = Side.NEWEST, edge: int = 0, reader: int = BOB) -> Verdict:
        """A page of five as it came to a reader."""
        device = device_of(reader)
        self.row(kinds.READ_ASKED, device, edge, value=side, extra=5)
        first, last = (entries[0], entries[-1]) if entries else (edge + 1, edge)
        self.row(kinds.RANGE_SHOWN, device, first, value=last, extra=1)
        for number in entries:
            self.row(kinds.RANGE_ENTRY, device, number, 100 + number, ANN)
        (verdict,) = judge(self.rows, READ, ("CHAN-1",))
        return verdict


@pytest.mark.parametrize(
    ("entries", "read"),
    [
        ((5, 6, 7, 8, 9), {"reader": ANN}),
        ((5, 6, 7, 8, 9), {"reader": EVE}),
        ((3, 6, 7, 8, 9), {}),
        ((2, 3, 6, 7, 8), {"side": Side.BEHIND, "edge": 1}),
        ((1, 2, 3), {"side": Side.BEFORE, "edge": 5}),
        ((1, 2, 3, 6, 7), {"side": Side.BEFORE, "edge": 8}),
        ((), {"side": Side.BEFORE, "edge": 5, "reader": EVE}),
        ((), {"reader": 9}),
    ],
)
def test_store_6_both_stays_are_shown_and_nothing_between_them(entries: tuple[int, ...], read: dict[str, int]) -> None:
    verdict = Reads().judge(*entries, **read)
    assert verdict.outcome == "valid", verdict.story


def test_store_6_who_has_left_is_shown_what_was_said_before() -> None:
    assert Reads(bob_is_back=False).judge(1, 2, 3).outcome == "valid"


@pytest.mark.parametrize(
    ("entries", "read", "said"),
    [
        ((4, 5, 6, 7, 8, 9), {}, "entry 4 is not for person 1, who left with entry 3"),
        ((3, 4, 6, 7, 8, 9), {}, "entry 4 is not for person 1, who left with entry 3"),
        ((4, 5, 6, 7, 8), {"reader": EVE, "side": Side.BEHIND, "edge": 3}, "person 2, who came only with entry 5"),
        ((5, 6, 7, 8, 9), {"reader": 9}, "entry 5 is not for person 9, who is not in the group"),
        ((6, 7, 8, 9), {}, "it begins in the wrong place"),
        ((3, 7, 8, 9), {"side": Side.BEHIND, "edge": 2}, "entry 6 is missing"),
        ((1, 2, 3), {}, "the log had 9 entries"),
        ((), {"side": Side.BEFORE, "edge": 5}, "it should be entries 1 to 3"),
    ],
)
def test_store_6_what_is_not_for_the_reader_is_told(entries: tuple[int, ...], read: dict[str, int], said: str) -> None:
    verdict = Reads().judge(*entries, **read)
    assert verdict.outcome == "invalid"
    assert said in verdict.story[-1]


def test_store_6_an_entry_between_two_stays_is_told() -> None:
    """Both ends of the page are Bob's, and all of his entries are there."""
    verdict = Reads().judge(3, 4, 5, 6, 7, 8, 9)
    assert verdict.outcome == "invalid" and verdict.violations == 2
    assert verdict.story[-1] == "entry 4 is not for person 1, who left with entry 3"


def test_store_6_who_has_left_and_reads_on_is_told() -> None:
    verdict = Reads(bob_is_back=False).judge(5, 6, 7, 8, 9)
    assert verdict.outcome == "invalid" and verdict.story[-1].endswith("who left with entry 3")


def test_a_history_that_does_not_say_who_there_was_is_not_judged_by_it() -> None:
    assert Reads(known=False).judge(5, 6, 7, 8, 9).outcome == "valid"
