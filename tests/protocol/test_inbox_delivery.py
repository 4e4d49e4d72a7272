"""Getting rows to a device: look up after the append, push, repeat until acknowledged; drain in pages; fence."""

from __future__ import annotations

from port_fakes import InboxFake
from recording_port import REGISTRY, SECOND
from words import ANN, ANNS, ANNS_NEW, BOB, BOBS, enter

from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Acknowledge, Drain, Fenced, LookUp, NotHere, Route, Updates, kind_of, trace_of
from sim.vocabulary.records import BeginRegistration, EndRegistration

STORE, A, B = "store 0", "server a", "server b"
AGAIN = 4 * SECOND


def shard_with(rows: int, **changes: int) -> InboxFake:
    """Bob's inbox holds so many rows, and nobody has asked for them."""
    shard = InboxFake(**{"push_again_us": AGAIN, "route_life_us": 10 * SECOND, **changes})
    for sequence in range(1, rows + 1):
        row_comes(shard, sequence)
    return shard


def row_comes(shard: InboxFake, sequence: int) -> None:
    shard.receive(STORE, enter(sequence))
    shard.sync_all()


def route(shard: InboxFake, server: str | None, epoch: int) -> None:
    """The registry answers the newest look-up."""
    shard.receive(REGISTRY, Route(BOBS, server, epoch, shard.sent(LookUp)[-1].trace))


def drain(shard: InboxFake, epoch: int, cursor: int = 0, after: int = -1, server: str = A) -> None:
    behind = cursor if after < 0 else after
    shard.receive(server, Drain(BOBS, BOB, epoch, cursor, behind, trace_of(BOBS, epoch)))


def acknowledge(shard: InboxFake, cursor: int, epoch: int = 1, server: str = A) -> None:
    shard.receive(server, Acknowledge(BOBS, BOB, epoch, cursor, trace_of(BOBS)))


def kind(message: object) -> str:
    return kind_of(type(message))


def pushed(shard: InboxFake, server: str = A) -> list[list[int]]:
    return [[row.number for row in message.rows] for message in shard.sent_to(server) if kind(message) == "updates"]


def connected(rows: int = 0, epoch: int = 1, **changes: int) -> InboxFake:
    """Bob is connected to server a, and has all of so many rows."""
    shard = shard_with(rows, **changes)
    drain(shard, epoch, cursor=rows)
    shard.sync_all()
    shard.forget()
    return shard


# -- pushing --------------------------------------------------------------------------------------------------------


def test_conn_10_the_route_is_looked_up_after_the_append_is_durable() -> None:
    shard = shard_with(0)
    shard.receive(STORE, enter(1))
    assert not shard.sent(LookUp)
    shard.sync_all()
    assert shard.story("durable", "send") == ["durable enter_entry", "send entered", "send look_up"]
    route(shard, A, 1)
    assert pushed(shard) == [[1]]


def test_conn_10_no_lease_is_never_cached() -> None:
    shard = shard_with(1)
    route(shard, None, -1)
    row_comes(shard, 2)
    assert len(shard.sent(LookUp)) == 2
    route(shard, A, 1)
    assert pushed(shard) == [[1, 2]]


def test_conn_10_a_route_is_used_again_for_a_while_and_then_looked_up() -> None:
    shard = shard_with(1, route_life_us=2 * SECOND)
    route(shard, A, 1)
    acknowledge(shard, 1)
    shard.sync_all()
    shard.now_us += SECOND
    row_comes(shard, 2)
    assert pushed(shard) == [[1], [2]] and len(shard.sent(LookUp)) == 1
    acknowledge(shard, 2)
    shard.sync_all()
    shard.now_us += 2 * SECOND
    row_comes(shard, 3)
    assert len(shard.sent(LookUp)) == 2


def test_conn_10_a_push_is_repeated_until_it_is_acknowledged() -> None:
    shard = shard_with(2)
    route(shard, A, 1)
    for _ in range(2):
        shard.fire_due(AGAIN)
        route(shard, A, 1)
    assert pushed(shard) == [[1, 2]] * 3
    acknowledge(shard, 2)
    shard.sync_all()
    shard.forget()
    shard.fire_due(10 * AGAIN)
    assert not shard.sent(LookUp, Updates)


def test_conn_10_a_repeat_asks_again_where_the_device_is() -> None:
    shard = shard_with(1)
    route(shard, A, 1)
    shard.fire_due(AGAIN)
    route(shard, B, 2)
    assert pushed(shard, A) == [[1]] and pushed(shard, B) == [[1]]


def test_conn_10_a_repeat_begins_behind_what_is_acknowledged() -> None:
    shard = shard_with(3)
    route(shard, A, 1)
    acknowledge(shard, 2)
    shard.fire_due(AGAIN)
    shard.fire_due(AGAIN)
    route(shard, A, 1)
    assert pushed(shard) == [[1, 2, 3], [3]]


def test_conn_5_not_here_drops_that_route_and_the_timer_asks_again() -> None:
    shard = shard_with(1)
    route(shard, A, 1)
    shard.receive(A, NotHere(BOBS, 1, trace_of(1)))
    row_comes(shard, 2)
    assert pushed(shard) == [[1]] and len(shard.sent(LookUp)) == 2
    route(shard, B, 2)
    assert pushed(shard, B) != []


def test_conn_5_not_here_of_an_earlier_epoch_drops_no_newer_route() -> None:
    shard = shard_with(1)
    route(shard, B, 2)
    shard.receive(A, NotHere(BOBS, 1, trace_of(1)))
    row_comes(shard, 2)
    assert pushed(shard, B) == [[1], [2]]


def test_inbox_3_sent_belongs_to_one_connection_and_starts_at_the_cursor() -> None:
    shard = shard_with(2)
    route(shard, A, 1)
    drain(shard, epoch=2, server=B)
    shard.sync_all()
    assert pushed(shard, B) == [[1, 2]]


def test_conn_10_after_a_restart_waiting_rows_are_offered_again() -> None:
    shard = shard_with(1)
    shard.crash()
    route(shard, A, 1)
    assert pushed(shard) == [[1]]


def test_conn_10_a_route_below_the_epoch_served_is_not_pushed_to() -> None:
    shard = connected(epoch=2)
    row_comes(shard, 1)
    shard.fire_due(AGAIN)
    route(shard, B, 1)
    assert pushed(shard, B) == [] and HardCase.STALE_LEASE_AT_PUSH in shard.claims()
    shard.fire_due(AGAIN)
    route(shard, A, 2)
    assert pushed(shard, A) != []


def test_conn_10_an_answer_to_no_question_is_ignored() -> None:
    shard = connected()
    shard.receive(REGISTRY, Route(BOBS, A, 1, trace_of(1)))
    shard.receive(REGISTRY, Route(ANNS, A, 1, trace_of(1)))
    assert not shard.sent()


def test_conn_10_a_late_no_lease_from_before_the_hello_does_not_leave_a_row_behind() -> None:
    shard = shard_with(1)
    before_the_hello = shard.sent(LookUp)[-1]
    drain(shard, epoch=1)
    shard.sync_all()
    acknowledge(shard, 0)
    row_comes(shard, 2)
    shard.receive(REGISTRY, Route(BOBS, None, -1, before_the_hello.trace))
    acknowledge(shard, 1)
    shard.sync_all()
    for _ in range(5):
        shard.fire_due(AGAIN)
        if shard.machine.deliveries:
            route(shard, A, 1)
    assert [2] in pushed(shard)


# -- draining -------------------------------------------------------------------------------------------------------


def test_inbox_5_a_drain_is_served_in_pages_in_order() -> None:
    shard = shard_with(5, page=2)
    shard.forget()
    for after in (0, 2, 4):
        drain(shard, epoch=1, after=after)
        shard.sync_all()
    assert pushed(shard) == [[1, 2], [3, 4], [5]]
    assert [message.head for message in shard.sent(Updates)] == [5, 5, 5]
    assert all(message.drained for message in shard.sent(Updates))


def test_inbox_5_an_empty_drain_is_answered_too() -> None:
    shard = shard_with(0)
    drain(shard, epoch=1)
    shard.sync_all()
    assert pushed(shard) == [[]]


def test_conn_2_the_cursor_of_a_drain_is_an_acknowledgement_first() -> None:
    shard = shard_with(3)
    shard.forget()
    drain(shard, epoch=1, cursor=2)
    assert shard.story() == ["persist move_cursor"], "nothing is served before it is durable"
    shard.sync_all()
    assert shard.durable.inbox(BOBS).cursor == 2
    assert shard.story()[1:] == [
        "durable move_cursor",
        "send receipt",
        "send receipt",
        f"served {(BOBS, 1)}",
        "send updates",
    ]
    assert pushed(shard) == [[3]]


def test_a_live_push_during_a_drain_follows_the_page_on_the_same_connection() -> None:
    """CONN-4, INBOX-5: the drained page has gone to the server before the push does."""
    shard = shard_with(2, page=2)
    route(shard, None, -1)
    shard.forget()
    drain(shard, epoch=1)
    row_comes(shard, 3)
    shard.sync_all()
    if shard.sent(LookUp):
        route(shard, A, 1)
    assert pushed(shard) == [[1, 2], [3]]


def test_inbox_8_the_epoch_is_durable_before_it_is_served() -> None:
    shard = shard_with(1)
    shard.forget()
    drain(shard, epoch=4)
    assert shard.story("served") == [] and pushed(shard) == []
    shard.sync_all()
    assert shard.story("served") == [f"served {(BOBS, 4)}"] and shard.durable.inbox(BOBS).epoch == 4


def test_inbox_8_a_lower_epoch_is_fenced_even_after_a_restart() -> None:
    shard = connected(epoch=4)
    shard.crash()
    drain(shard, epoch=3, server=B)
    assert [kind(message) for message in shard.sent_to(B)] == ["fenced"] and HardCase.FENCED_OLD_EPOCH in shard.claims()


def test_inbox_8_an_acknowledgement_of_a_lower_epoch_trims_nothing() -> None:
    shard = shard_with(2)
    drain(shard, epoch=4)
    shard.sync_all()
    acknowledge(shard, 2, epoch=3, server=B)
    shard.sync_all()
    assert shard.durable.inbox(BOBS).cursor == 0


def test_inbox_8_an_older_drain_that_waits_for_its_write_is_not_served_after_a_newer_one() -> None:
    shard = shard_with(1)
    drain(shard, epoch=2, server=B)
    drain(shard, epoch=1, server=A)
    shard.sync_all()
    assert pushed(shard, A) == []
    drain(shard, epoch=2, server=B)
    assert pushed(shard, B) == [[1]], "asked again, as a server does that gets no answer"


def test_inbox_8_an_acknowledgement_of_a_newer_epoch_fences_the_older_one_from_then_on() -> None:
    shard = connected(rows=0, epoch=5)
    row_comes(shard, 1)
    route_if_asked(shard)
    shard.forget()
    acknowledge(shard, 1, epoch=6, server=B)
    drain(shard, epoch=5, cursor=0, server=A)
    shard.sync_all()
    epochs = [each.subject[1] for each in shard.effects if each.name == "served"]
    assert epochs == sorted(epochs)


def route_if_asked(shard: InboxFake) -> None:
    if shard.sent(LookUp):
        route(shard, A, 5)


def test_inbox_1_a_drain_from_beyond_the_head_is_an_error_that_is_told() -> None:
    shard = shard_with(1)
    drain(shard, epoch=1, cursor=2)
    assert [kind(message) for message in shard.sent_to(A)] == ["fenced"] and shard.durable.inbox(BOBS).cursor == 0


# -- retired --------------------------------------------------------------------------------------------------------


def retired_while_pushing() -> InboxFake:
    """Ann's old phone had a row on its way when it was replaced."""
    shard = InboxFake(push_again_us=AGAIN)
    shard.receive(STORE, enter(1, device=ANNS, sender=BOB))
    shard.sync_all()
    shard.receive(REGISTRY, Route(ANNS, A, 1, shard.sent(LookUp)[-1].trace))
    shard.durable.apply(BeginRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.durable.apply(EndRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.forget()
    return shard


def test_phone_10_a_drain_of_a_retired_device_is_fenced() -> None:
    shard = retired_while_pushing()
    shard.receive(A, Drain(ANNS, ANN, 2, 0, 0, trace_of(ANNS)))
    assert [type(message) for message in shard.sent_to(A)] == [Fenced]


def test_phone_10_a_retired_device_is_not_pushed_to_any_more() -> None:
    shard = retired_while_pushing()
    for _ in range(3):
        shard.fire_due(AGAIN)
        for question in shard.sent(LookUp):
            shard.receive(REGISTRY, Route(ANNS, A, 1, question.trace))
    assert not shard.sent(Updates)


def test_phone_10_a_route_that_comes_after_the_retirement_pushes_nothing() -> None:
    shard = InboxFake()
    shard.receive(STORE, enter(1, device=ANNS, sender=BOB))
    shard.sync_all()
    shard.durable.apply(BeginRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.durable.apply(EndRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.receive(REGISTRY, Route(ANNS, A, 1, shard.sent(LookUp)[-1].trace))
    assert not shard.sent(Updates)


def test_phone_10_a_restart_offers_nothing_to_a_retired_device() -> None:
    shard = retired_while_pushing()
    shard.crash()
    assert not shard.sent()
