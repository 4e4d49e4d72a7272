"""ORDER-1 to ORDER-4 where lists sort in: the list as it stands is judged; jumps are no violation (PHONE-5)."""

from __future__ import annotations

import dataclasses

import pytest
from history_language import judged

from sim import Scenario
from sim.scenario.model import Protocol
from sim.vocabulary.screens import SORTED_IN

SORTING = dataclasses.replace(Scenario(), protocol=Protocol(screen_order=SORTED_IN))
TWO = "a writes 1 to b; a writes 2 to b; accept 1; accept 2;"
THREE = TWO + "a writes 3 to b; accept 3;"
ALL = ("ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4", "DUP-1")

RIGHT = {
    "a late one is put in above": TWO + "b shows 2; b shows 1 above 1",
    "a late own one is put in above": "a writes 1 to b; b writes 2 to a; log 1; log 2; a shows 2; a places 1 above 1",
    "in the middle": THREE + "b shows 1; b shows 3; b shows 2 above 1",
    "a redraw shows it in order": TWO
    + "b shows 2; b shows 1 above 1; kill b; b shows 1 again; b shows 2 again; drawn b",
    "a redraw adds one in the middle": THREE
    + "b shows 1; b shows 3; kill b; b shows 1 again; b shows 2 again; b shows 3 again; drawn b",
    "a reply stands below what comes late": "a writes 1 to b; a writes 2 to b answering 1; log 1; log 2;"
    "b shows 2; b shows 1 above 1",
}
WRONG = {
    "nothing is sorted in (137)": ("ORDER-1", TWO + "b shows 2; b shows 1"),
    "too far up": ("ORDER-1", THREE + "b shows 1; b shows 3; b shows 2 above 2"),
    "not far enough": ("ORDER-1", THREE + "b shows 2; b shows 3; b shows 1 above 1"),
    "another sequence than the log gave": ("ORDER-1", TWO + "b shows 2; b shows 1 as 3 above 1"),
    "the writer's order, wrong in the log": (
        "ORDER-2",
        "a writes 1 to b; a writes 2 to b; log 2; log 1; b shows 1; b shows 2 above 1",
    ),
    "the devices disagree": (
        "ORDER-3",
        "a writes 1 to b; b writes 2 to a; log 1; log 2; a places 1; a shows 2; b places 2; b shows 1",
    ),
    "a reply above what it answers": (
        "ORDER-4",
        "a writes 1 to b; b writes 2 to a answering 1; log 2; log 1; b places 2; b shows 1",
    ),
    "a reply put in above what it answers": (
        "ORDER-4",
        "a writes 1 to b; b writes 2 to a answering 1; log 2; log 1; a places 1; a shows 2 above 1",
    ),
    "shown twice": ("DUP-1", TWO + "b shows 2; b shows 1 above 1; b shows 1 above 1"),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
@pytest.mark.parametrize("check", ALL)
def test_what_is_sorted_in_is_in_order(text: str, check: str) -> None:
    assert judged(text, check, SORTING).outcome in ("valid", "unknown")


@pytest.mark.parametrize(("check", "text"), WRONG.values(), ids=WRONG)
def test_what_stands_in_the_wrong_place_is_told(check: str, text: str) -> None:
    assert judged(text, check, SORTING).outcome == "invalid"


def test_where_lists_hold_back_a_late_one_is_out_of_order_wherever_it_is_put() -> None:
    assert judged(TWO + "b shows 2; b shows 1 above 1", "ORDER-1").outcome == "invalid"


def test_order_1_says_who_stands_on_the_wrong_side() -> None:
    verdict = judged(THREE + "b shows 1; b shows 3; b shows 2 above 2", "ORDER-1", SORTING)
    assert "has message 2, which is entry 2" in verdict.story[1] and "above message 1" in verdict.story[2]


SEEN = "a writes 1 to b; a writes 2 to b; log 1; log 2; b shows 2; b opens a; b shows 1 above 1;"


def test_tick_1_what_came_late_is_not_read_by_an_opening_before() -> None:
    assert judged(SEEN + "a ticks 2 read", "TICK-1", SORTING).outcome == "valid"
    assert judged(SEEN + "a ticks 1 read", "TICK-1", SORTING).outcome == "invalid"
    assert judged(SEEN + "b opens a; a ticks 1 read", "TICK-1", SORTING).outcome == "valid"


def test_tick_1_over_a_restart_what_was_seen_stays_seen() -> None:
    redraw = "kill b; b shows 1 again; b shows 2 again; drawn b;"
    assert judged(SEEN + redraw + "a ticks 2 read", "TICK-1", SORTING).outcome == "valid"
    assert judged(SEEN + redraw + "a ticks 1 read", "TICK-1", SORTING).outcome == "invalid"
