"""TICK-1 to TICK-3."""

from __future__ import annotations

import pytest
from history_language import device_named, judged

UNTRUE = {
    "accepted before it was in the log (mutant 1)": "a writes 1 to b; a ticks 1 accepted; log 1",
    "delivered before the phone had it": "a writes 1 to b; log 1; inbox b takes 1; a ticks 1 delivered; b stores 1",
    "delivered to one of two recipients": """
        a writes 1 to b; log 1 for b c; inbox b takes 1; b stores 1; a ticks 1 delivered""",
    "delivered to the writer's other device only": """
        a writes 1 to b; log 1 for b a2; inbox a2 takes 1; a2 stores 1; a ticks 1 delivered""",
    "read, but shown after the chat was opened (29)": """
        a writes 1 to b; log 1; inbox b takes 1; b stores 1; b opens a; b shows 1; a ticks 1 read""",
    "read, but never shown (29)": "a writes 1 to b; log 1; inbox b takes 1; b stores 1; b opens a; a ticks 1 read",
    "read, but another chat was opened": "a sends 1 to b; b opens c; a ticks 1 read",
    "failed without a refusal": "a writes 1 to b; a ticks 1 failed",
    "failed though it is in the log": "a writes 1 to b; log 1; refuse 1; a ticks 1 failed",
    "beside a message of another device": "a writes 1 to b; log 1; b ticks 1 accepted",
    "beside a message that nobody composed": "a ticks 9 accepted",
    "untrue in a redraw": """
        a writes 1 to b; log 1; a ticks 1 accepted; kill a; a pends 1 again; a ticks 1 read again
        drawn a""",
}


@pytest.mark.parametrize("text", UNTRUE.values(), ids=UNTRUE.keys())
def test_tick_1_finds_what_is_not_true(text: str) -> None:
    verdict = judged(text, "TICK-1")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


BACK = {
    "delivered over read (28)": "a sends 1 to b; b reads a; a ticks 1 delivered",
    "delivered over read, another device still has to show it (28)": """
        a writes 1 to b; log 1 for b b2; inbox b takes 1; b stores 1; b shows 1; b opens a; a ticks 1 read
        a ticks 1 delivered""",
    "accepted over delivered": "a sends 1 to b; a ticks 1 accepted",
    "failed over accepted": "a writes 1 to b; log 1; a ticks 1 accepted; refuse 1; a ticks 1 failed",
    "accepted over failed": "a writes 1 to b; refuse 1; a ticks 1 failed; a ticks 1 accepted",
    "lower in a redraw": "a sends 1 to b; kill a; a places 1 again; a ticks 1 accepted again; drawn a",
    "lower in a redraw, long read": """
        a sends 1 to b; b reads a; kill a; a places 1 again; a ticks 1 delivered again; drawn a""",
    "no tick in a redraw": "a sends 1 to b; kill a; a places 1 again; drawn a",
    "no tick in a redraw, long read": "a sends 1 to b; b reads a; kill a; a places 1 again; drawn a",
    "pending again in a redraw": "a sends 1 to b; kill a; a pends 1 again; drawn a",
    "no failed mark in a redraw": "a writes 1 to b; refuse 1; a ticks 1 failed; kill a; a pends 1 again; drawn a",
}


@pytest.mark.parametrize("text", BACK.values(), ids=BACK.keys())
def test_tick_2_finds_what_goes_back(text: str) -> None:
    verdict = judged(text, "TICK-2")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


UNTOLD = {
    "no first tick": "a writes 1 to b; log 1; heal; end",
    "no second tick": "a writes 1 to b; accept 1; deliver 1 to b; heal; end",
    "no blue ticks": "a sends 1 to b; b opens a; heal; end",
    "opened after healing": "a sends 1 to b; heal; b opens a; end",
    "no failed mark": "a writes 1 to b; refuse 1; heal; end",
    "went back and stayed there (28)": "a sends 1 to b; b reads a; a ticks 1 delivered; heal; end",
    "gone in a redraw": "a sends 1 to b; b reads a; kill a; a places 1 again; drawn a; heal; end",
    "one of two messages": "a sends 1 to b; b reads a; a sends 2 to b; b opens a; heal; end",
}


@pytest.mark.parametrize("text", UNTOLD.values(), ids=UNTOLD.keys())
def test_tick_3_finds_what_is_untold(text: str) -> None:
    verdict = judged(text, "TICK-3")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


TRUE = {
    "the whole course": "a sends 1 to b; b reads a; b sends 2 to a; heal; end",
    "read without the steps between": """
        a writes 1 to b; log 1; inbox b takes 1; b stores 1; b shows 1; b opens a; a ticks 1 read
        a ticks 1 read; heal; end""",
    "first tick drawn in a redraw": """
        a sends 2 to b; a writes 1 to b; log 1; kill a; a places 2 again; a ticks 2 delivered again
        a places 1 again; a ticks 1 accepted again; drawn a; heal; end""",
    "higher in a redraw": """
        a writes 1 to b; log 1; a ticks 1 accepted; a places 1; inbox b takes 1; b stores 1; b shows 1
        kill a; a places 1 again; a ticks 1 delivered again; drawn a; heal; end""",
    "redrawn, long read": """
        a sends 1 to b; b reads a; kill a; a places 1 again; a ticks 1 read again; drawn a; heal; end""",
    "read after a redraw": """
        a sends 1 to b; a sends 2 to b; kill b; b shows 1 again; b shows 2 again; drawn b; b reads a; heal; end""",
    "shown first in a redraw, then read": """
        a sends 1 to b; a writes 2 to b; accept 2; b stores 2; kill b; b shows 1 again; b shows 2 again; drawn b
        b acknowledges 2; b opens a; a ticks 1 read; a ticks 2 read; heal; end""",
    "delivered on the first of two devices": """
        a writes 1 to b; log 1 for b b2; inbox b takes 1; inbox b2 takes 1; b2 stores 1; a ticks 1 accepted
        a ticks 1 delivered; heal only a b2; end""",
    "the copy to an own device does not hold it back": """
        a writes 1 to b; log 1 for b a2; inbox b takes 1; b stores 1; a ticks 1 accepted
        a ticks 1 delivered; heal; end""",
    "read on a phone that is not reachable at the end": "a sends 1 to b; b sends 2 to a; b opens a; heal only a; end",
    "delivered on a phone that was lost": "a writes 1 to b; accept 1; deliver 1 to b; lose b for b2; heal; end",
    "the writer's phone was lost": "a writes 1 to b; log 1; b sends 2 to a; lose a for a2; heal; end",
    "refused": "a writes 1 to b; refuse 1; a ticks 1 failed; a ticks 1 failed; heal; end",
}


@pytest.mark.parametrize("text", TRUE.values(), ids=TRUE.keys())
@pytest.mark.parametrize("check", ["TICK-1", "TICK-2", "TICK-3"])
def test_true_ticks_are_valid(check: str, text: str) -> None:
    outcome = judged(text, check).outcome
    assert outcome == "valid" or (outcome == "unknown" and check == "TICK-2")


UNKNOWN = {
    "TICK-1": "a writes 1 to b; log 1; heal; end",
    "TICK-2": "a writes 1 to b; log 1; a ticks 1 accepted; heal; end",
    "TICK-3": "a sends 1 to b; heal",
}


@pytest.mark.parametrize("check", UNKNOWN)
def test_unknown_where_nothing_was_exercised(check: str) -> None:
    assert judged(UNKNOWN[check], check).outcome == "unknown"


def test_the_story_of_an_untrue_tick() -> None:
    verdict = judged("wait 5s; a writes 1 to b; log 1; inbox b takes 1; wait 1s; a ticks 1 delivered", "TICK-1")
    assert verdict.story == (
        "message 1 of person 0 to person 1: written at 5s, in the log as entry 1 at 5s",
        "the phone of person 0 (device 0) drew the second tick (delivered) at 6.01s",
        "but it was not in the database of the phone of person 1 (device 1024) then",
    )


COPY = """
    a writes 1 to b; log 1 for b a2; inbox b takes 1; b stores 1; b shows 1; a ticks 1 accepted; a ticks 1 delivered
    inbox a2 takes 1; a2 stores 1; a2 shows 1; a2 ticks 1 accepted; a2 ticks 1 delivered
"""


def test_tick_2_and_tick_3_a_tick_that_goes_back_beside_a_copy_is_the_copys_alone() -> None:
    lowered = COPY + "a2 ticks 1 accepted; heal; end"
    for check in ("TICK-2", "TICK-3"):
        found = judged(lowered, check)
        assert found.outcome == "invalid" and found.violations == 1
        assert f"(device {device_named('a2')})" in " ".join(found.story), found.story
    assert judged(lowered, "TICK-1").outcome == "valid"
    for check in ("TICK-1", "TICK-2", "TICK-3"):
        assert judged(COPY + "heal; end", check).outcome == "valid"


def test_tick_2_a_copy_that_is_drawn_again_has_its_tick_again() -> None:
    again = COPY + "kill a2; a2 shows 1 again; {}drawn a2; heal; end"
    found = judged(again.format(""), "TICK-2")
    assert found.outcome == "invalid" and found.violations == 1
    assert f"(device {device_named('a2')})" in found.story[1] and "but no tick" in found.story[2]
    assert judged(again.format(""), "TICK-3").outcome == "invalid", "nor has it one at the end"
    for check in ("TICK-1", "TICK-2", "TICK-3"):
        assert judged(again.format("a2 ticks 1 delivered again; "), check).outcome == "valid"
    lower = again.format("a2 ticks 1 accepted again; ")
    assert judged(lower, "TICK-2").violations == 1


def test_tick_2_a_copy_of_what_is_long_read_has_its_tick_again() -> None:
    read = COPY + "b opens a; a ticks 1 read; a2 ticks 1 read; a places 1; kill a2; a2 shows 1 again; {}drawn a2"
    assert judged(read.format(""), "TICK-2").violations == 1
    assert judged(read.format("a2 ticks 1 read again; "), "TICK-2").outcome == "valid"


def test_tick_3_a_copys_tick_that_went_back_and_came_again_is_whole() -> None:
    raised = COPY + "a2 ticks 1 accepted; a2 ticks 1 delivered; heal; end"
    assert judged(raised, "TICK-2").outcome == "invalid" and judged(raised, "TICK-3").outcome == "valid"
