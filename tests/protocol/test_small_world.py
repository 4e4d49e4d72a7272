"""Two phones and the servers between them, under random drops, repeats, reorderings and crashes between effects."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_world import SmallWorld
from words import ANN, BOB

MOVES = st.lists(st.tuples(st.integers(0, 13), st.integers(0, 6)), max_size=90)


def judge(world: SmallWorld) -> None:
    """Every composed message is shown once on both phones, in one order, and all ticks are there."""
    written = {ANN: world.composed(ANN), BOB: world.composed(BOB)}
    lists = {user: world.on_screen(user) for user in (ANN, BOB)}
    assert sorted(lists[ANN]) == sorted(written[ANN] + written[BOB]), "shown once each (PHONE-1, PHONE-3)"
    assert lists[ANN] == lists[BOB], "in one order (PHONE-5)"
    for user in (ANN, BOB):
        assert [body for body in lists[user] if body in written[user]] == written[user], "as composed (PHONE-2)"
        announced = world.announced(user)
        assert len(announced) == len(set(announced)), "nothing is announced twice (PHONE-4)"
        for drawn in world.ticks(user).values():
            assert drawn == sorted(drawn), "a tick went back (RCPT-2)"
    for user in (ANN, BOB):
        final = {body: drawn[-1] for body, drawn in world.ticks(user).items()}
        assert all(final.get(body, 0) >= 2 for body in written[user]), "delivered, and told so (INBOX-4)"


@given(MOVES)
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_all_that_was_composed_is_shown_exactly_once_in_order(moves: list[tuple[int, int]]) -> None:
    """PHONE-1..5, CONN-2..6, STORE-1..4, FAN-1, FAN-3, INBOX-1..8, RCPT-2."""
    world = SmallWorld()
    for kind, choice in moves:
        world.move(kind, choice)
    world.heal()
    judge(world)


def talk(world: SmallWorld) -> None:
    """A short talk in which each opens the chat after writing; then no more faults."""
    for user in (ANN, BOB, ANN, ANN):
        world.compose(user)
        for _ in range(8):
            world.work()
        world.open_chat(user)
    world.heal()


def test_without_faults_two_people_see_the_same_chat_and_all_ticks() -> None:
    """RCPT-1: delivered when the other's device has it, read when it was opened there."""
    world = SmallWorld()
    for user in (ANN, BOB, ANN, ANN, BOB):
        world.compose(user)
        world.work()
    world.settle(30)
    for user in (ANN, BOB):
        world.open_chat(user)
    world.settle(30)
    judge(world)
    for user in (ANN, BOB):
        assert all(drawn[-1] == 3 for drawn in world.ticks(user).values())


@pytest.mark.parametrize("call", range(1, 30))
@pytest.mark.parametrize("host", ["server a", "registry", "store", "inbox", "ann", "bob"])
def test_a_crash_between_any_two_effects_of_any_host_loses_and_repeats_nothing(host: str, call: int) -> None:
    """PHONE-4, CONN-3, STORE-3, FAN-1, INBOX-7: every place where a crash can fall, in a short talk."""
    world = SmallWorld()
    world.settle(3)
    port = {"ann": world.phones[ANN], "bob": world.phones[BOB], **world.hosts}[host]
    port.crash_at = call
    talk(world)
    judge(world)


@pytest.mark.parametrize("fate", ["lost", "repeated", "late"])
@pytest.mark.parametrize("call", range(1, 50))
def test_any_call_between_servers_may_be_lost_repeated_or_late(call: int, fate: str) -> None:
    """CONN-10, FAN-1, INBOX-4, PHONE-3: whatever is waited for is asked again, and what comes twice is known."""
    world = SmallWorld()
    world.fates[call] = fate
    talk(world)
    judge(world)
