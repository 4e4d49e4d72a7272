"""PRES-1 and PRES-2."""

from __future__ import annotations

import pytest
from history_language import judged

HEARD = "wait 1s; server hears a; "
LOOKED = "server hears b; b looks at a; "


@pytest.mark.parametrize(
    "text",
    [
        HEARD + "b shows a online; wait 600s; b shows a online",
        HEARD + "a is silent; b shows a online; wait 89s; b shows a seen 89s ago",
        HEARD + "a is silent; wait 50s; b shows a seen 51s ago",
        HEARD + "wait 70s; a is silent; b shows a seen 20s ago; wait 5s; b shows a unknown",
        HEARD + "a is silent; b shows a online; wait 80s; kill b; wait 30s; server hears a",
        HEARD + "a is silent; b shows a online; wait 60s; a2 connects; wait 60s; b shows a unknown",
    ],
    ids=["heard all the time", "a life", "earlier is true too", "a later heartbeat", "the app died", "two devices"],
)
def test_pres_1_what_is_true(text: str) -> None:
    verdict = judged(text, "PRES-1")
    assert verdict.outcome == "valid", verdict.story


@pytest.mark.parametrize(
    "text",
    [
        HEARD + "a is silent; b shows a online; wait 92s; b shows a unknown",
        HEARD + "a is silent; b shows a online; wait 92s; server hears a",
        HEARD + "a is silent; b shows a online; wait 50s; a2 connects; wait 92s; kill b",
        HEARD + "a is silent; wait 92s; b shows a online",
        HEARD + "a is silent; b shows a online; wait 92s; phase settled",
        "b shows a online",
        "b shows a seen 3s ago",
        HEARD + "a is silent; wait 50s; b shows a seen 45s ago",
    ],
    ids=[
        "shown for too long (31)",
        "heard again too late",
        "another device came and went",
        "shown too late",
        "shown to the end",
        "never heard: online",
        "never heard: seen",
        "seen later than the last heartbeat",
    ],
)
def test_pres_1_what_is_not(text: str) -> None:
    verdict = judged(text, "PRES-1")
    assert verdict.outcome == "invalid" and verdict.story


def test_pres_1_knows_what_clocks_may_drift() -> None:
    """200 parts per million of an hour, twice, and rounding."""
    text = HEARD + "a is silent; wait 3600s; b shows a seen {}s ago"
    assert judged(text.format("3599"), "PRES-1").outcome == "valid"
    assert judged(text.format("3598"), "PRES-1").outcome == "invalid"


SETTLED = "; heal; wait 400s; phase settled; phase final"


@pytest.mark.parametrize(
    "text",
    [
        LOOKED + HEARD + "b shows a online" + SETTLED,
        LOOKED + HEARD + "a is silent; b shows a seen 1s ago" + SETTLED,
        LOOKED + "b shows a unknown" + SETTLED,
        LOOKED + HEARD + "a is silent; registry restarts; b shows a unknown" + SETTLED,
        LOOKED + HEARD + "a is silent; registry restarts; b shows a seen 1s ago" + SETTLED,
        LOOKED + "wait 1s; a connects; b shows a unknown" + SETTLED,
        LOOKED + HEARD + "registry loses a; wait 20s; a is silent; b shows a seen 20s ago" + SETTLED,
    ],
    ids=["online", "last seen", "never seen", "forgotten", "remembered", "no heartbeat came", "out of reach"],
)
def test_pres_2_what_is_true(text: str) -> None:
    verdict = judged(text, "PRES-2")
    assert (verdict.outcome, verdict.exercised) == ("valid", 1), verdict.story


@pytest.mark.parametrize(
    "text",
    [
        LOOKED + HEARD + "a is silent; wait 100s; a2 connects; server hears a2; b shows a seen 101s ago" + SETTLED,
        LOOKED + HEARD + "b shows a unknown" + SETTLED,
        LOOKED + HEARD + SETTLED,
        LOOKED + HEARD + "a is silent; b shows a online" + SETTLED,
        LOOKED + HEARD + "a is silent; b shows a unknown" + SETTLED,
        LOOKED + HEARD + "wait 600s; a is silent; b shows a seen 300s ago" + SETTLED,
        LOOKED + "b shows a seen 1s ago" + SETTLED,
    ],
    ids=[
        "one of two devices is there (32)",
        "it is known",
        "nothing is shown",
        "not online any more",
        "nothing was forgotten",
        "seen later than that",
        "never seen",
    ],
)
def test_pres_2_what_is_not(text: str) -> None:
    verdict = judged(text, "PRES-2")
    assert verdict.outcome == "invalid" and verdict.story


@pytest.mark.parametrize(
    "text",
    [
        LOOKED + HEARD + "heal; wait 10s; b shows a unknown; phase settled; phase final",
        HEARD + "b shows a unknown" + SETTLED,
        LOOKED + "b looks away; " + HEARD + "b shows a unknown" + SETTLED,
        LOOKED + HEARD + "b shows a unknown; b is silent" + SETTLED,
        LOOKED + HEARD + "heal only a; b shows a unknown; wait 400s; phase settled; phase final",
        LOOKED + "heal; wait 390s; server hears a; b shows a unknown; wait 10s; phase settled; phase final",
    ],
    ids=["too soon", "nobody looks", "looked away", "not connected", "not within reach", "only just came"],
)
def test_pres_2_what_is_not_judged(text: str) -> None:
    assert judged(text, "PRES-2").outcome == "unknown"
