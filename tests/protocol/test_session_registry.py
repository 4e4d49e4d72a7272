"""The session registry: leases that lapse, the higher epoch, compare-and-delete, and the table of a lease's life."""

from __future__ import annotations

from itertools import product

import pytest
from port_fakes import RegistryFake
from recording_port import SECOND
from words import BOBS

from sim.protocol.session_registry import FREE, HELD, LEASE
from sim.vocabulary.messages import Claim, Denied, Granted, LookUp, Release, Route, trace_of

A, B = "server a", "server b"
TTL = 60 * SECOND


def registry() -> RegistryFake:
    return RegistryFake(lease_us=TTL)


def claim(port: RegistryFake, server: str, epoch: int, connection: int = 1, incarnation: int = 1) -> bool:
    """Whether the registry grants it."""
    port.receive(server, Claim(BOBS, epoch, incarnation, connection, trace_of(BOBS)))
    return isinstance(port.sent(Granted, Denied)[-1], Granted)


def release(port: RegistryFake, server: str, epoch: int, connection: int = 1, incarnation: int = 1) -> None:
    port.receive(server, Release(BOBS, epoch, incarnation, connection, trace_of(BOBS)))


def holder(port: RegistryFake) -> tuple[object, int]:
    """Who is said to hold the device, and at which epoch."""
    port.receive("inbox 0", LookUp(BOBS, trace_of(BOBS)))
    (*_, route) = port.sent(Route)
    return route.server, route.epoch


NOBODY = (None, -1)


def test_reg_1_a_lease_names_server_and_epoch_and_lapses_unless_renewed() -> None:
    port = registry()
    assert claim(port, A, epoch=1)
    assert holder(port) == (A, 1)
    port.now_us += TTL - 1
    assert holder(port) == (A, 1)
    port.now_us += 1
    assert holder(port) == NOBODY and port.story("granted", "ended") == [
        f"granted {(BOBS, 1)}",
        f"ended {(BOBS, 1)}",
    ]


def test_reg_1_renewals_keep_it_and_it_lives_one_ttl_from_the_last_one() -> None:
    port = registry()
    claim(port, A, epoch=1)
    assert port.machine.on_renewals(A, 1, BOBS, 1, 1)
    port.now_us += 10 * TTL
    assert holder(port) == (A, 1)
    port.machine.on_last_renewal(A, 1, BOBS, 1, 1, port.now_us - 10 * SECOND)
    port.now_us += TTL - 10 * SECOND - 1
    assert holder(port) == (A, 1)
    port.now_us += 1
    assert holder(port) == NOBODY


def test_reg_1_a_repeat_of_the_claim_does_not_end_the_renewals() -> None:
    port = registry()
    claim(port, A, epoch=1)
    assert port.machine.on_renewals(A, 1, BOBS, 1, 1)
    assert claim(port, A, epoch=1)
    port.now_us += 2 * TTL
    assert holder(port) == (A, 1)


@pytest.mark.parametrize(
    ("server", "incarnation", "epoch", "connection"),
    [(B, 1, 1, 1), (A, 2, 1, 1), (A, 1, 2, 1), (A, 1, 1, 2)],
    ids=["another server", "another incarnation", "another epoch", "another connection"],
)
def test_reg_1_a_renewal_finds_only_its_own_lease(server: str, incarnation: int, epoch: int, connection: int) -> None:
    port = registry()
    claim(port, A, epoch=1)
    assert not port.machine.on_renewals(server, incarnation, BOBS, epoch, connection)
    port.machine.on_last_renewal(server, incarnation, BOBS, epoch, connection, port.now_us - TTL)
    assert holder(port) == (A, 1)


def test_conn_10_a_lease_that_a_repeated_claim_made_anew_is_not_the_one_that_is_renewed() -> None:
    port = registry()
    claim(port, A, epoch=1)
    granted_us = port.now_us
    assert port.machine.on_renewals(A, 1, BOBS, 1, 1, granted_us)
    port.machine.leases.clear()  # a restart
    port.now_us += SECOND
    claim(port, A, epoch=1)  # the same claim, for the second time
    assert holder(port) == (A, 1)
    assert not port.machine.on_renewals(A, 1, BOBS, 1, 1, granted_us), "so the server claims anew, and drains"
    assert port.machine.on_renewals(A, 1, BOBS, 1, 1, port.now_us)


def test_reg_1_a_lapsed_lease_is_not_renewed() -> None:
    port = registry()
    claim(port, A, epoch=1)
    port.now_us += TTL
    assert not port.machine.on_renewals(A, 1, BOBS, 1, 1)


def test_reg_2_the_higher_epoch_wins_and_ends_the_lower_one() -> None:
    port = registry()
    claim(port, A, epoch=1)
    assert claim(port, B, epoch=2)
    assert holder(port) == (B, 2)
    assert port.story("granted", "ended") == [f"granted {(BOBS, 1)}", f"ended {(BOBS, 1)}", f"granted {(BOBS, 2)}"]


def test_reg_2_a_lower_epoch_is_denied_and_changes_nothing() -> None:
    port = registry()
    claim(port, B, epoch=2)
    assert not claim(port, A, epoch=1)
    assert holder(port) == (B, 2)


@pytest.mark.parametrize(
    ("server", "incarnation", "connection"),
    [(B, 1, 1), (A, 2, 1), (A, 1, 2)],
    ids=["another server", "another incarnation", "another connection"],
)
def test_reg_2_an_equal_epoch_is_granted_only_to_the_same_claim(server: str, incarnation: int, connection: int) -> None:
    port = registry()
    claim(port, A, epoch=1)
    assert not claim(port, server, epoch=1, incarnation=incarnation, connection=connection)
    assert claim(port, A, epoch=1)
    assert holder(port) == (A, 1)
    assert port.story("granted") == [f"granted {(BOBS, 1)}"], "a repeat is no second lease"


def test_reg_2_when_the_lease_has_lapsed_a_lower_epoch_may_have_it() -> None:
    """The registry only knows leases; older connections are fenced by the inbox (INBOX-8)."""
    port = registry()
    claim(port, B, epoch=2)
    port.now_us += TTL
    assert claim(port, A, epoch=1)


def test_reg_3_the_holder_releases_its_lease() -> None:
    port = registry()
    claim(port, A, epoch=1)
    release(port, A, epoch=1)
    assert holder(port) == NOBODY


@pytest.mark.parametrize(
    ("server", "epoch", "incarnation", "connection"),
    [(B, 2, 1, 1), (A, 1, 1, 1), (A, 2, 2, 1), (A, 2, 1, 2)],
    ids=["another server's", "an earlier epoch's", "another incarnation's", "another connection's"],
)
def test_reg_3_a_release_of_anothers_lease_keeps_it(server: str, epoch: int, incarnation: int, connection: int) -> None:
    port = registry()
    claim(port, A, epoch=2)
    release(port, server, epoch, connection, incarnation)
    assert holder(port) == (A, 2)


def test_reg_4_a_restart_empties_it_and_the_next_claim_is_granted() -> None:
    port = registry()
    claim(port, A, epoch=2)
    port.crash()
    assert holder(port) == NOBODY
    assert not port.machine.on_renewals(A, 1, BOBS, 2, 1), "so the server claims anew (CONN-10)"
    assert claim(port, A, epoch=2)
    assert holder(port) == (A, 2)


def test_reg_4_it_writes_nothing_down() -> None:
    port = registry()
    claim(port, A, epoch=1)
    release(port, A, epoch=1)
    assert port.durable is None and port.story("persist", "ride") == []


# -- the table ------------------------------------------------------------------------------------------------------

HAPPENS = {
    (FREE, "claim"): lambda port: claim(port, A, 1),
    (FREE, "release"): lambda port: release(port, A, 1),
    (HELD, "higher epoch"): lambda port: claim(port, B, 2),
    (HELD, "same claim"): lambda port: claim(port, A, 1),
    (HELD, "lower or other"): lambda port: claim(port, B, 1),
    (HELD, "release"): lambda port: release(port, A, 1),
    (HELD, "release of another"): lambda port: release(port, B, 1),
}

SEEN = {
    "grant": lambda before, after: after != NOBODY,
    "deny": lambda before, after: after == before,
    "end": lambda before, after: after == NOBODY,
    "keep": lambda before, after: after == before,
}


@pytest.mark.parametrize(("state", "event"), LEASE)
def test_every_pair_of_the_table_is_reachable_and_does_what_it_says(state: str, event: str) -> None:
    """REG-2, REG-3."""
    port = registry()
    if state == HELD:
        claim(port, A, epoch=1)
    before = holder(port)
    answer = HAPPENS[(state, event)](port)
    move = LEASE[(state, event)]
    assert SEEN[move](before, holder(port))
    assert answer is {"grant": True, "deny": False}.get(move)


def test_no_claim_asks_for_a_pair_that_the_table_lacks() -> None:
    """REG-2: whatever is held and whatever is asked, the table has it."""
    for held, epoch, server, incarnation, connection in product((0, 1, 2), (1, 2), (A, B), (1, 2), (1, 2)):
        port = registry()
        if held:
            claim(port, A, epoch=held)
        asked = Claim(BOBS, epoch, incarnation, connection, 0)
        assert port.machine.asked(port.machine.held(BOBS), server, asked) in LEASE
