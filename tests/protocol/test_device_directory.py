"""The directory: a new device is known to every store shard before the old one is retired (PHONE-10)."""

from __future__ import annotations

from port_fakes import InboxFake
from recording_port import STORE
from words import ANN, ANNS, ANNS_NEW, BOB, enter

from sim.vocabulary.messages import DeviceList, DeviceListTaken, Register, Registered, kind_of, trace_of

A, B = "server a", "server b"
QUESTION = Register(ANNS_NEW, ANN, ANNS, trace_of(ANNS_NEW))


def directory(stores: int = 2) -> InboxFake:
    shard = InboxFake()
    shard.store_count = stores
    return shard


def asked(stores: int = 2) -> InboxFake:
    """Ann's new phone has asked, and its inbox exists."""
    shard = directory(stores)
    shard.receive(A, QUESTION)
    shard.sync_all()
    return shard


def known_to(shard: InboxFake, *stores: int) -> None:
    for store in stores:
        shard.receive(f"store {store}", DeviceListTaken(ANN, ANNS_NEW, store, trace_of(1)))
        shard.sync_all()


def test_phone_10_first_the_new_inbox_then_the_device_lists_then_the_tombstone_then_the_answer() -> None:
    shard = directory()
    shard.receive(A, QUESTION)
    assert shard.story() == ["persist begin_registration"]
    shard.sync_all()
    assert shard.story()[1:] == ["durable begin_registration", "send device_list", "send device_list"]
    known_to(shard, 0)
    assert shard.durable.inbox(ANNS).retired_by < 0 and not shard.sent(Registered)
    known_to(shard, 1)
    assert shard.story()[-3:] == ["persist end_registration", "durable end_registration", "send registered"]
    assert shard.durable.inbox(ANNS).retired_by == ANNS_NEW and shard.durable.devices_of(ANN) == (ANNS_NEW,)


def test_phone_10_until_then_entries_of_the_old_device_are_taken() -> None:
    shard = asked()
    shard.receive(STORE, enter(1, device=ANNS, sender=BOB))
    shard.sync_all()
    assert len(shard.durable.inbox(ANNS).rows) == 1


def test_phone_10_a_shard_that_does_not_answer_is_asked_again_and_the_others_are_not() -> None:
    shard = asked()
    known_to(shard, 0)
    shard.forget()
    shard.fire_due(shard.timers.call_again_us)
    assert [each.to for each in shard.effects if each.name == "send"] == ["store 1"]


def test_phone_10_one_shard_that_answers_twice_does_not_count_for_another() -> None:
    shard = asked()
    known_to(shard, 0, 0)
    assert not shard.sent(Registered)


def test_phone_10_a_registration_goes_on_after_a_restart() -> None:
    shard = asked()
    known_to(shard, 0)
    shard.forget()
    shard.crash()
    assert len(shard.sent(DeviceList)) == 2, "who has answered was only in memory"
    known_to(shard, 0, 1)
    assert shard.durable.devices_of(ANN) == (ANNS_NEW,) and not shard.durable.registrations


def test_phone_10_a_question_that_comes_again_is_one_registration_and_the_last_asker_is_told() -> None:
    shard = asked()
    shard.receive(B, QUESTION)
    known_to(shard, 0, 1)
    assert [kind_of(type(message)) for message in shard.sent_to(B)] == ["registered"] and not shard.sent_to(A)
    assert shard.story("persist") == ["persist begin_registration", "persist end_registration"]


def test_phone_10_a_question_that_comes_when_all_is_done_is_answered_at_once() -> None:
    shard = asked()
    known_to(shard, 0, 1)
    shard.crash()
    shard.forget()
    shard.receive(B, QUESTION)
    assert shard.story() == ["send registered"]


def test_phone_10_a_refused_end_is_tried_again() -> None:
    shard = asked()
    known_to(shard, 0)
    shard.refusals = 1
    known_to(shard, 1)
    assert not shard.sent(Registered)
    shard.fire_due(shard.timers.call_again_us)
    shard.sync_all()
    assert len(shard.sent(Registered)) == 1


def test_phone_10_a_refused_beginning_is_begun_by_the_next_question() -> None:
    shard = directory()
    shard.refusals = 1
    shard.receive(A, QUESTION)
    shard.sync_all()
    assert not shard.sent()
    shard.receive(A, QUESTION)
    shard.sync_all()
    assert len(shard.sent(DeviceList)) == 2
