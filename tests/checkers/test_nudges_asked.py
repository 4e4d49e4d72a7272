"""NUDGE-1: whoever waits longer than T has had a nudge asked for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from history_language import judged

from sim.checkers.catalogue import CHECK_IDS, applicable
from sim.scenario.model import Protocol, Scenario, Storage

PUSH = Scenario(
    protocol=replace(Protocol(), nudge_after_us=10_000_000, nudge_batch_us=1_000_000),
    storage=replace(Storage(), election_us=1_000_000),
)
"""T is 10 s, and the lag 3 s and what a clock may drift."""
WAITS = "place b at 4000000; lease b at 1000002; a writes 1 to b; accept 1; "


def verdict(text: str) -> tuple[str, int]:
    found = judged(text, "NUDGE-1", PUSH)
    return found.outcome, found.exercised


def test_nobody_asked() -> None:
    found = judged(WAITS + "wait 14s; heal", "NUDGE-1", PUSH)
    assert found.outcome == "invalid" and found.violations == 1
    assert "update 1 was durable in the inbox of the phone of person 1" in found.story[0]
    assert "the registry said that connection server 2 holds it" in found.story[1], "a lease is no excuse (33)"
    assert "nobody had asked for a nudge" in found.story[2]


IN_TIME = {
    "a nudge by T": "wait 10s; nudge b; wait 20s; heal",
    "a nudge within the lag": "wait 12900ms; nudge b; wait 20s; heal",
    "a nudge that was asked for an earlier row, after this one came": "wait 3s; nudge b; wait 20s; heal",
}


@pytest.mark.parametrize("text", IN_TIME.values(), ids=IN_TIME.keys())
def test_somebody_asked_in_time(text: str) -> None:
    assert verdict(WAITS + text) == ("valid", 1)


LATE = {
    "too late": WAITS + "wait 14s; nudge b; heal",
    "only before the row came": "place b at 4000000; nudge b; a writes 1 to b; accept 1; wait 14s; heal",
    "for somebody else": WAITS + "wait 10s; nudge c; wait 14s; heal",
    "a restart too long ago": WAITS + "crash 4000000; start 4000000; wait 14s; heal",
    "another host is down": WAITS + "crash 4000001; wait 14s; heal",
}


@pytest.mark.parametrize("text", LATE.values(), ids=LATE.keys())
def test_nobody_asked_in_time(text: str) -> None:
    assert verdict(text) == ("invalid", 1)


NOT_OWED = {
    "the device got it": WAITS + "wait 9s; b stores 1; wait 20s; heal",
    "the device takes updates, and is only behind": WAITS + "a writes 2 to b; accept 2; wait 9s; b stores 1; wait 5s; "
    "nudge b; wait 20s; heal",
    "the row left the inbox": WAITS + "wait 9s; inbox b trims 1 as expired; wait 20s; heal",
    "the installation was replaced": WAITS + "wait 9s; retire b; wait 20s; heal",
    "the run ends before": WAITS + "wait 5s; heal",
    "nothing waited": "heal",
}


@pytest.mark.parametrize("text", NOT_OWED.values(), ids=NOT_OWED.keys())
def test_no_nudge_is_owed(text: str) -> None:
    assert judged(text, "NUDGE-1", PUSH).violations == 0


def test_while_the_shard_has_no_leader_nobody_can_ask() -> None:
    down = WAITS + "wait 5s; crash 4000000; wait 60s; start 4000000; wait 2s; "
    assert verdict(down + "nudge b; wait 20s; heal") == ("valid", 1)
    assert verdict(down + "wait 2s; nudge b; heal") == ("invalid", 1)


def test_it_applies_only_where_nudges_are_on() -> None:
    assert "NUDGE-1" in applicable(PUSH) and "NUDGE-1" not in applicable(Scenario())
    assert set(applicable(PUSH)) <= set(CHECK_IDS)
    assert judged(WAITS + "wait 60s; heal", "NUDGE-1").outcome == "unknown"
