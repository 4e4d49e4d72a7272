"""Summaries to make pages of: small runs as records, summed up by the code that sums up real ones."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from sim.checkers.catalogue import CHECK_IDS
from sim.checkers.verdict import INVALID, VALID, Verdict
from sim.faults.schedule import Fault
from sim.results.records import Record
from sim.results.summary import Subject, summarise
from sim.scenario.model import Scenario
from sim.statistics.histogram import Histogram
from sim.statistics.timeline import Series, Timeline
from sim.vocabulary import kinds
from sim.vocabulary.kinds import NONE, Phase

SECOND = 1_000_000
STORY = ("message 3 of Ann to Ben: written at 12s", "Ben's phone never showed it")
VERSIONS = {"doubletick": "0.1.0", "python": "3.11.7", "numpy": "2.0", "simpy": "4.1.2", "implementation": ""}

Rows = list[tuple[int, ...]]


@dataclass(frozen=True)
class Injected:
    """A fault as a run injected it."""

    fault: Fault
    began_us: int
    ended_us: int
    touched: int
    origin: str
    where: str
    explicit: Fault | None = None


CRASH = Injected(Fault("crash", at_us=20 * SECOND), 20 * SECOND, 30 * SECOND, 1, "written", "connection_server 1")
IDLE = Injected(Fault("fail_over", point="after inbox.persist.x"), -1, -1, 0, "drawn", "")


def rows_of(times_us: list[int], *, gap_us: int = SECOND, phones: int = 2) -> Rows:
    """A history of so many messages, one every ``gap_us``, each seen after its time."""
    rows: Rows = [(0, kinds.PHASE, NONE, NONE, Phase.CHAOS, NONE, NONE, NONE)]
    rows += [(phone, kinds.CONNECTED, phone, NONE, 1, NONE, 0, 1) for phone in range(phones)]
    for number, time_us in enumerate(times_us):
        written_us = (number + 1) * gap_us
        rows.append((written_us, kinds.COMPOSED, 0, 0, NONE, number, 0, 1))
        rows.append((written_us + time_us, kinds.SHOWN, 1, 0, number + 1, number, 0, NONE))
    rows.sort(key=lambda row: row[0])
    end_us = max(rows[-1][0], (len(times_us) + 1) * gap_us) + SECOND
    ends = (Phase.HEAL, Phase.SETTLED, Phase.END)
    return rows + [(end_us + phase * SECOND, kinds.PHASE, NONE, NONE, phase, NONE, NONE, NONE) for phase in ends]


def chunk(rows: Rows) -> Any:
    """Rows as the recorder hands them to a sink."""
    return np.fromiter(chain.from_iterable(rows), dtype="<i8", count=8 * len(rows)).reshape(-1, 8)


def timeline_of(rows: Rows, duration_us: int | None = None) -> Series:
    """The series of a history."""
    timeline = Timeline(rows[-1][0] if duration_us is None else duration_us)
    timeline.take(chunk(rows))
    return timeline.finish()


def record(
    times_us: list[int], *, seed: int = 1, failing: tuple[str, ...] = (), injected: tuple[Injected, ...] = (CRASH, IDLE)
) -> Record:
    """A run with these delivery times, in which these checks failed."""
    rows = rows_of(times_us)
    verdicts = tuple(
        Verdict(check, INVALID, 9, 2, STORY, 12 * SECOND, (3,)) if check in failing else Verdict(check, VALID, 9)
        for check in CHECK_IDS
    )
    return Record(
        seed_text=str(seed),
        seed=seed,
        exit_code=1 if failing else 0 if times_us else 4,
        digest=f"{seed:032x}",
        verdicts=verdicts,
        injected=injected,
        drawn={"protocol.heartbeat": 30 * SECOND, "protocol.page": 3},
        reached={"stale lease at push": 2},
        counts={"composed": len(times_us), "shown": len(times_us)},
        simulated_us=rows[-1][0],
        wall_s=seed / 7,
        delivery=Histogram(times_us),
        timeline=timeline_of(rows),
    )


def summary_of(*records: Record, name: str = "storm", question: str = "Does it hold?", **fields: Any) -> dict[str, Any]:
    """The summary of these runs, as it is read back from a run folder."""
    scenario = Scenario(name=name, question=question, must_reach=("stale lease at push",))
    subject = Subject(scenario, fields.pop("given", name), commit="0123456789abcdef", **fields)
    document: dict[str, Any] = json.loads(json.dumps(summarise(subject, records)))
    return document
