"""INBOX-6: rows that are too old or too many leave explicitly; the device is told, shows a marker, and goes on."""

from __future__ import annotations

from port_fakes import ConnectionServerFake, InboxFake, PhoneFake
from recording_port import REGISTRY, SECOND, FakeConnection
from words import (
    ANN,
    ANNS,
    ANNS_NEW,
    BOB,
    BOBS,
    CHAT,
    accepted,
    compose,
    deliver,
    enter,
    hello,
    online_phone,
    receipt,
    refused,
    row,
    row_comes,
    updates,
)

from sim.vocabulary.kinds import HardCase, UpdateKind
from sim.vocabulary.messages import (
    Acknowledge,
    Drain,
    Entered,
    Gone,
    Granted,
    LookUp,
    Outcome,
    Reason,
    Receipt,
    Route,
    Update,
    Updates,
    kind_of,
    trace_of,
)
from sim.vocabulary.records import BeginRegistration, EndRegistration, ExpireRows, NoteAges

STORE, A = "store 0", "server a"
KEPT, LOOK = 100 * SECOND, 10 * SECOND


def shard_with(rows: int, **changes: int) -> InboxFake:
    """Bob's inbox holds so many rows, and nobody has asked for them."""
    shard = InboxFake(**{"retention_us": KEPT, "retention_look_us": LOOK, "push_again_us": 1000 * SECOND, **changes})
    for sequence in range(1, rows + 1):
        row_comes(shard, sequence)
    return shard


def pass_time(shard: InboxFake, span_us: int) -> None:
    """Time passes, look by look, and what is written becomes durable."""
    for _ in range(span_us // SECOND):
        shard.fire_due(SECOND)
        shard.sync_all()


def numbers(shard: InboxFake, device: int = BOBS) -> list[int]:
    return [row.number for row in shard.durable.inbox(device).rows]


def drain(shard: InboxFake, epoch: int = 1, cursor: int = 0, after: int = -1) -> Updates:
    """Bob's server asks, and this is the answer."""
    shard.receive(A, Drain(BOBS, BOB, epoch, cursor, cursor if after < 0 else after, trace_of(BOBS, epoch)))
    shard.sync_all()
    return [message for message in shard.sent_to(A) if kind_of(type(message)) == "updates"][-1]  # type: ignore[no-any-return]


# -- rows leave -----------------------------------------------------------------------------------------------------


def test_inbox_6_a_row_leaves_when_it_is_older_than_the_retention() -> None:
    shard = shard_with(2)
    pass_time(shard, 60 * SECOND)
    row_comes(shard, 3)
    pass_time(shard, 39 * SECOND)
    assert numbers(shard) == [1, 2, 3], "not before its time"
    pass_time(shard, 2 * LOOK)
    assert numbers(shard) == [3], "within two looks after it"
    pass_time(shard, 60 * SECOND)
    assert numbers(shard) == [] and shard.durable.inbox(BOBS).expired == 3


def test_inbox_6_the_cap_makes_the_oldest_leave() -> None:
    shard = shard_with(5, retention_us=0, inbox_cap=3)
    assert numbers(shard) == [3, 4, 5] and shard.durable.inbox(BOBS).expired == 2
    assert not [timer for timer in shard.due if timer.callback.__name__ == "on_look"], "a cap needs no looks"


def test_inbox_6_what_was_acknowledged_does_not_expire() -> None:
    shard = shard_with(2)
    drain(shard, cursor=2)
    pass_time(shard, 300 * SECOND)
    inbox = shard.durable.inbox(BOBS)
    assert (inbox.cursor, inbox.expired) == (2, 0) and "persist expire_rows" not in shard.story()


def test_inbox_6_an_acknowledgement_on_its_way_keeps_a_row_from_expiring() -> None:
    """The shard knows of it, and only its durable trace rides."""
    shard = shard_with(0)
    shard.receive(A, receipt(UpdateKind.DELIVERED, 1, sender=BOB, about=ANN))
    shard.sync_all()
    drain(shard)
    shard.receive(A, Acknowledge(BOBS, BOB, 1, 1, trace_of(BOBS)))
    pass_time(shard, 300 * SECOND)
    assert "persist expire_rows" not in shard.story()


def test_inbox_6_an_idle_shard_does_not_look() -> None:
    shard = shard_with(1)
    pass_time(shard, 300 * SECOND)
    assert numbers(shard) == [] and shard.durable.ages == shard.durable.ages.__class__()
    assert not [timer for timer in shard.due if timer.callback.__name__ == "on_look"]
    assert shard_with(0).due == []


def test_inbox_6_kept_for_ever_there_are_neither_looks_nor_notes() -> None:
    shard = shard_with(3, retention_us=0)
    pass_time(shard, 300 * SECOND)
    assert numbers(shard) == [1, 2, 3] and "persist note_ages" not in shard.story()


def test_inbox_6_ages_outlive_a_crash() -> None:
    shard = shard_with(1)
    pass_time(shard, 2 * LOOK)
    shard.crash()
    pass_time(shard, KEPT - LOOK)
    assert numbers(shard) == []


def test_inbox_6_a_row_without_a_note_gets_one_after_a_crash() -> None:
    shard = shard_with(1)
    shard.crash()
    pass_time(shard, KEPT)
    assert numbers(shard) == [1]
    pass_time(shard, 3 * LOOK)
    assert numbers(shard) == []


def test_inbox_6_a_disk_that_refuses_only_delays_it() -> None:
    shard = shard_with(1)
    shard.refusals = 1
    pass_time(shard, LOOK)
    pass_time(shard, KEPT)
    shard.refusals = 1
    pass_time(shard, 3 * LOOK)
    assert shard.story("refused") == ["refused note_ages", "refused expire_rows"] and numbers(shard) == []


def test_inbox_6_a_retired_device_has_nothing_to_expire() -> None:
    shard = shard_with(0)
    row_comes(shard, 1, ANNS)
    shard.durable.apply(BeginRegistration(ANNS_NEW, ANN, ANNS, 0))
    shard.durable.apply(EndRegistration(ANNS_NEW, ANN, ANNS, 0))
    pass_time(shard, 300 * SECOND)
    assert "persist expire_rows" not in shard.story()
    assert shard.durable.apply(ExpireRows(ANNS, 1, 0)) is None


def test_inbox_6_a_late_or_repeated_expiry_changes_nothing() -> None:
    shard = shard_with(3)
    first = shard.durable.apply(ExpireRows(BOBS, 2, 0))
    assert first is not None and (first.through, first.rows) == (2, 2)
    assert shard.durable.apply(ExpireRows(BOBS, 2, 0)) is None
    assert shard.durable.apply(ExpireRows(BOBS, 1, 0)) is None
    assert numbers(shard) == [3]


def test_notes_that_are_of_no_use_go() -> None:
    shard = shard_with(0)
    for at_us in (1, 2, 3):
        shard.durable.apply(NoteAges(at_us, ((BOBS, at_us),), at_us - 2, 0))
    assert [age.at_us for age in shard.durable.ages] == [2, 3]


# -- what stays -----------------------------------------------------------------------------------------------------


def test_fan_3_the_mark_outlives_an_expired_row() -> None:
    shard = shard_with(2, retention_us=0, inbox_cap=1)
    shard.forget()
    row_comes(shard, 1)
    row_comes(shard, 4)
    row_comes(shard, 3)
    assert [message.outcome for message in shard.sent(Entered)] == [Outcome.TAKEN, Outcome.GAP, Outcome.TAKEN]
    assert numbers(shard) == [3]


def test_inbox_4_no_receipt_is_owed_for_what_expired() -> None:
    shard = shard_with(3, retention_us=0, inbox_cap=1)
    drain(shard)
    shard.receive(A, Acknowledge(BOBS, BOB, 1, 3, trace_of(BOBS)))
    shard.sync_all()
    assert [message.sequence for message in shard.sent(Receipt)] == [3]


def test_inbox_6_a_receipt_that_expired_may_enter_again() -> None:
    shard = shard_with(0, retention_us=0, inbox_cap=1)
    for sequence in (1, 2, 1):
        shard.receive(A, receipt(UpdateKind.DELIVERED, sequence, sender=BOB, about=ANN))
        shard.sync_all()
    assert numbers(shard) == [3]


# -- the device is told ---------------------------------------------------------------------------------------------


def test_inbox_6_a_sync_below_the_oldest_row_is_answered_expired_through() -> None:
    shard = shard_with(5, retention_us=0, inbox_cap=3)
    answer = drain(shard)
    assert (answer.expired_through, answer.expired) == (2, (Gone(CHAT, 2),))
    assert [row.number for row in answer.rows] == [3, 4, 5]


def test_inbox_6_a_sync_at_or_above_it_is_not() -> None:
    shard = shard_with(5, retention_us=0, inbox_cap=3)
    for cursor in (2, 3):
        answer = drain(shard, cursor=cursor, epoch=cursor)
        assert (answer.expired_through, answer.expired) == (0, ())
        assert answer.rows[0].number == cursor + 1


def test_inbox_6_when_nothing_is_left_the_device_is_still_told() -> None:
    shard = shard_with(2)
    pass_time(shard, 300 * SECOND)
    answer = drain(shard)
    assert (answer.expired_through, answer.rows, answer.head) == (2, (), 2)
    shard.receive(A, Acknowledge(BOBS, BOB, 1, 2, trace_of(BOBS)))
    row_comes(shard, 3)
    assert shard.durable.inbox(BOBS).untold is None, "it knows, so it need not be told again"


def test_inbox_6_a_live_push_tells_it_too() -> None:
    shard = shard_with(3, retention_us=0, inbox_cap=2)
    shard.receive(REGISTRY, Route(BOBS, A, 1, shard.sent(LookUp)[-1].trace))
    (push,) = shard.sent(Updates)
    assert push.expired_through == 1 and [row.number for row in push.rows] == [2, 3] and not push.drained


def test_inbox_6_a_page_behind_what_was_sent_says_nothing_of_what_expired_before_it() -> None:
    """Rows 1 to 3 are on their way; the device will acknowledge them, or find the gap."""
    shard = shard_with(5, retention_us=0, inbox_cap=3)
    answer = drain(shard, after=3)
    assert answer.expired_through == 0 and [row.number for row in answer.rows] == [4, 5]


def test_inbox_6_an_acknowledgement_of_what_expired_meanwhile_is_taken() -> None:
    shard = shard_with(2)
    drain(shard)
    shard.durable.apply(ExpireRows(BOBS, 1, 0))
    shard.receive(A, Acknowledge(BOBS, BOB, 1, 2, trace_of(BOBS)))
    shard.sync_all()
    inbox = shard.durable.inbox(BOBS)
    assert (inbox.cursor, numbers(shard), inbox.untold) == (2, [], None)


def test_push_1_nobody_is_woken_for_what_expired() -> None:
    shard = shard_with(2, nudge_after_us=200 * SECOND, nudge_batch_us=SECOND)
    pass_time(shard, 300 * SECOND)
    assert shard.nudged() == []
    shard.crash()
    assert shard.nudged() == []


# -- the connection server ------------------------------------------------------------------------------------------


def live(**changes: int) -> tuple[ConnectionServerFake, FakeConnection]:
    """Bob is connected, and nothing has come yet."""
    server = ConnectionServerFake(**changes)
    connection = FakeConnection(1, 1)
    server.machine.on_hello(connection, hello(1, 0))
    server.receive(REGISTRY, Granted(BOBS, 1, 1, trace_of(BOBS)))
    return server, connection


def page(server: ConnectionServerFake, through: int, *rows: Update, head: int = 0, drained: bool = True) -> None:
    message = updates(*rows, epoch=1, head=head, drained=drained, device=BOBS)
    server.receive("inbox 0", message._replace(expired_through=through, expired=(Gone(CHAT, through),)))


def relayed(server: ConnectionServerFake, connection: FakeConnection) -> list[tuple[int, list[int]]]:
    return [(each.expired_through, [row.number for row in each.rows]) for each in server.to_phone(connection)]


def test_conn_4_the_window_begins_behind_what_expired() -> None:
    server, connection = live(push_window=2)
    page(server, 10, *(row(number, number) for number in range(11, 16)))
    assert relayed(server, connection) == [(10, [11, 12])]
    server.machine.on_acknowledge(connection, Acknowledge(BOBS, BOB, 1, 12, trace_of(BOBS)))
    assert [each.after for each in server.sent(Drain)][-1] == 12


def test_inbox_6_a_notice_without_rows_is_relayed_once_and_then_acknowledged_again() -> None:
    """CONN-6: the acknowledgement was lost between servers."""
    server, connection = live()
    page(server, 10, head=10)
    assert relayed(server, connection) == [(10, [])]
    server.machine.on_acknowledge(connection, Acknowledge(BOBS, BOB, 1, 10, trace_of(BOBS)))
    server.forget()
    page(server, 10, head=10, drained=False)
    assert relayed(server, connection) == []
    assert [each.cursor for each in server.sent(Acknowledge)] == [10]


# -- the phone ------------------------------------------------------------------------------------------------------


def told(phone: PhoneFake, through: int, *rows: Update, sequence: int = 0, own: int = 0) -> None:
    message = updates(*rows, epoch=phone.durable.epoch, head=through, drained=True)
    entries = (Gone(CHAT, sequence, own),) if sequence else ()
    phone.machine.receive(message._replace(expired_through=through, expired=entries))


def test_inbox_6_the_phone_moves_to_m_shows_a_marker_and_goes_on_in_one_commit() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    phone.forget()
    told(phone, 4, row(5, 5), sequence=4)
    assert phone.story() == ["persist take_expired"], "committed before it is shown (PHONE-4)"
    phone.sync_all()
    assert phone.story() == [
        "persist take_expired",
        "durable take_expired",
        "expired (1, 4)",
        "show 105",
        "send acknowledge",
    ]
    assert phone.durable.cursor == 5 and HardCase.TOLD_OF_EXPIRY in phone.claims()


def test_inbox_6_a_phone_that_is_told_again_acknowledges_again() -> None:
    """Its acknowledgement of the marker was lost: without another the inbox would tell it for ever."""
    phone = online_phone()
    told(phone, 4, sequence=4)
    phone.sync_all()
    phone.forget()
    told(phone, 4, sequence=4)
    assert phone.story() == ["send acknowledge"]


def test_inbox_6_the_marker_is_there_after_a_restart() -> None:
    phone = online_phone()
    told(phone, 4)
    phone.sync_all()
    phone.forget()
    phone.crash()
    assert "expired (0, 4)" in phone.story()


def test_inbox_6_a_crash_before_the_commit_leaves_neither_marker_nor_cursor() -> None:
    phone = online_phone()
    told(phone, 4, row(5, 5))
    phone.crash()
    assert phone.durable.cursor == 0 and phone.durable.expired == []


def test_inbox_6_a_notice_of_what_is_here_is_no_notice() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1), row(2, 2))
    phone.forget()
    told(phone, 2, row(3, 3))
    phone.sync_all()
    assert phone.durable.cursor == 3 and phone.durable.expired == []


def test_inbox_6_a_notice_overtaken_by_a_commit_tells_only_of_the_rest() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1), row(2, 2), epoch=1))
    told(phone, 4, sequence=4)
    phone.sync_all()
    assert phone.durable.expired == [(2, 4)] and phone.list_shown() == [101, 102]


def test_inbox_6_a_disk_that_refuses_the_notice_is_told_again() -> None:
    phone = online_phone()
    phone.refusals = 1
    told(phone, 4, row(5, 5))
    phone.sync_all()
    assert phone.durable.cursor == 0
    told(phone, 4, row(5, 5))
    phone.sync_all()
    assert phone.durable.cursor == 5


def test_phone_5_an_own_message_waits_no_longer_for_what_expired() -> None:
    """Its ``accepted`` overtook the inbox; the row that it waited for will never come."""
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    phone.sync_all()
    assert phone.list_shown() == []
    told(phone, 1, sequence=1)
    phone.sync_all()
    assert phone.list_shown() == [7]


def test_phone_5_an_own_message_that_is_accepted_later_does_not_wait_at_all() -> None:
    phone = online_phone()
    compose(phone, 7)
    told(phone, 1, sequence=1)
    phone.sync_all()
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    phone.sync_all()
    assert phone.list_shown() == [7]


def test_phone_5_an_own_message_still_waits_for_what_did_not_expire() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=3, predecessor=2))
    phone.sync_all()
    told(phone, 1, sequence=1)
    phone.sync_all()
    assert phone.list_shown() == []
    deliver(phone, row(2, 2, predecessor=1))
    assert phone.list_shown() == [102, 7]


def test_phone_5_what_stood_before_the_expired_is_still_waited_for() -> None:
    """Own entry 1 is not accepted here yet; entry 2, which stood behind it, expired; entry 3 must not come first."""
    phone = online_phone()
    compose(phone, 7)
    told(phone, 1, row(2, 3, predecessor=2), sequence=2, own=1)
    phone.sync_all()
    assert phone.list_shown() == []
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 103]


def answers_out_of_order() -> PhoneFake:
    """Two messages were sent, and the answer to the second is here first: it is entry 3. Entries 2 and 4 expired, of
    which the newest stood behind entry 3."""
    phone = online_phone()
    compose(phone, 7)
    compose(phone, 8)
    told(phone, 2, sequence=4, own=3)
    phone.sync_all()
    phone.machine.receive(accepted(phone, 2, sequence=3, predecessor=2))
    phone.sync_all()
    return phone


def test_phone_5_an_own_message_waits_for_the_answer_to_an_earlier_own_one() -> None:
    phone = answers_out_of_order()
    assert phone.list_shown() == []
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 8]


def test_phone_5_it_waits_no_longer_when_that_answer_is_a_refusal() -> None:
    phone = answers_out_of_order()
    assert phone.list_shown() == []
    phone.machine.receive(refused(phone, 1, Reason.NOT_A_MEMBER))
    phone.sync_all()
    assert phone.list_shown() == [8]


def test_phone_5_what_comes_behind_it_waits_as_well() -> None:
    phone = answers_out_of_order()
    deliver(phone, row(3, 5, predecessor=4))
    assert phone.list_shown() == []
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 8, 105]


def test_phone_5_the_inbox_says_which_own_entry_stood_before_the_expired() -> None:
    shard = InboxFake(inbox_cap=1)
    shard.receive(STORE, enter(2, owed_before=0)._replace(predecessor=1, predecessor_own=True))
    for sequence in (3, 4):
        shard.receive(STORE, enter(sequence))
    shard.sync_all()
    assert drain(shard).expired == (Gone(CHAT, 3, 1),)
