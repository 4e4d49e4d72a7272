"""BLIND-1, BLIND-3: who opened which envelope."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.checkers.catalogue import applicable
from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.encryption import Encryption
from sim.scenario.model import Scenario
from sim.vocabulary import kinds
from sim.vocabulary.ids import device_of

SEALED = replace(Scenario(), encryption=Encryption("per_device"))
ANNS, BOBS, LAPTOP = device_of(0), device_of(1), device_of(1, 1)
SERVER = 1_000_002


def opened(who: int, made_for: int, opens: int = 1, server: int = 0) -> HistoryRow:
    return (5, kinds.ENVELOPE_OPENED, who, -1, made_for, 7, opens, server)


def delivered(device: int) -> HistoryRow:
    return (6, kinds.DELIVERED, device, 1, 1, 7, -1, -1)


def verdicts(*rows: HistoryRow) -> dict[str, Verdict]:
    return {each.check: each for each in judge(rows, SEALED, ("BLIND-1", "BLIND-3"))}


def test_a_device_opens_what_was_made_for_it() -> None:
    found = verdicts(opened(BOBS, BOBS), delivered(BOBS), opened(LAPTOP, LAPTOP), delivered(LAPTOP))
    assert [(each.outcome, each.exercised) for each in found.values()] == [("valid", 2), ("valid", 2)]


@pytest.mark.parametrize("opens", [0, 1])
def test_a_server_opens_one_or_tries(opens: int) -> None:
    found = verdicts(opened(SERVER, BOBS, opens, server=1))
    assert found["BLIND-1"].outcome == "invalid"
    assert "connection server 2" in found["BLIND-1"].story[1]
    assert found["BLIND-3"].outcome == "unknown", "no device opened anything"


@pytest.mark.parametrize("opens", [0, 1])
def test_a_device_got_what_was_made_for_another(opens: int) -> None:
    found = verdicts(opened(LAPTOP, BOBS, opens))
    assert found["BLIND-3"].outcome == "invalid" and found["BLIND-1"].outcome == "valid"
    assert "linked device 1" in found["BLIND-3"].story[1]


@pytest.mark.parametrize("rows", [(), (opened(LAPTOP, LAPTOP),)], ids=["nobody opened it", "another device did"])
def test_a_device_holds_what_it_never_opened(rows: tuple[HistoryRow, ...]) -> None:
    assert verdicts(*rows, delivered(BOBS))["BLIND-3"].outcome == "invalid"


UNNAMED = replace(Scenario(), encryption=Encryption("sealed"))
TAG, CHAT, RANDOM = 1 << 61 | 99, 1, 1 << 61 | 5


def sent(tag: int = TAG, chat: int = CHAT, named: int = -1, message_id: int = RANDOM) -> HistoryRow:
    return (5, kinds.SEALED_SENT, BOBS, chat, tag, 7, named, message_id)


def held(device: int = TAG, user: int = -1, message_id: int = RANDOM) -> HistoryRow:
    return (6, kinds.SEALED_HELD, -1, CHAT, device, 7, user, message_id)


def linked(*rows: HistoryRow) -> str:
    return judge(rows, UNNAMED, ("BLIND-2",))[0].outcome


def test_nothing_links_what_is_tagged_to_its_sender() -> None:
    assert linked(sent(), held(), held(device=-1), sent(1 << 61 | 100, chat=2)) == "valid"
    assert linked(sent()) == "unknown"


LINKS = {
    "its connection": (sent(named=BOBS), held()),
    "the same tag elsewhere": (sent(), sent(chat=2), held()),
    "its user": (sent(), held(user=1)),
    "its device": (sent(), held(device=BOBS)),
    "its message id": (sent(message_id=BOBS << 24 | 3), held(message_id=BOBS << 24 | 3)),
}


@pytest.mark.parametrize("rows", LINKS.values(), ids=LINKS)
def test_a_value_links_a_message_to_its_sender(rows: tuple[HistoryRow, ...]) -> None:
    assert linked(*rows) == "invalid"


@pytest.mark.parametrize(
    ("genuine", "stamped_us", "outcome"), [(1, 9, "unknown"), (1, 10, "invalid"), (0, 9, "invalid")]
)
def test_a_certificate_was_believed(genuine: int, stamped_us: int, outcome: str) -> None:
    row = (5, kinds.CERTIFICATE_BELIEVED, BOBS, -1, genuine, 7, 10, stamped_us)
    assert judge((row,), UNNAMED, ("BLIND-3",))[0].outcome == outcome


def test_without_encryption_there_is_nothing_to_judge() -> None:
    assert not {"BLIND-1", "BLIND-3"} & set(applicable(Scenario()))
    assert {"BLIND-1", "BLIND-3"} <= set(applicable(SEALED)) and "BLIND-2" not in applicable(SEALED)
    assert "BLIND-2" in applicable(UNNAMED)
    assert [each.outcome for each in judge((delivered(BOBS),), Scenario(), ("BLIND-3",))] == ["unknown"]
