"""Updates on the phone: only the next one, message and cursor in one commit, shown in order, then acknowledged."""

from __future__ import annotations

import pytest
from port_fakes import PhoneFake
from recording_port import SECOND
from words import (
    CHAT,
    accepted,
    compose,
    connect,
    deliver,
    greeting_phone,
    online_phone,
    receipt_row,
    refused,
    row,
    updates,
)

from sim.protocol.phone_state import FAILED
from sim.protocol.port import Crashed
from sim.vocabulary.kinds import HardCase, UpdateKind
from sim.vocabulary.messages import Acknowledge, Reason, Sync


def test_phone_3_and_4_commit_then_show_then_acknowledge() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1), row(2, 2)))
    assert phone.story() == ["persist apply_updates"]
    phone.sync_all()
    assert phone.story()[1:] == ["durable apply_updates", "show 101", "show 102", "send acknowledge"]
    assert phone.sent(Acknowledge)[0].cursor == 2


def test_phone_3_at_or_below_the_cursor_it_is_acknowledged_again_and_not_applied() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1), row(2, 2))
    phone.forget()
    phone.machine.receive(updates(row(1, 1)))
    assert phone.story() == ["send acknowledge"] and phone.sent(Acknowledge)[0].cursor == 2
    assert HardCase.DUPLICATE_UPDATE_DROPPED in phone.claims()


def test_phone_3_beyond_the_next_one_nothing_is_applied_and_the_phone_syncs_from_its_cursor() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    phone.forget()
    phone.machine.receive(updates(row(3, 3)))
    assert phone.story() == ["send sync"] and phone.sent(Sync)[0].cursor == 1
    assert phone.durable.cursor == 1 and phone.list_shown() == []


def test_phone_3_one_gap_is_one_sync_and_it_is_repeated_until_the_gap_is_closed() -> None:
    phone = online_phone(resend_us=8 * SECOND)
    phone.machine.receive(updates(row(2, 2)))
    phone.machine.receive(updates(row(3, 3)))
    assert len(phone.sent(Sync)) == 1
    phone.fire_due(8 * SECOND)
    assert len(phone.sent(Sync)) == 2
    deliver(phone, row(1, 1), row(2, 2), row(3, 3))
    phone.fire_due(8 * SECOND)
    assert len(phone.sent(Sync)) == 2 and phone.list_shown() == [101, 102, 103]


def test_phone_3_a_batch_that_overlaps_is_applied_from_the_cursor_on() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1), row(2, 2))
    deliver(phone, row(2, 2), row(3, 3))
    assert phone.list_shown() == [101, 102, 103] and phone.durable.cursor == 3


def test_phone_3_a_repeat_that_overtakes_the_commit_is_not_applied_twice() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1)))
    phone.machine.receive(updates(row(1, 1), row(2, 2)))
    phone.sync_all()
    assert phone.list_shown() == [101, 102]


def test_phone_3_a_repeat_before_the_commit_is_acknowledged_only_as_far_as_it_is_durable() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1)))
    phone.machine.receive(updates(row(1, 1)))
    assert [message.cursor for message in phone.sent(Acknowledge)] == [0]
    phone.sync_all()
    assert [message.cursor for message in phone.sent(Acknowledge)] == [0, 1]


def test_phone_3_a_message_id_already_held_moves_the_cursor_and_shows_nothing() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1, message_id=77))
    deliver(phone, row(2, 2, message_id=77))
    assert phone.durable.cursor == 2 and phone.list_shown() == [101]
    assert phone.sent(Acknowledge)[-1].cursor == 2


def test_phone_3_a_refused_commit_leaves_the_cursor_and_the_same_rows_are_taken_later() -> None:
    phone = online_phone()
    phone.refusals = 1
    deliver(phone, row(1, 1))
    assert phone.durable.cursor == 0 and not phone.sent(Acknowledge)
    deliver(phone, row(1, 1))
    assert phone.durable.cursor == 1 and phone.list_shown() == [101]


def test_phone_3_rows_behind_a_refused_commit_are_not_applied() -> None:
    phone = online_phone()
    phone.refusals = 1
    phone.machine.receive(updates(row(1, 1)))
    phone.machine.receive(updates(row(2, 2)))
    phone.sync_all()
    assert phone.durable.cursor == 0 and phone.list_shown() == []


def test_phone_3_updates_of_an_earlier_connection_are_not_taken() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1), epoch=0))
    assert phone.story() == []


@pytest.mark.parametrize("call", range(1, 6))
def test_phone_4_a_crash_between_any_two_effects_shows_each_message_once(call: int) -> None:
    phone = online_phone()
    phone.crash_at = call
    try:
        deliver(phone, row(1, 1), row(2, 2))
    except Crashed:
        phone.crash()
        connect(phone)
        deliver(phone, row(1, 1), row(2, 2))
    assert phone.list_shown() == [101, 102] and phone.durable.cursor == 2


def test_phone_4_a_message_is_never_shown_before_its_commit_nor_acknowledged_before_it_is_shown() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    story = phone.story()
    assert story.index("durable apply_updates") < story.index("show 101") < story.index("send acknowledge")


def test_phone_4_a_redraw_after_a_restart_shows_the_same_list() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1))
    compose(phone, 7, 8)
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    deliver(phone, row(2, 3, predecessor=2, own=True), receipt_row(3, UpdateKind.READ, 2, 1))
    shown = phone.list_shown()
    phone.forget()
    phone.crash()
    assert phone.list_shown() == shown == [101, 7, 103]
    assert phone.story()[1:] == [
        "redraw begins",
        "show 101",
        "place 7",
        "show 103",
        "pending 8",
        f"tick {(7, 3)}",
        "redraw ends",
    ]


def test_phone_4_a_held_back_line_is_durable_counts_as_delivered_and_outlives_a_restart() -> None:
    phone = online_phone()
    compose(phone, 7)
    deliver(phone, row(1, 2, predecessor=1, own=True))
    assert phone.list_shown() == [] and phone.sent(Acknowledge)[-1].cursor == 1
    phone.crash()
    assert phone.list_shown() == []
    connect(phone)
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 102]


def test_phone_4_a_failed_message_is_still_in_the_list_after_a_restart() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(refused(phone, 1, Reason.NOT_A_MEMBER))
    phone.sync_all()
    phone.forget()
    phone.crash()
    assert "pending 7" in phone.story() and f"tick {(7, FAILED)}" in phone.story()


# -- the order of the list ------------------------------------------------------------------------------------------


def test_phone_5_an_entry_waits_for_an_own_predecessor_until_that_is_accepted() -> None:
    phone = online_phone()
    compose(phone, 7)
    deliver(phone, row(1, 2, predecessor=1, own=True))
    assert phone.list_shown() == [] and HardCase.HELD_BACK_FOR_OWN in phone.claims()
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 102]


def test_phone_5_accepted_that_overtakes_the_inbox_waits_for_the_others_message() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.forget()
    phone.machine.receive(accepted(phone, 1, sequence=2, predecessor=1))
    phone.sync_all()
    assert f"tick {(7, 1)}" in phone.story() and phone.list_shown() == []
    deliver(phone, row(1, 1))
    assert phone.list_shown() == [101, 7]


def test_phone_5_a_chain_of_held_back_lines_is_released_in_order() -> None:
    phone = online_phone()
    compose(phone, 7, 8)
    deliver(phone, row(1, 3, predecessor=2, own=True))
    phone.machine.receive(accepted(phone, 2, sequence=2, predecessor=1, own=True))
    deliver(phone, row(2, 4))
    assert phone.list_shown() == []
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 8, 103, 104]


def test_phone_5_anothers_predecessor_that_is_not_here_has_expired_and_counts_as_placed() -> None:
    phone = online_phone()
    deliver(phone, row(1, 5, predecessor=4))
    assert phone.list_shown() == [105]


def test_phone_5_an_expired_predecessor_does_not_let_a_line_pass_one_that_is_held_back() -> None:
    phone = online_phone()
    compose(phone, 7)
    deliver(phone, row(1, 2, predecessor=1, own=True))
    deliver(phone, row(2, 4, predecessor=3))
    assert phone.list_shown() == []
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 102, 104]


def test_phone_5_an_expired_predecessor_does_not_wait_for_a_later_line() -> None:
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=7, predecessor=5))
    phone.sync_all()
    deliver(phone, row(1, 3, predecessor=2), row(2, 5, predecessor=3))
    assert phone.list_shown() == [103, 105, 7]


def test_phone_5_a_line_behind_an_expired_one_is_not_forgotten_for_another_that_waits_for_the_same() -> None:
    phone = online_phone()
    compose(phone, 7, 8, 9)
    deliver(phone, row(1, 2, predecessor=1, own=True))
    phone.machine.receive(accepted(phone, 2, sequence=3, predecessor=2))
    deliver(phone, row(2, 6, predecessor=5))
    phone.machine.receive(accepted(phone, 3, sequence=4, predecessor=3, own=True))
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    assert phone.list_shown() == [7, 102, 8, 9, 106]


def test_phone_5_only_a_devices_first_entry_has_no_predecessor() -> None:
    phone = online_phone()
    deliver(phone, row(1, 9, predecessor=0), row(2, 10))
    assert phone.list_shown() == [109, 110]


def test_phone_5_own_messages_stand_as_pending_from_composing_on() -> None:
    phone = online_phone()
    compose(phone, 7)
    deliver(phone, row(1, 1))
    assert phone.story("pending", "show", "place") == ["pending 7", "show 101"]


# -- ticks ----------------------------------------------------------------------------------------------------------


def online_phone_with_an_accepted_message() -> tuple[PhoneFake, int]:
    """And the message's id."""
    phone = online_phone()
    compose(phone, 7)
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    phone.forget()
    return phone, next(iter(phone.durable.chats[CHAT].lines))


def test_rcpt_2_ticks_only_go_up() -> None:
    phone, identity = online_phone_with_an_accepted_message()
    deliver(phone, receipt_row(1, UpdateKind.READ, 1, identity))
    deliver(phone, receipt_row(2, UpdateKind.DELIVERED, 1, identity))
    assert phone.story("tick") == [f"tick {(7, 3)}"]
    assert phone.durable.chats[CHAT].lines[identity].tick == 3


def test_rcpt_2_a_receipt_may_overtake_accepted() -> None:
    phone = online_phone()
    compose(phone, 7)
    identity = next(iter(phone.durable.chats[CHAT].lines))
    deliver(phone, receipt_row(1, UpdateKind.DELIVERED, 1, identity))
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()
    drawn = [each.subject[1] for each in phone.effects if each.name == "tick"]
    assert drawn == sorted(drawn) and drawn[-1] == 2


def test_rcpt_2_a_receipt_for_a_message_that_is_not_ours_draws_nothing() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1, message_id=77), receipt_row(2, UpdateKind.READ, 1, 77))
    deliver(phone, receipt_row(3, UpdateKind.READ, 1, 78))
    assert phone.story("tick") == [] and phone.durable.cursor == 3


def test_conn_6_acknowledgements_are_cumulative() -> None:
    phone = online_phone()
    phone.machine.receive(updates(row(1, 1)))
    phone.machine.receive(updates(row(2, 2)))
    phone.sync_all()
    assert [message.cursor for message in phone.sent(Acknowledge)] == [1, 2]


def test_the_first_answer_makes_the_phone_watch_its_connection() -> None:
    """PHONE-7: heartbeats from the answer on, once."""
    phone = greeting_phone()
    deliver(phone, row(1, 1))
    deliver(phone, row(2, 2))
    assert phone.story("watch") == ["watch 1"]
