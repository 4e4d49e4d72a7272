"""One run as a task: small to pickle on its way to a worker process and back."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..results import exit_codes
from ..results.records import Record, broken_record, record_of
from ..scenario.errors import ScenarioError
from ..scenario.model import Scenario
from ..world.dice import seed_of
from .local import Done


@dataclass(frozen=True, slots=True)
class Job:
    """A scenario to be played with one seed (as text). With ``history_path`` its history is written there as Parquet
    by the process that plays it, so that it never travels."""

    scenario: Scenario
    seed: str
    mutant: str | None = None
    history_path: str = ""
    faults: tuple[Any, ...] | None = None
    """Play these faults instead of the scenario's and the nemesis's own."""
    coverage: bool = False
    """Count how often each point was met, and with it every message and record."""


Play = Callable[[Job], Record]
"""Plays a job; raises nothing but Ctrl-C. A module-level function, so that worker processes can import it."""


def play(job: Job) -> Record:
    """Play one job with the simulator."""
    return guarded(job, _simulate)


def record_of_done(done: Done[Record], seed: str) -> Record:
    """The record of a task that is over, whether it came back or not."""
    if done.answer is not None:
        return done.answer
    reason = done.failure or "its worker process was killed, twice (out of memory?); the run is lost"
    return broken_record(seed, seed_of(seed), reason)


def guarded(job: Job, simulate: Callable[[Job], Any]) -> Record:
    """Turn what ``simulate`` returns into a record, and an exception inside the run into exit code 70 (2 when it says
    that the scenario is at fault), so that the other seeds go on."""
    try:
        result = simulate(job)
        record = record_of(result)
    except Exception as error:
        if is_scenario_error(error):
            return broken_record(job.seed, seed_of(job.seed), str(error), exit_codes.BAD_USAGE)
        return broken_record(job.seed, seed_of(job.seed), traceback.format_exc())
    return _with_history(job, result, record) if job.history_path else record


def _with_history(job: Job, result: Any, record: Record) -> Record:
    from ..results.tables import write_history

    try:
        write_history(result, Path(job.history_path))
    except OSError as error:
        return replace(record, unwritten=str(error.strerror or error))
    return record


def is_scenario_error(error: BaseException) -> bool:
    """Whether an exception blames what the user gave (a scenario, a trace, a planted bug), not the simulator."""
    from ..mutants.loading import MutantError
    from ..workload.errors import WorkloadError

    return isinstance(error, (ScenarioError, WorkloadError, MutantError))


def _simulate(job: Job) -> Any:
    from ..runner import run

    return run(
        job.scenario,
        job.seed,
        mutant=job.mutant,
        keep_history=bool(job.history_path),
        faults=job.faults,
        coverage=job.coverage,
    )
