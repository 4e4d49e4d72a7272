"""A reinstall is a new device: known to the directory before its first hello, with numbers from 1 (PHONE-10)."""

from __future__ import annotations

from port_fakes import PhoneFake
from words import ANN, ANNS, ANNS_NEW, CHAT, compose, connect, greeting_phone, welcome

from sim.protocol.phone_state import PhoneState
from sim.vocabulary.messages import Append, Hello, Register, Registered, trace_of


def new_phone() -> PhoneFake:
    """Ann's phone after a reinstall, its first connection open."""
    return greeting_phone(PhoneState(ANNS_NEW, ANN, replaces=ANNS))


def registered(phone: PhoneFake) -> None:
    phone.machine.receive(Registered(ANNS_NEW, trace_of(ANNS_NEW)))


def test_phone_10_it_makes_itself_known_before_it_says_hello() -> None:
    phone = PhoneFake(PhoneState(ANNS_NEW, ANN, replaces=ANNS))
    connect(phone)
    assert phone.story("send") == ["send register"]
    (message,) = phone.sent(Register)
    assert (message.device, message.user, message.replaces) == (ANNS_NEW, ANN, ANNS)


def test_phone_10_nothing_leaves_the_outbox_before_it_is_known() -> None:
    phone = new_phone()
    compose(phone, 7)
    assert not phone.sent(Append)
    registered(phone)
    assert phone.story()[-1] == "persist take_registered"
    phone.sync_all()
    assert phone.story("send") == ["send hello", "send append"]


def test_phone_10_its_numbers_begin_at_1_and_its_message_ids_are_its_own() -> None:
    old, new = greeting_phone(), new_phone()
    compose(old, 7)
    compose(new, 8)
    registered(new)
    new.sync_all()
    first, second = old.sent(Append)[0], new.sent(Append)[0]
    assert first.send_number == second.send_number == 1 and first.message_id != second.message_id
    assert new.sent(Hello)[0].cursor == 0 and CHAT in new.durable.chats


def test_phone_10_being_known_is_durable_and_a_repeat_of_it_is_no_second_hello() -> None:
    phone = new_phone()
    registered(phone)
    phone.sync_all()
    registered(phone)
    phone.sync_all()
    assert phone.story("send") == ["send hello"]
    phone.crash()
    phone.forget()
    connect(phone)
    assert phone.story("send") == ["send hello"]


def test_phone_10_an_answer_for_a_connection_that_is_gone_greets_on_the_next_one() -> None:
    phone = new_phone()
    registered(phone)
    phone.machine.on_network_down()
    phone.sync_all()
    assert phone.story("send") == []
    connect(phone)
    welcome(phone)
    assert phone.story("send") == ["send hello"]


def test_phone_10_no_answer_in_d_means_another_connection_and_the_same_question() -> None:
    """PHONE-7 holds for the registration as well."""
    phone = new_phone()
    phone.fire_due(phone.timers.answer_within_us)
    phone.fire_due(phone.timers.back_off_most_us)
    phone.sync_all()
    assert phone.story("send") == ["send register"]
