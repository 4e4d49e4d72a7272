"""A simulator that does what a scenario's tags say (``fail:17``, ``kill:3``); worker processes can import it."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sim.checkers.verdict import INVALID, UNKNOWN, VALID, Verdict
from sim.executors.jobs import Job, guarded
from sim.faults.schedule import Fault
from sim.history.columns import History
from sim.results.records import Record
from sim.scenario.errors import Problem, ScenarioError
from sim.scenario.model import Scenario
from sim.statistics.histogram import Histogram
from sim.world.dice import seed_of

CHECKS = ("LOSS-1", "DUP-1", "ORDER-1", "ORDER-4")
STORY = ("Ann wrote message 3 to Ben.", "The server answered with the first tick.", "Ben's phone never showed it.")


@dataclass(frozen=True, slots=True)
class Injected:
    fault: Fault
    began_us: int
    ended_us: int
    touched: int
    origin: str
    where: str
    explicit: Fault | None = None


@dataclass(slots=True)
class FakeResult:
    scenario: Scenario
    seed: int
    seed_text: str
    code: int = 0
    digest: str = ""
    verdicts: tuple[Verdict, ...] = ()
    injected: tuple[Injected, ...] = ()
    drawn: dict[str, object] = field(default_factory=dict)
    reached: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    simulated_us: int = 120_000_000
    wall_s: float = 0.01
    mutant: str | None = None
    history: History | None = None
    delivery: Histogram | None = None
    times: dict[str, Histogram] = field(default_factory=dict)
    timeline: None = None
    notes: tuple[str, ...] = ()

    def metrics(self) -> dict[str, float]:
        more = 50.0 if "costly:*" in self.scenario.tags else 0.0
        return {"messages_per_second": 2.5, "nothing": float("nan"), "entries": 100.0 + self.seed % 7 + more}

    def outcome(self) -> int:
        return self.code


def play(job: Job) -> Record:
    return guarded(job, simulate)


def simulate(job: Job) -> Any:
    """Tags are ``what:seed``, or ``what:*`` for every seed."""
    does = {tag.split(":")[0] for tag in job.scenario.tags if tag.split(":")[1] in (job.seed, "*")}
    if "slow" in does:
        time.sleep(0.2)
        Path(job.scenario.folder, f"slept-{job.seed}").touch()
    if "interrupt" in does:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(5)
    if "kill" in does:
        os.kill(os.getpid(), signal.SIGKILL)
    if "kill_once" in does and not Path(job.scenario.folder, "killed").exists():
        Path(job.scenario.folder, "killed").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if "crash" in does:
        raise RuntimeError("the world has ended")
    if "refuse" in does:
        raise ScenarioError([Problem("x.yaml", 3, 5, "faults.0.target", "there is no store 9")])
    result = FakeResult(job.scenario, seed_of(job.seed), job.seed, mutant=job.mutant, digest=f"digest-{job.seed}")
    if "wobble" in does and job.history_path:
        result.digest = "another"
    if job.mutant and not {f"spare{job.mutant}"} & does:
        does.add("fail")
    _fill(result, does)
    if job.history_path:
        result.history = History.from_rows([(1, 1, 0, 0, -1, 0, 0, 1), (2, 2, 1024, 0, 1, 0, 0, -1)])
    return result


def _fill(result: FakeResult, does: set[str]) -> None:
    composed = 0 if "nothing" in does else 3
    touched = 0 if "idle" in does else 14
    result.code = 1 if "fail" in does else 4 if {"nothing", "idle", "missed"} & does else 3 if "unknown" in does else 0
    if "beyond" in does:
        result.code = 0
    bad = {"fail", "beyond"} & does
    result.verdicts = tuple(
        Verdict(check, UNKNOWN, 0)
        if check == "ORDER-4" and "unknown" in does
        else Verdict(check, INVALID, 3, 2, STORY, 61_000_000, (3,))
        if check == "LOSS-1" and bad
        else Verdict(check, VALID, 3)
        for check in CHECKS
    )
    fault = Fault("crash", at_us=12_000_000, for_us=5_000_000, target="store 0")
    result.injected = (Injected(fault, 12_000_000, 17_000_000, touched, "written", "store 0, replica 1"),)
    result.drawn = {"protocol.page": 3}
    result.reached = {} if "missed" in does else {"stale lease at push": 2}
    result.counts = {"composed": composed, "shown": composed, "entries": composed}
    result.delivery = Histogram(range(50_000, 50_000 + 1000 * result.seed % 7_000 + 1000, 1000)) if composed else None
