"""The phone's link: greet, notice silence, back off, go elsewhere; and the table of its life."""

from __future__ import annotations

from itertools import product

import pytest
from port_fakes import PhoneFake
from recording_port import SECOND
from words import (
    compose,
    connect,
    greeting_phone,
    offline_phone,
    online_phone,
    tell_to_go,
    turn_away,
    updates,
    welcome,
)

from sim.protocol.phone_link import GREETING, LINK, OFF, ONLINE, RAISING, WAITING
from sim.protocol.port import ProtocolError
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Append, Hello

STATES = (OFF, RAISING, GREETING, ONLINE, WAITING)
EVENTS = (
    "network up",
    "network down",
    "epoch durable",
    "answered",
    "broken",
    "silent",
    "turned away",
    "told to go",
    "time is up",
)

HAPPENS = {
    "network up": lambda phone: phone.machine.on_network_up(),
    "network down": lambda phone: phone.machine.on_network_down(),
    "epoch durable": lambda phone: phone.sync_all(),
    "answered": welcome,
    "broken": lambda phone: phone.machine.on_broken(phone.connection),
    "silent": lambda phone: phone.machine.on_silence(phone.connection),
    "turned away": lambda phone: turn_away(phone, 5 * SECOND),
    "told to go": lambda phone: tell_to_go(phone),
    "time is up": lambda phone: phone.fire_due(60 * SECOND),
}
"""How the world brings each event about."""

WAY_TO = {
    OFF: (),
    RAISING: ("network up",),
    GREETING: ("network up", "epoch durable"),
    ONLINE: ("network up", "epoch durable", "answered"),
    WAITING: ("network up", "epoch durable", "broken"),
}


def phone_in(state: str) -> PhoneFake:
    """A phone whose link got there by what the world did."""
    phone = offline_phone()
    for event in WAY_TO[state]:
        HAPPENS[event](phone)
    assert phone.machine.link == state
    phone.forget()
    return phone


@pytest.mark.parametrize(("state", "event"), LINK)
def test_every_pair_of_the_table_is_reachable(state: str, event: str) -> None:
    """PHONE-6, PHONE-7, PHONE-11: each move can be brought about from outside."""
    phone = phone_in(state)
    HAPPENS[event](phone)
    assert phone.machine.link == LINK[(state, event)]


ABSENT = [pair for pair in product(STATES, EVENTS) if pair not in LINK]


@pytest.mark.parametrize(("state", "event"), ABSENT)
def test_a_pair_that_the_table_lacks_is_an_error(state: str, event: str) -> None:
    """PHONE-6: an absent pair is a bug in the caller."""
    phone = phone_in(state)
    with pytest.raises(ProtocolError):
        phone.machine.move(event)
    assert phone.machine.link == state


def test_the_table_names_no_other_states_and_events() -> None:
    assert {state for state, _ in LINK} | set(LINK.values()) == set(STATES)
    assert {event for _, event in LINK} == set(EVENTS)


# -- epochs ---------------------------------------------------------------------------------------------------------


def test_phone_11_the_epoch_is_durable_before_the_connection_and_the_hello() -> None:
    phone = offline_phone()
    phone.machine.on_network_up()
    assert phone.story() == ["persist raise_epoch"]
    phone.sync_all()
    assert phone.story() == ["persist raise_epoch", "durable raise_epoch", "connect 1", "send hello"]
    assert phone.sent(Hello)[0].epoch == phone.durable.epoch == 1


def test_phone_11_no_two_connections_have_the_same_epoch() -> None:
    phone = offline_phone()
    for _ in range(3):
        connect(phone)
        phone.machine.on_network_down()
    phone.crash()
    connect(phone)
    assert [message.epoch for message in phone.sent(Hello)] == [1, 2, 3, 4]


def test_phone_11_a_disk_that_refuses_the_epoch_means_no_hello_and_one_more_try() -> None:
    phone = offline_phone()
    phone.refusals = 1
    phone.machine.on_network_up()
    phone.sync_all()
    assert not phone.connections
    phone.fire_due(phone.timers.back_off_first_us)
    phone.sync_all()
    assert [message.epoch for message in phone.sent(Hello)] == [1]


def test_phone_11_a_network_that_goes_while_the_epoch_is_written_gets_no_connection() -> None:
    phone = offline_phone()
    phone.machine.on_network_up()
    phone.machine.on_network_down()
    phone.sync_all()
    assert not phone.connections and phone.machine.link == OFF


def test_phone_11_a_write_of_an_earlier_epoch_opens_no_second_connection_under_it() -> None:
    phone = offline_phone()
    phone.machine.on_network_up()
    phone.machine.on_network_down()
    phone.machine.on_network_up()
    phone.sync()
    phone.machine.on_network_down()
    phone.machine.on_network_up()
    phone.sync_all()
    epochs = [connection.epoch for connection in phone.connections]
    assert len(set(epochs)) == len(epochs)


# -- silence and back-off -------------------------------------------------------------------------------------------


def test_phone_7_no_answer_to_the_hello_in_d_means_hang_up() -> None:
    phone = greeting_phone(answer_within_us=10 * SECOND)
    phone.fire_due(10 * SECOND)
    assert phone.machine.link == WAITING and phone.story() == ["hang up 1"]


def test_phone_7_an_answer_in_time_ends_the_wait_and_begins_the_heartbeats() -> None:
    phone = greeting_phone(answer_within_us=10 * SECOND)
    welcome(phone)
    assert phone.story() == ["watch 1"]
    phone.fire_due(10 * SECOND)
    assert phone.machine.link == ONLINE


def test_phone_7_silence_on_an_earlier_connection_is_no_news() -> None:
    phone = online_phone()
    first = phone.connection
    phone.machine.on_broken(first)
    phone.fire_due(60 * SECOND)
    phone.sync_all()
    welcome(phone)
    phone.machine.on_silence(first)
    phone.machine.on_broken(first)
    assert phone.machine.link == ONLINE


def test_phone_7_an_answer_under_another_epoch_is_none() -> None:
    phone = greeting_phone()
    phone.machine.receive(updates(epoch=99))
    assert phone.machine.link == GREETING


def back_offs(phone: PhoneFake, failures: int) -> list[int]:
    """How long the phone waits after each of so many failures in a row."""
    waits = []
    for _ in range(failures):
        phone.machine.on_broken(phone.connection)
        phone.due = [timer for timer in phone.due if timer.callback.__name__ == "on_wait_over"]
        waits.append(phone.due[0].at_us - phone.now_us)
        phone.fire_due(waits[-1])
        phone.sync_all()
    return waits


def test_phone_6_back_off_is_exponential_up_to_its_longest() -> None:
    phone = greeting_phone(back_off_first_us=SECOND, back_off_most_us=5 * SECOND)
    assert back_offs(phone, 5) == [1 * SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND, 5 * SECOND]


def test_phone_6_full_jitter_draws_from_the_whole_span() -> None:
    phone = greeting_phone(back_off_first_us=SECOND, back_off_most_us=5 * SECOND)
    asked = []
    phone.jitter = lambda limit_us: asked.append(limit_us) or 0  # type: ignore[func-returns-value]
    assert back_offs(phone, 3) == [1, 1, 1] and asked == [1 * SECOND, 2 * SECOND, 4 * SECOND]


def test_phone_6_the_variants_wait_the_whole_time_or_the_first_one() -> None:
    whole = greeting_phone(back_off="fixed", back_off_first_us=SECOND, back_off_most_us=5 * SECOND)
    first = greeting_phone(back_off="none", back_off_first_us=SECOND, back_off_most_us=5 * SECOND)
    for phone in (whole, first):
        phone.jitter = lambda limit_us: 1 // 0
    assert back_offs(whole, 4) == [1 * SECOND, 2 * SECOND, 4 * SECOND, 5 * SECOND]
    assert back_offs(first, 4) == [SECOND] * 4


def test_phone_6_an_answer_starts_the_back_off_anew() -> None:
    phone = greeting_phone(back_off_first_us=SECOND)
    back_offs(phone, 3)
    welcome(phone)
    assert back_offs(phone, 1) == [SECOND]


def test_phone_6_after_a_failure_another_server_is_asked_for() -> None:
    phone = online_phone()
    phone.machine.on_broken(phone.connection)
    phone.fire_due(60 * SECOND)
    phone.sync_all()
    assert [connection.server for connection in phone.connections] == ["server a", "server b"]
    assert HardCase.RESUMED_ON_ANOTHER_SERVER in phone.claims()


def test_phone_6_a_network_that_came_back_may_take_the_same_server() -> None:
    phone = online_phone()
    phone.machine.on_network_down()
    connect(phone)
    assert [connection.server for connection in phone.connections] == ["server a", "server a"]


def test_phone_6_the_timer_of_an_earlier_back_off_is_known_as_such() -> None:
    phone = greeting_phone(back_off_first_us=SECOND)
    phone.machine.on_broken(phone.connection)
    phone.machine.on_network_down()
    connect(phone)
    phone.machine.on_broken(phone.connection)
    waits = [timer for timer in phone.due if timer.callback.__name__ == "on_wait_over"]
    assert len(waits) == 2
    waits[0].callback(waits[0].argument)
    assert phone.machine.link == WAITING


def test_a_connection_that_ends_takes_nothing_from_the_outbox() -> None:
    """PHONE-1, PHONE-6: what was in flight goes out on the next connection."""
    phone = online_phone()
    compose(phone, 7)
    phone.machine.on_broken(phone.connection)
    phone.forget()
    phone.fire_due(60 * SECOND)
    phone.sync_all()
    assert [append.body for append in phone.sent(Append)] == [7]
