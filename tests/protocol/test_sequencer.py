"""The sequencer (UQ-1): the store's rules, and a long-term store that neither stalls it nor is left out (UQ-2)."""

from __future__ import annotations

import pytest
from port_fakes import SequencerFake
from recording_port import SECOND
from words import ANN, ANNS_NEW, BOB, BOBS, EVE, append

from sim.protocol.store_state import IS_THE_STORE, StoreState
from sim.vocabulary.archive import Archive, Archived
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Accepted, Enter, Entered, Outcome, Reason, Refused, trace_of
from sim.vocabulary.records import ArchiveMoved, FanOutMoved

A = "server a"
AGAIN = SECOND


def sequencer(**changes: int) -> SequencerFake:
    return SequencerFake(**{"call_again_us": AGAIN, "archive_batch": 3, **changes})


def take(store: SequencerFake, *numbers: int) -> None:
    """Ann's messages arrive one after the other, and each becomes durable."""
    for number in numbers:
        store.receive(A, append(number))
        store.sync_all()


def batches(store: SequencerFake) -> list[tuple[int, list[int]]]:
    """Every batch that was sent: where it begins, and the send numbers in it."""
    return [(each.first, [kept.append.send_number for kept in each.entries]) for each in store.sent(Archive)]


def archived(store: SequencerFake, through: int) -> None:
    """The long-term store answers."""
    store.receive("long-term store 0", Archived(0, through, trace_of(through)))


def entered(store: SequencerFake) -> None:
    """Every inbox has all that it was sent."""
    for message in store.sent(Enter):
        store.receive("inbox 0", Entered(message.device, message.position, Outcome.TAKEN, message.trace))


def write_anything(store: SequencerFake, number: int = 1) -> None:
    """Some other write, for riders to ride on."""
    store.receive(
        A, append(number, chat=conversation_between(BOB, EVE), device=BOBS, user=BOB, message_id=7000 + number)
    )
    store.sync_all()


# -- UQ-1: the store's rules ----------------------------------------------------------------------------------------


def test_uq_1_nothing_is_answered_or_fed_to_a_queue_before_the_sequencers_own_log_has_it() -> None:
    """STORE-3, CONN-3."""
    store = sequencer()
    store.receive(A, append(1))
    assert not store.sent()
    store.sync_all()
    assert [type(each) for each in store.sent()] == [Accepted, Enter, Archive]


def test_uq_1_a_known_send_number_gets_its_first_answer_again_even_when_the_log_is_full() -> None:
    """STORE-2: this check comes before every other."""
    store = sequencer(archive_backlog=1)
    take(store, 1, 1)
    assert [each.sequence for each in store.sent(Accepted)] == [1, 1] and not store.sent(Refused)


def test_uq_1_sequences_outlive_what_was_trimmed() -> None:
    """STORE-1, STORE-4."""
    store = sequencer()
    take(store, 1)
    entered(store)
    archived(store, 1)
    write_anything(store)
    assert store.durable.first_position == 1
    store.crash()
    take(store, 2)
    assert [each.sequence for each in store.sent(Accepted) if each.device != BOBS] == [1, 2]


# -- UQ-2: neither waits for the other ------------------------------------------------------------------------------


def test_uq_2_queues_are_fed_and_senders_answered_while_the_long_term_store_says_nothing() -> None:
    store = sequencer()
    take(store, *range(1, 10))
    assert len(store.sent(Accepted)) == len(store.sent(Enter)) == 9
    assert batches(store) == [(0, [1])], "one batch is on its way at a time"


def test_uq_2_the_long_term_store_is_fed_while_a_queue_says_nothing() -> None:
    store = sequencer()
    take(store, 1)
    archived(store, 1)
    take(store, 2)
    assert batches(store) == [(0, [1]), (1, [2])] and store.durable.fan_out == 0


def test_uq_2_what_came_meanwhile_goes_together_up_to_the_largest_batch() -> None:
    store = sequencer(archive_batch=3)
    take(store, *range(1, 6))
    archived(store, 1)
    archived(store, 4)
    assert batches(store) == [(0, [1]), (1, [2, 3, 4]), (4, [5])]


def test_uq_2_a_batch_is_repeated_until_it_is_answered_with_what_has_come_since() -> None:
    store = sequencer()
    take(store, 1, 2)
    store.fire_due(AGAIN)
    archived(store, 2)
    store.fire_due(AGAIN)
    assert batches(store) == [(0, [1]), (0, [1, 2])]
    first, again = store.sent(Archive)
    assert first.trace != again.trace, "another attempt, another draw"


def test_uq_2_an_answer_to_part_of_what_is_on_its_way_moves_the_pointer_that_far() -> None:
    store = sequencer()
    take(store, 1, 2)
    store.fire_due(AGAIN)
    archived(store, 1)
    assert batches(store)[-1] == (1, [2])


# -- trimming -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "order", [(entered, lambda store: archived(store, 1)), (lambda store: archived(store, 1), entered)]
)
def test_uq_2_an_entry_leaves_the_log_only_when_the_queues_and_the_long_term_store_have_it(order: tuple) -> None:
    store = sequencer()
    take(store, 1)
    order[0](store)
    write_anything(store)
    assert store.durable.first_position == 0
    order[1](store)
    write_anything(store, 2)
    assert store.durable.first_position == 1


def test_uq_2_a_laggard_holds_the_log_as_before() -> None:
    """FAN-6: its own cursor counts among the queues."""
    state = StoreState(4)
    state.become_sequencer(0, 100)
    state.laggards[BOBS] = 0
    state.fan_out = state.archived = 2
    assert state.needed() == 0


def test_the_log_of_a_store_has_nothing_behind_it() -> None:
    """UQ-2 is of the one architecture alone: without a long-term store the queues decide."""
    state = StoreState(4)
    state.fan_out = 2
    assert state.archived == IS_THE_STORE and state.needed() == 2 and not state.is_full()


# -- INBOX-3: the pointer -------------------------------------------------------------------------------------------


def test_inbox_3_written_to_storage_only_moves_forward_whatever_answer_comes_late() -> None:
    store = sequencer()
    take(store, 1, 2)
    archived(store, 1)
    archived(store, 2)
    archived(store, 1)
    write_anything(store)
    assert store.durable.archived == 2
    store.durable.apply(ArchiveMoved(1, 0))
    assert store.durable.archived == 2


def test_inbox_3_the_pointer_rides_and_a_crash_before_that_repeats_a_batch_and_skips_none() -> None:
    store = sequencer()
    take(store, 1, 2)
    archived(store, 1)
    assert [each.position for each in store.rides(ArchiveMoved)] == [1]
    store.forget()
    store.crash()
    assert batches(store) == [(0, [1, 2])] and store.durable.archived == 0


def test_inbox_3_that_queues_are_ahead_is_a_hard_case() -> None:
    store = sequencer()
    take(store, 1, 2)
    entered(store)
    write_anything(store)
    assert store.durable.fan_out == 2
    archived(store, 1)
    assert HardCase.DELIVERED_BEFORE_ARCHIVED in store.claims()


# -- a log that is full ---------------------------------------------------------------------------------------------


def test_uq_2_a_full_log_refuses_for_the_time_being_and_takes_the_message_when_there_is_room() -> None:
    store = sequencer(archive_backlog=2)
    take(store, 1, 2, 3)
    (refusal,) = store.sent(Refused)
    assert (refusal.send_number, refusal.reason) == (3, Reason.RETRY_LATER)
    assert HardCase.ARCHIVE_BACKLOG_FULL in store.claims()
    archived(store, 1)
    store.sync_all()
    take(store, 3)
    assert [each.sequence for each in store.sent(Accepted)] == [1, 2, 3]


def test_uq_2_the_record_decides_so_appends_in_flight_do_not_overfill_the_log() -> None:
    store = sequencer(archive_backlog=2)
    for number in range(1, 5):
        store.receive(A, append(number))
    store.sync_all()
    assert len(store.durable.entries) == 2
    assert [each.reason for each in store.sent(Refused)] == [Reason.RETRY_LATER] * 2
    assert HardCase.SEND_GAP_REFUSED not in store.claims()


def test_uq_2_a_gap_is_still_a_gap_where_there_is_room() -> None:
    store = sequencer(archive_backlog=2)
    take(store, 2)
    assert [each.reason for each in store.sent(Refused)] == [Reason.GAP]


def test_uq_2_in_a_full_log_the_pointer_does_not_wait_for_the_append_that_it_refuses() -> None:
    """Nothing would ever carry it."""
    store = sequencer(archive_backlog=1)
    take(store, 1)
    archived(store, 1)
    assert store.story("persist")[-1] == "persist archive_moved"
    store.sync_all()
    assert not store.durable.is_full()


def test_uq_2_a_pointer_that_rode_when_the_log_filled_up_is_written_for_the_append_that_is_refused() -> None:
    store = sequencer(archive_backlog=2)
    take(store, 1)
    store.receive(A, append(2))
    archived(store, 1)
    store.receive(A, append(3, device=ANNS_NEW, user=ANN))
    store.sync_all()
    assert len(store.durable.entries) == 2 and store.rides(ArchiveMoved)
    take(store, 3, 3)
    assert [each.sequence for each in store.sent(Accepted)][-1] == 3


def test_uq_2_a_pointer_that_the_disk_refuses_is_written_when_the_next_append_asks() -> None:
    store = sequencer(archive_backlog=1)
    take(store, 1)
    store.refusals = 1
    archived(store, 1)
    store.sync_all()
    assert store.durable.is_full()
    take(store, 2)
    assert not store.durable.is_full()


def test_uq_2_a_pointer_is_not_written_twice_at_once() -> None:
    store = sequencer(archive_backlog=1)
    take(store, 1)
    archived(store, 1)
    for _ in range(3):
        store.receive(A, append(2))
    assert store.story("persist").count("persist archive_moved") == 1


def test_a_crash_forgets_nothing_that_the_log_has() -> None:
    """UQ-1: fan-out cursor and pointer fail over together with the entries."""
    store = sequencer()
    take(store, 1, 2, 3)
    entered(store)
    archived(store, 1)
    write_anything(store)
    before = (store.durable.fan_out, store.durable.archived, len(store.durable.entries))
    store.forget()
    store.crash()
    assert (store.durable.fan_out, store.durable.archived, len(store.durable.entries)) == before == (3, 1, 3)
    assert batches(store) == [(1, [2, 3, 1])]
    assert [type(each) for each in store.sent() if not isinstance(each, Archive)] == [Enter]


def test_what_rides_is_the_newest_of_each_pointer() -> None:
    store = sequencer()
    take(store, 1)
    entered(store)
    archived(store, 1)
    assert set(store.riders) == {FanOutMoved, ArchiveMoved}
