"""ROUTE-1, LIVE-1 and BOUND-1."""

from __future__ import annotations

import pytest
from history_language import judged

from sim.checkers import words
from sim.vocabulary import points
from sim.world import hosts

ASTRAY = {
    "a lease without a connection (mutants 5, 6)": """
        heal; phase settled; lookup a epoch 3 server 1 incarnation 1""",
    "a lease of an earlier incarnation (7)": """
        heal; phase settled; lookup a epoch 3 server 1 incarnation 1; connection a epoch 3 server 1 incarnation 2""",
    "a lease with another server": """
        heal; phase settled; lookup a epoch 3 server 1 incarnation 1; connection a epoch 3 server 2 incarnation 1""",
    "a lease of an earlier epoch": """
        heal; phase settled; lookup a epoch 2 server 1 incarnation 1; connection a epoch 3 server 1 incarnation 1""",
    "a connection without a lease": """
        heal; phase settled; lookup a none; connection a epoch 3 server 1 incarnation 1""",
    "a connection of a device that no look-up knows": """
        heal; phase settled; lookup b none; connection a epoch 3 server 1 incarnation 1""",
    "two connections": """
        heal; phase settled; lookup a epoch 3 server 1 incarnation 1; connection a epoch 3 server 1 incarnation 1
        connection a epoch 2 server 2 incarnation 1""",
    "an inbox serves an older epoch (42)": "serve a 1; serve a 3; serve a 2",
}


@pytest.mark.parametrize("text", ASTRAY.values(), ids=ASTRAY.keys())
def test_route_1_finds_it(text: str) -> None:
    verdict = judged(text + "; phase final", "ROUTE-1")
    assert verdict.outcome == "invalid" and verdict.violations == 1 and verdict.story


TAKEN_UP = {
    "the last epoch once more (PHONE-11)": ("a connects with 3; a connects with 3", 1),
    "and once more": ("a connects with 3; a connects with 3; a connects with 3", 2),
    "as it should be": ("a connects with 1; a connects with 2; a connects with 7; b connects with 7", 0),
    "the later hello came first": ("a connects with 3; a connects with 2; a connects with 4", 0),
}


@pytest.mark.parametrize(("text", "violations"), TAKEN_UP.values(), ids=TAKEN_UP.keys())
def test_route_1_an_epoch_stands_for_one_connection(text: str, violations: int) -> None:
    verdict = judged(text, "ROUTE-1")
    assert verdict.violations == violations and bool(verdict.story) == bool(violations)


def test_route_1_is_valid_and_unknown() -> None:
    right = "serve a 1; serve a 2; serve a 2; serve b 1; heal; phase settled; phase final; lookup b none"
    assert judged(right + "; lookup a epoch 2 server 1 incarnation 1; connection a epoch 2 server 1 incarnation 1",
                  "ROUTE-1").outcome == "valid"  # fmt: skip
    assert judged("a sends 1 to b; heal; phase settled", "ROUTE-1").outcome == "unknown"
    # Without a settled state nothing is said about look-ups.
    assert judged("lookup a epoch 3 server 1 incarnation 1", "ROUTE-1").outcome == "unknown"


BUSY = {
    "routes are not claimed again, so updates wait (23)": "a sends 1 to b; heal; waiting b 3 inbox; end",
    "phones are not connected in time (35)": "a sends 1 to b; heal; waiting a 1 reconnect; waiting b 1 reconnect; end",
    "an outbox": "a sends 1 to b; heal; phase settled; waiting a 1 outbox; finish",
    "a receipt that a server owes a phone that is away": "a sends 1 to b; heal only a; waiting b 1 owed_receipt; end",
    "entries that are not fanned out": "a sends 1 to b; heal only a; waiting c 2 fan_out; end",
}


@pytest.mark.parametrize("text", BUSY.values(), ids=BUSY.keys())
def test_live_1_names_what_remains(text: str) -> None:
    verdict = judged(text, "LIVE-1")
    assert verdict.outcome == "invalid" and verdict.violations == text.count("waiting")


def test_live_1_is_valid_and_unknown() -> None:
    assert judged("a sends 1 to b; heal; end", "LIVE-1").outcome == "valid"
    assert (
        judged("a sends 1 to b; heal only a; waiting b 3 inbox; waiting b 1 reconnect; end", "LIVE-1").outcome
        == "valid"
    )
    assert judged("a sends 1 to b; lose b for b2; heal; waiting b 3 inbox; end", "LIVE-1").outcome == "valid"
    assert judged("a sends 1 to b; heal; settle; waiting b 3 inbox", "LIVE-1").outcome == "unknown"
    assert judged("a sends 1 to b; phase heal; end", "LIVE-1").outcome == "unknown"


def test_live_1_tells_it_in_words() -> None:
    verdict = judged("a sends 1 to b; wait 60s; heal; waiting b 3 inbox; wait 30s; settle; phase final", "LIVE-1")
    assert verdict.story == (
        "heal began at 1m00s; at 1m30s settling was over, and there remain:",
        "phone of person 1 (device 1024): 3 unacknowledged updates",
    )


def test_bound_1() -> None:
    assert judged("queue push_window of b 32 bound 32", "BOUND-1").outcome == "valid"
    assert judged("queue push_window of b 32", "BOUND-1").outcome == "unknown"
    verdict = judged("queue push_window of b 32 bound 32; queue push_window of b 33 bound 32", "BOUND-1")
    assert verdict.outcome == "invalid" and verdict.exercised == 2
    assert verdict.story == (
        "phone of person 1 (device 1024): 33 updates pushed and not acknowledged at 2ms",
        "the declared bound is 32",
    )


def test_hosts_are_named_by_role_and_place() -> None:
    assert words.HOSTS_PER_ROLE == hosts.HOSTS_PER_ROLE
    number = points.ROLES.index(points.CONNECTION_SERVER) * hosts.HOSTS_PER_ROLE + 3
    assert words.host(number) == "connection server 3"
