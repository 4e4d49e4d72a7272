"""The connection server: claim, drain, relay within the window, and remember nothing that matters."""

from __future__ import annotations

import pytest
from port_fakes import ConnectionServerFake
from recording_port import INBOX, REGISTRY, SECOND, STORE, FakeConnection
from words import ANN, ANNS, BOB, BOBS, CHAT, append, hello, row, updates

from sim.vocabulary.ids import device_of
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import (
    Accepted,
    Acknowledge,
    Claim,
    Confirmed,
    Denied,
    Drain,
    Fenced,
    Granted,
    NotHere,
    ReadThrough,
    Refused,
    Register,
    Registered,
    Release,
    Sync,
    Update,
    Updates,
    kind_of,
    trace_of,
)


def greeted(server: ConnectionServerFake, epoch: int = 1, cursor: int = 0, number: int = 1) -> FakeConnection:
    """Bob's hello is here."""
    connection = FakeConnection(number, epoch)
    server.machine.on_hello(connection, hello(epoch, cursor))
    return connection


def grant(server: ConnectionServerFake, epoch: int = 1, number: int = 1) -> None:
    server.receive(REGISTRY, Granted(BOBS, epoch, number, trace_of(BOBS)))


def push(server: ConnectionServerFake, *rows: Update, epoch: int = 1, head: int = 0, drained: bool = False) -> None:
    server.receive(INBOX, updates(*rows, epoch=epoch, head=head, drained=drained, device=BOBS))


def rows(first: int, last: int) -> tuple[Update, ...]:
    return tuple(row(number, number) for number in range(first, last + 1))


def acknowledge(server: ConnectionServerFake, connection: FakeConnection, cursor: int) -> None:
    server.machine.on_acknowledge(connection, Acknowledge(BOBS, BOB, connection.epoch, cursor, trace_of(BOBS)))


def numbers_down(server: ConnectionServerFake, connection: FakeConnection) -> list[list[int]]:
    return [[each.number for each in message.rows] for message in server.to_phone(connection)]


def live(cursor: int = 0, **changes: int) -> tuple[ConnectionServerFake, FakeConnection]:
    """Bob is connected, and has all that his inbox holds."""
    server = ConnectionServerFake(**changes)
    connection = greeted(server, cursor=cursor)
    grant(server)
    push(server, head=cursor, drained=True)
    server.forget()
    return server, connection


# -- hello ----------------------------------------------------------------------------------------------------------


def test_conn_2_first_the_lease_and_only_then_the_drain_from_the_phones_cursor() -> None:
    server = ConnectionServerFake()
    greeted(server, epoch=3, cursor=5)
    assert server.story() == ["send claim"]
    (claim,) = server.sent(Claim)
    assert (claim.device, claim.epoch, claim.incarnation, claim.connection) == (BOBS, 3, 1, 1)
    grant(server, epoch=3)
    assert server.story() == ["send claim", "send drain", f"keep lease {(BOBS, 3)}"]
    (drain,) = server.sent(Drain)
    assert (drain.cursor, drain.after) == (5, 5), "the cursor of the hello goes along as an acknowledgement"


def test_conn_2_claim_and_drain_are_repeated_while_nobody_answers() -> None:
    server = ConnectionServerFake(call_again_us=SECOND)
    greeted(server)
    server.fire_due(SECOND)
    assert len(server.sent(Claim)) == 2
    grant(server)
    grant(server)
    assert len(server.sent(Drain)) == 1, "a repeated grant is no second drain"
    server.fire_due(SECOND)
    assert len(server.sent(Claim)) == 2 and len(server.sent(Drain)) == 2
    push(server, drained=True)
    server.fire_due(SECOND)
    assert len(server.sent(Drain)) == 2


def test_conn_2_a_refused_claim_closes_the_connection() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    server.receive(REGISTRY, Denied(BOBS, 1, 1, trace_of(BOBS)))
    assert not connection.open and not server.machine.sessions and not server.sent(Drain)


def test_conn_2_a_fenced_drain_closes_the_connection() -> None:
    server, connection = live()
    server.receive(INBOX, Fenced(BOBS, 1, trace_of(BOBS)))
    assert not connection.open and server.story() == ["send release", "close 1"]


@pytest.mark.parametrize("answer", [Denied(BOBS, 1, 1, 0), Fenced(BOBS, 1, 0)], ids=["denied", "fenced"])
def test_conn_2_an_answer_to_an_earlier_epoch_closes_nothing(answer: object) -> None:
    server = ConnectionServerFake()
    greeted(server, epoch=1)
    second = greeted(server, epoch=2, number=2)
    server.receive(REGISTRY, answer)
    assert second.open and BOBS in server.machine.sessions


def test_conn_2_a_newer_connection_of_a_device_ends_the_older_one_here() -> None:
    server = ConnectionServerFake()
    first = greeted(server, epoch=1)
    second = greeted(server, epoch=2, number=2)
    assert not first.open and second.open
    assert [release.epoch for release in server.sent(Release)] == [1]


def test_conn_2_an_older_hello_that_comes_late_is_turned_away() -> None:
    server = ConnectionServerFake()
    second = greeted(server, epoch=2, number=2)
    first = greeted(server, epoch=1)
    assert second.open and not first.open
    assert server.machine.sessions[BOBS].epoch == 2


def test_reg_3_a_lease_granted_to_a_connection_that_has_ended_is_given_back() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    server.machine.on_closed(connection)
    server.forget()
    grant(server)
    assert server.story() == ["send release"]
    (release,) = server.sent(Release)
    assert (release.epoch, release.incarnation, release.connection) == (1, 1, 1)


def test_conn_2_the_first_answer_after_hello_is_the_welcome_even_with_nothing_in_it() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    grant(server)
    push(server, drained=True)
    push(server, drained=True)
    assert numbers_down(server, connection) == [[]]


# -- messages -------------------------------------------------------------------------------------------------------


def test_conn_3_an_append_goes_to_the_store_and_nothing_is_said_to_the_sender_before_it_answers() -> None:
    server, connection = live()
    server.machine.on_append(connection, append(1, device=BOBS, user=BOB))
    assert server.story() == ["send append"] and server.sent_to(STORE) and not server.to_phone(connection)
    server.receive(STORE, Accepted(BOBS, CHAT, 1, 5001, 1, 0, False, trace_of(1)))
    assert server.story() == ["send append", "down accepted"]


def test_conn_3_the_answer_goes_to_whatever_connection_the_device_has_now() -> None:
    server, connection = live()
    server.machine.on_append(connection, append(1, device=BOBS, user=BOB))
    second = greeted(server, epoch=2, number=2)
    server.receive(STORE, Refused(BOBS, CHAT, 1, 5001, 1, trace_of(1)))
    assert [kind_of(type(message)) for message in server.to_phone(second)] == ["refused"]
    assert not server.to_phone(connection)


def test_conn_3_an_answer_for_a_device_that_is_gone_is_dropped() -> None:
    server, connection = live()
    server.machine.on_closed(connection)
    server.forget()
    server.receive(STORE, Accepted(BOBS, CHAT, 1, 5001, 1, 0, False, trace_of(1)))
    assert server.story() == []


def test_inbox_9_a_watermark_goes_to_the_readers_own_inbox_and_its_confirmation_comes_back() -> None:
    server, connection = live()
    server.machine.on_read_through(connection, ReadThrough(BOBS, BOB, CHAT, 1, ((1, 5001, ANN, 1),), trace_of(1)))
    assert [kind_of(type(message)) for message in server.sent_to(INBOX)] == ["read_through"]
    server.receive(INBOX, Confirmed(BOBS, CHAT, 1, trace_of(1)))
    assert server.story()[-1] == "down confirmed"


# -- updates --------------------------------------------------------------------------------------------------------


def test_conn_4_updates_are_relayed_in_order() -> None:
    server, connection = live()
    push(server, *rows(1, 2))
    push(server, *rows(3, 3))
    assert numbers_down(server, connection) == [[1, 2], [3]]


def test_conn_4_beyond_the_window_it_stops_and_acknowledgements_restart_it() -> None:
    server, connection = live(push_window=4)
    push(server, *rows(1, 6))
    push(server, *rows(7, 7))
    assert numbers_down(server, connection) == [[1, 2, 3, 4]]
    acknowledge(server, connection, 1)
    assert not server.sent(Drain), "three of four are still in flight"
    acknowledge(server, connection, 2)
    (drain,) = server.sent(Drain)
    assert (drain.cursor, drain.after) == (2, 4)
    push(server, *rows(5, 7), head=7, drained=True)
    assert numbers_down(server, connection) == [[1, 2, 3, 4], [5, 6]]


@pytest.mark.parametrize("window", [1, 2, 3])
def test_conn_4_never_more_than_the_window_in_flight(window: int) -> None:
    server, connection = live(push_window=window)
    for first in (1, 2, 4, 6):
        push(server, *rows(first, first + 3), head=9)
        assert max(number for page in numbers_down(server, connection) for number in page) <= window


def test_conn_4_it_relays_a_gap_and_leaves_it_to_the_phone() -> None:
    server, connection = live()
    push(server, *rows(2, 2))
    assert numbers_down(server, connection) == [[2]]
    assert not server.sent()
    server.machine.on_sync(connection, Sync(BOBS, 1, 0, trace_of(BOBS)))
    (drain,) = server.sent(Drain)
    assert (drain.cursor, drain.after) == (0, 0)


def test_conn_4_a_live_push_during_a_drain_does_not_overtake_the_page() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    grant(server)
    push(server, *rows(3, 3))
    assert numbers_down(server, connection) == [] and HardCase.DRAIN_OVERLAPS_LIVE_PUSH in server.claims()
    push(server, *rows(1, 2), head=3, drained=True)
    assert numbers_down(server, connection) == [[1, 2]]
    acknowledge(server, connection, 2)
    assert [drain.after for drain in server.sent(Drain)] == [0, 2], "what was left out is asked for"


def test_conn_4_a_live_push_that_is_the_next_one_may_go_during_a_drain() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    grant(server)
    push(server, *rows(1, 1))
    push(server, *rows(1, 2), head=2, drained=True)
    assert numbers_down(server, connection) == [[1], [1, 2]]


def test_inbox_5_pages_come_in_order_and_each_asks_behind_the_last() -> None:
    server = ConnectionServerFake()
    connection = greeted(server)
    grant(server)
    for first in (1, 3, 5):
        push(server, *rows(first, first + 1), head=6, drained=True)
        acknowledge(server, connection, first + 1)
    assert numbers_down(server, connection) == [[1, 2], [3, 4], [5, 6]]
    assert [drain.after for drain in server.sent(Drain)] == [0, 2, 4]


def test_a_sync_before_the_lease_is_ours_drains_nothing() -> None:
    """CONN-2: only then the drain."""
    server = ConnectionServerFake()
    connection = greeted(server)
    server.machine.on_sync(connection, Sync(BOBS, 1, 0, trace_of(BOBS)))
    assert not server.sent(Drain)


@pytest.mark.parametrize("epoch", [1, 3], ids=["an earlier epoch", "a later epoch"])
def test_conn_5_a_push_at_another_epoch_is_answered_not_here(epoch: int) -> None:
    server = ConnectionServerFake()
    connection = greeted(server, epoch=2)
    server.forget()
    push(server, *rows(1, 1), epoch=epoch)
    assert server.sent(NotHere)[0].epoch == epoch and not server.to_phone(connection)


def test_conn_5_a_push_for_a_device_that_is_not_here_is_answered_not_here() -> None:
    server, connection = live()
    server.machine.on_closed(connection)
    server.forget()
    push(server, *rows(1, 1))
    assert server.story() == ["send not_here"] and HardCase.STALE_LEASE_AT_PUSH in server.claims()


def test_conn_5_a_device_is_only_given_its_own_updates() -> None:
    server, connection = live()
    anns = FakeConnection(2, 1)
    server.machine.on_hello(anns, hello(1, device=ANNS, user=ANN))
    push(server, *rows(1, 1))
    assert numbers_down(server, connection) == [[1]] and not server.to_phone(anns)


def test_conn_6_acknowledgements_are_passed_on_as_they_are() -> None:
    server, connection = live()
    push(server, *rows(1, 3))
    acknowledge(server, connection, 2)
    acknowledge(server, connection, 1)
    assert [message.cursor for message in server.sent_to(INBOX)] == [2, 1]
    assert server.machine.sessions[BOBS].acked == 2


def test_conn_6_a_push_of_what_the_device_has_is_acknowledged_on_its_behalf() -> None:
    server, connection = live(cursor=3)
    push(server, *rows(2, 3))
    assert not server.to_phone(connection)
    assert [message.cursor for message in server.sent(Acknowledge)] == [3]


def test_conn_6_an_acknowledgement_of_an_ended_connection_is_not_passed_on() -> None:
    server, connection = live()
    greeted(server, epoch=2, number=2)
    server.forget()
    acknowledge(server, connection, 1)
    assert not server.sent()


# -- the end --------------------------------------------------------------------------------------------------------


def test_conn_7_no_heartbeat_for_k_closes_and_releases_the_lease() -> None:
    server, connection = live()
    server.machine.on_silence(connection)
    assert server.story() == ["send release", "close 1"] and not server.machine.sessions


def test_conn_10_a_renewal_that_does_not_find_its_lease_is_a_new_claim_and_drains_again() -> None:
    server, connection = live(cursor=2)
    push(server, *rows(3, 4))
    server.forget()
    server.machine.on_renewal_missed(BOBS, 1)
    assert server.story() == ["send claim"] and HardCase.RENEWAL_MISSED in server.claims()
    grant(server)
    (drain,) = server.sent(Drain)
    assert (drain.cursor, drain.after) == (2, 4) and connection.open


def test_conn_10_a_lease_that_is_lost_before_its_first_renewal_is_claimed_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The registry failed over while its grant was on the way."""
    server = ConnectionServerFake()
    greeted(server)
    server.forget()
    missed = server.machine.on_renewal_missed
    monkeypatch.setattr(server, "keep_lease", lambda connection: missed(BOBS, 1))
    grant(server)
    assert server.story()[-1] == "send claim"


def test_conn_10_a_renewal_of_an_earlier_connection_claims_nothing() -> None:
    server = ConnectionServerFake()
    greeted(server, epoch=2)
    server.forget()
    server.machine.on_renewal_missed(BOBS, 1)
    server.machine.on_renewal_failed(BOBS, 1)
    assert server.story() == []


def test_conn_10_a_server_that_cannot_renew_in_time_closes_the_connection() -> None:
    server, connection = live()
    server.machine.on_renewal_failed(BOBS, 1)
    assert not connection.open and BOBS not in server.machine.sessions


def test_a_crash_loses_every_session_and_says_not_here() -> None:
    """CONN-5: nothing that a connection server knows is durable."""
    server, _ = live()
    server.crash()
    server.forget()
    push(server, *rows(1, 1))
    assert server.story() == ["send not_here"]


def test_conn_1_an_idle_connection_costs_a_session_and_nothing_else() -> None:
    server = ConnectionServerFake()
    for user in range(50):
        device = device_of(user)
        server.machine.on_hello(FakeConnection(user, 1), hello(1, device=device, user=user))
        server.receive(REGISTRY, Granted(device, 1, user, trace_of(device)))
        server.receive(INBOX, Updates(device, 1, (), 0, True, trace_of(device)))
    server.fire_due(3600 * SECOND)
    server.forget()
    assert server.fire_due(24 * 3600 * SECOND) == 0 and server.effects == []


def test_phone_10_a_registration_goes_to_the_directory_and_its_answer_to_the_connection() -> None:
    server = ConnectionServerFake()
    connection = FakeConnection(1, 1)
    server.machine.on_register(connection, Register(BOBS + 1, BOB, BOBS, trace_of(BOBS)))
    assert [kind_of(type(message)) for message in server.sent_to(INBOX)] == ["register"]
    server.receive(INBOX, Registered(BOBS + 1, trace_of(BOBS)))
    server.receive(INBOX, Registered(BOBS + 1, trace_of(BOBS)))
    assert [kind_of(type(message)) for message in server.to_phone(connection)] == ["registered"]


def test_phone_10_an_answer_to_a_registration_whose_connection_has_ended_goes_nowhere() -> None:
    server = ConnectionServerFake()
    connection = FakeConnection(1, 1)
    server.machine.on_register(connection, Register(BOBS + 1, BOB, BOBS, trace_of(BOBS)))
    server.machine.on_closed(connection)
    server.receive(INBOX, Registered(BOBS + 1, trace_of(BOBS)))
    assert not server.to_phone(connection)
