"""The object store: parts become a blob, durably, before anybody refers to it; every offer begins its life anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from port_fakes import ObjectStoreFake
from recording_port import SECOND, FakeConnection

from sim.vocabulary.kinds import HardCase
from sim.vocabulary.media import BlobFetched, FetchBlob, Held, NoSuchBlob, NotTaken, Offer, PutPart, Wanted
from sim.vocabulary.messages import trace_of

BLOB, PARTS, PART_BYTES, SIZE_BYTES = 7, 3, 100, 250
DAY = 86_400 * SECOND


@pytest.fixture
def store() -> ObjectStoreFake:
    return ObjectStoreFake(blob_life_us=30 * DAY)


@pytest.fixture
def phone() -> FakeConnection:
    return FakeConnection(1)


def offer(attempt: int = 1) -> Offer:
    return Offer(BLOB, SIZE_BYTES, PARTS, trace_of(BLOB, attempt))


def put(part: int, attempt: int = 2) -> PutPart:
    left = min(PART_BYTES, SIZE_BYTES - part * PART_BYTES)
    return PutPart(BLOB, part, PARTS, left, SIZE_BYTES, trace_of(BLOB, attempt))


def upload(store: ObjectStoreFake, phone: FakeConnection) -> None:
    """All parts, made durable."""
    for part in range(PARTS):
        store.receive(phone, put(part))
        store.sync_all()


def answers(store: ObjectStoreFake, phone: FakeConnection) -> list[Any]:
    return store.to_phone(phone)


def test_media_a_an_unknown_blob_is_wanted_whole(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.receive(phone, offer())
    assert answers(store, phone) == [Wanted(BLOB, (0, 1, 2), offer().trace)]
    assert not store.unsynced, "an offer alone leaves nothing behind"


def test_media_a_held_is_said_only_when_every_part_is_durable(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.receive(phone, put(0))
    store.sync_all()
    store.receive(phone, put(2))
    store.sync_all()
    assert [type(each) for each in answers(store, phone)] == [Wanted, Wanted]
    assert answers(store, phone)[-1].missing == (1,)
    store.receive(phone, put(1))
    assert len(answers(store, phone)) == 2, "not before the sync"
    store.sync_all()
    assert isinstance(answers(store, phone)[-1], Held)


def test_media_a_after_a_crash_only_what_is_missing_is_wanted(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.receive(phone, put(0))
    store.sync_all()
    store.receive(phone, put(1))
    store.crash()
    store.receive(phone, offer(3))
    assert answers(store, phone)[-1] == Wanted(BLOB, (1, 2), offer(3).trace)
    assert HardCase.UPLOAD_RESUMED in store.claims()


def test_a_part_that_comes_twice_changes_nothing(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.receive(phone, put(0))
    store.receive(phone, put(0))
    store.sync_all()
    assert store.durable.blobs[BLOB].missing == [1, 2]
    upload(store, phone)
    store.forget()
    store.receive(phone, put(1))
    store.sync_all()
    assert answers(store, phone) == [Held(BLOB, put(1).trace)]


def test_a_disk_that_refuses_is_told_and_promises_nothing(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.refusals = 1
    store.receive(phone, put(0))
    store.sync_all()
    assert answers(store, phone) == [NotTaken(BLOB, put(0).trace)]
    assert BLOB not in store.durable.blobs
    upload(store, phone)
    store.forget()
    store.refusals = 1
    store.receive(phone, offer())
    store.sync_all()
    assert answers(store, phone) == [NotTaken(BLOB, offer().trace)], "a renewal that is not durable is no promise"


@pytest.mark.parametrize(
    ("prepare", "expected"),
    [(lambda store, phone: None, NoSuchBlob), (upload, BlobFetched)],
    ids=["nothing there", "all of it there"],
)
def test_a_fetch_gets_the_blob_or_is_told(
    store: ObjectStoreFake,
    phone: FakeConnection,
    prepare: Callable[[ObjectStoreFake, FakeConnection], None],
    expected: type,
) -> None:
    prepare(store, phone)
    store.receive(phone, FetchBlob(BLOB, trace_of(BLOB, 9)))
    assert type(answers(store, phone)[-1]) is expected


def test_half_a_blob_is_no_blob(store: ObjectStoreFake, phone: FakeConnection) -> None:
    store.receive(phone, put(0))
    store.sync_all()
    store.receive(phone, FetchBlob(BLOB, trace_of(BLOB, 9)))
    assert isinstance(answers(store, phone)[-1], NoSuchBlob)


def test_media_a_a_life_ends_and_every_offer_begins_it_anew(store: ObjectStoreFake, phone: FakeConnection) -> None:
    upload(store, phone)
    store.fire_due(20 * DAY)
    store.receive(phone, offer())
    store.sync_all()
    store.fire_due(15 * DAY)
    store.sync_all()
    assert store.durable.held(BLOB) is not None, "the life counts from the last promise"
    store.fire_due(15 * DAY)
    store.sync_all()
    assert store.durable.held(BLOB) is None
    store.receive(phone, offer())
    assert isinstance(answers(store, phone)[-1], Wanted)


def test_media_a_a_renewal_that_comes_first_in_the_log_wins(store: ObjectStoreFake, phone: FakeConnection) -> None:
    upload(store, phone)
    store.now_us += 30 * DAY
    store.receive(phone, offer())
    store.fire_due(0)
    assert store.story("persist")[-2:] == ["persist renew_blob", "persist expire_blob"]
    store.sync_all()
    assert isinstance(answers(store, phone)[-1], Held)
    assert store.durable.held(BLOB) is not None


def test_media_a_an_end_that_comes_first_is_no_promise(store: ObjectStoreFake, phone: FakeConnection) -> None:
    upload(store, phone)
    store.fire_due(30 * DAY)
    store.receive(phone, offer())
    store.sync_all()
    assert isinstance(answers(store, phone)[-1], NotTaken)
    assert store.durable.held(BLOB) is None


def test_lives_are_watched_across_a_crash(store: ObjectStoreFake, phone: FakeConnection) -> None:
    upload(store, phone)
    store.crash()
    store.fire_due(30 * DAY)
    store.refusals = 1
    store.sync_all()
    assert store.durable.held(BLOB) is not None, "the disk refused"
    store.fire_due(store.timers.call_again_us)
    store.sync_all()
    assert store.durable.held(BLOB) is None
