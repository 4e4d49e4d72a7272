"""Whatever is repeated, lost and reordered on the way to the store, its log is right (STORE-1, STORE-2, FAN-2)."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from port_fakes import StoreFake
from words import ANN, ANNS, BOB, BOBS, CHAT, EVE, EVES, append

from sim.protocol.store_state import StoreState
from sim.vocabulary.messages import Accepted, Append, Reason, Refused

WINDOW = 4
USERS = {ANNS: ANN, BOBS: BOB, EVES: EVE}

attempts = st.lists(
    st.tuples(
        st.sampled_from([ANNS, ANNS, BOBS, EVES]),
        st.integers(1, 6),
        st.sampled_from([0, 0, 0, 1]),
        st.sampled_from(["sync", "sync", "wait", "crash"]),
    ),
    max_size=40,
)
"""(device, send number, which message id, what the disk does) each."""


def attempt(device: int, number: int, variant: int) -> Append:
    identity = device * 1000 + number * 10 + variant
    return append(number, message_id=identity, device=device, user=USERS[device])


def play(steps: list[tuple[int, int, int, str]]) -> StoreFake:
    store = StoreFake(StoreState(WINDOW))
    for device, number, variant, disk in steps:
        store.receive("server a", attempt(device, number, variant))
        if disk == "sync":
            store.sync_all()
        elif disk == "crash":
            store.crash()
    store.sync_all()
    return store


@given(attempts)
@settings(max_examples=200, deadline=None)
def test_sequences_are_contiguous_and_a_send_number_is_appended_at_most_once(
    steps: list[tuple[int, int, int, str]],
) -> None:
    """STORE-1, STORE-2."""
    store = play(steps)
    entries = list(store.durable.entries)
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    appended = [(entry.append.device, entry.append.send_number) for entry in entries]
    assert len(appended) == len(set(appended))
    for device in (ANNS, BOBS):
        numbers = [number for sender, number in appended if sender == device]
        assert numbers == list(range(1, len(numbers) + 1)), "in order and without a gap"
    assert all(device != EVES for device, _ in appended), "not a member"


@given(attempts)
@settings(max_examples=200, deadline=None)
def test_every_repeat_gets_the_first_answer(steps: list[tuple[int, int, int, str]]) -> None:
    """STORE-2: the same (device, send number, message id) is never told two things, but for a gap that has closed."""
    store = play(steps)
    told: dict[tuple[int, int, int], tuple[int, ...]] = {}
    for message in store.sent(Accepted, Refused):
        if isinstance(message, Refused) and message.reason == Reason.GAP:
            continue
        key = (message.device, message.send_number, message.message_id)
        what = (
            (message.sequence, message.predecessor, message.predecessor_own)
            if isinstance(message, Accepted)
            else (-message.reason,)
        )
        assert told.setdefault(key, what) == what
    accepted = {key[:2]: key[2] for key, what in told.items() if what[0] > 0}
    entries = {
        (entry.append.device, entry.append.send_number): entry.append.message_id for entry in store.durable.entries
    }
    assert accepted.items() <= entries.items(), "what was accepted is in the log, under that message id"


@given(attempts)
@settings(max_examples=100, deadline=None)
def test_the_log_alone_says_who_is_owed_what_and_behind_what(steps: list[tuple[int, int, int, str]]) -> None:
    """FAN-2, FAN-3, PHONE-5: the predecessors of each device form one chain through the log."""
    store = play(steps)
    seen: dict[int, int] = {}
    owed: dict[int, int] = {}
    for entry in store.durable.entries:
        sender = entry.append.device
        for recipient in entry.recipients:
            assert recipient.device != sender
            assert recipient.predecessor == seen.get(recipient.device, 0)
            assert recipient.owed_before == owed.get(recipient.device, 0)
            seen[recipient.device] = owed[recipient.device] = entry.sequence
        seen[sender] = entry.sequence
    assert store.durable.conversation(CHAT).last_sequence == len(store.durable.entries)
