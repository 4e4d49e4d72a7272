"""PUSH-1, PUSH-2 and PHONE-9: who asks for nudges and when, what the gateway does with them, and what a phone does."""

from __future__ import annotations

from dataclasses import fields

import pytest
from port_fakes import ConnectionServerFake, InboxFake, PushGatewayFake
from recording_port import REGISTRY, SECOND, FakeConnection
from words import (
    ANN,
    ANNS,
    ANNS_NEW,
    BOB,
    BOBS,
    EVE,
    EVES,
    connect,
    greeting_phone,
    hello,
    offline_phone,
    online_phone,
    row,
    row_comes,
    updates,
)

from sim.protocol.phone_link import OFF, ONLINE, WAITING
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Acknowledge, Drain, Granted, Route, Sync, Update, trace_of
from sim.vocabulary.pushes import Nudge, Push, Pushed, PushOutcome
from sim.vocabulary.records import BeginRegistration, EndRegistration

STORE, A = "store 0", "server a"
T, BATCH = 10 * SECOND, SECOND


def shard_with(rows: int, **changes: int) -> InboxFake:
    """Bob's inbox holds so many rows, and nobody is connected."""
    shard = InboxFake(**{"nudge_after_us": T, "nudge_batch_us": BATCH, "push_again_us": 4 * SECOND, **changes})
    for sequence in range(1, rows + 1):
        row_comes(shard, sequence)
    return shard


def route(shard: InboxFake, server: str | None, epoch: int) -> None:
    """The registry answers the newest look-up."""
    shard.receive(REGISTRY, Route(BOBS, server, epoch, shard.machine.deliveries[BOBS].looking))


# -- the inbox ------------------------------------------------------------------------------------------------------


def test_push_1_an_update_that_waits_t_is_nudged_for_once() -> None:
    shard = shard_with(1)
    route(shard, None, -1)
    shard.fire_due(T)
    assert shard.nudged() == []
    shard.fire_due(BATCH)
    assert shard.nudged() == [(BOBS, 1)]
    shard.fire_due(10 * T)
    assert shard.nudged() == [(BOBS, 1)]


def test_push_1_rows_of_one_batch_are_one_nudge_and_later_ones_another() -> None:
    shard = shard_with(3)
    shard.fire_due(BATCH)
    row_comes(shard, 4)
    shard.fire_due(T)
    assert shard.nudged() == [(BOBS, 4)]
    shard.fire_due(BATCH)
    assert shard.nudged() == [(BOBS, 4), (BOBS, 4)]


def test_push_1_a_lease_is_no_reason_not_to_ask() -> None:
    """A half-open connection has a lease, too: only an acknowledgement counts."""
    shard = shard_with(1)
    route(shard, A, 1)
    shard.fire_due(T + BATCH)
    assert shard.nudged() == [(BOBS, 1)]


def test_push_1_what_was_acknowledged_needs_no_nudge() -> None:
    shard = shard_with(2)
    shard.receive(A, Drain(BOBS, BOB, 1, 0, 0, trace_of(BOBS)))
    shard.receive(A, Acknowledge(BOBS, BOB, 1, 2, trace_of(BOBS)))
    shard.fire_due(T + BATCH)
    assert shard.nudged() == [], "its durable trace may still be on its way"


def test_push_1_after_a_restart_the_inbox_asks_for_all_that_wait() -> None:
    shard = shard_with(2)
    row_comes(shard, 1, EVES)
    shard.receive(A, Drain(EVES, EVE, 1, 1, 1, trace_of(EVES)))
    shard.sync_all()
    shard.forget()
    shard.crash()
    assert shard.nudged() == [(BOBS, 2)]


def test_push_1_a_retired_device_is_not_nudged() -> None:
    shard = InboxFake(nudge_after_us=T, nudge_batch_us=BATCH)
    row_comes(shard, 1, ANNS)
    shard.durable.apply(BeginRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.durable.apply(EndRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.fire_due(T + BATCH)
    shard.crash()
    assert shard.nudged() == []


def test_nudges_that_are_off_set_no_timer() -> None:
    on, off = shard_with(1), shard_with(1, nudge_after_us=0)
    assert len(on.due) == len(off.due) + 1
    assert shard_with(0).due == [], "an inbox where nothing waits costs nothing"
    off.fire_due(100 * SECOND)
    assert off.nudged() == []


def test_phone_9_a_nudge_carries_no_message() -> None:
    shard = shard_with(1)
    shard.fire_due(T + BATCH)
    (effect,) = [each for each in shard.effects if each.name == "nudge"]
    assert effect.subject.__struct_fields__ == ("device", "user", "trace")
    assert Push.__struct_fields__ == ("device", "trace")
    assert fields(shard.timers), "the fake has timers"


# -- the gateway ----------------------------------------------------------------------------------------------------


def nudge(gateway: PushGatewayFake, device: int = BOBS, user: int = BOB) -> None:
    gateway.receive("inbox 0", Nudge(device, user, trace_of(device, 1)))


def answer(gateway: PushGatewayFake, outcome: int, device: int = BOBS, user: int = BOB) -> None:
    gateway.receive(f"provider {user % 2}", Pushed(device, outcome, trace_of(device, 1)))


def pushed(gateway: PushGatewayFake) -> list[int]:
    return [message.device for message in gateway.sent(Push)]


def test_push_2_nudges_for_one_device_collapse_while_one_is_under_way() -> None:
    gateway = PushGatewayFake()
    for _ in range(3):
        nudge(gateway)
    nudge(gateway, EVES, EVE)
    assert pushed(gateway) == [BOBS, EVES]
    assert gateway.claims() == [HardCase.NUDGE_COLLAPSED] * 2
    answer(gateway, PushOutcome.TAKEN)
    nudge(gateway)
    assert pushed(gateway) == [BOBS, EVES, BOBS]


def test_push_2_each_device_goes_to_its_own_provider() -> None:
    gateway = PushGatewayFake()
    nudge(gateway)
    nudge(gateway, EVES, EVE)
    assert [each.to for each in gateway.effects if each.name == "send"] == ["provider 1", "provider 0"]


def test_push_2_a_provider_that_is_down_is_tried_with_one_nudge_and_then_gets_the_others() -> None:
    gateway = PushGatewayFake(push_try_again_us=10 * SECOND)
    carl = 3
    nudge(gateway)
    answer(gateway, PushOutcome.DOWN)
    nudge(gateway, carl * 1024, carl)
    assert pushed(gateway) == [BOBS], "the second waits: the provider is known to be down"
    gateway.fire_due(10 * SECOND)
    assert pushed(gateway) == [BOBS, BOBS]
    answer(gateway, PushOutcome.DOWN)
    gateway.fire_due(10 * SECOND)
    answer(gateway, PushOutcome.TAKEN)
    assert pushed(gateway) == [BOBS, BOBS, BOBS, carl * 1024]
    nudge(gateway, EVES, EVE)
    assert pushed(gateway)[-1] == EVES


def test_push_2_a_provider_that_does_not_answer_is_called_again_and_then_counts_as_down() -> None:
    gateway = PushGatewayFake(call_again_us=SECOND, push_try_again_us=10 * SECOND)
    nudge(gateway)
    for _ in range(5):
        gateway.fire_due(SECOND)
    assert pushed(gateway) == [BOBS] * 3 and gateway.claims() == [HardCase.PROVIDER_DOWN]
    gateway.fire_due(10 * SECOND)
    assert pushed(gateway) == [BOBS] * 4


def test_push_2_a_throttled_nudge_is_tried_again_later() -> None:
    gateway = PushGatewayFake(push_try_again_us=10 * SECOND)
    nudge(gateway)
    answer(gateway, PushOutcome.THROTTLED)
    gateway.fire_due(9 * SECOND)
    assert pushed(gateway) == [BOBS] and gateway.claims() == [HardCase.NUDGE_THROTTLED]
    gateway.fire_due(SECOND)
    assert pushed(gateway) == [BOBS, BOBS]


def test_push_2_a_provider_that_says_throttled_is_back_for_everybody_else() -> None:
    """Else one device's hourly limit would hold back everybody's nudges for as long."""
    gateway = PushGatewayFake(push_try_again_us=10 * SECOND)
    carl = 3
    nudge(gateway)
    answer(gateway, PushOutcome.DOWN)
    nudge(gateway, carl * 1024, carl)
    gateway.fire_due(10 * SECOND)
    answer(gateway, PushOutcome.THROTTLED)
    assert pushed(gateway) == [BOBS, BOBS, carl * 1024], "and the throttled one waits on its own"
    gateway.fire_due(10 * SECOND)
    assert pushed(gateway).count(BOBS) == 3


def test_push_2_a_crash_of_the_gateway_loses_what_it_had() -> None:
    gateway = PushGatewayFake()
    nudge(gateway)
    gateway.forget()
    gateway.crash()
    gateway.fire_due(100 * SECOND)
    assert pushed(gateway) == []
    answer(gateway, PushOutcome.TAKEN)
    nudge(gateway)
    assert pushed(gateway) == [BOBS]


# -- the phone ------------------------------------------------------------------------------------------------------

NUDGE = Push(ANNS, trace_of(ANNS))


def test_phone_9_a_nudged_phone_that_is_connected_syncs_from_its_cursor() -> None:
    phone = online_phone()
    phone.machine.on_nudge(NUDGE)
    phone.machine.on_nudge(NUDGE)
    assert [(each.cursor, each.nudged) for each in phone.sent(Sync)] == [(0, True)], "one answer is enough for both"
    phone.machine.receive(updates(row(1, 1), drained=True))
    phone.sync_all()
    phone.fire_due(phone.timers.answer_within_us)
    assert phone.machine.link == ONLINE and phone.durable.cursor == 1
    phone.machine.on_nudge(NUDGE)
    assert [each.cursor for each in phone.sent(Sync)] == [0, 1]


def test_phone_9_no_answer_in_d_means_reconnect_elsewhere() -> None:
    phone = online_phone()
    dead = phone.connection
    phone.machine.on_nudge(NUDGE)
    phone.fire_due(phone.timers.answer_within_us)
    assert phone.machine.link == WAITING and not dead.open
    assert HardCase.DEAD_CONNECTION_FOUND_BY_NUDGE in phone.claims()
    phone.fire_due(phone.timers.back_off_most_us)
    phone.sync_all()
    assert phone.connection.server != dead.server


def test_phone_9_an_empty_answer_is_an_answer() -> None:
    phone = online_phone()
    phone.machine.on_nudge(NUDGE)
    phone.machine.receive(updates(drained=True))
    phone.fire_due(phone.timers.answer_within_us)
    assert phone.machine.link == ONLINE


def test_phone_9_a_phone_that_is_connecting_needs_no_nudge() -> None:
    for phone in (offline_phone(), greeting_phone()):
        phone.machine.on_nudge(NUDGE)
        assert phone.sent(Sync) == []
    phone = offline_phone()
    assert phone.machine.link == OFF
    connect(phone)


def test_phone_9_a_reconnect_forgets_the_nudge() -> None:
    phone = online_phone()
    phone.machine.on_nudge(NUDGE)
    phone.machine.on_broken(phone.connection)
    phone.fire_due(phone.timers.back_off_most_us)
    phone.sync_all()
    phone.machine.receive(updates(epoch=phone.durable.epoch, drained=True))
    phone.fire_due(phone.timers.answer_within_us)
    assert phone.machine.link == ONLINE


# -- the connection server ------------------------------------------------------------------------------------------


def live() -> tuple[ConnectionServerFake, FakeConnection]:
    """Bob is connected, and has all three updates of his inbox."""
    server = ConnectionServerFake()
    connection = FakeConnection(1, 1)
    server.machine.on_hello(connection, hello(1, 3))
    server.receive(REGISTRY, Granted(BOBS, 1, 1, trace_of(BOBS)))
    page(server)
    server.forget()
    return server, connection


def page(server: ConnectionServerFake, *rows: Update) -> None:
    server.receive("inbox 0", updates(*rows, epoch=1, head=3, drained=True, device=BOBS))


def answers(server: ConnectionServerFake, connection: FakeConnection) -> list[int]:
    return [len(message.rows) for message in server.to_phone(connection)]


@pytest.mark.parametrize(("nudged", "answered"), [(True, [0]), (False, [])])
def test_phone_9_only_a_nudged_sync_is_answered_when_nothing_is_there(nudged: bool, answered: list[int]) -> None:
    server, connection = live()
    server.machine.on_sync(connection, Sync(BOBS, 1, 3, trace_of(BOBS), nudged))
    page(server)
    assert answers(server, connection) == answered
    page(server)
    assert answers(server, connection) == answered


def test_phone_9_an_acknowledgement_on_its_way_does_not_swallow_the_answer() -> None:
    """The phone syncs from an old cursor, then acknowledges; the page that comes has nothing it lacks."""
    server, connection = live()
    server.machine.on_sync(connection, Sync(BOBS, 1, 2, trace_of(BOBS), nudged=True))
    page(server, row(3, 3))
    assert answers(server, connection) == [0]


def test_phone_9_a_nudged_sync_during_a_new_claim_is_answered_by_its_drain() -> None:
    server, connection = live()
    server.machine.on_renewal_missed(BOBS, 1)
    server.machine.on_sync(connection, Sync(BOBS, 1, 3, trace_of(BOBS), nudged=True))
    server.receive(REGISTRY, Granted(BOBS, 1, 1, trace_of(BOBS)))
    page(server)
    assert answers(server, connection) == [0]
