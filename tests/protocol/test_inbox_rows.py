"""The inbox's rows: taken in order, numbered once, durable before anybody hears of them, trimmed by the device."""

from __future__ import annotations

import pytest
from port_fakes import InboxFake
from words import ANN, ANNS, ANNS_NEW, BOB, BOBS, CHAT, enter, receipt

from sim.vocabulary.kinds import HardCase, UpdateKind
from sim.vocabulary.messages import (
    Acknowledge,
    Confirmed,
    Entered,
    Fenced,
    LookUp,
    Outcome,
    ReadThrough,
    Receipt,
    ReceiptTaken,
    kind_of,
    trace_of,
)
from sim.vocabulary.records import BeginRegistration, EndRegistration

STORE, SERVER, OTHER_INBOX = "store 0", "server a", "inbox 1"
DELIVERED, READ = UpdateKind.DELIVERED, UpdateKind.READ


def take(shard: InboxFake, *messages: object, source: str = STORE) -> None:
    """Messages arrive one after the other, and what they write becomes durable."""
    for message in messages:
        shard.receive(source, message)
        shard.sync_all()


def outcomes(shard: InboxFake) -> list[int]:
    return [answer.outcome for answer in shard.sent(Entered)]


def numbers(shard: InboxFake, device: int = BOBS) -> list[int]:
    return [row.number for row in shard.durable.inbox(device).rows]


def acknowledge(shard: InboxFake, cursor: int, epoch: int = 1, device: int = BOBS) -> None:
    take(shard, Acknowledge(device, BOB, epoch, cursor, trace_of(device)), source=SERVER)


def retire_anns_phone(shard: InboxFake) -> None:
    shard.durable.apply(BeginRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.durable.apply(EndRegistration(ANNS_NEW, ANN, ANNS, 0))


# -- entries --------------------------------------------------------------------------------------------------------


def test_inbox_7_an_update_is_durable_before_its_append_is_answered_or_it_is_pushed() -> None:
    shard = InboxFake()
    shard.receive(STORE, enter(1))
    assert shard.story() == ["persist enter_entry"]
    shard.sync_all()
    assert shard.story() == ["persist enter_entry", "durable enter_entry", "send entered", "send look_up"]


def test_inbox_7_a_row_that_was_not_synced_is_not_there_and_its_append_is_taken_later() -> None:
    shard = InboxFake()
    shard.receive(STORE, enter(1))
    shard.crash()
    assert not shard.sent() and shard.durable.inboxes == {}
    take(shard, enter(1))
    assert outcomes(shard) == [Outcome.TAKEN]


def test_fan_1_a_refused_write_gives_no_answer() -> None:
    shard = InboxFake()
    shard.refusals = 1
    take(shard, enter(1))
    assert not shard.sent()


def test_fan_3_an_entry_is_taken_when_the_one_owed_before_is_the_mark() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(4, owed_before=1))
    assert outcomes(shard) == [Outcome.TAKEN] * 2 and numbers(shard) == [1, 2]
    assert shard.durable.inbox(BOBS).marks == {CHAT: 4}


def test_fan_3_at_or_below_the_mark_it_is_answered_have_it_and_nothing_is_added() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(2), enter(1), enter(2))
    assert outcomes(shard) == [Outcome.TAKEN] * 4 and numbers(shard) == [1, 2]


def test_fan_3_a_gap_is_refused_and_nothing_is_added() -> None:
    shard = InboxFake()
    take(shard, enter(2), enter(1), enter(2))
    assert outcomes(shard) == [Outcome.GAP, Outcome.TAKEN, Outcome.TAKEN] and numbers(shard) == [1, 2]
    assert [row.sequence for row in shard.durable.inbox(BOBS).rows] == [1, 2]


def test_fan_3_two_copies_on_the_way_to_the_log_are_one_row() -> None:
    shard = InboxFake()
    shard.receive(STORE, enter(1))
    shard.receive(STORE, enter(1))
    shard.sync_all()
    assert outcomes(shard) == [Outcome.TAKEN] * 2 and numbers(shard) == [1]


def test_fan_3_the_mark_outlives_trimming_and_a_restart() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    acknowledge(shard, 1)
    shard.crash()
    take(shard, enter(1), enter(2))
    assert outcomes(shard)[-2:] == [Outcome.TAKEN] * 2 and numbers(shard) == [2]


def test_fan_3_receipts_have_no_predecessor_and_are_never_held_back() -> None:
    shard = InboxFake()
    take(shard, receipt(DELIVERED, 9), receipt(READ, 3), source=OTHER_INBOX)
    assert [(row.update, row.sequence) for row in shard.durable.inbox(ANNS).rows] == [(DELIVERED, 9), (READ, 3)]
    assert [kind_of(type(message)) for message in shard.sent_to(OTHER_INBOX)] == ["receipt_taken"] * 2


def test_fan_3_a_receipt_that_is_still_here_is_merged_and_answered_again() -> None:
    shard = InboxFake()
    take(shard, receipt(DELIVERED, 1), receipt(DELIVERED, 1), source=OTHER_INBOX)
    assert numbers(shard, ANNS) == [1] and len(shard.sent(ReceiptTaken)) == 2


@pytest.mark.parametrize(
    "other", [receipt(READ, 1), receipt(DELIVERED, 2), receipt(DELIVERED, 1, about=2)], ids=["kind", "entry", "whom"]
)
def test_fan_3_receipts_are_matched_by_kind_entry_and_whom_they_are_about(other: Receipt) -> None:
    shard = InboxFake()
    take(shard, receipt(DELIVERED, 1), other, source=OTHER_INBOX)
    assert numbers(shard, ANNS) == [1, 2]


def test_inbox_7_a_receipt_is_durable_before_it_is_answered() -> None:
    shard = InboxFake()
    shard.receive(OTHER_INBOX, receipt(DELIVERED, 1))
    assert shard.story() == ["persist enter_receipt"]


# -- numbers and trims ----------------------------------------------------------------------------------------------


def test_inbox_1_numbers_are_contiguous_over_messages_and_receipts_and_never_given_twice() -> None:
    shard = InboxFake()
    take(shard, enter(1, device=ANNS, sender=BOB), receipt(READ, 2), enter(3, owed_before=1, device=ANNS, sender=BOB))
    acknowledge(shard, 3, device=ANNS)
    shard.crash()
    take(shard, receipt(READ, 4))
    assert numbers(shard, ANNS) == [4] and shard.durable.inbox(ANNS).head == 4


def test_inbox_1_a_cursor_beyond_the_head_is_an_error_that_is_told() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    shard.forget()
    acknowledge(shard, 2)
    assert [kind_of(type(message)) for message in shard.sent_to(SERVER)] == ["fenced"]
    assert numbers(shard) == [1] and shard.durable.inbox(BOBS).cursor == 0


def test_inbox_2_only_what_the_device_has_acknowledged_is_trimmed() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(2), enter(3))
    assert numbers(shard) == [1, 2, 3], "pushing a row trims nothing"
    acknowledge(shard, 2)
    assert numbers(shard) == [3]


def test_inbox_2_an_acknowledgement_trims_only_when_it_is_durable() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    shard.receive(SERVER, Acknowledge(BOBS, BOB, 1, 1, trace_of(BOBS)))
    assert numbers(shard) == [1]
    shard.crash()
    assert numbers(shard) == [1] and shard.durable.inbox(BOBS).cursor == 0


def test_inbox_3_an_old_acknowledgement_moves_nothing_back() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(2))
    acknowledge(shard, 2)
    shard.forget()
    acknowledge(shard, 1)
    assert shard.durable.inbox(BOBS).cursor == 2 and shard.story("persist", "ride") == []


def test_inbox_3_acknowledgements_that_overtake_each_other_on_the_way_to_the_log_move_it_only_forward() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(2))
    for cursor in (2, 1):
        shard.receive(SERVER, Acknowledge(BOBS, BOB, 1, cursor, trace_of(BOBS)))
    shard.sync_all()
    assert shard.durable.inbox(BOBS).cursor == 2


def test_inbox_3_an_acknowledgement_of_receipts_alone_may_ride() -> None:
    shard = InboxFake()
    take(shard, receipt(READ, 1))
    shard.durable.inbox(ANNS).epoch = 1
    shard.forget()
    acknowledge(shard, 1, device=ANNS)
    assert shard.story("persist", "ride") == ["ride move_cursor"] and numbers(shard, ANNS) == [1]
    take(shard, enter(1))
    assert numbers(shard, ANNS) == [] and shard.durable.inbox(ANNS).cursor == 1


def test_inbox_3_an_acknowledgement_whose_write_is_refused_is_taken_when_it_comes_again() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    shard.refusals = 1
    acknowledge(shard, 1)
    assert numbers(shard) == [1]
    acknowledge(shard, 1)
    assert numbers(shard) == []


# -- owed receipts --------------------------------------------------------------------------------------------------


def test_inbox_4_a_delivered_receipt_is_owed_in_the_same_write_that_moves_the_cursor() -> None:
    shard = InboxFake()
    shard.durable.inbox(BOBS).epoch = 1
    take(shard, enter(1), enter(2))
    shard.forget()
    shard.receive(SERVER, Acknowledge(BOBS, BOB, 1, 2, trace_of(BOBS)))
    assert shard.story() == [f"served {(BOBS, 1)}", "persist move_cursor"]
    shard.sync()
    inbox = shard.durable.inbox(BOBS)
    assert inbox.cursor == 2 and sorted(inbox.owed) == [(DELIVERED, CHAT, 1), (DELIVERED, CHAT, 2)]
    assert shard.story()[-2:] == ["send receipt", "send receipt"]


def test_inbox_4_owed_and_not_sent_before_a_crash_it_is_sent_after_it() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    shard.receive(SERVER, Acknowledge(BOBS, BOB, 1, 1, trace_of(BOBS)))
    shard.apply(shard.unsynced.popleft())
    assert not shard.sent(Receipt)
    shard.crash()
    (message,) = shard.sent(Receipt)
    assert (message.update, message.sequence, message.sender, message.about) == (DELIVERED, 1, ANN, BOB)


def test_inbox_4_it_is_sent_until_the_senders_inbox_answers_and_then_no_more() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    acknowledge(shard, 1)
    for _ in range(2):
        shard.fire_due(shard.timers.call_again_us)
    assert len(shard.sent(Receipt)) == 3
    take(shard, ReceiptTaken(BOBS, DELIVERED, CHAT, 1, trace_of(1)), source=OTHER_INBOX)
    shard.fire_due(shard.timers.call_again_us)
    assert len(shard.sent(Receipt)) == 3 and shard.story("ride") == ["ride settle_receipt"]
    take(shard, enter(2))
    assert shard.durable.inbox(BOBS).owed == {}


def test_inbox_4_an_answer_whose_ride_is_lost_costs_one_more_send() -> None:
    shard = InboxFake()
    take(shard, enter(1))
    acknowledge(shard, 1)
    take(shard, ReceiptTaken(BOBS, DELIVERED, CHAT, 1, trace_of(1)), source=OTHER_INBOX)
    shard.crash()
    assert len(shard.sent(Receipt)) == 2


def test_inbox_4_once_per_message_and_device_however_often_it_is_acknowledged() -> None:
    shard = InboxFake()
    take(shard, enter(1), enter(2))
    acknowledge(shard, 1)
    take(shard, ReceiptTaken(BOBS, DELIVERED, CHAT, 1, trace_of(1)), source=OTHER_INBOX)
    acknowledge(shard, 2)
    take(shard, enter(1))
    acknowledge(shard, 2)
    assert [message.sequence for message in shard.sent(Receipt)] == [1, 2]


def test_inbox_4_none_for_receipts_and_none_for_copies_to_the_senders_own_devices() -> None:
    shard = InboxFake()
    take(shard, receipt(READ, 5), enter(1, device=ANNS_NEW, sender=ANN))
    acknowledge(shard, 1, device=ANNS)
    acknowledge(shard, 1, device=ANNS_NEW)
    assert not shard.sent(Receipt) and shard.durable.inbox(ANNS_NEW).owed == {}


def test_rcpt_1_a_receipt_goes_to_the_current_device_of_the_senders_user() -> None:
    shard = InboxFake()
    retire_anns_phone(shard)
    take(shard, receipt(DELIVERED, 1), source=OTHER_INBOX)
    assert numbers(shard, ANNS_NEW) == [1] and numbers(shard, ANNS) == []
    assert len(shard.sent(ReceiptTaken)) == 1


# -- watermarks -----------------------------------------------------------------------------------------------------


def read_through(*sequences: int) -> ReadThrough:
    covered = tuple((sequence, 5000 + sequence, ANN, sequence) for sequence in sequences)
    return ReadThrough(BOBS, BOB, CHAT, sequences[-1], covered, trace_of(1))


def test_inbox_9_a_watermark_is_stored_then_confirmed_and_owed_per_newly_covered_message() -> None:
    shard = InboxFake()
    shard.receive(SERVER, read_through(1, 2))
    assert shard.story() == ["persist store_watermark"]
    shard.sync_all()
    assert shard.story()[2:] == ["send confirmed", "send receipt", "send receipt"]
    assert sorted(shard.durable.inbox(BOBS).owed) == [(READ, CHAT, 1), (READ, CHAT, 2)]


def test_inbox_9_a_repeat_is_confirmed_and_owes_nothing() -> None:
    shard = InboxFake()
    take(shard, read_through(1, 2))
    shard.forget()
    take(shard, read_through(1, 2), read_through(1))
    assert shard.story() == ["send confirmed"] * 2
    assert [message.through for message in shard.sent(Confirmed)] == [2, 1]


def test_inbox_9_only_what_is_newly_covered_is_owed_and_the_maximum_is_kept() -> None:
    shard = InboxFake()
    take(shard, read_through(1))
    shard.forget()
    take(shard, read_through(1, 2, 4))
    assert [message.sequence for message in shard.sent(Receipt)] == [2, 4]
    take(shard, read_through(1, 2))
    assert shard.durable.inbox(BOBS).watermarks == {CHAT: 4}


def test_inbox_9_two_copies_on_the_way_to_the_log_owe_once() -> None:
    shard = InboxFake()
    shard.receive(SERVER, read_through(1))
    shard.receive(SERVER, read_through(1))
    shard.sync_all()
    assert len(shard.sent(Receipt)) == 1 and len(shard.sent(Confirmed)) == 2


def test_inbox_9_owed_read_receipts_outlive_a_restart() -> None:
    shard = InboxFake()
    take(shard, read_through(1))
    shard.crash()
    assert [message.update for message in shard.sent(Receipt)] == [READ, READ]


# -- tombstones -----------------------------------------------------------------------------------------------------


def test_phone_10_a_retired_inbox_answers_retired_and_takes_nothing() -> None:
    shard = InboxFake()
    take(shard, enter(1, device=ANNS, sender=BOB))
    retire_anns_phone(shard)
    shard.forget()
    take(shard, enter(2, device=ANNS, sender=BOB), enter(1, device=ANNS, sender=BOB))
    assert outcomes(shard) == [Outcome.RETIRED] * 2 and numbers(shard, ANNS) == []
    assert not shard.sent(LookUp)


def test_phone_10_an_append_that_meets_the_retirement_on_its_way_is_answered_retired() -> None:
    shard = InboxFake()
    shard.receive(STORE, enter(1, device=ANNS, sender=BOB))
    retire_anns_phone(shard)
    shard.sync_all()
    assert outcomes(shard) == [Outcome.RETIRED] and numbers(shard, ANNS) == []


def test_phone_10_the_new_inbox_is_empty_and_its_numbers_begin_at_1() -> None:
    shard = InboxFake()
    take(shard, enter(1, device=ANNS, sender=BOB))
    retire_anns_phone(shard)
    assert shard.durable.inbox(ANNS_NEW).head == 0
    take(shard, enter(9, owed_before=0, device=ANNS_NEW, sender=BOB))
    assert numbers(shard, ANNS_NEW) == [1]


def test_phone_10_an_acknowledgement_of_a_retired_device_owes_nothing() -> None:
    shard = InboxFake()
    take(shard, enter(1, device=ANNS, sender=BOB))
    retire_anns_phone(shard)
    shard.forget()
    acknowledge(shard, 1, device=ANNS)
    assert not shard.sent(Receipt, Fenced) and HardCase.FENCED_OLD_EPOCH in shard.claims()
