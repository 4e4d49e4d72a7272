"""LOSS-1 and LOSS-2: each planted bug that names them leaves a history that turns them invalid."""

from __future__ import annotations

import pytest
from history_language import judged

LOST = {
    "acknowledged before it was durable, then the store crashed (mutant 1)": """
        a sends 1 to b; a writes 2 to b; a ticks 2 accepted; heal; end""",
    "the inbox was only in memory (8)": """
        a sends 1 to b; a writes 2 to b; accept 2; heal; settle; finish""",
    "the cursor was durable before the message (14, 20, 21, 22)": """
        a sends 1 to b; a writes 2 to b; accept 2; b cursor 2; b acknowledges 2; heal; end""",
    "the sequence rolled back, so the inbox took the entry for one it had (16)": """
        a sends 1 to b; a writes 2 to b; log 2 as 1; a ticks 2 accepted; a places 2 as 1; heal; end""",
    "the fan-out skipped an inbox (24, 25, 40)": """
        a sends 1 to b; a writes 2 to b; log 2; a ticks 2 accepted; a places 2; heal; end""",
    "the copy to the sender's other device was lost (27)": """
        a writes 1 to b; log 1 for b a2; a ticks 1 accepted; a places 1
        inbox b takes 1; b stores 1; b shows 1; b acknowledges 1; heal; end""",
    "a full inbox dropped its oldest row (34)": """
        a sends 1 to b; a writes 2 to b; accept 2; inbox b trims 2 as expired; heal; end""",
    "no tick, but one of two recipient devices showed it": """
        a writes 1 to b; log 1 for b b2; inbox b takes 1; b stores 1; b shows 1; b acknowledges 1; heal; end""",
}


@pytest.mark.parametrize("text", LOST.values(), ids=LOST.keys())
def test_loss_1_finds_what_is_lost(text: str) -> None:
    verdict = judged(text, "LOSS-1")
    assert verdict.outcome == "invalid" and verdict.violations == 1
    assert "never showed it" in " ".join(verdict.story)


KEPT = {
    "all arrived": "a sends 1 to b; b sends 2 to a answering 1; heal; end",
    "the recipient is not reachable to the end": """
        a sends 1 to b; b sends 3 to a; a writes 2 to b; accept 2; heal only a; end""",
    "the recipient was reinstalled": """
        a sends 1 to b; b sends 3 to a; a writes 2 to b; accept 2; lose b for b2; heal; end""",
    "reinstalled after healing began": """
        a sends 1 to b; b sends 3 to a; a writes 2 to b; accept 2; heal; lose b for b2; end""",
    "no tick, and nobody saw it": "a sends 1 to b; a writes 2 to b; log 2; heal; end",
    "refused": "a sends 1 to b; a writes 2 to b; refuse 2; a ticks 2 failed; heal; end",
    "seen first in a redraw": """
        a sends 1 to b; a writes 2 to b; accept 2; b stores 2; kill b; b shows 1 again; b shows 2 again; drawn b
        b acknowledges 2; heal; end""",
}


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT.keys())
def test_loss_1_is_quiet_where_nothing_is_lost(text: str) -> None:
    assert judged(text, "LOSS-1").outcome == "valid"


UNFINISHED = {
    "the append failed, the retry was swallowed (11, 13)": """
        a writes 1 to b; a ticks 1 accepted; a places 1 as 1; heal; end""",
    "a refused gap dropped it from the outbox (43)": "a writes 1 to b; heal; end",
    "refused and never shown as failed": "a writes 1 to b; refuse 1; heal; end",
    "refused, but shown as accepted": "a writes 1 to b; refuse 1; a ticks 1 accepted; heal; end",
    "still in the outbox": "a writes 1 to b; heal; end; pending 1",
    "accepted, and never placed in its writer's list": "a writes 1 to b; log 1; a ticks 1 accepted; heal; end",
    "accepted, and its writer never saw it at all": """
        a composes 1 to b; log 1; a ticks 1 accepted; b writes 2 to a; accept 2; heal; end""",
    "not in its writer's list before it was accepted": "a composes 1 to b; accept 1; heal; end",
    "the same in a history that says that it is told in full": "first day; a composes 1 to b; log 1; heal; end",
    "held back, and it stands nowhere": """
        first day; a composes 1 to b; log 1; a ticks 1 accepted; heal; end; held 1 on a""",
    "failed, and it stands nowhere": """
        a composes 1 to b; refuse 1; a ticks 1 failed; b writes 2 to a; accept 2; heal; end""",
    "pending again after it was killed, and never placed": """
        a writes 1 to b; log 1; kill a; a pends 1 again; drawn a; a ticks 1 accepted; heal; end""",
}


@pytest.mark.parametrize("text", UNFINISHED.values(), ids=UNFINISHED.keys())
def test_loss_2_finds_what_nobody_decided(text: str) -> None:
    verdict = judged(text, "LOSS-2")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


FINISHED = {
    "accepted": "a sends 1 to b; heal; end",
    "accepted without a tick": "a writes 1 to b; log 1; a places 1; heal; end",
    "a history from elsewhere that does not tell of own messages": """
        a composes 1 to b; log 1; a ticks 1 accepted; a composes 2 to b; refuse 2; a ticks 2 failed; heal; end""",
    "in the log, and its phone still waits for the answer (LIVE-1)": "a writes 1 to b; log 1; heal; end; pending 1",
    "accepted, and held back behind one that is lost (LIVE-1)": """
        a writes 1 to b; log 1; a ticks 1 accepted; heal; end; held 1 on a""",
    "killed before it was drawn, and drawn in the redraw": """
        a sends 1 to b; a composes 2 to b; kill a; a places 1 again; a pends 2 again; drawn a; accept 2; heal; end""",
    "killed before it was drawn, and accepted before the redraw": """
        a sends 1 to b; a composes 2 to b; log 2; kill a; a places 1 again; a places 2 again; drawn a; heal; end""",
    "killed with an empty screen": "a composes 1 to b; kill a; a pends 1 again; drawn a; accept 1; heal; end",
    "failed, and drawn again as failed": """
        a writes 1 to b; refuse 1; a ticks 1 failed; kill a; a pends 1 again; a ticks 1 failed again; drawn a
        heal; end""",
    "accepted on a phone that does not come back": "a composes 1 to b; log 1; b sends 2 to a; heal only b; end",
    "refused and shown as failed": "a writes 1 to b; refuse 1; a ticks 1 failed; heal; end",
    "the writer is away": "a sends 1 to b; b sends 2 to a; a writes 3 to b; heal only b; end",
    "the writer's phone is lost": "b sends 2 to a; a writes 3 to b; lose a for a2; heal; end",
}


@pytest.mark.parametrize("text", FINISHED.values(), ids=FINISHED.keys())
def test_loss_2_is_quiet(text: str) -> None:
    assert judged(text, "LOSS-2").outcome == "valid"


@pytest.mark.parametrize("check", ["LOSS-1", "LOSS-2"])
@pytest.mark.parametrize(
    "text", ["heal; end", "a sends 1 to b", "a sends 1 to b; heal", "a writes 1 to b; phase heal; end"]
)
def test_loss_is_unknown_where_nothing_was_asked(check: str, text: str) -> None:
    assert judged(text, check).outcome == "unknown"


def test_the_story_says_who_what_and_when() -> None:
    verdict = judged("wait 12s; a sends 1 to b; a writes 2 to b; accept 2; heal; wait 60s; end", "LOSS-1")
    assert verdict.operations == (2,)
    assert verdict.story == (
        "message 2 of person 0 to person 1: written at 12s, in the log as entry 2 at 12s",
        "its sender saw the first tick at 12s",
        "the phone of person 1 (device 1024) was up and reachable from heal (at 12s) to the end (at 1m12s), and never"
        " showed it",
        "it was update 2 of that phone's inbox, but never came into the phone's database",
    )
