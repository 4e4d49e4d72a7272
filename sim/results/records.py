"""What is kept of one run: everything that tables, summaries and reports say about it, without its history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..checkers.verdict import INVALID, Verdict
from ..faults.schedule import Fault
from ..statistics.histogram import Histogram
from ..statistics.timeline import Series
from . import exit_codes


class Injection(Protocol):
    """A fault as the run really injected it."""

    @property
    def fault(self) -> Fault:
        """The fault as data."""

    @property
    def began_us(self) -> int:
        """Microseconds from the start of the run."""

    @property
    def ended_us(self) -> int:
        """Microseconds from the start of the run."""

    @property
    def touched(self) -> int:
        """How many effects it changed."""

    @property
    def origin(self) -> str:
        """``written`` in the scenario or ``drawn`` by the nemesis."""

    @property
    def where(self) -> str:
        """Who was hit, in words."""

    @property
    def explicit(self) -> Fault | None:
        """With nothing left to draw; None if it never began."""


@dataclass(frozen=True, slots=True)
class Record:
    """One run. Times are microseconds of simulated time, ``wall_s`` is seconds of real time."""

    seed_text: str
    seed: int
    exit_code: int
    digest: str = ""
    verdicts: tuple[Verdict, ...] = ()
    injected: tuple[Injection, ...] = ()
    drawn: Mapping[str, object] = field(default_factory=dict)
    reached: Mapping[str, int] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    simulated_us: int = 0
    wall_s: float = 0.0
    delivery: Histogram | None = None
    times: Mapping[str, Histogram] = field(default_factory=dict)
    """Other times by name, as metrics ask for them."""
    timeline: Series | None = None
    notes: tuple[str, ...] = ()
    """What a reader should know of the workload; a sentence each."""
    error: str = ""
    """A traceback (exit code 70) or the message about a bad scenario (exit code 2)."""
    unwritten: str = ""
    """Why the history of this run could not be written; empty if it could, or was not asked for."""

    @property
    def failing(self) -> tuple[Verdict, ...]:
        """The verdicts that fail the run, in the order of the checks; where none does, those that are invalid and
        only told, since the run went beyond the promise."""
        invalid = tuple(verdict for verdict in self.verdicts if verdict.outcome == INVALID)
        return tuple(verdict for verdict in invalid if verdict.fails) or invalid


def record_of(result: Any) -> Record:
    """Keep what matters of a runner's result (anything with its fields)."""
    return Record(
        seed_text=result.seed_text,
        seed=result.seed,
        exit_code=result.outcome(),
        digest=result.digest,
        verdicts=tuple(result.verdicts),
        injected=tuple(result.injected),
        drawn=dict(result.drawn),
        reached=dict(result.reached),
        counts=dict(result.counts),
        metrics=dict(result.metrics()),
        simulated_us=result.simulated_us,
        wall_s=result.wall_s,
        delivery=result.delivery,
        times=dict(result.times),
        timeline=result.timeline,
        notes=tuple(result.notes),
    )


def broken_record(seed_text: str, seed: int, error: str, exit_code: int = exit_codes.OUR_BUG) -> Record:
    """The record of a run that gave no result."""
    return Record(seed_text=seed_text, seed=seed, exit_code=exit_code, error=error)


def first_failing(records: Sequence[Record]) -> Record | None:
    """The first record, in the order of the seeds, in which a check failed."""
    return next((record for record in records if record.exit_code == exit_codes.CHECK_FAILED), None)


def counted_together(records: Sequence[Record], must_reach: Sequence[str]) -> tuple[Record, ...]:
    """Over several seeds it is the sum that has to be touched: a run whose drawn faults all came too late or met
    nobody is only counted, as long as the faults of another run struck."""
    if len(records) < 2 or not any(each.touched for record in records for each in record.injected):
        return tuple(records)
    return tuple(replace(each, exit_code=exit_codes.PASSED) if is_idle(each, must_reach) else each for each in records)


def is_idle(record: Record, must_reach: Sequence[str]) -> bool:
    """Whether nothing speaks against a run but that its drawn faults touched nothing."""
    return (
        record.exit_code == exit_codes.NOTHING_TESTED
        and bool(record.counts.get("composed"))
        and all(record.reached.get(case) for case in must_reach)
        and all(each.origin == "drawn" and not each.touched for each in record.injected)
    )
