"""Lists that sort in: shown at once, and what comes late is put in above (PHONE-5, the variant)."""

from __future__ import annotations

from port_fakes import PhoneFake
from words import CHAT, accepted, compose, connect, deliver, online_phone, row

from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import ReadThrough
from sim.vocabulary.screens import HELD_BACK, SORTED_IN


def waiting_for_own(screen_order: str = SORTED_IN) -> PhoneFake:
    """Ann wrote 7, entry 1, and has not heard so; Bob's 102, entry 2, is here."""
    phone = online_phone(screen_order=screen_order)
    compose(phone, 7)
    deliver(phone, row(1, 2, predecessor=1, own=True))
    return phone


def hear(phone: PhoneFake) -> None:
    """Her message was accepted as entry 1."""
    phone.machine.receive(accepted(phone, 1, sequence=1))
    phone.sync_all()


def open_chat(phone: PhoneFake) -> None:
    phone.machine.on_open(CHAT)
    phone.sync_all()


def read(phone: PhoneFake) -> list[int]:
    return [each[0] for message in phone.sent(ReadThrough) for each in message.covered]


def test_phone_5_held_back_it_waits_and_sorted_in_it_is_shown_at_once() -> None:
    assert waiting_for_own(HELD_BACK).list_shown() == []
    assert waiting_for_own(SORTED_IN).list_shown() == [102]


def test_phone_5_what_comes_late_is_put_in_above_and_the_jump_is_told() -> None:
    phone = waiting_for_own()
    assert HardCase.VISIBLE_JUMP not in phone.claims()
    hear(phone)
    assert phone.list_shown() == [7, 102] and phone.claims().count(HardCase.VISIBLE_JUMP) == 1


def test_phone_5_what_comes_in_order_is_no_jump() -> None:
    phone = online_phone(screen_order=SORTED_IN)
    deliver(phone, row(1, 1), row(2, 2))
    assert phone.list_shown() == [101, 102] and HardCase.VISIBLE_JUMP not in phone.claims()


def test_phone_5_both_orders_come_to_the_same_list() -> None:
    phones = [waiting_for_own(order) for order in (HELD_BACK, SORTED_IN)]
    for phone in phones:
        hear(phone)
        deliver(phone, row(2, 3, predecessor=2))
    assert phones[0].list_shown() == phones[1].list_shown() == [7, 102, 103]


def test_phone_4_after_a_restart_the_list_is_drawn_in_order_with_what_has_no_place_yet() -> None:
    phone = waiting_for_own()
    phone.crash()
    assert phone.list_shown() == [102] and ("pending", 7) in [(each.name, each.subject) for each in phone.effects]
    connect(phone)
    hear(phone)
    assert phone.list_shown() == [7, 102]


def test_phone_8_what_was_seen_before_it_had_its_place_is_read_when_it_has_it() -> None:
    phone = waiting_for_own()
    open_chat(phone)
    assert read(phone) == [], "a watermark says 'up to here', and what is before it is not known"
    hear(phone)
    assert read(phone) == [2]


def test_phone_8_what_was_seen_outlives_a_crash() -> None:
    phone = waiting_for_own()
    open_chat(phone)
    phone.crash()
    connect(phone)
    hear(phone)
    assert read(phone) == [2]


def test_phone_8_what_nobody_has_seen_is_not_read() -> None:
    phone = waiting_for_own()
    open_chat(phone)
    deliver(phone, row(2, 3, predecessor=2))
    hear(phone)
    assert phone.list_shown() == [7, 102, 103] and read(phone) == [2]
    open_chat(phone)
    assert read(phone)[-1] == 3


def test_chan_1_a_page_of_the_log_does_not_fall_short_of_what_is_on_the_screen() -> None:
    assert waiting_for_own(HELD_BACK).machine.known_through(CHAT) == 0
    assert waiting_for_own(SORTED_IN).machine.known_through(CHAT) == 2
