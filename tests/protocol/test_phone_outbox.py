"""The phone's outbox: durable before it is sent, in order, again and again, until it is answered for good."""

from __future__ import annotations

from port_fakes import PhoneFake
from recording_port import SECOND
from words import CHAT, accepted, compose, connect, greeting_phone, offline_phone, online_phone, refused, welcome

from sim.protocol.phone_state import FAILED
from sim.vocabulary.messages import Append, Reason
from sim.vocabulary.records import Compose


def sent_numbers(phone: PhoneFake) -> list[int]:
    return [append.send_number for append in phone.sent(Append)]


def test_phone_1_a_message_is_durable_before_it_is_drawn_and_sent() -> None:
    phone = online_phone()
    phone.machine.on_compose(CHAT, 7, -1)
    assert phone.story() == ["persist compose"]
    phone.sync()
    assert phone.story() == ["persist compose", "durable compose", "pending 7", "send append"]


def test_phone_1_an_app_killed_before_the_sync_has_composed_nothing() -> None:
    phone = online_phone()
    phone.machine.on_compose(CHAT, 7, -1)
    phone.crash()
    connect(phone)
    assert not phone.sent(Append) and not phone.durable.chats


def test_phone_1_after_a_restart_it_goes_out_again_with_the_same_names() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.crash()
    connect(phone)
    first, second = phone.sent(Append)
    assert (first.message_id, first.send_number) == (second.message_id, second.send_number)


def test_phone_1_it_is_sent_again_on_a_timer_until_it_is_accepted() -> None:
    phone = online_phone(resend_us=8 * SECOND)
    compose(phone, 7)
    for _ in range(3):
        phone.fire_due(8 * SECOND)
    assert len(phone.sent(Append)) == 4
    assert len({(append.message_id, append.send_number, append.body) for append in phone.sent(Append)}) == 1
    assert len({append.trace for append in phone.sent(Append)}) == 4
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    phone.forget()
    phone.fire_due(60 * SECOND)
    assert not phone.sent(Append)


def test_phone_1_a_new_connection_sends_it_at_once_and_ends_the_old_ones_timer() -> None:
    phone = online_phone(resend_us=8 * SECOND)
    compose(phone, 7)
    phone.machine.on_network_down()
    phone.forget()
    connect(phone)
    assert phone.story("send") == ["send hello", "send append"]
    phone.fire_due(8 * SECOND)
    assert len(phone.sent(Append)) == 2, "one by the hello and one by its own timer, none by the old connection's"


def test_phone_1_what_goes_out_early_once_does_not_go_out_twice_as_often() -> None:
    """Only the timer of the last send counts: a message has one chain of repeats, however it came to be sent."""
    phone = online_phone(resend_us=8 * SECOND)
    compose(phone, 7)
    for body in (8, 9, 10):
        phone.machine.receive(refused(phone, 1, Reason.RETRY_LATER))
        compose(phone, body)
    assert sent_numbers(phone) == [1, 1, 2, 1, 2, 3, 1, 2, 3, 4], "whatever is written next takes those before it along"
    for _ in range(3):
        phone.forget()
        phone.fire_due(8 * SECOND)
        assert sorted(sent_numbers(phone)) == [1, 2, 3, 4]


def test_phone_1_a_disk_that_refuses_is_asked_again_and_nothing_is_sent_before() -> None:
    phone = online_phone()
    phone.refusals = 1
    phone.machine.on_compose(CHAT, 7, -1)
    phone.sync_all()
    assert phone.story() == ["persist compose", "refused compose"]
    phone.fire_due(phone.timers.back_off_first_us)
    phone.sync_all()
    assert phone.story()[2:] == ["persist compose", "durable compose", "pending 7", "send append"]


def test_phone_1_a_final_refusal_is_shown_as_failed_and_not_sent_again() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.forget()
    phone.machine.receive(refused(phone, 1, Reason.NOT_A_MEMBER))
    assert phone.story() == ["persist take_refused"]
    phone.sync_all()
    assert phone.story()[1:] == ["durable take_refused", f"tick {(7, FAILED)}"]
    phone.fire_due(60 * SECOND)
    phone.machine.on_network_down()
    connect(phone)
    assert not phone.sent(Append)


def test_phone_1_message_ids_and_send_numbers_are_never_given_twice() -> None:
    phone = online_phone()
    compose(phone, 7, 8)
    phone.wall_us = -5 * SECOND
    phone.crash()
    compose(phone, 9)
    lines = phone.durable.chats[CHAT].lines
    assert len(lines) == 3 and [line.send_number for line in lines.values()] == [1, 2, 3]


def test_phone_2_in_send_number_order_and_up_to_w_in_flight() -> None:
    phone = online_phone(send_window=2)
    compose(phone, 7, 8, 9, 10)
    assert sent_numbers(phone) == [1, 2]
    phone.machine.receive(accepted(phone, 1, sequence=1))
    assert sent_numbers(phone) == [1, 2], "acceptance makes room only when it is durable here"
    phone.sync_all()
    assert sent_numbers(phone) == [1, 2, 3]


def test_phone_2_the_window_counts_from_the_first_unanswered() -> None:
    phone = online_phone(send_window=2)
    compose(phone, 7, 8, 9, 10)
    phone.machine.receive(accepted(phone, 2, sequence=1))
    phone.sync_all()
    assert sent_numbers(phone) == [1, 2], "number 3 would be two beyond the first that is open"


def test_phone_2_a_final_refusal_makes_room_too() -> None:
    phone = online_phone(send_window=2)
    compose(phone, 7, 8, 9)
    phone.machine.receive(refused(phone, 1, Reason.NOT_A_MEMBER))
    phone.sync_all()
    assert sent_numbers(phone) == [1, 2, 3]


def test_phone_2_nothing_is_sent_without_a_connection_and_the_hello_goes_first() -> None:
    phone = offline_phone()
    compose(phone, 7, 8)
    assert not phone.sent()
    connect(phone)
    assert phone.story("send") == ["send hello", "send append", "send append"]
    assert sent_numbers(phone) == [1, 2]


def test_a_gap_refusal_keeps_the_message_and_sends_it_behind_the_ones_before_it() -> None:
    """PHONE-1, STORE-2: "a gap" is not final."""
    phone = online_phone()
    compose(phone, 7, 8)
    phone.forget()
    phone.machine.receive(refused(phone, 2))
    assert phone.story() == [] and list(phone.durable.chats[CHAT].outbox) == [1, 2]
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert sent_numbers(phone) == [2]


def test_a_gap_refusal_is_retried_by_the_timer_as_well() -> None:
    """PHONE-1: until it is accepted or finally refused."""
    phone = online_phone(resend_us=8 * SECOND)
    compose(phone, 7, 8)
    phone.machine.receive(refused(phone, 2))
    phone.forget()
    phone.fire_due(8 * SECOND)
    assert sent_numbers(phone) == [1, 2]


def test_the_first_tick_is_durable_before_it_is_drawn() -> None:
    """RCPT-2: a tick that is shown is drawn again after a restart."""
    phone = online_phone()
    compose(phone, 7)
    phone.forget()
    phone.machine.receive(accepted(phone, 1, sequence=1))
    assert phone.story() == ["persist take_accepted"]
    phone.sync_all()
    assert phone.story() == ["persist take_accepted", "durable take_accepted", f"tick {(7, 1)}", "place 7"]


def test_a_repeated_answer_changes_nothing() -> None:
    """PHONE-1: the store gives the same answer to every repeat."""
    phone = online_phone()
    compose(phone, 7)
    answer = accepted(phone, 1, sequence=1)
    phone.machine.receive(answer)
    phone.machine.receive(answer)
    phone.sync_all()
    phone.machine.receive(answer)
    phone.sync_all()
    assert phone.list_shown() == [7] and not phone.unsynced


def test_an_answer_to_another_message_id_is_not_taken() -> None:
    """STORE-2: numbers alone do not identify a message."""
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=1)._replace(message_id=99))
    phone.sync_all()
    assert list(phone.durable.chats[CHAT].outbox) == [1] and not phone.list_shown()


def test_a_refused_write_of_an_answer_leaves_the_message_in_the_outbox() -> None:
    """PHONE-1: then it is sent again, and answered again."""
    phone = online_phone(resend_us=8 * SECOND)
    compose(phone, 7)
    phone.refusals = 1
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    phone.forget()
    phone.fire_due(8 * SECOND)
    assert sent_numbers(phone) == [1] and not phone.list_shown()


def test_the_date_of_a_message_is_the_phones_wall_clock_and_nothing_else_is() -> None:
    """CLOCK-1: wall clocks are for display."""
    phone = greeting_phone()
    phone.wall_us = -3600 * SECOND
    compose(phone, 7)
    (append,) = phone.sent(Append)
    assert append.written_us == -3600 * SECOND and append.send_number == 1
    welcome(phone)
    assert isinstance(phone.effects[0].subject, Compose)
