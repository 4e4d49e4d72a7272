"""SEAL-2, INBOX-6: own sealed messages whose copies expire find their place, and nothing overtakes them."""

from __future__ import annotations

from test_sealed import SealedPhoneFake, Trust, anns_phone, answer
from words import ANN, BOB, CHAT, compose, updates

from sim.protocol.keys import Content
from sim.vocabulary.encryption import SealedSend
from sim.vocabulary.messages import Gone, Reason, Refused, Update


def sent(phone: SealedPhoneFake, *bodies: int) -> list[SealedSend]:
    """What goes out when Ann writes this."""
    for body in bodies:
        compose(phone, body)
    return phone.sealed()


def theirs(trust: Trust, number: int) -> Update:
    """A row with a message of Bob's."""
    return trust.row(number, Content(100 + number, BOB, None, trust.certificate()))


def expire(phone: SealedPhoneFake, through: int, *rows: Update) -> None:
    """Told that updates, and entries, through this one have expired; the rows are behind it."""
    message = updates(*rows, epoch=phone.durable.epoch)
    phone.machine.receive(message._replace(expired_through=through, expired=(Gone(CHAT, through),)))
    phone.sync_all()


def accept(phone: SealedPhoneFake, message: SealedSend, sequence: int) -> None:
    """The store's answer comes."""
    phone.machine.receive(answer(message, sequence))
    phone.sync_all()


def test_seal_2_what_is_accepted_and_lost_its_copy_is_placed_when_that_is_told() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    first, second = sent(phone, 7, 8)
    accept(phone, first, 1)
    accept(phone, second, 3)
    assert phone.list_shown() == []
    expire(phone, 2, trust.row(3, Content(8, ANN, None, trust.certificate(ANN)), message_id=second.message_id))
    assert phone.list_shown() == [7, 8] and not phone.durable.chats[CHAT].held


def test_seal_2_an_answer_behind_the_expiry_of_its_copy_brings_the_place() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    (message,) = sent(phone, 7)
    expire(phone, 2, theirs(trust, 3))
    assert phone.list_shown() == [], "it may stand before that"
    accept(phone, message, 2)
    assert phone.list_shown() == [7, 103] and not phone.durable.chats[CHAT].held


def test_seal_2_an_answer_that_promises_a_copy_lets_what_waited_go() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    (message,) = sent(phone, 7)
    expire(phone, 2, theirs(trust, 3))
    accept(phone, message, 4)
    assert phone.list_shown() == [103]


def test_seal_2_a_copy_is_an_answer_and_comes_in_its_turn() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    (message,) = sent(phone, 7)
    copy = trust.row(4, Content(7, ANN, None, trust.certificate(ANN)), message_id=message.message_id)
    expire(phone, 2, theirs(trust, 3), copy)
    assert phone.list_shown() == [103, 7] and not phone.durable.chats[CHAT].held


def test_seal_2_what_is_refused_has_no_place_to_wait_for() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    (message,) = sent(phone, 7)
    expire(phone, 2, theirs(trust, 3))
    refusal = Refused(message.device, CHAT, message.send_number, message.message_id, Reason.NOT_A_MEMBER, 0)
    phone.machine.receive(refusal)
    phone.sync_all()
    assert phone.list_shown() == [103] and not phone.durable.chats[CHAT].held


def test_seal_2_what_waits_survives_a_crash() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    (message,) = sent(phone, 7)
    expire(phone, 2, theirs(trust, 3))
    phone.crash()
    accept(phone, message, 1)
    assert phone.list_shown() == [7, 103]
