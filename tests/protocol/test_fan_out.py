"""Fan-out: from the log into every inbox, by cursors that only move forward; a slow inbox holds back nobody else."""

from __future__ import annotations

import pytest
from port_fakes import StoreFake
from recording_port import SECOND
from words import ANN, ANNS, BOB, BOBS, EVE, EVES, append

from sim.protocol import fan_out
from sim.vocabulary.ids import conversation_between, device_of, members_of
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import Enter, Entered, Outcome

AGAIN = SECOND


def shard(**changes: int) -> StoreFake:
    return StoreFake(**{"call_again_us": AGAIN, "lag_limit": 2, **changes})


def send(store: StoreFake, to: int, send_number: int) -> None:
    """Ann writes to a user."""
    chat = conversation_between(ANN, to)
    store.receive("server a", append(send_number, chat=chat, message_id=to * 100 + send_number))


def write(store: StoreFake, to: int, send_number: int) -> Enter:
    """Ann writes to a user, durably; returns the append to an inbox that was sent last."""
    send(store, to, send_number)
    store.sync_all()
    return store.sent(Enter)[-1]


def answer(store: StoreFake, message: Enter, outcome: int = Outcome.TAKEN) -> None:
    """The inbox answers; what that makes the fan-out write becomes durable."""
    store.receive("inbox 0", Entered(message.device, message.position, outcome, message.trace))
    store.sync_all()


def answer_all(store: StoreFake, device: int) -> None:
    """This device's inbox takes whatever it is sent, until nothing more comes."""
    seen = 0
    while seen < len(store.sent(Enter)):
        message = store.sent(Enter)[seen]
        seen += 1
        if message.device == device:
            answer(store, message)


def positions(store: StoreFake, device: int) -> list[int]:
    return [message.position for message in store.sent(Enter) if message.device == device]


def flush(store: StoreFake, number: int = 1) -> None:
    """Some other write of the shard, for riders to ride on."""
    chat = conversation_between(BOB, EVE)
    assert ANN not in members_of(chat)
    store.receive("server a", append(number, chat=chat, message_id=7000 + number))
    store.sync_all()


# -- the shared cursor ----------------------------------------------------------------------------------------------


def test_fan_1_an_entry_is_sent_on_when_it_is_durable_and_the_cursor_waits_for_the_inbox() -> None:
    store = shard()
    message = write(store, BOB, 1)
    flush(store)
    assert store.durable.fan_out == 0 and list(store.durable.entries)
    answer(store, message)
    assert store.story("ride") == ["ride fan_out_moved"]
    flush(store, 2)
    assert store.durable.fan_out == 1 and not store.durable.entries


def test_fan_1_a_crash_repeats_work_and_skips_none() -> None:
    store = shard()
    answer(store, write(store, BOB, 1))
    write(store, BOB, 2)
    store.forget()
    store.crash()
    assert positions(store, BOBS) == [1], "the ride was durable with the second entry"
    assert HardCase.FAN_OUT_REPEATED_AFTER_CRASH in store.claims()


def test_fan_1_losing_the_ride_costs_a_repeat() -> None:
    store = shard()
    answer(store, write(store, BOB, 1))
    store.forget()
    store.crash()
    assert positions(store, BOBS) == [0] and store.durable.fan_out == 0


def test_fan_1_an_entry_whose_inbox_has_not_answered_holds_the_cursor_though_later_ones_are_done() -> None:
    store = shard()
    first = write(store, BOB, 1)
    answer(store, write(store, EVE, 1))
    flush(store)
    assert store.durable.fan_out == 0
    answer(store, first)
    flush(store, 2)
    assert store.durable.fan_out == 2


def test_fan_1_an_append_is_repeated_until_it_is_answered() -> None:
    store = shard()
    message = write(store, BOB, 1)
    store.fire_due(AGAIN)
    store.fire_due(AGAIN)
    assert positions(store, BOBS) == [0, 0, 0]
    answer(store, message)
    store.fire_due(AGAIN)
    assert positions(store, BOBS) == [0, 0, 0]


def test_fan_1_the_cursor_never_moves_back() -> None:
    store = shard()
    first, second = write(store, BOB, 1), write(store, BOB, 2)
    answer(store, second)
    answer(store, first)
    answer(store, first)
    flush(store)
    assert store.durable.fan_out == 2
    store.crash()
    assert store.durable.fan_out == 2


def test_fan_3_a_gap_is_no_end_of_the_duty() -> None:
    store = shard()
    message = write(store, BOB, 1)
    answer(store, message, Outcome.GAP)
    flush(store)
    assert store.durable.fan_out == 0 and HardCase.INBOX_GAP_REFUSED in store.claims()
    store.fire_due(AGAIN)
    assert positions(store, BOBS) == [0, 0]


def test_phone_10_retired_ends_the_duty() -> None:
    store = shard()
    answer(store, write(store, BOB, 1), Outcome.RETIRED)
    flush(store)
    assert store.durable.fan_out == 1 and HardCase.SENT_TO_RETIRED in store.claims()


def test_fan_3_an_append_names_what_the_inbox_was_owed_before() -> None:
    store = shard()
    write(store, BOB, 1)
    write(store, EVE, 1)
    write(store, BOB, 2)
    assert [(message.device, message.owed_before) for message in store.sent(Enter)] == [
        (BOBS, 0),
        (EVES, 0),
        (BOBS, 1),
    ]


# -- laggards -------------------------------------------------------------------------------------------------------


def lagging(entries: int = 3) -> StoreFake:
    """Bob's inbox does not answer; Eve's does, for so many entries behind the first. Bob gets his own cursor."""
    store = shard()
    write(store, BOB, 1)
    for number in range(1, entries + 1):
        answer(store, write(store, EVE, number))
    store.fire_due(AGAIN)
    return store


def test_fan_6_up_to_w_entries_the_shared_cursor_waits() -> None:
    store = lagging(entries=1)
    assert store.story("persist")[-1] != "persist laggard_born"
    store = lagging(entries=2)
    assert store.story("persist")[-1] == "persist laggard_born"
    assert HardCase.LAGGARD_CURSOR_BORN in store.claims()


def test_fan_6_the_shared_cursor_passes_the_entry_only_when_the_laggards_own_is_durable() -> None:
    store = lagging()
    assert store.story("ride") == [], "the birth is written, not durable"
    store.sync_all()
    assert store.durable.laggards == {BOBS: 0}
    assert store.story("ride") == ["ride fan_out_moved"]
    flush(store)
    assert store.durable.fan_out == 4 and store.durable.entry_at(0), "the laggard still needs the entry"


def test_fan_6_a_shard_that_is_away_is_no_crowd_of_laggards(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lags by the hundred at one entry holds back nobody but themselves."""
    monkeypatch.setattr(fan_out, "SHARD_LAGS", 0)
    store = lagging()
    assert store.story("persist")[-1] != "persist laggard_born"
    store.fire_due(AGAIN)
    assert positions(store, BOBS).count(0) > 2, "it is offered the entry all the same"


def test_fan_6_a_birth_that_is_lost_in_a_crash_loses_no_entry() -> None:
    store = lagging()
    store.forget()
    store.crash()
    assert positions(store, BOBS) == [0] and store.durable.fan_out == 0


def test_fan_6_later_entries_do_not_go_past_the_laggard_but_to_everybody_else() -> None:
    store = lagging()
    store.sync_all()
    write(store, BOB, 2)
    write(store, EVE, 4)
    assert set(positions(store, BOBS)) == {0} and positions(store, EVES) == [1, 2, 3, 5]


def test_fan_6_the_laggard_is_served_in_order_one_at_a_time_and_ends_when_both_are_equal() -> None:
    store = lagging()
    store.sync_all()
    for number in (2, 3):
        write(store, BOB, number)
    store.forget()
    store.fire_due(AGAIN)
    assert set(positions(store, BOBS)) == {0}
    answer_all(store, BOBS)
    assert sorted(set(positions(store, BOBS))) == [0, 4, 5]
    flush(store)
    assert store.durable.laggards == {} and store.durable.fan_out == 6 and not store.fan_out.open


def test_fan_6_under_way_the_laggards_cursor_outlives_a_crash() -> None:
    store = lagging()
    store.sync_all()
    write(store, BOB, 2)
    answer(store, store.sent(Enter)[0])
    assert store.durable.laggards == {BOBS: 1}
    store.forget()
    store.crash()
    assert positions(store, BOBS) == [4]


def test_fan_6_a_disk_that_refuses_the_laggards_move_is_asked_again() -> None:
    store = lagging()
    store.sync_all()
    store.refusals = 1
    answer(store, store.sent(Enter)[0])
    assert BOBS in store.durable.laggards
    store.fire_due(AGAIN)
    store.sync_all()
    assert store.durable.laggards.get(BOBS) != 0


def test_fan_6_an_entry_that_is_appended_while_the_laggard_ends_is_under_one_of_the_cursors() -> None:
    store = lagging()
    store.sync_all()
    first = store.sent(Enter)[0]
    store.receive("inbox 0", Entered(BOBS, first.position, Outcome.TAKEN, first.trace))
    send(store, BOB, 2)
    store.sync()  # the laggard has its entry; it has nothing more to wait for, so its end is written
    store.sync()  # the new entry of Bob's is durable before that end
    store.sync()  # the end
    assert store.durable.laggards == {} and positions(store, BOBS)[-1] == 4
    flush(store)  # the shared cursor rides on some other write; Bob's inbox has not answered
    store.forget()
    store.crash()
    assert positions(store, BOBS) == [4]


def test_fan_6_a_laggard_that_is_born_and_restarted_keeps_its_entry() -> None:
    store = lagging()
    store.sync_all()  # born at the entry where the shared cursor stands; that cursor's move still rides
    store.crash()  # both cursors are equal now
    store.sync_all()
    flush(store)
    store.forget()
    store.crash()
    assert 0 in positions(store, BOBS)


def test_fan_6_several_laggards_have_a_cursor_each() -> None:
    store = shard()
    dora, carl = 5, 6
    write(store, dora, 1)
    write(store, carl, 1)
    for number in (1, 2, 3):
        answer(store, write(store, EVE, number))
    for _ in range(3):
        store.fire_due(AGAIN)
        store.sync_all()
    assert store.durable.laggards == {device_of(dora): 0, device_of(carl): 1}
    flush(store)
    assert store.durable.fan_out == 5 and store.durable.first_position == 0
    assert ANNS not in store.durable.laggards
