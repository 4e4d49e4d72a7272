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
}
EARLIER = "place b at 4000000; a writes 1 to b; accept 1; wait 7s; a writes 2 to b; accept 2; wait 3s; nudge b; "


@pytest.mark.parametrize("text", IN_TIME.values(), ids=IN_TIME.keys())
def test_somebody_asked_in_time(text: str) -> None:
    assert verdict(WAITS + text) == ("valid", 1)


def test_a_nudge_that_was_asked_for_an_earlier_row_after_this_one_came() -> None:
    assert verdict(EARLIER + "wait 20s; heal") == ("valid", 2)


LATE = {
    "too late": WAITS + "wait 14s; nudge b; heal",
    "only before the row came": WAITS + "wait 10s; nudge b; b stores 1; a writes 2 to b; accept 2; wait 14s; heal",
    "for somebody else": "place c at 4000000; a writes 2 to c; accept 2; "
    + WAITS
    + "wait 10s; nudge c; c stores 2; wait 14s; heal",
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


EARLY = {
    "at once": WAITS + "nudge b; b stores 1",
    "before T": WAITS + "wait 9s; nudge b; b stores 1",
    "for what the inbox knows to be acknowledged": WAITS + "b stores 1; b acknowledges 1; wait 10s; nudge b",
    "for what has left as expired": WAITS + "inbox b trims 1 as expired; wait 10s; nudge b",
    "nothing ever came": "place b at 4000000; nudge b",
    "a new leader, and nothing waits": WAITS + "b stores 1; b acknowledges 1; crash 4000000; start 4000000; ask b",
    "the leader of another shard": WAITS + "start 4000001; ask b; b stores 1",
    "a leader that is there for a while": WAITS + "start 4000000; wait 1s; nudge b; b stores 1",
}


@pytest.mark.parametrize("text", EARLY.values(), ids=EARLY.keys())
def test_nobody_is_nudged_for_nothing(text: str) -> None:
    found = judged(text + "; heal", "NUDGE-1", PUSH)
    assert found.outcome == "invalid" and found.violations == 1
    assert "a nudge was asked for, for the phone of person 1" in found.story[0]
    assert "in its inbox" in found.story[1]


RIGHT = {
    "after T": WAITS + "wait 10s; nudge b",
    "a clock that drifts as far as it may": WAITS + "wait 9992ms; nudge b",
    "a new leader does not know how long it has waited": WAITS + "crash 4000000; start 4000000; ask b",
    "the phone has it, and the inbox does not know yet": WAITS + "b stores 1; wait 10s; nudge b",
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT.keys())
def test_a_nudge_for_what_has_waited(text: str) -> None:
    assert judged(text + "; heal", "NUDGE-1", PUSH).violations == 0


ASKED = WAITS + "wait 10s; nudge b; "
"""A gateway tries again after 15 s; 25 s are left for that and the calls."""
FATES = {
    "sent": ("fate of b sent", 0),
    "sent, and woken later": ("fate of b sent; wait 60s; fate of b woken", 0),
    "never came before the provider": ("wait 60s", 1),
    "collapsed into nothing": ("fate of b sent; wait 30s; nudge b; fate of b collapsed; wait 60s", 1),
    "collapsed into one that is on its way": ("nudge b; fate of b collapsed; wait 1s; fate of b sent; wait 60s", 0),
    "collapsed before the gateway knew": ("fate of b sent; nudge b; fate of b collapsed; wait 60s", 0),
    "too many, and tried again": ("fate of b throttled; wait 20s; fate of b throttled; wait 20s; fate of b sent", 0),
    "too many, and never tried again": ("fate of b throttled; wait 60s", 1),
    "it waits for a moment": ("wait 24s", 0),
    "a fault while it was under way": ("wait 5s; fault 0 begins; fault 0 ends; wait 60s", 0),
    "a fault afterwards": ("wait 26s; fault 0 begins; fault 0 ends", 1),
    "for nobody else": ("fate of b sent; fate of c sent; fate of c woken", 2),
}


@pytest.mark.parametrize(("text", "violations"), FATES.values(), ids=FATES.keys())
def test_what_becomes_of_a_nudge(text: str, violations: int) -> None:
    found = judged(ASKED + text + "; b stores 1; heal", "NUDGE-1", PUSH)
    assert found.violations == violations and bool(found.story) == bool(violations)


EXCUSED = {
    "a fault that lasts": ("fault 0 begins; nudge b; wait 30s", 0),
    "what a fault before it may have left behind": ("fault 0 begins; fault 0 ends; nudge b; wait 30s", 0),
    "long after a fault": ("fault 0 begins; fault 0 ends; nudge b; wait 30s; nudge b; wait 30s", 1),
    "one of two faults lasts": ("fault 0 begins; fault 1 begins; fault 0 ends; wait 1s; nudge b; wait 30s", 0),
}


@pytest.mark.parametrize(("text", "violations"), EXCUSED.values(), ids=EXCUSED.keys())
def test_a_nudge_that_a_fault_may_have_taken_is_excused(text: str, violations: int) -> None:
    found = judged(f"{WAITS}wait 10s; {text}; b stores 1; heal", "NUDGE-1", PUSH)
    assert found.violations == violations
