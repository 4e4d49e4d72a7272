"""QUEUE-1 to QUEUE-3."""

from __future__ import annotations

import pytest
from history_language import judged

LEFT = {
    "trimmed when it was written to the socket (mutant 2)": "a writes 1 to b; log 1; inbox b takes 1; inbox b trims 1",
    "dropped when the lease ended (3)": "a sends 1 to b; a writes 2 to b; accept 2; inbox b trims 2; b stores 2",
    "acknowledged before it was durable on the phone": """
        a writes 1 to b; log 1; inbox b takes 1; inbox b counts 1; b cursor 1; inbox b trims 1""",
    "expired, and nobody told the phone (34)": "a writes 1 to b; log 1; inbox b takes 1; inbox b trims 1 as expired",
    "retired, but in use": "a writes 1 to b; log 1; inbox b takes 1; inbox b trims 1 as retired",
    "gone without a trim (8)": "a sends 1 to b; a writes 2 to b; accept 2; heal; settle; phase end; census b 0",
    "a trim that takes fewer rows than there were": """
        a writes 1 to b; accept 1; b stores 1; b shows 1; inbox b counts 1; inbox b trims 1 removing 0""",
}


@pytest.mark.parametrize("text", LEFT.values(), ids=LEFT.keys())
def test_queue_1_finds_what_left(text: str) -> None:
    verdict = judged(text, "QUEUE-1")
    assert verdict.outcome == "invalid" and verdict.story


BACK = {
    "an old acknowledgement moves the cursor back (45)": "a sends 1 to b; a sends 2 to b; inbox b counts 1",
    "back without a row of its own": "a sends 1 to b; a sends 2 to b; b cursor 3; inbox b counts 3 from 1",
    "the device's cursor goes back": "a sends 1 to b; a sends 2 to b; b cursor 1",
    "the device's cursor went back before": "a sends 1 to b; a sends 2 to b; b cursor 3 from 1",
    "an update number given twice": "a writes 1 to b; a writes 2 to b; accept 1; log 2; inbox b takes 2 as 1",
    "an update number left out": "a writes 1 to b; log 1; inbox b takes 1 as 2",
    "the head went back": "a sends 1 to b; a sends 2 to b; heal; settle; phase end; census b 0 head 1",
    "a receipt that waits there already": """
        a writes 1 to b; accept 1; deliver 1 to b; inbox a takes delivered of 1; inbox a takes delivered of 1""",
    "a blue one that waits there already": """
        a sends 1 to b; inbox a takes delivered of 1; inbox a takes read of 1; inbox a takes read of 1""",
    "the pointer went back": "a sends 1 to b; a sends 2 to b; heal; settle; phase end; census b 0 acknowledged 1",
}


@pytest.mark.parametrize("text", BACK.values(), ids=BACK.keys())
def test_queue_2_finds_what_went_back(text: str) -> None:
    verdict = judged(text, "QUEUE-2")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


@pytest.mark.parametrize("check", ["QUEUE-1", "QUEUE-2", "QUEUE-3"])
@pytest.mark.parametrize(
    "text",
    [
        "a sends 1 to b; a sends 2 to b; b reads a; b sends 3 to a; heal; end",
        "a sends 1 to b; b sends 2 to a; a writes 3 to b; accept 3; heal only a; end",
        "a sends 1 to b; a writes 2 to b; accept 2; lose b for b2; heal; end",
        # A receipt that comes again when the first one is gone, and receipts of two messages.
        "a sends 1 to b; a receives delivered of 1; inbox a counts 2; inbox a trims 2; heal; end",
        """a sends 1 to b; a writes 2 to b; accept 2; deliver 2 to b; inbox a takes delivered of 2
           inbox a takes read of 2; inbox a takes read of 1; a cursor 4; inbox a counts 4; inbox a trims 4
           heal; end""",
    ],
)
def test_inboxes_as_they_should_be(check: str, text: str) -> None:
    assert judged(text, check).outcome == "valid"


def test_queue_3_finds_what_waits() -> None:
    verdict = judged("a sends 1 to b; a writes 2 to b; accept 2; heal; end", "QUEUE-3")
    assert verdict.outcome == "invalid" and verdict.violations == 1
    assert "yet 1 update(s) of its inbox still wait" in verdict.story[1]


def test_queue_3_judges_the_end_and_not_the_settled_state() -> None:
    text = "a writes 1 to b; accept 1; heal; phase settled; census b 1; phase final; deliver 1 to b; finish"
    assert judged(text, "QUEUE-3").outcome == "valid"


@pytest.mark.parametrize("check", ["QUEUE-1", "QUEUE-2", "QUEUE-3"])
def test_unknown_where_there_was_no_inbox(check: str) -> None:
    assert judged("a writes 1 to b; log 1; heal; end", check).outcome == "unknown"


def test_queue_3_is_unknown_without_an_end() -> None:
    assert judged("a sends 1 to b; heal; settle", "QUEUE-3").outcome == "unknown"
