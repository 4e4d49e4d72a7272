"""Media from end to end: what goes up before what goes out, who waits, how long bytes take, and what off costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sim import run
from sim.checkers.verdict import INVALID
from sim.faults.schedule import Fault
from sim.runner import Result
from sim.scenario.loading import load
from sim.scenario.media import Media
from sim.scenario.model import Operation, Protocol, Reading, Scenario, Workload
from sim.vocabulary import kinds
from sim.vocabulary.kinds import Row
from sim.vocabulary.points import OBJECT_STORE, ROLES

SECOND = 1_000_000
LOOKS = Media(open_share=1.0, up_bytes_per_s=100_000, down_bytes_per_s=1_000_000)


def scripted(*steps: Operation, media: Media = LOOKS, **protocol: int) -> Scenario:
    """People who open chats only when the script says so."""
    workload = Workload(kind="script", users=4, operations=steps, reading=Reading(share=0.0))
    return Scenario(workload=workload, media=media, protocol=replace(Protocol(), **protocol))  # type: ignore[arg-type]


def played(scenario: Scenario, *faults: Fault) -> Result:
    """One run; all checks hold."""
    result = run(scenario, 1, faults=faults, keep_history=True)
    assert [(each.check, each.story) for each in result.verdicts if each.outcome == INVALID] == []
    return result


def rows(result: Result, kind: int, operation: int | None = None) -> Iterator[Row]:
    """The rows of a kind (about an operation), in order."""
    assert result.history is not None
    for each in result.history.rows():
        row = Row(*each)
        if row.kind == kind and operation in (None, row.operation):
            yield row


def first_us(result: Result, kind: int, operation: int | None = None) -> int:
    return next(rows(result, kind, operation)).time_us


def test_media_a_the_blob_is_durable_before_its_message_is_in_the_log() -> None:
    result = played(scripted(Operation(SECOND, 0, 1, media_bytes=300_000)))
    assert first_us(result, kinds.BLOB_DURABLE) < first_us(result, kinds.LOGGED, 0)
    assert result.counts["blobs"] == 1 and result.counts["bytes_up"] == 300_000


def test_bytes_take_their_time() -> None:
    for size_bytes in (100_000, 1_000_000):
        result = played(scripted(Operation(5 * SECOND, 0, 1, media_bytes=size_bytes)))
        span_us = first_us(result, kinds.LOGGED, 0) - 5 * SECOND
        assert size_bytes * 10 <= span_us <= size_bytes * 10 + 2 * SECOND, span_us


def test_phone_2_the_chat_waits_for_the_upload_and_other_chats_do_not() -> None:
    steps = (
        Operation(5 * SECOND, 0, 1, media_bytes=1_000_000),
        Operation(6 * SECOND, 0, 1),
        Operation(7 * SECOND, 0, 2),
    )
    result = played(scripted(*steps))
    logged = [row.operation for row in rows(result, kinds.LOGGED)]
    assert logged == [2, 0, 1]
    assert first_us(result, kinds.LOGGED, 2) < 8 * SECOND < first_us(result, kinds.LOGGED, 0)


def test_uploads_share_the_phones_bandwidth() -> None:
    steps = tuple(Operation(5 * SECOND, 0, 1 + place, media_bytes=500_000) for place in range(3))
    result = played(scripted(*steps))
    assert 15 * SECOND < max(row.time_us for row in rows(result, kinds.BLOB_DURABLE)) - 5 * SECOND < 18 * SECOND


def test_nothing_is_fetched_before_somebody_asks() -> None:
    steps = (Operation(SECOND, 0, 1, media_bytes=50_000), Operation(20 * SECOND, 1, 0, opens=True))
    result = played(scripted(*steps))
    assert result.counts["downloads"] == 1
    assert first_us(result, kinds.MEDIA_ASKED) >= 20 * SECOND > first_us(result, kinds.REFERENCE_SHOWN)
    assert first_us(result, kinds.MEDIA_OPENED) - 20 * SECOND >= 50_000
    assert not played(scripted(*steps, media=replace(LOOKS, open_share=0.0))).counts.get("downloads")


def test_an_app_that_is_killed_in_the_middle_goes_on_with_what_is_missing() -> None:
    steps = (Operation(5 * SECOND, 0, 1, media_bytes=1_000_000), Operation(40 * SECOND, 2, 3))
    killed = Fault("app_killed", at_us=10 * SECOND, for_us=2 * SECOND, target="phone 0")
    result = played(scripted(*steps, part_bytes=100_000), killed)
    assert result.reached["upload resumed"]
    assert 1_000_000 < result.counts["bytes_up"] <= 1_200_000, "only what was on its way goes up twice"


def test_media_a_an_object_store_that_is_down_or_refuses_delays_and_loses_nothing() -> None:
    steps = (Operation(5 * SECOND, 0, 1, media_bytes=100_000), Operation(50 * SECOND, 2, 3))
    for kind in ("refusing_disk", "partition", "stalled_disk"):
        result = played(scripted(*steps), Fault(kind, at_us=SECOND, for_us=20 * SECOND, target="object_store 0"))
        assert 21 * SECOND < first_us(result, kinds.LOGGED, 0) < 50 * SECOND, kind


def test_media_a_what_outlived_its_blob_is_given_again_when_it_is_sent_on() -> None:
    steps = (
        Operation(SECOND, 0, 1, media_bytes=1000),
        Operation(30 * SECOND, 1, 0, opens=True),
        Operation(31 * SECOND, 0, 2, forwards=0),
        Operation(33 * SECOND, 2, 0, opens=True),
    )
    result = played(scripted(*steps, blob_life_us=10 * SECOND, blob_fresh_us=5 * SECOND))
    assert [row.value for row in rows(result, kinds.MEDIA_OPENED)] == [0, 1]
    durable, again = rows(result, kinds.BLOB_DURABLE)
    assert durable.number == again.number
    assert durable.time_us < first_us(result, kinds.BLOB_EXPIRED) < again.time_us < first_us(result, kinds.LOGGED, 2)


def test_what_is_sent_on_is_stored_once() -> None:
    steps = (
        Operation(SECOND, 0, 1, media_bytes=1000),
        Operation(5 * SECOND, 1, 0, opens=True),
        Operation(8 * SECOND, 1, 2, forwards=0),
        Operation(12 * SECOND, 2, 1, opens=True),
        Operation(15 * SECOND, 2, 3, forwards=2),
    )
    result = played(scripted(*steps))
    assert result.counts["media_messages"] == 3 and result.counts["blobs"] == 1
    assert len({row.number for row in rows(result, kinds.REFERENCE_SHOWN)}) == 1


def test_the_published_mix_is_what_is_played() -> None:
    """4.7 % of messages carry media (three times as many here, in a third of the messages), and most of them what is
    stored already: 5.6 references per stored object."""
    media = Media(forward_share=1 - 1 / 5.6, open_share=1.0)
    workload = Workload(users=20, messages=4_000, partners=5)
    result = run(Scenario(workload=workload, media=replace(media, share=0.141)), 3)
    assert [each.story for each in result.verdicts if each.outcome == INVALID] == []
    sent, stored = result.counts["media_messages"], result.counts["blobs"]
    assert abs(sent - 0.141 * 4_000) < 0.1 * 0.141 * 4_000
    assert 4.5 < sent / stored < 6.5


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_off_there_is_no_object_store_and_no_fault_of_it(seed: int) -> None:
    result = run("mutants", seed, keep_history=True)
    assert not load("mutants").has_media
    first = ROLES.index(OBJECT_STORE) * 1_000_000
    assert not [row for row in rows(result, kinds.STARTED) if first <= row.who < first + 1_000_000]
    assert not any("object_store" in f"{each.fault.target} {each.fault.point}" for each in result.injected)
    assert "blobs" not in result.counts


@pytest.mark.parametrize("seed", [1, 2])
def test_e2ee_1_sealed_references_come_to_every_reader(seed: int) -> None:
    result = run(load("media", sets=("encryption.kind=per_device",)), seed, keep_history=True)
    assert [each.story for each in result.verdicts if each.outcome == INVALID] == []
    readers = {(row.who, row.operation) for row in rows(result, kinds.SHOWN)}
    assert any((row.who, row.operation) in readers for row in rows(result, kinds.REFERENCE_SHOWN))
    assert sum(row.value for row in rows(result, kinds.MEDIA_OPENED)) > 0
