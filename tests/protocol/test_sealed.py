"""SEAL-1..4: no server is told who sends; the recipient is, by a certificate inside."""

from __future__ import annotations

from typing import Any

import pytest
from port_fakes import ConnectionServerFake, InboxFake, PhoneFake, StoreFake
from recording_port import SECOND, FakeConnection
from words import ANN, ANNS, BOB, BOBS, CHAT, EVE, compose, connect, deliver, hello, row, welcome

from sim.protocol.certificates import Authority, CertifyingDirectory, CertifyingState
from sim.protocol.keys import Content, DeviceKey, Lock
from sim.protocol.phone_state import FAILED
from sim.protocol.sealed_phone import SealedPhone
from sim.protocol.sealed_phone_state import SealedPhoneState
from sim.protocol.sealed_store import SealedConnectionServer, SealedStore, SealedStoreState
from sim.vocabulary.encryption import AskCertificate, Certificate, Certified, SealedSend, StaleList
from sim.vocabulary.ids import conversation_between, device_of
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import Accepted, Append, Enter, ReadThrough, Reason, Refused, Update
from sim.vocabulary.population import PLAIN
from sim.vocabulary.records import MoveCursor

LIFE = 100 * SECOND
LAPTOP = device_of(BOB, 1)


class Trust:
    """Keys, tokens and the authority."""

    def __init__(self) -> None:
        self.keys: dict[int, DeviceKey] = {}
        self.authority = Authority(LIFE)

    def key_of(self, device: int) -> DeviceKey:
        return self.keys.setdefault(device, DeviceKey(device, lambda *each: None, 1000 + device))

    def lock_of(self, device: int) -> Lock:
        return self.key_of(device).lock

    def token_of(self, conversation: int) -> int:
        return conversation + 77

    def certificate(self, user: int = BOB, now_us: int = 0) -> Certificate:
        return self.authority.issue(user, device_of(user), now_us)

    def row(self, number: int, content: Content, stamped_us: int = 0, message_id: int = 0) -> Update:
        """A row of Ann's inbox, sealed for her phone; no server knows who wrote it."""
        sealed = self.lock_of(ANNS).seal(content)
        plain = row(number, number, message_id=message_id or 1000 + number)
        return plain._replace(sender=-1, body=content.body, written_us=stamped_us, envelope=sealed)


class SealedPhoneFake(PhoneFake):
    runs = (SealedPhone,)

    def send_unnamed(self, connection: Any, message: Any) -> None:
        self.effect("unnamed", message, connection)

    def believed(self, content: Any, stamped_us: int) -> None:
        self.effect("believed", content.sender)

    def sealed(self) -> list[SealedSend]:
        return [each.subject for each in self.effects if each.name == "unnamed"]


class SealedStoreFake(StoreFake):
    def make_machines(self) -> tuple[Any, ...]:
        _, fan_out, receipts = super().make_machines()
        return SealedStore(self, self.timers, fan_out, receipts), fan_out, receipts


class SealedServerFake(ConnectionServerFake):
    runs = (SealedConnectionServer,)


class CertifyingFake(InboxFake):
    runs = (CertifyingDirectory,)


def anns_phone(trust: Trust, certified: bool = True) -> SealedPhoneFake:
    state = SealedPhoneState(ANNS, ANN)
    state.equip(trust.key_of(ANNS), trust, PLAIN)
    state.authority, state.tokens = trust.authority, trust
    phone = SealedPhoneFake(state)
    connect(phone)
    welcome(phone)
    if certified:
        phone.machine.receive(Certified(ANNS, trust.certificate(ANN), 0))
    phone.forget()
    return phone


def store(trust: Trust) -> SealedStoreFake:
    state = SealedStoreState(4)
    state.tokens = trust
    return SealedStoreFake(state)


def answer(message: SealedSend, sequence: int = 1) -> Accepted:
    names = message.device, message.conversation, message.send_number, message.message_id
    return Accepted(*names, sequence, 0, False, message.trace)


# -- SEAL-1: nobody is named ---------------------------------------------------------------------------------------


def test_seal_1_a_message_goes_out_over_another_connection_under_a_tag() -> None:
    phone = anns_phone(Trust())
    named = phone.connection
    compose(phone, 7)
    (message,) = phone.sealed()
    assert not phone.sent(Append)
    assert phone.machine.unnamed is not named and phone.machine.connection is named
    assert message.user < 0 and message.device not in (ANN, ANNS) and message.message_id >> 24 != ANNS
    assert [envelope.device for envelope in message.envelopes] == [ANNS, BOBS], "SEAL-2: its own device among them"


def test_seal_1_a_tag_belongs_to_one_conversation_and_stays() -> None:
    phone = anns_phone(Trust())
    other = conversation_between(ANN, EVE)
    for conversation, body in ((CHAT, 1), (other, 2), (CHAT, 3)):
        phone.machine.on_compose(conversation, body, -1)
        phone.sync_all()
    first, second, third = (message.device for message in phone.sealed())
    assert first == third != second


def test_seal_1_the_answer_finds_the_unnamed_connection() -> None:
    server, trust = SealedServerFake(), Trust()
    named, unnamed = FakeConnection(1, device=ANNS), FakeConnection(2, device=ANNS)
    server.machine.on_hello(named, hello(1, device=ANNS, user=ANN))
    phone = anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    server.machine.on_sealed(unnamed, message)
    server.receive("store", answer(message))
    assert server.to_phone(unnamed) == [answer(message)] and not server.to_phone(named)
    server.machine.on_sealed(unnamed, message)
    server.machine.on_closed(unnamed)
    server.receive("store", answer(message))
    assert len(server.to_phone(unnamed)) == 1, "a closed one is forgotten"


def test_seal_1_who_has_not_the_token_is_turned_away_for_good() -> None:
    trust = Trust()
    shard, phone = store(trust), anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    shard.receive("server a", message._replace(device=99, token=1))
    shard.sync_all()
    shard.receive("server a", message)
    shard.sync_all()
    refused, taken = shard.sent_to("server a")
    assert isinstance(refused, Refused) and refused.reason == Reason.NOT_A_MEMBER
    assert isinstance(taken, Accepted) and {each.device for each in shard.sent(Enter)} == {ANNS, BOBS}
    assert {each.sender for each in shard.sent(Enter)} == {-1}, "nothing says who sent it"


def test_seal_1_a_dead_unnamed_connection_is_replaced() -> None:
    phone = anns_phone(Trust())
    compose(phone, 7)
    before = phone.machine.unnamed
    phone.fire_due(phone.timers.resend_us)
    assert phone.machine.unnamed is not before and not before.open
    phone.machine.on_broken(phone.machine.unnamed)
    assert phone.machine.unnamed is None and phone.machine.connection is not None
    first, second = phone.sealed()
    assert (first.device, first.send_number, first.message_id) == (second.device, second.send_number, second.message_id)


def test_phone_6_an_unnamed_connection_goes_to_another_server_than_the_one_that_failed() -> None:
    phone = anns_phone(Trust())
    compose(phone, 7)
    failed = phone.machine.unnamed.server
    phone.fire_due(phone.timers.resend_us)
    silent = phone.machine.unnamed
    assert silent.server is not failed, "silent"
    phone.machine.on_broken(silent)
    phone.fire_due(phone.timers.resend_us)
    assert phone.machine.unnamed.server is not silent.server, "broken"
    assert len(phone.sealed()) == 3


# -- SEAL-2: the own copy ------------------------------------------------------------------------------------------


def test_seal_2_accepted_is_the_first_tick_and_the_copy_brings_the_place() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    phone.machine.receive(answer(message))
    phone.sync_all()
    assert not phone.story("place") and phone.story("tick")
    own = Content(7, ANN, None, trust.certificate(ANN))
    deliver(phone, trust.row(1, own, message_id=message.message_id))
    assert phone.list_shown() == [7] and not phone.durable.chats[CHAT].held
    assert not phone.durable.owed, "no receipt to oneself"
    deliver(phone, trust.row(2, own, message_id=message.message_id))
    assert phone.list_shown() == [7]


def test_seal_2_a_copy_that_overtakes_the_answer_is_the_answer() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    deliver(phone, trust.row(1, Content(7, ANN, None, trust.certificate(ANN)), message_id=message.message_id))
    assert phone.list_shown() == [7] and not phone.durable.chats[CHAT].outbox and phone.story("tick")
    phone.machine.receive(answer(message))
    assert not phone.unsynced


# -- SEAL-3: receipts ----------------------------------------------------------------------------------------------


def test_seal_3_a_receipt_is_a_sealed_message_of_the_recipients() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    (receipt,) = phone.sealed()
    assert receipt.send_number == 1 and receipt.device != phone.durable.tag_of(CHAT)
    assert [envelope.device for envelope in receipt.envelopes] == [ANNS, BOBS]
    content = trust.key_of(BOBS).open(receipt.envelopes[1], phone)
    assert content is not None and (content.receipt, content.about) == (UpdateKind.DELIVERED, 1001)
    phone.fire_due(phone.timers.resend_us)
    assert len(phone.sealed()) == 2, "until it is accepted"
    phone.machine.receive(answer(receipt))
    phone.sync_all()
    assert not phone.durable.owed


def test_seal_3_an_app_killed_before_it_sent_a_receipt_still_owes_it() -> None:
    trust = Trust()
    phone = anns_phone(trust, certified=False)
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    assert not phone.sealed(), "nothing goes out without a certificate"
    phone.crash()
    connect(phone)
    assert phone.sent(AskCertificate)
    phone.machine.receive(Certified(ANNS, trust.certificate(ANN), 0))
    assert len(phone.sealed()) == 1


def test_seal_3_reading_owes_a_receipt_and_tells_the_inbox_no_names() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    phone.machine.on_open(CHAT)
    phone.sync_all()
    assert [owed.update for owed in phone.durable.owed.values()] == [UpdateKind.DELIVERED, UpdateKind.READ]
    (watermark,) = phone.sent(ReadThrough)
    assert watermark.through == 1 and watermark.covered == ()


def test_seal_3_a_receipt_draws_its_tick() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    deliver(phone, trust.row(1, Content(7, ANN, None, trust.certificate(ANN)), message_id=message.message_id))
    told = Content(7, BOB, None, trust.certificate(), UpdateKind.READ, message.message_id)
    deliver(phone, trust.row(2, told))
    assert phone.durable.chats[CHAT].lines[message.message_id].tick == 3
    assert len(phone.sealed()) == 1, "no receipt for a receipt"


def test_seal_3_an_inbox_owes_nothing_for_what_names_nobody() -> None:
    trust = Trust()
    shard = InboxFake()
    entry = Enter(ANNS, 0, CHAT, 1, 0, 0, False, 5, -1, 0, 7, 0, trust.lock_of(ANNS).seal(Content(7, BOB)))
    shard.receive("store", entry)
    shard.sync_all()
    shard.durable.apply(MoveCursor(ANNS, 1, 1, 0))
    assert not shard.durable.inboxes[ANNS].owed


# -- SEAL-4: certificates ------------------------------------------------------------------------------------------


def wrong(trust: Trust) -> dict[str, tuple[Content, int]]:
    return {
        "expired": (Content(7, BOB, None, trust.certificate()), 2 * LIFE),
        "forged": (Content(7, BOB, None, Authority(LIFE).issue(BOB, BOBS, 0)), 0),
        "somebody else's": (Content(7, BOB, None, trust.certificate(EVE)), 0),
        "none": (Content(7, BOB), 0),
    }


@pytest.mark.parametrize("case", ["expired", "forged", "somebody else's", "none"])
def test_seal_4_what_nobody_vouches_for_is_not_shown(case: str) -> None:
    trust = Trust()
    phone = anns_phone(trust)
    content, stamped_us = wrong(trust)[case]
    deliver(phone, trust.row(1, content, stamped_us))
    assert phone.list_shown() == [] and phone.durable.cursor == 1
    assert not phone.durable.owed and not phone.story("believed"), "and owed no receipt: the sender learns nothing"


def test_seal_4_it_is_judged_at_the_stamped_time_and_not_by_this_phones_clock() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    phone.now_us = 50 * LIFE
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate()), 2 * LIFE - 1))
    assert phone.list_shown() == [7]


def test_seal_4_the_store_refuses_what_has_expired_on_the_way_and_it_comes_again() -> None:
    trust = Trust()
    shard, phone = store(trust), anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    shard.now_us = message.expires_us
    shard.receive("server a", message)
    (refusal,) = shard.sent_to("server a")
    assert isinstance(refusal, Refused) and refusal.reason == Reason.CERTIFICATE_EXPIRED and not shard.unsynced
    phone.machine.receive(refusal)
    assert phone.sent(AskCertificate)
    phone.machine.receive(Certified(ANNS, trust.certificate(ANN, message.expires_us), 0))
    again = phone.sealed()[-1]
    assert (again.device, again.send_number, again.message_id) == (message.device, 1, message.message_id)
    shard.receive("server a", again)
    shard.sync_all()
    taken = shard.sent_to("server a")[-1]
    assert isinstance(taken, Accepted)
    (entry,) = shard.durable.entries
    assert entry.append.written_us == shard.now_us, "stamped with the store's time"
    shard.now_us = 9 * LIFE
    shard.receive("server a", again)
    assert shard.sent_to("server a")[-1] == taken, "STORE-2 comes first"
    assert phone.durable.chats[CHAT].lines[message.message_id].tick != FAILED


def test_seal_4_a_full_log_is_no_expired_certificate() -> None:
    """It gets the message again in a while; a later certificate alone brings nothing again."""
    trust = Trust()
    phone = anns_phone(trust)
    compose(phone, 7)
    (message,) = phone.sealed()
    phone.forget()
    phone.machine.receive(Refused(message.device, CHAT, 1, message.message_id, Reason.RETRY_LATER, message.trace))
    assert not phone.sent(AskCertificate)
    phone.machine.receive(Certified(ANNS, trust.certificate(ANN, 2 * message.expires_us), 0))
    assert not phone.sealed()
    phone.fire_due(phone.timers.resend_us)
    (again,) = phone.sealed()
    assert again.message_id == message.message_id


def test_seal_4_certificates_of_one_span_expire_in_one_moment() -> None:
    state = CertifyingState()
    state.authority = Trust().authority
    shard = CertifyingFake(state)
    for device, now_us in ((ANNS, 1), (BOBS, LIFE - 1), (ANNS, LIFE)):
        shard.now_us = now_us
        shard.receive("server a", AskCertificate(device, device // 1024, 0))
    expiries = [each.certificate.expires_us for each in shard.sent(Certified)]
    assert expiries == [2 * LIFE, 2 * LIFE, 3 * LIFE], "the time of expiry says nothing of whom it was issued to"


def test_e2ee_2_a_receipt_that_is_refused_for_a_stale_list_goes_out_again() -> None:
    trust = Trust()
    phone = anns_phone(trust)
    deliver(phone, trust.row(1, Content(7, BOB, None, trust.certificate())))
    (receipt,) = phone.sealed()
    stale = StaleList(receipt.device, CHAT, 1, receipt.message_id, (ANNS, BOBS, LAPTOP), 0)
    phone.machine.receive(stale)
    phone.sync_all()
    again = phone.sealed()[-1]
    assert again.device == receipt.device and len(again.envelopes) == 3
