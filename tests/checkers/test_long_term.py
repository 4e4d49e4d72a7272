"""The long-term store of ``update_queue``, as QUEUE-1 to QUEUE-3 and FLOW-1 see it (UQ-2, INBOX-3)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.model import Protocol, Scenario
from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.kinds import NONE, Phase, Tier

UPDATE_QUEUE = Scenario(protocol=replace(Protocol(), architecture="update_queue"))
CHAT = conversation_between(0, 1)
SEQUENCER, KEEPER = 3_000_000, 5_000_000
MS = 1_000


class Log:
    """Writes the history of one sequencer and the long-term store behind it; a millisecond per row."""

    def __init__(self) -> None:
        self.rows: list[HistoryRow] = []
        self.logged = 0

    def row(self, kind: int, who: int, *columns: int) -> Log:
        time_us = MS * len(self.rows)
        self.rows.append((time_us, kind, who, *columns))  # type: ignore[arg-type]
        return self

    def log(self, *operations: int) -> Log:
        for operation in operations:
            self.logged += 1
            self.row(kinds.LOGGED, 0, CHAT, self.logged, operation, 0, NONE)
        return self

    def archive(self, sequence: int, place: int = NONE, operation: int = NONE) -> Log:
        """The entry of this sequence becomes durable in the long-term store."""
        written = sequence if operation == NONE else operation
        where = sequence - 1 if place == NONE else place
        return self.row(kinds.ARCHIVED, KEEPER, CHAT, sequence, written, where, SEQUENCER)

    def point(self, number: int, before: int) -> Log:
        return self.row(kinds.STORAGE_POINTER, SEQUENCER, NONE, number, NONE, before, NONE)

    def trim(self, through: int, removed: int) -> Log:
        return self.row(kinds.LOG_TRIMMED, SEQUENCER, NONE, through, NONE, removed, NONE)

    def end(self, kept: int, pointer: int, end: int = NONE) -> Log:
        """All phases, with the census of the log at the end."""
        for phase in (Phase.HEAL, Phase.SETTLED, Phase.FINAL_SYNC, Phase.END):
            self.row(kinds.PHASE, NONE, NONE, phase, NONE, NONE, NONE)
        return self.row(kinds.SETTLED_LOG, SEQUENCER, NONE, kept, NONE, self.logged if end == NONE else end, pointer)

    def area(self, area_us: int, number: int) -> Log:
        return self.row(kinds.AREA, NONE, NONE, Tier.ARCHIVE, NONE, area_us, number)


def judged(log: Log, check: str, scenario: Scenario = UPDATE_QUEUE) -> Verdict:
    (verdict,) = judge(log.rows, scenario, (check,))
    return verdict


def all_is_well() -> Log:
    return Log().log(1, 2).archive(1).archive(2).point(2, 0).trim(2, 2).log(3).archive(3).end(1, 2)


CHARGES = {
    "trimmed before the long-term store has it": ("QUEUE-1", Log().log(1).trim(1, 1)),
    "trimmed before the pointer says so": ("QUEUE-1", Log().log(1).archive(1).trim(1, 1)),
    "counted as stored before it is": ("QUEUE-1", Log().log(1).point(1, 0)),
    "gone without a trim": ("QUEUE-1", Log().log(1, 2).end(1, 0)),
    "more gone than the trim says": ("QUEUE-1", Log().log(1, 2).archive(1).archive(2).point(2, 0).trim(2, 1)),
    "the pointer goes back": ("QUEUE-2", Log().log(1, 2).archive(1).archive(2).point(2, 0).point(1, 2)),
    "the pointer had gone back": ("QUEUE-2", Log().log(1, 2).archive(1).archive(2).point(1, 0).point(2, 0)),
    "the pointer is back at the end": ("QUEUE-2", Log().log(1).archive(1).point(1, 0).end(1, 0)),
    "never stored": ("QUEUE-3", Log().log(1, 2).archive(1).end(2, 0)),
    "stored twice": ("FLOW-1", Log().log(1).archive(1).archive(1)),
    "stored with a hole before it": ("FLOW-1", Log().log(1, 2).archive(2)),
    "stored and never logged": ("FLOW-1", Log().log(1).archive(1).archive(2)),
    "another message stored in its place": ("FLOW-1", Log().log(1).archive(1, operation=9)),
    "neither stored nor in the log": ("FLOW-1", Log().log(1, 2).archive(1).trim(2, 2).end(0, 0)),
}


@pytest.mark.parametrize(("check", "log"), CHARGES.values(), ids=CHARGES.keys())
def test_what_is_wrong_is_found(check: str, log: Log) -> None:
    verdict = judged(log, check)
    assert verdict.outcome == "invalid" and verdict.story


@pytest.mark.parametrize("check", ["QUEUE-1", "QUEUE-2", "QUEUE-3"])
def test_a_log_as_it_should_be(check: str) -> None:
    assert judged(all_is_well(), check).outcome == "valid"


def test_flow_1_adds_up_while_something_waits_in_the_log() -> None:
    """What the long-term store lacks is accounted for as long as the sequencer keeps it; that it came is QUEUE-3."""
    verdict = judged(all_is_well().log(4).end(2, 3), "FLOW-1")
    assert all("sequencers" not in line for line in verdict.story)


@pytest.mark.parametrize(
    ("area_us", "number", "outcome"), [(5 * MS, 1, "valid"), (5 * MS - 1, 1, "invalid"), (5 * MS, 2, "invalid")]
)
def test_flow_1_holds_the_area_of_what_waits_for_the_long_term_store(area_us: int, number: int, outcome: str) -> None:
    """Little's law, to the microsecond: entry 1 waits 2 ms, entry 2 waits 3 ms and still does."""
    log = Log().log(1, 2).archive(1).row(kinds.PHASE, NONE, NONE, Phase.CHAOS, NONE, NONE, NONE).area(area_us, number)
    story = judged(log.end(2, 0), "FLOW-1").story
    assert any("area" in line for line in story) == (outcome == "invalid")


def test_where_the_store_keeps_messages_for_good_nothing_is_asked() -> None:
    log = Log().log(1).trim(1, 1).end(0, 0)
    assert judged(log, "QUEUE-1", Scenario()).outcome == "unknown"
