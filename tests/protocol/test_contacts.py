"""What a phone asks and shows of its contacts (PRES-A..C), alone with a recording port."""

from __future__ import annotations

import pytest
from port_fakes import ConnectionServerFake, PhoneFake
from recording_port import SECOND, FakeConnection

from sim.protocol.contacts import Contacts
from sim.protocol.phone_state import PhoneState
from sim.scenario.presence import Presence
from sim.vocabulary.ids import conversation_between, device_of
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Hello, Updates
from sim.vocabulary.presence import (
    NOT_KNOWN,
    ContactState,
    ContactStates,
    PresenceBatch,
    Shown,
    UnwatchContacts,
    WatchContacts,
)

ME, ANN, BOB = 0, 1, 2
DEVICE = device_of(ME)


def phone(kind: str = "lazy", online: bool = True) -> PhoneFake:
    port = PhoneFake(PhoneState(DEVICE, ME, -1))
    port.at_once = True
    port.machine.contacts = Contacts(port.machine, Presence(kind))
    if online:
        comes(port)
    return port


def comes(port: PhoneFake) -> None:
    """A connection, and the answer to its hello."""
    port.machine.on_network_up()
    port.machine.receive(Updates(DEVICE, port.durable.epoch, (), 0, True, 0))
    port.forget()


def hears(port: PhoneFake, contact: int, life_us: int, seen_ago_us: int = NOT_KNOWN, asked_us: int | None = None,
          held_us: int = 0) -> None:  # fmt: skip
    """An answer to the question asked now, or then."""
    asked = port.now_us if asked_us is None else asked_us
    epoch = port.durable.epoch
    state = ContactState(DEVICE, epoch, contact, life_us, seen_ago_us, asked, held_us, 0)
    port.machine.receive(ContactStates(DEVICE, epoch, (state,), 0))


def shown(port: PhoneFake) -> list[tuple[int, int, int]]:
    """(Contact, what is shown, when they were seen), as it changed."""
    return [each.subject for each in port.effects if each.name == "contact"]


def looks(port: PhoneFake, contact: int = ANN) -> None:
    port.machine.contacts.on_look(contact)


def test_pres_b_an_open_chat_asks_and_a_heartbeat_asks_again() -> None:
    port = phone()
    looks(port)
    (asked,) = port.sent(WatchContacts)
    assert asked.contacts == (ANN,) and asked.answered and asked.asked_us == port.now_us
    port.now_us += 30 * SECOND
    port.beat()
    again = port.sent(WatchContacts)[1:]
    assert [each.asked_us for each in again] == [30 * SECOND] and len(port.with_next_heartbeat) == 1


def test_pres_b_without_an_open_chat_nothing_is_asked() -> None:
    """Idle phones cost nothing."""
    port = phone()
    assert port.sent(WatchContacts) == [] and port.with_next_heartbeat == []


def test_pres_b_closing_says_so_and_the_next_heartbeat_is_silent() -> None:
    port = phone()
    looks(port)
    port.machine.contacts.on_look_away()
    assert [each.contacts for each in port.sent(UnwatchContacts)] == [(ANN,)]
    assert shown(port)[-1] == (ANN, Shown.NOTHING, NOT_KNOWN)
    port.forget()
    port.beat()
    assert port.sent() == [] and port.with_next_heartbeat == []


def test_pres_b_a_new_connection_asks_again() -> None:
    port = phone()
    looks(port)
    port.machine.on_network_down()
    port.machine.on_network_up()
    port.machine.receive(Updates(DEVICE, port.durable.epoch, (), 0, True, 0))
    assert [each.epoch for each in port.sent(WatchContacts)] == [1, 2]
    port.forget()
    port.beat()
    assert [each.epoch for each in port.sent(WatchContacts)] == [2], "the heartbeats of the old connection are over"


def test_pres_b_looking_before_there_is_a_connection_asks_later() -> None:
    port = phone(online=False)
    looks(port)
    assert port.sent() == [] and shown(port) == [(ANN, Shown.UNKNOWN, NOT_KNOWN)]
    port.machine.on_network_up()
    port.machine.receive(Updates(DEVICE, port.durable.epoch, (), 0, True, 0))
    assert len(port.sent(WatchContacts)) == 1


def test_pres_b_eagerly_every_contact_is_watched() -> None:
    port = phone("eager", online=False)
    port.address_book_users = (BOB,)
    port.machine.on_compose(conversation_between(ME, ANN), 7, -1)
    port.machine.on_network_up()
    port.machine.receive(Updates(DEVICE, port.durable.epoch, (), 0, True, 0))
    (asked,) = port.sent(WatchContacts)
    assert asked.contacts == (BOB, ANN) and not asked.answered
    hears(port, BOB, 20 * SECOND)
    assert shown(port) == [(BOB, Shown.ONLINE, NOT_KNOWN)], "it is shown although no chat is open"


def test_pres_a_the_life_is_counted_down() -> None:
    port = phone()
    port.now_us = 10 * SECOND
    looks(port)
    hears(port, ANN, 20 * SECOND, 2 * SECOND)
    port.forget()
    port.fire_due(19 * SECOND)
    assert shown(port) == []
    port.fire_due(SECOND)
    assert shown(port) == [(ANN, Shown.LAST_SEEN, 8 * SECOND)]


def test_pres_a_a_longer_life_prolongs_it() -> None:
    port = phone()
    looks(port)
    hears(port, ANN, 20 * SECOND, 0)
    port.fire_due(15 * SECOND)
    hears(port, ANN, 18 * SECOND, 2 * SECOND)
    port.forget()
    port.fire_due(17 * SECOND)
    assert shown(port) == []
    port.fire_due(SECOND)
    assert shown(port) == [(ANN, Shown.LAST_SEEN, 13 * SECOND)]


def test_pres_a_an_answer_that_was_held_up_has_used_up_its_life_on_the_way() -> None:
    """However long the registry held the question and the answer was on its way."""
    port = phone()
    looks(port)
    port.now_us = 40 * SECOND
    hears(port, ANN, 20 * SECOND, 0, asked_us=10 * SECOND, held_us=9 * SECOND)
    assert shown(port)[-1] == (ANN, Shown.LAST_SEEN, 19 * SECOND)
    assert HardCase.OVER_ON_ARRIVAL in port.claims()
    hears(port, ANN, 22 * SECOND, 0, asked_us=10 * SECOND, held_us=9 * SECOND)
    assert shown(port)[-1][1] == Shown.ONLINE
    port.fire_due(SECOND)
    assert shown(port)[-1][1] == Shown.LAST_SEEN


def test_pres_a_an_answer_to_another_connection_is_dropped() -> None:
    port = phone()
    looks(port)
    port.forget()
    state = ContactState(DEVICE, 9, ANN, 20 * SECOND, 0, 0, 0, 0)
    port.machine.receive(ContactStates(DEVICE, 9, (state,), 0))
    assert shown(port) == []


def test_pres_a_the_wall_clock_matters_to_nobody() -> None:
    """CLOCK-1."""
    port = phone()
    looks(port)
    port.wall_us = -(10**13)
    hears(port, ANN, 20 * SECOND)
    port.wall_us = 10**13
    assert shown(port)[-1][1] == Shown.ONLINE


def test_pres_c_unknown_is_shown_as_such_and_what_was_known_is_kept() -> None:
    port = phone()
    looks(port)
    hears(port, ANN, 0)
    assert shown(port) == [(ANN, Shown.UNKNOWN, NOT_KNOWN)]
    hears(port, ANN, 0, 0)
    port.now_us += 5 * SECOND
    hears(port, ANN, 0)
    assert shown(port)[-1] == (ANN, Shown.LAST_SEEN, 0), "the registry forgot; the phone had it right"
    hears(port, ANN, 0, 6 * SECOND)
    assert shown(port)[-1] == (ANN, Shown.LAST_SEEN, 0), "an older one is true as well, and says less"


def test_a_phone_without_presence_takes_no_notice() -> None:
    port = phone()
    port.machine.contacts = None
    hears(port, ANN, 20 * SECOND)
    assert shown(port) == []


# -- the connection server in between ---------------------------------------------------------------------------


@pytest.fixture
def server() -> tuple[ConnectionServerFake, list[FakeConnection]]:
    """A server with two phones."""
    port = ConnectionServerFake()
    connections = [FakeConnection(number, device=device_of(number)) for number in (1, 2)]
    for each in connections:
        port.receive(each, Hello(each.device, each.number, 3, 0, 0))
    port.forget()
    return port, connections


def test_fan_4_a_batch_is_split_among_the_phones(server: tuple[ConnectionServerFake, list[FakeConnection]]) -> None:
    port, (one, other) = server
    rows = [(one.device, 3, 7), (other.device, 3, 7), (one.device, 3, 8), (other.device, 2, 9), (device_of(5), 3, 7)]
    states = tuple(ContactState(device, epoch, contact, 1, 0, 0, 0, 0) for device, epoch, contact in rows)
    port.receive("registry", PresenceBatch(states, 0))
    (first,), (second,) = port.to_phone(one), port.to_phone(other)
    assert [state.contact for state in first.states] == [7, 8]
    assert [state.contact for state in second.states] == [7], "what was meant for an earlier connection is dropped"


def test_pres_b_questions_go_to_whoever_knows(server: tuple[ConnectionServerFake, list[FakeConnection]]) -> None:
    port, (one, _) = server
    question = WatchContacts(one.device, 3, (4, 5, 6), False, 0, 0)
    port.receive(one, question)
    assert port.sent() == [question]
    port.forget()
    port.nodes = ("node 0", "node 1")
    port.receive(one, question)
    assert [each.contacts for each in port.sent_to("node 0")] == [(4, 6)]
    assert [each.contacts for each in port.sent_to("node 1")] == [(5,)]


def test_pres_b_a_connection_without_a_session_asks_nothing(
    server: tuple[ConnectionServerFake, list[FakeConnection]],
) -> None:
    port, (one, _) = server
    port.machine.on_closed(one)
    port.forget()
    port.receive(one, WatchContacts(one.device, 3, (4,), True, 0, 0))
    assert port.sent() == []
