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


def test_without_encryption_there_is_nothing_to_judge() -> None:
    assert not {"BLIND-1", "BLIND-3"} & set(applicable(Scenario()))
    assert {"BLIND-1", "BLIND-3"} <= set(applicable(SEALED))
    assert [each.outcome for each in judge((delivered(BOBS),), Scenario(), ("BLIND-3",))] == ["unknown"]
