"""PHONE-1, SEAL-3, SEAL-4: what goes out again with a fresh certificate is another attempt."""

from __future__ import annotations

from test_sealed import SealedPhoneFake, Trust, anns_phone
from words import ANN, ANNS, BOB, compose, deliver

from sim.protocol.keys import Content
from sim.vocabulary.encryption import AskCertificate, Certified, SealedSend
from sim.vocabulary.messages import Reason, Refused


def expire(phone: SealedPhoneFake, trust: Trust, message: SealedSend) -> None:
    """The store met its certificate too late; the next one comes."""
    names = message.device, message.conversation, message.send_number, message.message_id
    phone.machine.receive(Refused(*names, Reason.CERTIFICATE_EXPIRED, message.trace))
    phone.machine.receive(Certified(ANNS, trust.certificate(ANN, message.expires_us), 0))


def test_seal_4_a_message_that_was_too_slow_for_its_certificate_goes_out_as_another_attempt() -> None:
    """PHONE-1: or what was late once would be late each time."""
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    for _ in range(4):
        expire(phone, trust, phone.sealed()[-1])
    sends = phone.sealed()
    assert len(sends) == len({each.trace for each in sends}) == 5
    assert {(each.send_number, each.message_id) for each in sends} == {(1, sends[0].message_id)}


def test_seal_3_so_does_a_receipt() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    for _ in range(4):
        expire(phone, trust, phone.sealed()[-1])
    sends = phone.sealed()
    assert len(sends) == len({each.trace for each in sends}) == 5
    assert len({each.device for each in sends}) == 1, "under its own tag"


def test_seal_4_each_question_for_a_certificate_is_another_attempt() -> None:
    """One that was too long on its way says nothing of the next."""
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    for _ in range(4):
        expire(phone, trust, phone.sealed()[-1])
    questions = phone.sent(AskCertificate)
    assert len(questions) == len({each.trace for each in questions}) == 4


def test_phone_1_the_timer_of_an_attempt_that_was_answered_takes_no_connection_down() -> None:
    """SEAL-1: with it would go what is under way on it, sent since then."""
    trust = Trust()
    phone = anns_phone(trust)
    again_us = phone.timers.resend_us
    compose(phone, 7)
    way = phone.machine.unnamed
    phone.fire_due(again_us // 2)
    expire(phone, trust, phone.sealed()[-1])
    phone.fire_due(again_us // 2)
    assert phone.machine.unnamed is way and len(phone.sealed()) == 2
    phone.fire_due(again_us // 2)
    assert phone.machine.unnamed is not way and len(phone.sealed()) == 3, "the last one was not answered in time"


def test_seal_3_nor_does_that_of_a_receipt() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    again_us = phone.timers.resend_us
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    way = phone.machine.unnamed
    phone.fire_due(again_us // 2)
    expire(phone, trust, phone.sealed()[-1])
    phone.fire_due(again_us // 2)
    assert phone.machine.unnamed is way and len(phone.sealed()) == 2
    phone.fire_due(again_us // 2)
    assert phone.machine.unnamed is not way and len(phone.sealed()) == 3
