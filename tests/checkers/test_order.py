"""ORDER-1 to ORDER-4."""

from __future__ import annotations

import pytest
from history_language import judged

TWO = "a writes 1 to b; a writes 2 to b; accept 1; accept 2;"

WRONG = {
    "shown by arrival (mutant 4)": ("ORDER-1", TWO + "b shows 2; b shows 1"),
    "ordered by the sender's clock in the redraw (17)": (
        "ORDER-1",
        TWO + "b shows 1; b shows 2; kill b; b shows 2 again; b shows 1 again; drawn b",
    ),
    "a new one in the redraw, above an older one": (
        "ORDER-1",
        TWO + "b shows 1; kill b; b shows 2 again; b shows 1 again; drawn b",
    ),
    "another sequence than the log gave": ("ORDER-1", TWO + "b shows 1 as 2; b shows 2 as 3"),
    "another sequence in a redraw": ("ORDER-1", TWO + "b shows 1; kill b; b shows 1 as 5 again; drawn b"),
    "placed before it was in the log, and believed wrong": (
        "ORDER-1",
        "a writes 1 to b; a places 1 as 7; log 1; b shows 1; a writes 2 to b",
    ),
    "two messages with one sequence (16)": (
        "ORDER-1",
        "a writes 1 to b; a writes 2 to b; log 1; log 2 as 1; b shows 1; b shows 2",
    ),
    "own messages placed out of order": (
        "ORDER-1",
        "a writes 1 to b; a writes 2 to b; log 1; log 2; a places 2; a places 1",
    ),
    "a gap in send numbers was accepted (41)": (
        "ORDER-2",
        "a writes 1 to b; a writes 2 to b; log 2; log 1; b shows 2; b shows 1",
    ),
    "shown in the log's order, but the writer's own list shows it, too (41)": (
        "ORDER-2",
        "a writes 1 to b; a writes 2 to b; log 2; log 1; a places 2; a places 1",
    ),
    "arrival on one device, sequence on the other (4)": (
        "ORDER-3",
        "a writes 1 to b; b writes 2 to a; log 1; log 2; a places 1; a shows 2; b places 2; b shows 1",
    ),
    "a redraw sorted it, but they did disagree": (
        "ORDER-3",
        "a writes 1 to b; a writes 2 to b; log 1; log 2; a places 1; a places 2; b shows 2; b shows 1\n"
        "kill b; b shows 1 again; b shows 2 again; drawn b",
    ),
    "the entry is in the log twice, and each took another of its places": (
        "ORDER-3",
        "a writes 1 to b; b writes 2 to a; log 1; log 2; log 1; b shows 1 as 1; b places 2; a shows 2; a places 1 as 3",
    ),
    "the reply left on a queue of its own (44)": (
        "ORDER-4",
        "a writes 1 to b; a writes 2 to b answering 1; log 2; log 1; b shows 2; b shows 1",
    ),
    "the same, in the writer's own list (44)": (
        "ORDER-4",
        "a writes 1 to b; a writes 2 to b answering 1; log 2; log 1; a places 2; a places 1",
    ),
    "the answered one comes above its reply only in a later redraw": (
        "ORDER-4",
        "a writes 1 to b; a writes 2 to b answering 1; log 2; log 1; b shows 2\n"
        "kill b; b shows 2 again; b shows 1 again; drawn b",
    ),
}


@pytest.mark.parametrize(("check", "text"), WRONG.values(), ids=WRONG.keys())
def test_what_is_out_of_order(check: str, text: str) -> None:
    verdict = judged(text, check)
    assert verdict.outcome == "invalid", verdict
    assert verdict.story and verdict.operations


RIGHT = {
    "in sequence order": TWO + "b shows 1; b shows 2",
    "both sides write": "a sends 1 to b; b sends 2 to a answering 1; a sends 3 to b answering 2; b sends 4 to a",
    "a reply to an own message that is still unsent": """
        a writes 1 to b; a writes 2 to b answering 1; log 1; log 2; a places 1; a places 2; b shows 1; b shows 2""",
    "a reply to what this device never showed": """
        a writes 1 to b; log 1; a places 1; a writes 2 to b answering 1; log 2; b2 shows 2; a places 2
        b shows 1; b shows 2""",
    "redrawn": TWO + "b shows 1; kill b; b shows 1 again; b shows 2 again; drawn b; a sends 3 to b",
    "an answered message long read": "a sends 1 to b; b reads a; a sends 2 to b; b reads a; b sends 3 to a answering 1",
    "placed before the entry was on record, and believed right": """
        a writes 1 to b; a places 1 as 1; log 1; a sends 2 to b""",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
@pytest.mark.parametrize("check", ["ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4"])
def test_what_is_in_order(check: str, text: str) -> None:
    assert judged(text, check).outcome != "invalid"


EXERCISED = {
    "ORDER-1": (RIGHT["in sequence order"], "a writes 1 to b; log 1; b shows 1"),
    "ORDER-2": (RIGHT["in sequence order"], "a writes 1 to b; b writes 2 to a; log 1; log 2; b shows 1; a shows 2"),
    "ORDER-3": (RIGHT["both sides write"], "a composes 1 to b; a composes 2 to b; log 1; log 2; b shows 1; b shows 2"),
    "ORDER-4": (RIGHT["both sides write"], RIGHT["in sequence order"]),
}


@pytest.mark.parametrize("check", EXERCISED)
def test_valid_where_exercised_and_unknown_where_not(check: str) -> None:
    exercised, not_exercised = EXERCISED[check]
    assert judged(exercised, check).outcome == "valid"
    assert judged(not_exercised, check).outcome == "unknown"


def test_two_devices_that_err_alike_agree() -> None:
    text = """
        a composes 1 to b; a composes 2 to b; log 1 for b b2; log 2 for b b2
        b shows 2; b shows 1; b2 shows 2; b2 shows 1"""
    assert judged(text, "ORDER-1").outcome == "invalid"
    assert judged(text, "ORDER-3").outcome == "valid"


def test_the_story_of_a_disagreement() -> None:
    verdict = judged(TWO + "b shows 2; b shows 1", "ORDER-3")
    assert verdict.story[-2:] == (
        "the phone of person 1 (device 1024) shows 2 above 1",
        "the phone of person 0 (device 0) shows 1 above 2",
    )
