"""Media on the phone: the blob first, then its message; in order, across restarts; fetched only when somebody asks."""

from __future__ import annotations

from typing import Any

from port_fakes import PhoneFake
from recording_port import SECOND
from words import BOB, CHAT, EVE, accepted, compose, connect, deliver, online_phone, row

from sim.protocol.connection_server import ConnectionServer
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.media import (
    Attachment,
    BlobFetched,
    FetchBlob,
    Held,
    NoSuchBlob,
    NotTaken,
    Offer,
    PutPart,
    Reference,
    Wanted,
)
from sim.vocabulary.messages import Append
from sim.vocabulary.points import CONNECTION_SERVER, INBOX, SENDS, STORE

OTHER_CHAT = conversation_between(0, EVE)
NEW = Attachment(-1, 250)
AGAIN = 3 * SECOND


def a_phone(**changes: Any) -> PhoneFake:
    return online_phone(part_bytes=100, transfer_again_us=AGAIN, **changes)


def attach(phone: PhoneFake, body: int, attachment: Attachment = NEW, chat: int = CHAT) -> int:
    """The person sends a picture. Returns its blob."""
    phone.machine.on_compose(chat, body, -1, None, attachment)
    phone.sync_all()
    line = next(line for line in phone.durable.chats[chat].lines.values() if line.body == body)
    return int(line.content.blob)


def answer(phone: PhoneFake, kind: type, *fields: Any) -> None:
    """The object store answers the last request about a blob."""
    asked = phone.sent(Offer, PutPart, FetchBlob)[-1]
    phone.machine.receive(kind(asked.blob, *fields, asked.trace))
    phone.sync_all()


def sent_bodies(phone: PhoneFake) -> list[int]:
    return [each.body for each in phone.sent(Append)]


def picture(number: int, sequence: int, blob: int = 99) -> Any:
    """A row of Ann's inbox with a picture of Bob's."""
    return row(number, sequence)._replace(content=Reference(blob, 250, blob))


# -- the blob comes first ---------------------------------------------------------------------------------------


def test_media_a_the_message_waits_until_its_blob_is_held_durably() -> None:
    phone = a_phone()
    attach(phone, 7)
    assert phone.story("send") == ["send offer"] and not sent_bodies(phone)
    answer(phone, Wanted, (0, 1, 2))
    assert not sent_bodies(phone)
    asked = phone.sent(PutPart)[-1]
    phone.machine.receive(Held(asked.blob, asked.trace))
    assert not sent_bodies(phone), "what the store said is not durable here yet"
    phone.sync_all()
    (append,) = phone.sent(Append)
    assert append.content == Reference(asked.blob, 250, asked.blob)


def test_media_a_it_goes_up_in_parts_and_the_store_says_which() -> None:
    phone = a_phone()
    attach(phone, 7)
    answer(phone, Wanted, (0, 1, 2))
    answer(phone, Wanted, (1, 2))
    answer(phone, Wanted, (2,))
    assert [(put.part, put.part_bytes) for put in phone.sent(PutPart)] == [(0, 100), (1, 100), (2, 50)]
    assert all(put.size_bytes == 250 and put.parts == 3 for put in phone.sent(PutPart))


def test_media_a_or_whole() -> None:
    phone = online_phone(part_bytes=0)
    attach(phone, 7)
    assert phone.sent(Offer)[0].parts == 1
    answer(phone, Wanted, (0,))
    assert phone.sent(PutPart)[0].part_bytes == 250


def test_media_a_a_refusal_sends_nothing_and_is_tried_again() -> None:
    phone = a_phone()
    attach(phone, 7)
    answer(phone, NotTaken)
    assert not sent_bodies(phone)
    phone.fire_due(AGAIN)
    assert len(phone.sent(Offer)) == 2
    answer(phone, Held)
    assert sent_bodies(phone) == [7]


def test_media_a_patience_doubles_while_nothing_comes_and_follows_what_answers_take() -> None:
    phone = a_phone()
    attach(phone, 7)
    waited = []
    for _ in range(6):
        span_us = max(timer.at_us for timer in phone.due if timer.callback.__name__ == "on_transfer_due")
        waited.append((span_us - phone.now_us) // AGAIN)
        phone.fire_due(span_us - phone.now_us)
    assert waited == [1, 2, 4, 8, 16, 16]
    answer(phone, Wanted, (0, 1, 2))
    assert phone.due[-1].at_us - phone.now_us == AGAIN, "that answer came at once"
    phone.now_us += 5 * SECOND
    answer(phone, Wanted, (1, 2))
    assert phone.due[-1].at_us - phone.now_us == 10 * SECOND


def test_while_bytes_move_nothing_is_sent_twice() -> None:
    phone = a_phone()
    attach(phone, 7)
    answer(phone, Wanted, (0,))
    phone.moving_us = 20 * SECOND
    phone.fire_due(AGAIN)
    assert len(phone.sent(Offer)) == 1
    phone.moving_us = 0
    phone.fire_due(20 * SECOND)
    assert len(phone.sent(Offer)) == 1, "and then the answer has its time"
    phone.fire_due(AGAIN)
    assert len(phone.sent(Offer)) == 2


def test_an_answer_to_an_earlier_request_moves_nothing() -> None:
    phone = a_phone()
    attach(phone, 7)
    early = phone.sent(Offer)[0]
    phone.fire_due(AGAIN)
    phone.machine.receive(Wanted(early.blob, (0, 1, 2), early.trace))
    assert not phone.sent(PutPart)


# -- what waits behind it, and what does not --------------------------------------------------------------------


def test_phone_2_later_messages_of_the_chat_wait_and_other_chats_do_not() -> None:
    phone = a_phone()
    attach(phone, 7)
    compose(phone, 8)
    phone.machine.on_compose(OTHER_CHAT, 9, -1)
    phone.sync_all()
    assert sent_bodies(phone) == [9]
    answer(phone, Held)
    assert sent_bodies(phone) == [9, 7, 8]
    assert [each.send_number for each in phone.sent(Append)] == [1, 1, 2]


def test_uploads_of_later_messages_do_not_wait_for_earlier_ones() -> None:
    phone = a_phone()
    first, second = attach(phone, 7), attach(phone, 8)
    assert [offer.blob for offer in phone.sent(Offer)] == [first, second]
    answer(phone, Held)
    assert not sent_bodies(phone), "the second is there, but the first comes first"
    phone.fire_due(AGAIN)
    answer(phone, Held)
    assert sent_bodies(phone) == [7, 8]


# -- restarts and networks --------------------------------------------------------------------------------------


def test_media_a_an_app_that_is_killed_offers_again_and_goes_on_where_it_was() -> None:
    phone = a_phone()
    blob = attach(phone, 7)
    answer(phone, Wanted, (0, 1, 2))
    phone.crash()
    phone.forget()
    connect(phone)
    assert [offer.blob for offer in phone.sent(Offer)] == [blob]
    answer(phone, Wanted, (1, 2))
    assert [put.part for put in phone.sent(PutPart)] == [1]


def test_media_a_what_was_held_before_the_restart_needs_no_second_upload() -> None:
    phone = a_phone()
    attach(phone, 7)
    answer(phone, Held)
    phone.crash()
    phone.forget()
    connect(phone)
    assert phone.story("send") == ["send hello", "send append"]


def test_media_a_an_old_promise_is_renewed_before_the_message_goes_out() -> None:
    phone = a_phone(blob_fresh_us=10 * SECOND)
    attach(phone, 7)
    answer(phone, Held)
    phone.machine.on_network_down()
    phone.now_us += 11 * SECOND
    phone.forget()
    connect(phone)
    assert not sent_bodies(phone) and phone.sent(Offer)
    answer(phone, Held)
    assert sent_bodies(phone) == [7]


def test_a_disk_that_refuses_the_note_is_asked_again() -> None:
    phone = a_phone()
    attach(phone, 7)
    phone.refusals = 1
    answer(phone, Held)
    assert not sent_bodies(phone)
    phone.fire_due(AGAIN)
    answer(phone, Held)
    assert sent_bodies(phone) == [7]


def test_without_a_network_nothing_is_tried_and_with_it_all_goes_on() -> None:
    phone = a_phone()
    blob = attach(phone, 7)
    deliver(phone, picture(1, 1))
    phone.machine.on_open_media(CHAT, 101)
    phone.machine.on_network_down()
    phone.forget()
    phone.fire_due(20 * AGAIN)
    assert not phone.sent()
    connect(phone)
    assert [each.blob for each in phone.sent(Offer, FetchBlob)] == [blob, 99]


# -- sending on -------------------------------------------------------------------------------------------------


def test_what_is_held_already_is_sent_on_at_once() -> None:
    phone = a_phone()
    blob = attach(phone, 7)
    answer(phone, Held)
    assert attach(phone, 8, Attachment(blob, 250), OTHER_CHAT) == blob
    assert sent_bodies(phone) == [7, 8]
    assert len(phone.sent(Offer)) == 1


def test_media_a_what_was_fetched_is_promised_anew_before_it_is_sent_on_and_given_again_if_it_is_gone() -> None:
    phone = a_phone()
    deliver(phone, picture(1, 1))
    phone.machine.on_open_media(CHAT, 101)
    answer(phone, BlobFetched, 250)
    attach(phone, 8, Attachment(99, 250), OTHER_CHAT)
    assert not sent_bodies(phone)
    answer(phone, Wanted, (0, 1, 2))
    assert phone.sent(PutPart)[-1].blob == 99
    answer(phone, Held)
    assert sent_bodies(phone) == [8]


def test_what_is_not_on_the_phone_cannot_be_sent_on() -> None:
    phone = a_phone()
    phone.machine.on_compose(CHAT, 8, -1, None, Attachment(99, 250))
    phone.sync_all()
    assert phone.sent(Append)[0].content is None


# -- downloads --------------------------------------------------------------------------------------------------


def test_only_who_asks_fetches() -> None:
    phone = a_phone()
    deliver(phone, picture(1, 1))
    assert phone.story("show", "picture") == ["show 101", "picture 101"] and not phone.sent(FetchBlob)
    phone.machine.on_open_media(CHAT, 101)
    assert phone.sent(FetchBlob)
    answer(phone, BlobFetched, 250)
    assert phone.story("seen") == ["seen 101"]
    phone.machine.on_open_media(CHAT, 101)
    assert phone.story("seen") == ["seen 101"] * 2 and len(phone.sent(FetchBlob)) == 1, "the second time it is here"


def test_a_download_without_an_answer_is_tried_again() -> None:
    phone = a_phone()
    deliver(phone, picture(1, 1))
    phone.machine.on_open_media(CHAT, 101)
    phone.fire_due(AGAIN)
    assert len(phone.sent(FetchBlob)) == 2 and HardCase.DOWNLOAD_REPEATED in phone.claims()
    phone.refusals = 1
    answer(phone, BlobFetched, 250)
    assert not phone.story("seen"), "the disk was full"
    phone.fire_due(2 * AGAIN)
    answer(phone, BlobFetched, 250)
    assert phone.story("seen") == ["seen 101"]


def test_what_is_gone_is_said_to_be_gone() -> None:
    phone = a_phone()
    deliver(phone, picture(1, 1))
    phone.machine.on_open_media(CHAT, 101)
    answer(phone, NoSuchBlob)
    assert phone.story("seen", "gone") == ["gone 101"]


def test_one_download_serves_all_messages_that_refer_to_it() -> None:
    phone = a_phone()
    deliver(phone, picture(1, 1), picture(2, 2))
    phone.machine.on_open_media(CHAT, 101)
    phone.machine.on_open_media(CHAT, 102)
    answer(phone, BlobFetched, 250)
    assert phone.story("seen") == ["seen 101", "seen 102"] and len(phone.sent(FetchBlob)) == 1


def test_what_carries_no_media_opens_nothing() -> None:
    phone = a_phone()
    deliver(phone, row(1, 1))
    for body in (101, 5):
        phone.machine.on_open_media(CHAT, body)
    phone.machine.on_open_media(conversation_between(BOB, EVE), 101)
    assert not phone.sent(FetchBlob, Offer) and not phone.story("seen", "gone", "picture")


# -- beside the message path ------------------------------------------------------------------------------------


def test_media_a_no_server_of_the_message_path_takes_or_sends_a_blob() -> None:
    for server in (CONNECTION_SERVER, STORE, INBOX):
        assert not {PutPart, BlobFetched} & set(SENDS[server])
    assert not {Offer, PutPart, FetchBlob, BlobFetched} & set(ConnectionServer.TAKES)


def test_the_outbox_forgets_nothing_over_an_acceptance() -> None:
    phone = a_phone()
    attach(phone, 7)
    compose(phone, 8)
    answer(phone, Held)
    phone.machine.receive(accepted(phone, 1, 1))
    phone.machine.receive(accepted(phone, 2, 2, predecessor=1, own=True))
    phone.sync_all()
    assert phone.list_shown() == [7, 8] and not phone.durable.chats[CHAT].outbox
    assert phone.story("picture") == ["picture 7"]
