"""The message store: contiguous sequences, once per send number, and no answer before the log has it."""

from __future__ import annotations

import pytest
from port_fakes import StoreFake
from words import ANNS, ANNS_NEW, BOB, BOBS, CHAT, EVE, EVES, append

from sim.protocol.store_state import StoreState
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import (
    Accepted,
    Append,
    DeviceList,
    DeviceListTaken,
    Enter,
    Entered,
    Outcome,
    Reason,
    Refused,
    kind_of,
    trace_of,
)

A, B = "server a", "server b"


def take(store: StoreFake, *appends: Append, source: str = A) -> None:
    """Appends arrive one after the other, and each becomes durable."""
    for each in appends:
        store.receive(source, each)
        store.sync_all()


def sequences(store: StoreFake) -> list[int]:
    return [answer.sequence for answer in store.sent(Accepted)]


def entries(store: StoreFake) -> list[tuple[int, int]]:
    return [(entry.sequence, entry.append.message_id) for entry in store.durable.entries]


# -- persist, then answer -------------------------------------------------------------------------------------------


def test_store_3_conn_3_nothing_is_answered_before_the_append_is_durable() -> None:
    store = StoreFake()
    store.receive(A, append(1))
    assert store.story() == ["persist append_entry"]
    store.sync_all()
    assert store.story()[:3] == ["persist append_entry", "durable append_entry", "send accepted"]
    assert [kind_of(type(message)) for message in store.sent_to(A)] == ["accepted"]


def test_store_3_a_leader_that_dies_before_the_quorum_has_answered_nobody() -> None:
    store = StoreFake()
    store.receive(A, append(1))
    store.crash()
    assert not store.sent(Accepted) and entries(store) == []
    take(store, append(1))
    assert sequences(store) == [1]


def test_store_4_nobody_reads_an_entry_before_its_quorum() -> None:
    store = StoreFake()
    store.receive(A, append(1))
    assert not store.sent(Enter)
    store.sync_all()
    assert len(store.sent(Enter)) == 1


def test_store_4_a_sequence_that_was_answered_is_never_given_again() -> None:
    store = StoreFake()
    take(store, append(1))
    store.crash()
    take(store, append(2), append(1, device=BOBS, user=BOB, message_id=9001))
    assert sequences(store) == [1, 2, 3]


def test_a_disk_that_refuses_gives_no_answer_and_the_retry_is_appended() -> None:
    """STORE-3, PHONE-1: the sender asks again; nothing was remembered of the first time."""
    store = StoreFake()
    store.refusals = 1
    take(store, append(1))
    assert not store.sent()
    take(store, append(1))
    assert sequences(store) == [1]


# -- sequences ------------------------------------------------------------------------------------------------------


def test_store_1_sequences_are_contiguous_per_conversation() -> None:
    store = StoreFake()
    other = conversation_between(0, EVE)
    take(store, append(1), append(1, device=BOBS, user=BOB), append(1, chat=other), append(2))
    assert [(answer.conversation, answer.sequence) for answer in store.sent(Accepted)] == [
        (CHAT, 1),
        (CHAT, 2),
        (other, 1),
        (CHAT, 3),
    ]


def test_store_1_order_in_the_log_decides_and_not_the_senders_clock() -> None:
    store = StoreFake()
    take(store, append(1)._replace(written_us=9), append(2)._replace(written_us=1))
    assert [entry.append.send_number for entry in store.durable.entries] == [1, 2]


# -- once per send number -------------------------------------------------------------------------------------------


def test_store_2_a_repeat_gets_the_first_answer_again_and_appends_nothing() -> None:
    store = StoreFake()
    take(store, append(1), append(1, device=BOBS, user=BOB), append(2))
    first = store.sent(Accepted)
    store.forget()
    take(store, append(2), append(1), source=B)
    assert store.story("persist") == [] and len(entries(store)) == 3
    assert store.sent_to(B) == [first[2], first[0]]
    assert HardCase.ACKNOWLEDGEMENT_LOST_AFTER_PERSIST in store.claims()


def test_store_2_two_copies_on_the_way_to_the_log_are_one_entry() -> None:
    store = StoreFake()
    store.receive(A, append(1))
    store.receive(B, append(1))
    store.sync_all()
    assert sequences(store) == [1, 1] and len(entries(store)) == 1


def test_store_2_the_memory_is_in_the_log_and_outlives_a_restart_and_trims() -> None:
    store = StoreFake()
    take(store, append(1))
    last = store.sent(Enter)[-1]
    store.receive("inbox 0", Entered(last.device, last.position, Outcome.TAKEN, last.trace))
    take(store, append(2))
    assert [entry.sequence for entry in store.durable.entries] == [2], "the first entry is trimmed"
    store.crash()
    store.forget()
    take(store, append(1))
    assert sequences(store) == [1] and store.story("persist") == []


def test_store_2_a_known_number_with_another_message_id_is_refused_and_told() -> None:
    store = StoreFake()
    take(store, append(1, message_id=100))
    store.forget()
    take(store, append(1, message_id=200))
    assert store.story() == ["send refused"]
    (answer,) = store.sent(Refused)
    assert (answer.message_id, answer.reason) == (200, Reason.OTHER_MESSAGE_ID)
    assert entries(store) == [(1, 100)]


def test_store_2_another_message_id_that_races_to_the_log_is_refused_too() -> None:
    store = StoreFake()
    store.receive(A, append(1, message_id=100))
    store.receive(B, append(1, message_id=200))
    store.sync_all()
    assert [kind_of(type(message)) for message in store.sent_to(A)] == ["accepted"]
    assert [message.reason for message in store.sent_to(B)] == [Reason.OTHER_MESSAGE_ID]


@pytest.mark.parametrize("number", [2, 3, 9])
def test_store_2_a_gap_is_refused_and_not_appended(number: int) -> None:
    store = StoreFake()
    take(store, append(number))
    (answer,) = store.sent(Refused)
    assert answer.reason == Reason.GAP and entries(store) == [] and HardCase.SEND_GAP_REFUSED in store.claims()


def test_store_2_what_was_refused_for_a_gap_is_welcome_when_its_turn_comes() -> None:
    store = StoreFake()
    take(store, append(2), append(1), append(2))
    assert sequences(store) == [1, 2] and entries(store) == [(1, 5001), (2, 5002)]


def test_store_2_a_window_that_arrives_in_the_wrong_order_is_never_appended_in_that_order() -> None:
    store = StoreFake()
    for number in (3, 1, 2):
        store.receive(A, append(number))
    store.sync_all()
    assert entries(store) == [(1, 5001), (2, 5002)]
    assert [answer.send_number for answer in store.sent(Refused)] == [3]


def test_store_2_numbers_count_per_device_and_conversation() -> None:
    store = StoreFake()
    take(store, append(1), append(1, device=ANNS_NEW), append(1, chat=conversation_between(0, EVE)))
    assert not store.sent(Refused) and len(entries(store)) == 3


# -- final refusals -------------------------------------------------------------------------------------------------


def test_store_2_a_final_refusal_is_in_the_log_without_sequence_entry_or_recipients() -> None:
    store = StoreFake()
    store.receive(A, append(1, device=EVES, user=EVE))
    assert not store.sent(), "it is durable before it is told"
    store.sync_all()
    assert store.story() == ["persist append_entry", "durable append_entry", "send refused"]
    assert store.sent(Refused)[0].reason == Reason.NOT_A_MEMBER
    assert entries(store) == [] and store.durable.conversations[CHAT].last_sequence == 0


def test_store_2_the_numbers_behind_a_final_refusal_are_no_gap() -> None:
    store = StoreFake()
    take(store, append(1, device=EVES, user=EVE), append(2, device=EVES, user=EVE))
    assert [answer.reason for answer in store.sent(Refused)] == [Reason.NOT_A_MEMBER] * 2
    take(store, append(1))
    assert sequences(store) == [1]


def test_store_2_a_repeat_of_what_was_finally_refused_gets_that_answer_again() -> None:
    store = StoreFake()
    take(store, append(1, device=EVES, user=EVE))
    store.crash()
    store.forget()
    take(store, append(1, device=EVES, user=EVE))
    assert [answer.reason for answer in store.sent(Refused)] == [Reason.NOT_A_MEMBER]
    assert store.story("persist") == []


def test_store_2_it_remembers_the_last_w_answers_and_the_last_number() -> None:
    window = 2
    store = StoreFake(StoreState(window))
    take(store, append(1), append(2), append(3))
    store.forget()
    take(store, append(1))
    assert not store.sent(), "nothing that a phone with this window could ask"
    take(store, append(2), append(3))
    assert sequences(store) == [2, 3] and len(entries(store)) == 3


# -- recipients and predecessors ------------------------------------------------------------------------------------


def test_fan_2_the_recipients_are_fixed_in_the_append_and_the_sender_is_not_among_them() -> None:
    store = StoreFake()
    take(store, append(1))
    (entry,) = store.durable.entries
    assert [recipient.device for recipient in entry.recipients] == [BOBS]


def test_fan_2_a_device_list_that_changes_later_does_not_change_an_entry() -> None:
    store = StoreFake()
    take(store, append(1, device=BOBS, user=BOB))
    store.receive("inbox 0", DeviceList(0, 1, (ANNS_NEW,), ANNS_NEW, trace_of(1)))
    store.sync_all()
    take(store, append(2, device=BOBS, user=BOB))
    recipients = [[recipient.device for recipient in entry.recipients] for entry in store.durable.entries]
    assert recipients == [[ANNS], [ANNS_NEW]]


def test_phone_5_the_predecessor_is_what_this_device_was_owed_or_sent_before() -> None:
    store = StoreFake()
    take(store, append(1), append(2), append(1, device=BOBS, user=BOB), append(3))
    answers = [(answer.predecessor, answer.predecessor_own) for answer in store.sent(Accepted)]
    assert answers == [(0, False), (1, True), (2, False), (3, False)]
    owed = [entry.recipients[0] for entry in store.durable.entries]
    assert [(each.predecessor, each.predecessor_own) for each in owed] == [
        (0, False),
        (1, False),
        (2, True),
        (3, True),
    ]


def test_fan_3_the_entry_owed_before_leaves_own_ones_out() -> None:
    store = StoreFake()
    take(store, append(1), append(1, device=BOBS, user=BOB), append(2))
    owed = [(entry.recipients[0].device, entry.recipients[0].owed_before) for entry in store.durable.entries]
    assert owed == [(BOBS, 0), (ANNS, 0), (BOBS, 1)]


def test_phone_10_a_new_devices_first_entry_has_no_predecessor() -> None:
    store = StoreFake()
    take(store, append(1, device=BOBS, user=BOB))
    store.receive("inbox 0", DeviceList(0, 1, (ANNS_NEW,), ANNS_NEW, trace_of(1)))
    store.sync_all()
    take(store, append(2, device=BOBS, user=BOB))
    recipient = store.durable.entries[-1].recipients[0]
    assert (recipient.device, recipient.owed_before, recipient.predecessor) == (ANNS_NEW, 0, 0)


def test_phone_10_sends_of_the_retired_device_that_are_still_on_the_way_are_appended() -> None:
    store = StoreFake()
    store.receive("inbox 0", DeviceList(0, 1, (ANNS_NEW,), ANNS_NEW, trace_of(1)))
    store.sync_all()
    take(store, append(1), append(1, device=ANNS_NEW, message_id=6001))
    assert sequences(store) == [1, 2]


def test_phone_10_a_device_list_is_durable_before_it_is_answered_and_never_goes_back() -> None:
    store = StoreFake()
    store.receive("inbox 0", DeviceList(0, 1, (ANNS_NEW,), ANNS_NEW, trace_of(1)))
    assert store.story() == ["persist list_devices"]
    store.sync_all()
    assert store.sent(DeviceListTaken)[0].change == ANNS_NEW
    store.forget()
    store.receive("inbox 0", DeviceList(0, 0, (ANNS,), ANNS, trace_of(2)))
    store.receive("inbox 0", DeviceList(0, 1, (ANNS_NEW,), ANNS_NEW, trace_of(2)))
    assert store.story() == ["send device_list_taken"] * 2 and store.durable.devices_of(0) == (ANNS_NEW,)
