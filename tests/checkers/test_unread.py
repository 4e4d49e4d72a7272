"""UNREAD-1: the badge of a chat says how much of it is unread."""

from __future__ import annotations

import pytest
from history_language import judged, speak
from history_presence import PresenceWriter

from sim.checkers.verdict import Verdict
from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between, device_of

A, B = device_of(0), device_of(1)
CHAT = conversation_between(0, 1)


def verdict(
    badge: int, *, marked: int = 0, stored: int = 0, scene: str = "a sends 1 to b; a sends 2 to b; b sends 3 to a",
    heal: str = "heal", last: str = "", device: int = B,
) -> Verdict:  # fmt: skip
    """What UNREAD-1 says of this badge of b's chat with a, after two messages of a's and one of b's own."""
    writer = PresenceWriter()
    speak(writer, scene)
    if marked:
        writer.row(kinds.MARKED_READ, device, CHAT, marked)
    if stored:
        writer.row(kinds.WATERMARK, device, CHAT, stored, value=1)
    speak(writer, last)
    speak(writer, f"{heal}; end")
    writer.row(kinds.SETTLED_UNREAD, device, CHAT, badge)
    return judged(writer.rows, "UNREAD-1")


@pytest.mark.parametrize(
    ("badge", "marked", "stored"),
    [(2, 0, 0), (1, 1, 0), (0, 2, 0), (1, 0, 1), (0, 1, 2), (0, 2, 1)],
    ids=["unread", "one read", "all read", "read elsewhere", "read further elsewhere", "read further here"],
)
def test_unread_1_is_valid_when_the_badge_tells_the_truth(badge: int, marked: int, stored: int) -> None:
    assert verdict(badge, marked=marked, stored=stored).outcome == "valid"


@pytest.mark.parametrize(
    ("badge", "marked", "stored", "truth"),
    [(3, 0, 0, 2), (0, 0, 0, 2), (2, 1, 0, 1), (0, 1, 0, 1), (2, 0, 2, 0)],
    ids=[
        "own ones counted",
        "set back for nothing (30)",
        "not set back",
        "set back too far (30)",
        "not told elsewhere",
    ],
)
def test_unread_1_finds_a_badge_that_lies(badge: int, marked: int, stored: int, truth: int) -> None:
    found = verdict(badge, marked=marked, stored=stored)
    assert found.outcome == "invalid" and found.violations == 1
    assert f"says {badge}" in found.story[0] and f"holds {truth} message" in found.story[1]


def test_unread_1_counts_a_message_once_however_often_it_is_drawn() -> None:
    """A redraw after a restart, or a repeat, is no news; what comes after a watermark is."""
    assert verdict(2, last="kill b; b shows 1 again; b shows 2 again; b shows 3 again; drawn b").outcome == "valid"
    assert verdict(1, marked=2, last="a sends 4 to b").outcome == "valid"
    assert verdict(0, marked=2, last="a sends 4 to b").outcome == "invalid"


def test_unread_1_asks_nothing_of_a_phone_that_stays_away() -> None:
    assert verdict(7, heal="heal only a").outcome == "unknown"
    assert verdict(7).outcome == "invalid"
