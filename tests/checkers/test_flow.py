"""FLOW-1: accounting, and Little's law as an identity of areas."""

from __future__ import annotations

import pytest
from history_language import history, judged

from sim.checkers.verdict import HistoryRow
from sim.vocabulary import kinds
from sim.vocabulary.kinds import Tier

UNBALANCED = {
    "sent again under a fresh id and a fresh send number (mutant 9)": "a sends 1 to b; log 1; heal; end",
    "the store forgot its send numbers (10, 12)": "a sends 1 to b; b reads a; log 1; heal; end",
    "in no log and in no outbox": "a writes 1 to b; heal; end",
    "in the outbox of another phone": "a writes 1 to b; b writes 2 to a; heal; end; pending 2",
    "acknowledged, and neither shown nor held": """
        a writes 1 to b; accept 1; b cursor 1; b acknowledges 1; heal; end""",
    "in no inbox": "a writes 1 to b; log 1; a ticks 1 accepted; heal; end",
    "in no inbox of a phone that is away": "a writes 1 to b; log 1; a ticks 1 accepted; heal only a; end",
}


@pytest.mark.parametrize("text", UNBALANCED.values(), ids=UNBALANCED.keys())
def test_flow_1_finds_what_does_not_add_up(text: str) -> None:
    verdict = judged(text, "FLOW-1")
    assert verdict.outcome == "invalid" and verdict.story


BALANCED = {
    "all arrived": "a sends 1 to b; b sends 2 to a answering 1; b reads a; heal; end",
    "refused": "a writes 1 to b; refuse 1; a ticks 1 failed; heal; end",
    "pending": "a writes 1 to b; heal; end; pending 1",
    "lost with its phone": "a writes 1 to b; wait 3s; lose a for a2; heal; end",
    "held back": "a writes 1 to b; accept 1; b stores 1; b acknowledges 1; heal; end; held 1 on b",
    "in the database of a phone that is away": """
        a writes 1 to b; accept 1; b stores 1; b acknowledges 1; heal only a; end""",
    "waiting in an inbox": "a writes 1 to b; accept 1; wait 2s; heal only a; end",
    "retired": "a writes 1 to b; accept 1; wait 2s; lose b for b2; heal; end",
    "on its way into the inbox": "a writes 1 to b; log 1; a ticks 1 accepted; heal; waiting a 1 fan_out; end",
    "expired": "a writes 1 to b; accept 1; wait 2s; inbox b trims 1 as expired; heal; end",
    "looked at on the way": "a writes 1 to b; area; accept 1; area; wait 1s; area; deliver 1 to b; area; heal; end",
    "a resend is written again": "a writes 1 to b; accept 1; deliver 1 to b; heal; end",
}


@pytest.mark.parametrize("text", BALANCED.values(), ids=BALANCED.keys())
def test_flow_1_adds_up(text: str) -> None:
    assert judged(text, "FLOW-1").outcome == "valid"


@pytest.mark.parametrize("text", ["heal; settle; phase end", "a sends 1 to b; heal; settle"])
def test_flow_1_is_unknown(text: str) -> None:
    assert judged(text, "FLOW-1").outcome == "unknown"


def changed(rows: list[HistoryRow], tier: int, area: int, number: int) -> list[HistoryRow]:
    """The same rows, with another area and number in one tier."""
    return [
        (*row[:6], row[6] + area, row[7] + number) if row[1] == kinds.AREA and row[4] == tier else row for row in rows
    ]


@pytest.mark.parametrize("tier", [Tier.OUTBOX, Tier.INBOX])
@pytest.mark.parametrize(("area", "number"), [(1, 0), (-1, 0), (0, 1), (0, -1)])
def test_flow_1_holds_areas_to_the_microsecond(tier: int, area: int, number: int) -> None:
    rows = history("a sends 1 to b; a writes 2 to b; accept 2; b writes 3 to a; wait 1h; heal; end; pending 3")
    assert judged(rows, "FLOW-1").outcome == "valid"
    verdict = judged(changed(rows, tier, area, number), "FLOW-1")
    assert verdict.outcome == "invalid" and "one by one" in verdict.story[1]


def test_flow_1_finds_a_row_that_was_counted_but_not_recorded() -> None:
    rows = history("a sends 1 to b; a writes 2 to b; accept 2; wait 1s; deliver 2 to b; wait 1s; heal; end")
    without = [row for row in rows if row[1] != kinds.TRIMMED or row[4] != 2 or row[2] != 1024]
    assert judged(rows, "FLOW-1").outcome == "valid"
    assert judged(without, "FLOW-1").outcome == "invalid"
