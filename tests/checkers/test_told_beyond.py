"""What a run beyond the promise may break, and what it may not."""

from __future__ import annotations

from dataclasses import replace

import pytest
from history_language import Writer, speak

from sim.checkers.beyond import DURABILITY, EXCUSED, told_beyond
from sim.checkers.catalogue import CHECK_IDS
from sim.checkers.judging import judge
from sim.checkers.verdict import INVALID, VALID, Verdict
from sim.scenario.model import Scenario
from sim.vocabulary import kinds
from sim.vocabulary.kinds import NONE, Excess

WAYS = (
    Excess.STORE_SET_BACK,
    Excess.INBOX_SET_BACK,
    Excess.LONG_TERM_STORE_SET_BACK,
    Excess.OBJECT_STORE_SET_BACK,
    Excess.NOT_HEALED,
    Excess.CLOCK,
)
WHATEVER_HAPPENS = ("DUP-1", "GHOST-1", "ORDER-2", "TICK-2", "BLIND-1", "BLIND-2", "BLIND-3", "BOUND-1")
DARING = replace(Scenario(name="daring"), beyond_promise=True)


def test_the_table_names_checks_and_every_way() -> None:
    assert set(EXCUSED) == set(WAYS)
    assert {check for _, checks in EXCUSED.values() for check in checks} | set(DURABILITY) <= set(CHECK_IDS)


@pytest.mark.parametrize("check", WHATEVER_HAPPENS)
def test_safety_fails_whatever_happened(check: str) -> None:
    verdict = Verdict(check, INVALID, 1, 1)
    assert told_beyond(verdict, WAYS).fails


def test_what_rests_on_what_was_lost_is_told() -> None:
    told = told_beyond(Verdict("TICK-1", INVALID, 1, 1), (Excess.INBOX_SET_BACK,))
    assert not told.fails and told.beyond == "an inbox lost acknowledged writes"
    assert told_beyond(Verdict("TICK-1", INVALID, 1, 1), (Excess.NOT_HEALED,)).fails
    assert told_beyond(Verdict("LIVE-1", INVALID, 1, 1), ()).fails, "nothing went beyond: all of it is promised"
    assert not told_beyond(Verdict("LOSS-1", INVALID, 1, 1), ()).fails
    assert told_beyond(Verdict("TICK-1", VALID, 1), WAYS) == Verdict("TICK-1", VALID, 1)


OUT_OF_ORDER = "a writes 1 to b; a writes 2 to b; log 1; log 2; b shows 2; b shows 1"


def order_1(beyond: tuple[int, int, int] | None, scenario: Scenario) -> Verdict:
    """ORDER-1 on a history that begins with a BEYOND row: (who, chat, way)."""
    writer = Writer()
    if beyond is not None:
        who, chat, way = beyond
        writer.rows.append((0, kinds.BEYOND, who, chat, way, NONE, 0, 5))
    speak(writer, OUT_OF_ORDER)
    (verdict,) = judge(writer.rows, scenario, ["ORDER-1"])
    return verdict


def test_order_is_judged_where_nothing_was_lost() -> None:
    """Only the chat whose log was set back, and the device whose inbox was, may show things out of order."""
    chat = next(row[3] for row in _rows() if row[1] == kinds.SHOWN)
    device = next(row[2] for row in _rows() if row[1] == kinds.SHOWN)
    assert order_1(None, DARING).fails
    assert order_1((7, chat + 1, Excess.STORE_SET_BACK), DARING).fails
    assert not order_1((7, chat, Excess.STORE_SET_BACK), DARING).fails
    assert not order_1((device, NONE, Excess.INBOX_SET_BACK), DARING).fails
    assert order_1((device + 1, NONE, Excess.INBOX_SET_BACK), DARING).fails
    assert order_1((7, chat, Excess.STORE_SET_BACK), Scenario(name="timid")).fails, "the scenario has to say so"


def _rows() -> list[tuple[int, ...]]:
    writer = Writer()
    speak(writer, OUT_OF_ORDER)
    return list(writer.rows)
