"""INBOX-6 as LOSS-1, TICK-3, QUEUE-1 and FLOW-1 judge it: explicit, counted, told."""

from __future__ import annotations

from dataclasses import replace

import pytest
from history_language import judged

from sim.scenario.model import Protocol, Scenario

KEPT = Scenario(protocol=replace(Protocol(), retention_us=60_000_000))
CAPPED = Scenario(protocol=replace(Protocol(), inbox_cap=1))
CHECKS = ("LOSS-1", "TICK-3", "QUEUE-1", "QUEUE-2", "QUEUE-3", "FLOW-1")

WAITS = "a writes 1 to b; accept 1; wait 61s; inbox b trims 1 as expired; "
TOLD = WAITS + "b learns 1; "


def found(text: str, check: str, scenario: Scenario = KEPT) -> str:
    return judged(text, check, scenario).outcome


@pytest.mark.parametrize("check", CHECKS)
def test_as_it_should_be(check: str) -> None:
    """The message expired, its reader was told, and a second one came as usual."""
    assert found(TOLD + "a sends 2 to b; heal; end", check) == "valid"


@pytest.mark.parametrize("check", CHECKS)
def test_a_cap_as_it_should_be(check: str) -> None:
    text = "a writes 1 to b; accept 1; a writes 2 to b; accept 2; inbox b trims 1 as expired; b learns 1; "
    text += "deliver 2 to b; a receives delivered of 2; heal; end"
    assert found(text, check, CAPPED) == "valid"


@pytest.mark.parametrize("check", CHECKS)
def test_whoever_stays_away_need_not_be_told(check: str) -> None:
    assert found(WAITS + "heal only a; end", check) != "invalid"


def test_loss_1_unless_that_device_was_told() -> None:
    assert found(TOLD + "heal; end", "LOSS-1") != "invalid"
    assert found(WAITS + "heal; end", "LOSS-1") == "invalid", "nobody told it (34)"
    assert found(WAITS + "b takes notice of 1; heal; end", "LOSS-1") == "invalid", "its person sees nothing"


def test_loss_1_what_did_not_expire_is_still_lost() -> None:
    text = "a writes 1 to b; accept 1; wait 61s; inbox b trims 1 as expired; b learns 1; "
    assert found(text + "a writes 2 to b; accept 2; heal; end", "LOSS-1") == "invalid"


EARLY = {
    "before its time": "a writes 1 to b; accept 1; wait 59s; inbox b trims 1 as expired; b learns 1; heal; end",
    "the second before its time": "a writes 1 to b; accept 1; wait 30s; a writes 2 to b; accept 2; wait 31s; "
    "inbox b trims 2 as expired; b learns 2; heal; end",
    "nobody has told the device": WAITS + "heal; end",
    "told, but no marker": WAITS + "b takes notice of 1; heal; end",
}


@pytest.mark.parametrize("text", EARLY.values(), ids=EARLY.keys())
def test_queue_1_finds_what_left_early_or_untold(text: str) -> None:
    verdict = judged(text, "QUEUE-1", KEPT)
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


TWICE = (
    "a writes 1 to b; accept 1; wait 61s; inbox b trims 1 as expired; b learns 1; "
    "a writes 2 to b; accept 2; a writes 3 to b; accept 3; wait 61s; inbox b trims 3 as expired; b takes notice of 3; "
)
MARKERS = {
    "it says too much": TOLD.replace("b learns 1", "b takes notice of 1; b marks 1 to 8"),
    "it says too little": TWICE + "b marks 2 to 2; b marks 3 to 3",
    "it stands there twice": TOLD + "b marks 1 to 1",
    "one of two is not there by the end": TWICE.replace("b learns 1", "b takes notice of 1") + "b marks 2 to 3",
    "it is gone after a restart": TOLD + "kill b; drawn b",
    "one of two is gone after a restart": TWICE + "b marks 2 to 3; kill b; b marks 2 to 3 again; drawn b",
    "gone though it was told just before": TWICE + "kill b; b marks 1 to 1 again; drawn b; b marks 2 to 3",
}


@pytest.mark.parametrize("text", MARKERS.values(), ids=MARKERS.keys())
def test_queue_1_a_marker_says_exactly_what_was_told_and_stays(text: str) -> None:
    verdict = judged(text + "; inbox b counts 1; heal; end", "QUEUE-1", KEPT)
    assert verdict.outcome == "invalid" and verdict.story
    assert "marker" in " ".join(verdict.story)


MARKED = {
    "two": TWICE + "b marks 2 to 3",
    "drawn again": TWICE + "b marks 2 to 3; kill b; b marks 1 to 1 again; b marks 2 to 3 again; drawn b",
    "drawn first in a redraw": TWICE + "kill b; b marks 1 to 1 again; b marks 2 to 3 again; drawn b",
    "killed in the redraw": TOLD + "kill b; b marks 1 to 1 again; kill b; b marks 1 to 1 again; drawn b",
}


@pytest.mark.parametrize("text", MARKED.values(), ids=MARKED.keys())
def test_queue_1_markers_as_they_should_be(text: str) -> None:
    assert found(text + "; heal; end", "QUEUE-1") == "valid"


def test_queue_1_nothing_may_expire_where_all_is_kept() -> None:
    assert found(TOLD + "heal; end", "QUEUE-1", Scenario()) == "invalid"


def test_queue_1_a_cap_takes_only_what_is_over_it() -> None:
    assert found("a writes 1 to b; accept 1; inbox b trims 1 as expired; b learns 1; heal; end", "QUEUE-1", CAPPED) == (
        "invalid"
    )


def test_flow_1_a_device_may_be_told_only_what_was_trimmed() -> None:
    verdict = judged("a writes 1 to b; accept 1; wait 61s; b learns 1; heal; end", "FLOW-1", KEPT)
    assert verdict.outcome == "invalid" and "it was not counted" in verdict.story[1]


def test_flow_1_an_acknowledged_message_that_is_not_there_is_not_excused_by_a_later_expiry() -> None:
    text = "a writes 1 to b; accept 1; a writes 2 to b; accept 2; b cursor 1; b acknowledges 1; wait 61s; "
    text += "inbox b trims 2 as expired; b learns 2 from 1; heal; end"
    assert found(text, "FLOW-1") == "invalid"


def test_tick_3_but_for_rows_that_expired() -> None:
    """The reader has it, but the row expired before the acknowledgement came, so no receipt is owed."""
    text = "a writes 1 to b; accept 1; b stores 1; b shows 1; wait 61s; {}heal; end"
    assert found(text.format("inbox b trims 1 as expired; "), "TICK-3") == "valid"
    assert found(text.format("inbox b counts 1; inbox b trims 1; "), "TICK-3") == "invalid"


def test_tick_3_a_receipt_that_expired_is_excused_too() -> None:
    text = "a writes 1 to b; accept 1; deliver 1 to b; inbox a takes delivered of 1; wait 61s; "
    assert found(text + "inbox a trims 1 as expired; a learns 1; heal; end", "TICK-3") == "valid"
