"""Reading: a durable watermark with what it newly covers, sent until it is confirmed (PHONE-8)."""

from __future__ import annotations

from port_fakes import PhoneFake
from recording_port import SECOND
from words import BOB, CHAT, accepted, compose, connect, deliver, online_phone, row

from sim.vocabulary.messages import Confirmed, ReadThrough, trace_of
from sim.vocabulary.records import ApplyUpdates


def confirm(phone: PhoneFake, through: int) -> None:
    phone.machine.receive(Confirmed(phone.durable.device, CHAT, through, trace_of(1)))


def watermarks(phone: PhoneFake) -> list[tuple[int, list[int]]]:
    return [(message.through, [each[0] for each in message.covered]) for message in phone.sent(ReadThrough)]


def open_chat(phone: PhoneFake) -> None:
    phone.machine.on_open(CHAT)
    phone.sync_all()


def test_phone_8_the_watermark_is_durable_before_it_is_sent() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1), row(2, 2))
    phone.forget()
    phone.machine.on_open(CHAT)
    assert phone.story() == ["persist mark_read"]
    phone.sync_all()
    assert phone.story() == ["persist mark_read", "durable mark_read", "send read_through"]
    (message,) = phone.sent(ReadThrough)
    assert message.covered == ((1, 1001, BOB, 101), (2, 1002, BOB, 102))


def test_phone_8_it_covers_only_what_is_shown() -> None:
    phone = online_phone()
    compose(phone, 7)
    deliver(phone, row(1, 1), row(2, 3, predecessor=2, own=True))
    open_chat(phone)
    assert watermarks(phone) == [(1, [1])]
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    phone.sync_all()
    open_chat(phone)
    assert watermarks(phone)[-1] == (3, [1, 3])


def test_phone_8_what_is_committed_and_not_shown_yet_is_not_read() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    phone.durable.apply(ApplyUpdates((row(2, 2),), trace_of(2)))
    open_chat(phone)
    assert watermarks(phone) == [(1, [1])]


def test_phone_8_what_comes_while_the_mark_is_written_is_not_covered() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    phone.machine.on_open(CHAT)
    deliver(phone, row(2, 2))
    assert watermarks(phone) == [(1, [1])]


def test_phone_8_own_messages_are_not_covered() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    phone.sync_all()
    open_chat(phone)
    assert watermarks(phone) == [(1, [1])]


def test_phone_8_an_empty_or_a_read_chat_makes_no_watermark() -> None:
    phone = online_phone()
    open_chat(phone)
    deliver(phone, row(1, 1))
    open_chat(phone)
    phone.forget()
    open_chat(phone)
    assert phone.story() == []


def test_phone_8_it_is_sent_until_it_is_confirmed() -> None:
    phone = online_phone(resend_us=8 * SECOND)
    deliver(phone, row(1, 1))
    open_chat(phone)
    phone.fire_due(8 * SECOND)
    assert watermarks(phone) == [(1, [1]), (1, [1])]
    confirm(phone, 1)
    phone.fire_due(8 * SECOND)
    assert len(watermarks(phone)) == 2


def test_phone_8_after_a_restart_and_a_reconnect_it_is_sent_again() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    open_chat(phone)
    phone.crash()
    phone.forget()
    connect(phone)
    assert watermarks(phone) == [(1, [1])]


def test_phone_8_a_later_watermark_carries_what_the_lost_one_covered() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    open_chat(phone)
    deliver(phone, row(2, 2))
    open_chat(phone)
    assert watermarks(phone) == [(1, [1]), (2, [1, 2])]


def test_phone_8_what_is_confirmed_is_not_carried_again() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    open_chat(phone)
    confirm(phone, 1)
    deliver(phone, row(2, 2))
    open_chat(phone)
    assert watermarks(phone)[-1] == (2, [2])


def test_phone_8_a_confirmation_rides_and_losing_it_costs_one_more_send() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    open_chat(phone)
    confirm(phone, 1)
    assert phone.story("ride") == ["ride take_confirmed"]
    phone.crash()
    phone.forget()
    connect(phone)
    assert watermarks(phone) == [(1, [1])]
    confirm(phone, 1)
    compose(phone, 7)
    phone.crash()
    phone.forget()
    connect(phone)
    assert watermarks(phone) == []


def test_phone_8_a_disk_that_refuses_the_mark_is_asked_again() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    phone.refusals = 1
    open_chat(phone)
    assert watermarks(phone) == []
    phone.fire_due(phone.timers.back_off_first_us)
    phone.sync_all()
    assert watermarks(phone) == [(1, [1])]
