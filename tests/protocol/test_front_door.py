"""The door of a connection server: an accept rate (CONN-9), a drain before a restart (CONN-8), and the phone's part."""

from __future__ import annotations

from itertools import pairwise

import pytest
from port_fakes import ConnectionServerFake
from recording_port import REGISTRY, SECOND, FakeConnection
from words import BOB, compose, greeting_phone, hello, online_phone, tell_to_go, turn_away

from sim.protocol.phone_link import GREETING, ONLINE, RAISING, WAITING
from sim.vocabulary.ids import device_of
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Append, Claim, GoAway, Granted, Hello, RetryAfter, Updates, trace_of


def comes(server: ConnectionServerFake, user: int, epoch: int = 1) -> FakeConnection:
    """Somebody's hello is here."""
    connection = FakeConnection(number=1000 * epoch + user, epoch=epoch, device=device_of(user))
    server.machine.on_hello(connection, hello(epoch, device=device_of(user), user=user))
    return connection


def crowd(server: ConnectionServerFake, size: int) -> list[FakeConnection]:
    """So many people are connected and live."""
    connections = [comes(server, user) for user in range(size)]
    for connection in connections:
        device = connection.device
        server.receive(REGISTRY, Granted(device, 1, connection.number, trace_of(device)))
        server.receive("inbox", Updates(device, 1, (), 0, True, trace_of(device)))
    server.forget()
    return connections


def told_to_go(server: ConnectionServerFake) -> list[int]:
    """The devices that were told to go, in order."""
    downs = [each.subject for each in server.effects if each.name == "down"]
    return [message.device for message in downs if isinstance(message, GoAway)]


# -- admission ------------------------------------------------------------------------------------------------------


def test_conn_9_beyond_the_rate_a_phone_is_told_to_come_later_and_gets_no_session() -> None:
    server = ConnectionServerFake(accept_rate_per_s=2.0, accept_burst_us=0, retry_after_us=7 * SECOND)
    assert comes(server, 0).open
    server.forget()
    refused = comes(server, 1)
    (message,) = server.to_phone(refused)
    assert isinstance(message, RetryAfter) and message.after_us == 7 * SECOND
    assert server.story("down", "close") == ["down retry_after", f"close {refused.number}"], "told first, then closed"
    assert not server.sent(Claim) and device_of(1) not in server.machine.sessions
    assert HardCase.TURNED_AWAY in server.claims()


def test_conn_9_accepts_come_at_the_rate_and_no_faster() -> None:
    server = ConnectionServerFake(accept_rate_per_s=4.0, accept_burst_us=0)
    accepted_at = []
    for user in range(100):
        server.now_us = user * SECOND // 20
        if comes(server, user).open:
            accepted_at.append(server.now_us)
    assert len(accepted_at) == 20, "5 s at 4 a second"
    assert all(later - earlier >= SECOND // 4 for earlier, later in pairwise(accepted_at))


@pytest.mark.parametrize(("quiet_s", "taken"), [(0, 1), (1, 10), (3, 30), (60, 31)])
def test_conn_9_what_was_not_used_is_saved_up_for_a_while(quiet_s: int, taken: int) -> None:
    """A burst of 3 s at 10 a second is 30, and the one that is due."""
    server = ConnectionServerFake(accept_rate_per_s=10.0, accept_burst_us=3 * SECOND)
    server.now_us = 100 * SECOND
    user = 0
    while comes(server, user).open:
        user += 1
    server.now_us += quiet_s * SECOND or SECOND // 10
    accepted = 0
    while comes(server, 100 + accepted).open:
        accepted += 1
    assert accepted == taken


def test_conn_9_the_long_run_is_exact_where_a_microsecond_is_too_coarse() -> None:
    server = ConnectionServerFake(accept_rate_per_s=230_000.0, accept_burst_us=10)
    machine = server.machine
    accepted = 0
    for server.now_us in range(20_000):
        accepted += machine.has_room()
    assert accepted == pytest.approx(230_000 * 0.02, rel=0.001)


def test_conn_9_without_a_rate_nobody_asks() -> None:
    server = ConnectionServerFake()
    assert not server.machine.guarded
    assert all(comes(server, user).open for user in range(1000))


def test_conn_9_the_phone_waits_as_long_as_it_was_told_and_goes_elsewhere() -> None:
    phone = greeting_phone(back_off="none", back_off_first_us=SECOND)
    turn_away(phone, 9 * SECOND)
    assert phone.machine.link == WAITING and not phone.connection.open
    phone.fire_due(9 * SECOND - 1)
    assert phone.machine.link == WAITING
    phone.fire_due(1)
    phone.sync_all()
    assert phone.machine.link == GREETING
    assert [connection.server for connection in phone.connections] == ["server a", "server b"]


def test_conn_9_the_wait_has_full_jitter_as_any_back_off() -> None:
    """PHONE-6: else all that were turned away in one moment would come back in one moment."""
    phone = greeting_phone(back_off_first_us=SECOND, back_off_most_us=16 * SECOND)
    asked = []
    phone.jitter = lambda limit_us: asked.append(limit_us) or 0  # type: ignore[func-returns-value]
    for _ in range(6):
        turn_away(phone, 5 * SECOND)
        phone.fire_due(1)
        phone.sync_all()
    assert asked == [5 * SECOND, 5 * SECOND, 5 * SECOND, 8 * SECOND, 16 * SECOND, 16 * SECOND]


@pytest.mark.parametrize(("back_off", "waits_s"), [("fixed", [5, 5, 5, 8]), ("none", [5, 5, 5, 5])])
def test_phone_6_without_jitter_the_told_wait_is_kept_exactly(back_off: str, waits_s: list[int]) -> None:
    phone = greeting_phone(back_off=back_off, back_off_first_us=SECOND, back_off_most_us=16 * SECOND)
    for wait_s in waits_s:
        turn_away(phone, 5 * SECOND)
        phone.fire_due(wait_s * SECOND - 1)
        assert phone.machine.link == WAITING
        phone.fire_due(1)
        phone.sync_all()


def test_conn_9_a_refusal_of_an_earlier_hello_means_nothing() -> None:
    phone = greeting_phone()
    stale = RetryAfter(phone.durable.device, phone.durable.epoch - 1, SECOND, 0)
    phone.machine.receive(stale)
    assert phone.machine.link == GREETING
    online = online_phone()
    turn_away(online, SECOND)
    assert online.machine.link == ONLINE, "one that is served is not turned away"


# -- a drain before a restart ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("phones", "batches", "size"), [(1, 1, 1), (45, 45, 1), (600, 200, 3)])
def test_conn_8_phones_are_told_in_batches_over_the_drain_time(phones: int, batches: int, size: int) -> None:
    """The last batch has its time to go, too, before the restart."""
    server = ConnectionServerFake()
    connections = crowd(server, phones)
    pause_us = 60 * SECOND
    server.machine.on_deploy(pause_us * (batches + 1))
    for batch in range(1, batches + 1):
        assert len(told_to_go(server)) == batch * size
        server.fire_due(pause_us)
    assert told_to_go(server) == [connection.device for connection in connections], "each once, in order"
    assert all(connection.open for connection in connections), "each goes by itself"


def test_conn_8_a_draining_server_takes_nobody_in_and_says_why() -> None:
    server = ConnectionServerFake()
    crowd(server, 2)
    server.machine.on_deploy(16 * SECOND)
    late = comes(server, 7)
    assert [type(message) for message in server.to_phone(late)] == [GoAway] and not late.open
    assert not server.sent(Claim)


def test_conn_8_until_it_goes_a_phone_is_served_and_then_gives_its_lease_back() -> None:
    """The answer to what it sent last still comes this way, ahead of the end of the connection."""
    server = ConnectionServerFake()
    (connection,) = crowd(server, 1)
    server.machine.on_deploy(16 * SECOND)
    server.receive("inbox", Updates(connection.device, 1, (), 0, False, 0))
    assert server.sent() == []
    server.machine.on_closed(connection)
    assert server.story("send") == ["send release"]


def test_conn_8_who_left_or_came_back_meanwhile_is_not_told_twice() -> None:
    server = ConnectionServerFake()
    connections = crowd(server, 45)
    server.machine.on_deploy(16 * SECOND)
    server.machine.on_closed(connections[44])
    for _ in range(60):
        server.fire_due(SECOND)
    assert told_to_go(server) == [connection.device for connection in connections[:44]]


def test_conn_8_a_deploy_that_is_called_off_takes_newcomers_again() -> None:
    server = ConnectionServerFake()
    crowd(server, 45)
    server.machine.on_deploy(16 * SECOND)
    server.machine.on_deploy_cancelled()
    server.forget()
    server.fire_due(60 * SECOND)
    assert told_to_go(server) == [], "nobody else is sent away"
    assert comes(server, BOB, epoch=2).open


def test_conn_8_a_phone_that_is_told_goes_elsewhere_at_once_with_what_it_has_not_been_answered() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.forget()
    tell_to_go(phone)
    assert phone.machine.link == RAISING
    phone.sync_all()
    assert phone.story("hang up", "persist", "connect", "send") == [
        "hang up 1",
        "persist raise_epoch",
        "connect 2",
        "send hello",
        "send append",
    ]
    assert [connection.server for connection in phone.connections] == ["server a", "server b"]
    assert [message.body for message in phone.sent(Append)] == [7] and phone.sent(Hello)[0].epoch == 2
    assert phone.machine.failures == 0, "nothing failed, so nothing backs off"
    assert phone.claims() == [HardCase.HANDED_OVER]


def test_conn_8_a_phone_that_only_greets_backs_off_so_that_nobody_runs_in_circles() -> None:
    """PHONE-6: where every server drains, a phone that went on at once would never rest."""
    phone = greeting_phone()
    tell_to_go(phone)
    assert phone.machine.link == WAITING and phone.machine.failures == 1


def test_conn_8_a_message_of_an_earlier_connection_sends_nobody_away() -> None:
    phone = online_phone()
    phone.machine.receive(GoAway(phone.durable.device, phone.durable.epoch - 1, 0))
    assert phone.machine.link == ONLINE
