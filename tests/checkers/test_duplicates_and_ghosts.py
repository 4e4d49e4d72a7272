"""DUP-1 and GHOST-1."""

from __future__ import annotations

import pytest
from history_language import judged

TWICE = {
    "shown, killed before the commit, delivered again (mutant 15)": """
        a writes 1 to b; accept 1; b shows 1; kill b; drawn b; b stores 1; b shows 1""",
    "shown, then gone after a restart": "a sends 1 to b; a sends 2 to b; kill b; b shows 2 again; drawn b",
    "the whole chat is gone after a restart": "a sends 1 to b; kill b; drawn b",
    "announced twice": "a sends 1 to b; b shows 1",
    "announced twice, long after it was read": "a sends 1 to b; b reads a; b shows 1",
    "announced again after a restart": "a sends 1 to b; kill b; b shows 1; drawn b",
    "drawn twice in one redraw": "a sends 1 to b; kill b; b shows 1 again; b shows 1 again; drawn b",
    "two sequences of one message, both shown (9)": """
        a writes 1 to b; log 1; log 1; b shows 1 as 1; b shows 1 as 2""",
    "a later entry with another sequence than the phone believes": """
        a sends 1 to b; a sends 2 to b; b shows 1 as 3""",
    "an own message placed twice": "a sends 1 to b; a places 1",
    "an own message placed and pending": "a sends 1 to b; a pends 1",
    "an own message pending twice": "a writes 1 to b; a pends 1",
    "an own message shown as somebody else's": "a writes 1 to b; accept 1; a shows 1",
    "a pending message gone after a restart": "a writes 1 to b; kill a; drawn a",
    "an own placed message gone after a restart": "a sends 1 to b; kill a; drawn a",
    "killed in the middle of a redraw, then gone": """
        a sends 1 to b; a sends 2 to b; kill b; b shows 1 again; kill b; b shows 1 again; drawn b""",
    "new in a redraw that was cut short, then gone": """
        a sends 1 to b; a writes 2 to b; accept 2; b stores 2; kill b; b shows 1 again; b shows 2 again
        kill b; b shows 1 again; drawn b""",
    "left out of one redraw and back in the next": """
        a sends 1 to b; kill b; drawn b; kill b; b shows 1 again; drawn b""",
}


@pytest.mark.parametrize("text", TWICE.values(), ids=TWICE.keys())
def test_dup_1_finds_it(text: str) -> None:
    assert judged(text, "DUP-1").outcome == "invalid"


ONCE = {
    "shown once": "a sends 1 to b; a sends 2 to b; b sends 3 to a",
    "redrawn after a restart": """
        a sends 1 to b; b sends 2 to a; a sends 3 to b; b reads a; kill b
        b shows 1 again; b places 2 again; b ticks 2 delivered again; b shows 3 again; drawn b; a sends 4 to b""",
    "shown first in a redraw": """
        a sends 1 to b; a writes 2 to b; log 2; kill b; b shows 1 again; b shows 2 again; drawn b""",
    "pending, and placed in the redraw": """
        a writes 1 to b; log 1; kill a; a places 1 again; a ticks 1 accepted again; drawn a""",
    "pending again in the redraw": "a writes 1 to b; kill a; a pends 1 again; drawn a; log 1; a places 1",
    "killed in the middle of a redraw": """
        a sends 1 to b; a sends 2 to b; kill b; b shows 1 again
        kill b; b shows 1 again; b shows 2 again; drawn b; a sends 3 to b""",
    "killed and never started again": "a sends 1 to b; kill b",
    "an empty phone is killed": "a sends 1 to b; kill c; drawn c",
    "the same message on two devices": "a writes 1 to b; log 1 for b b2; b shows 1; b2 shows 1",
}


@pytest.mark.parametrize("text", ONCE.values(), ids=ONCE.keys())
@pytest.mark.parametrize("check", ["DUP-1", "GHOST-1", "ORDER-1", "TICK-2"])
def test_what_is_in_order_is_valid(text: str, check: str) -> None:
    assert judged(text, check).outcome in ("valid", "unknown" if check in ("ORDER-1", "TICK-2") else "valid")


GHOSTS = {
    "shown on a device that is not on the entry's list (26, 46)": "a writes 1 to b; log 1; c shows 1",
    "shown on such a device, long after it was read": "a sends 1 to b; b reads a; c shows 1",
    "nobody composed it": "b shows 9 as 1 in chat with a",
    "nobody composed the entry": "log 9 from a for b",
    "shown before there was an entry": "a writes 1 to b; b shows 1 as 1",
    "shown in another chat": "a writes 1 to b; log 1; b shows 1 in chat with c",
    "the log names another sender": "a writes 1 to b; log 1 from c",
    "the entry is owed to somebody it was not written to": "a writes 1 to b; log 1 for c",
    "pending on another device": "a writes 1 to b; b pends 1",
    "placed on another device": "a writes 1 to b; log 1; b places 1",
    "shown on its own device as if it were from somebody else": "a writes 1 to b; log 1; a shows 1",
}


@pytest.mark.parametrize("text", GHOSTS.values(), ids=GHOSTS.keys())
def test_ghost_1_finds_it(text: str) -> None:
    verdict = judged(text, "GHOST-1")
    assert verdict.outcome == "invalid" and verdict.story


@pytest.mark.parametrize("check", ["DUP-1", "GHOST-1"])
@pytest.mark.parametrize("text", ["", "a composes 1 to b; log 1", "a writes 1 to b; heal; end"])
def test_unknown_where_nothing_was_shown(check: str, text: str) -> None:
    assert judged(text, check).outcome == "unknown"


def test_the_story_of_a_message_that_left() -> None:
    verdict = judged("a writes 1 to b; accept 1; b shows 1; wait 2s; kill b; wait 1s; drawn b", "DUP-1")
    assert verdict.story[1:] == (
        "it was in the list of the phone of person 1 (device 1024) until the app was killed at 2s",
        "and is missing in the list that was drawn after the restart at 3.01s",
    )
