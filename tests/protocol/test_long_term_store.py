"""The long-term store (UQ-2): it has each sequencer's log in order, without a hole, and says so when it is durable."""

from __future__ import annotations

from port_fakes import LongTermFake
from words import CHAT, append

from sim.vocabulary.archive import Archive, Archived, Kept
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import trace_of
from sim.vocabulary.records import KeepEntries

SEQUENCER = "store 0"


def batch(first: int, end: int, shard: int = 0, attempt: int = 0) -> Archive:
    """The entries of a sequencer's log from one place to before another."""
    entries = tuple(Kept(CHAT, place + 1, append(place + 1)) for place in range(first, end))
    return Archive(shard, first, entries, trace_of(first, attempt))


def answers(store: LongTermFake) -> list[tuple[int, int]]:
    return [(each.shard, each.through) for each in store.sent(Archived)]


def take(store: LongTermFake, *archives: Archive) -> None:
    for archive in archives:
        store.receive(SEQUENCER, archive)
        store.sync_all()


def test_uq_2_nothing_is_answered_before_it_is_durable() -> None:
    """STORE-3 holds here too."""
    store = LongTermFake()
    store.receive(SEQUENCER, batch(0, 2))
    assert store.story() == ["persist keep_entries"]
    store.sync_all()
    assert answers(store) == [(0, 2)]


def test_uq_2_what_is_here_already_is_answered_again_and_not_written_again() -> None:
    store = LongTermFake()
    take(store, batch(0, 2), batch(0, 2, attempt=1), batch(1, 2))
    assert answers(store) == [(0, 2)] * 3
    assert store.story("persist") == ["persist keep_entries"]
    assert HardCase.ARCHIVE_REPEATED in store.claims()


def test_uq_2_of_a_batch_that_is_partly_here_only_the_rest_is_kept() -> None:
    store = LongTermFake()
    take(store, batch(0, 2))
    kept = store.durable.apply(KeepEntries(batch(0, 5), SEQUENCER, 0))
    assert kept is not None
    first, entries = kept
    assert first == 2 and [each.sequence for each in entries] == [3, 4, 5]


def test_uq_2_a_batch_beyond_the_end_would_leave_a_hole_and_changes_nothing() -> None:
    store = LongTermFake()
    take(store, batch(0, 2), batch(3, 4))
    assert answers(store) == [(0, 2), (0, 2)], "the answer says where to go on"
    assert store.durable.held == {0: 2}


def test_uq_2_a_batch_that_is_repeated_while_it_is_being_written_is_written_once() -> None:
    """A stalled disk would otherwise be left with one write per repeat."""
    store = LongTermFake()
    for attempt in range(4):
        store.receive(SEQUENCER, batch(0, 1, attempt=attempt))
    store.receive(SEQUENCER, batch(0, 3, attempt=4))
    assert store.story("persist") == ["persist keep_entries"] * 2
    store.sync_all()
    assert answers(store) == [(0, 1), (0, 3)]


def test_a_disk_that_refuses_gives_no_answer_and_takes_the_repeat() -> None:
    """STORE-3."""
    store = LongTermFake()
    store.refusals = 1
    take(store, batch(0, 1))
    assert not answers(store) and not store.durable.held
    take(store, batch(0, 1, attempt=1))
    assert answers(store) == [(0, 1)]


def test_a_crash_before_the_quorum_keeps_nothing_and_has_told_nobody() -> None:
    """STORE-3, STORE-4."""
    store = LongTermFake()
    store.receive(SEQUENCER, batch(0, 1))
    store.crash()
    assert not answers(store) and not store.durable.held
    take(store, batch(0, 1, attempt=1))
    assert answers(store) == [(0, 1)]


def test_uq_2_several_sequencers_share_a_shard_and_each_has_its_own_place() -> None:
    store = LongTermFake()
    take(store, batch(0, 2), batch(0, 1, shard=1))
    assert store.durable.held == {0: 2, 1: 1} and answers(store) == [(0, 2), (1, 1)]
