"""The one front door: ``run(scenario, seed)`` plays a scenario once, judges it, and says what was seen.

The phases: warm-up, chaos (people write, faults strike), heal (people stop, faults end), settle (bounded by the
timers), the judgement of the settled state, a final sync repeated until nothing changes, and the rest of the judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

from .checkers.catalogue import applicable, make_checkers
from .checkers.judging import end_all
from .checkers.verdict import UNKNOWN, Verdict
from .faults.engine import FaultEngine
from .faults.nemesis import Nemesis
from .faults.schedule import Fault
from .garbage import seldom_collected
from .history.recorder import Recorder
from .mutants.blame import blaming
from .mutants.loading import find_mutant
from .scenario.drawing import for_seed
from .scenario.model import Scenario
from .scenario.presence import rest_us
from .settling import Settling
from .statistics.delivery import DeliveryTimes
from .statistics.metrics import RowCounts, counted, figures
from .statistics.reconnects import Reconnects
from .statistics.timeline import Series, Timeline
from .vocabulary import kinds
from .vocabulary.kinds import HARD_CASE_NAMES, Phase
from .workload.people import People
from .workload.population import population_of
from .workload.stream import open_workload
from .world.census import Census
from .world.dice import seed_of
from .world.logins import hello_again
from .world.roles import REFERENCE
from .world.world import World

if TYPE_CHECKING:
    from .history.columns import History
    from .statistics.histogram import Histogram

FINAL_ROUNDS_MOST = 12


@dataclass(frozen=True, slots=True)
class Injected:
    """One fault as it really happened."""

    fault: Fault
    began_us: int
    ended_us: int
    touched: int
    origin: str
    where: str
    explicit: Fault | None = None
    """With nothing left to draw (``sim/faults/explicit.py``); None if it never began."""


@dataclass(slots=True)
class Result:
    """What a run showed. Small to pickle unless the history was kept."""

    scenario: Scenario
    """As it was played: with this seed's draws in place."""
    seed: int
    seed_text: str
    digest: str
    verdicts: tuple[Verdict, ...]
    injected: tuple[Injected, ...]
    drawn: dict[str, object]
    reached: dict[str, int]
    counts: dict[str, int]
    simulated_us: int
    wall_s: float
    mutant: str | None = None
    history: History | None = None
    delivery: Histogram | None = None
    times: dict[str, Histogram] = field(default_factory=dict)
    """Other times by name (``sim/statistics/delivery.py``)."""
    timeline: Series | None = None
    points_met: dict[str, int] = field(default_factory=dict)
    pairs_met: dict[tuple[str, str], int] = field(default_factory=dict)
    measured: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    """What a reader of the results should know of the workload, such as rows that were skipped; a sentence each."""

    def metrics(self) -> dict[str, float]:
        """The run's figures by name (``sim/vocabulary/metrics.py`` says what each means); times in seconds. This run
        only: an interval needs several."""
        return figures(self.counts, self.simulated_us, self.delivery, self.points_met, self.measured, self.times)

    def missed(self) -> tuple[str, ...]:
        """Why the run is no test of anything, in words; empty when it is one."""
        reasons = []
        if not self.counts["composed"]:
            reasons.append("no message was composed")
        reasons.extend(
            f"the fault {each.fault.kind} at {each.fault.point or each.fault.at_us} touched nothing"
            for each in self.injected
            if each.origin == "written" and not each.touched
        )
        if self.injected and not any(each.touched for each in self.injected):
            reasons.append("no fault touched anything")
        reasons.extend(f"never reached: {case}" for case in self.scenario.must_reach if not self.reached.get(case))
        return tuple(reasons)

    def outcome(self) -> int:
        """The exit code: 0 passed, 1 a check failed, 3 a required check unknown, 4 nothing was tested."""
        required = self.scenario.checks
        if any(verdict.fails for verdict in self.verdicts):
            return 1
        if self.missed():
            return 4
        if any(verdict.outcome == UNKNOWN and verdict.check in required for verdict in self.verdicts):
            return 3
        return 0


def run(
    scenario: Scenario | str | Path,
    seed: int | str = 1,
    *,
    mutant: str | int | type | None = None,
    keep_history: bool = False,
    history_sink: Callable[[Any], None] | None = None,
    faults: Sequence[Fault] | None = None,
    lanes: bool = True,
    coverage: bool = False,
    play_heartbeats: bool = False,
) -> Result:
    """Play a scenario once under a seed and judge it.

    ``scenario`` is a ``Scenario``, or a name or path to load. ``faults`` takes the place of the written and the random
    ones. ``mutant`` is a planted bug: a number, a class, or ``FILE.py:Class``. ``lanes``, ``coverage`` and
    ``play_heartbeats`` change cost and detail, never the history. Raises ``ScenarioError`` for a scenario that cannot
    be played.
    """
    if not isinstance(scenario, Scenario):
        from .scenario.loading import load

        scenario = load(str(scenario))
    with seldom_collected(), blaming(mutant):
        return Run(scenario, seed, mutant, keep_history, history_sink, faults, lanes, coverage, play_heartbeats).play()


class Run:
    """One run under way."""

    WORLD: type[World] = World

    def __init__(
        self,
        scenario: Scenario,
        seed: int | str,
        mutant: str | int | type | None,
        keep_history: bool,
        history_sink: Callable[[Any], None] | None,
        faults: Sequence[Fault] | None,
        lanes: bool,
        coverage: bool,
        play_heartbeats: bool = False,
    ) -> None:
        self.began = perf_counter()
        self.seed_text = str(seed)
        self.seed = seed if isinstance(seed, int) else seed_of(seed)
        self.scenario, self.drawn = for_seed(scenario, self.seed)
        planted = find_mutant(mutant)
        self.mutant = None if planted is None else planted.label
        roles = planted.roles() if planted is not None else REFERENCE
        self.stream = open_workload(self.scenario, self.seed)
        written, drawn = self.schedule(faults)
        self.checkers = make_checkers(self.scenario.checks or applicable(self.scenario))
        self.delivery = DeliveryTimes()
        self.reconnects = Reconnects()
        self.timeline = Timeline(self.stream.duration_us)
        self.row_counts = RowCounts()
        sinks = (self.timeline.take, self.row_counts.take, *([] if history_sink is None else [history_sink]))
        self.recorder = Recorder(self.takers(), keep_history, sinks)
        self.keep_history = keep_history
        points = coverage or any(fault.point is not None for fault in (*written, *drawn))
        self.world = self.WORLD(
            self.scenario,
            self.seed,
            self.recorder.record,
            roles,
            with_points=points,
            coverage=coverage,
            lanes=lanes,
            play_heartbeats=play_heartbeats,
            users=self.stream.users,
            population=population_of(self.scenario.workload, self.stream.users, self.seed),
        )
        self.world.environment.between_shelves = self.recorder.pump
        self.faults = FaultEngine(self.world, written, drawn)
        self.people = People(self.world, self.stream, self.scenario, self.seed)
        self.census = Census(self.world)
        self.settling = Settling(self.world, self.faults, self.census)

    def schedule(self, faults: Sequence[Fault] | None) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
        """The written and the drawn faults."""
        if faults is not None:
            return tuple(faults), ()
        nemesis = Nemesis(self.scenario, self.seed, self.stream.total, self.stream.duration_us)
        return self.scenario.faults, nemesis.draw()

    def takers(self) -> dict[int, list[Any]]:
        """Kind of row to all that reads it."""
        takers: dict[int, list[Any]] = {}
        own = (self.delivery.takers(), self.reconnects.takers())
        for table in (*(checker.begin(self.scenario) for checker in self.checkers), *own):
            for kind, take in table.items():
                takers.setdefault(kind, []).append(take)
        return takers

    # -- the phases ---------------------------------------------------------------------------------------------

    def play(self) -> Result:
        """All phases, one after the other, and the verdict. To be called while garbage is ``seldom_collected``."""
        self.phase(Phase.WARM_UP)
        self.faults.install()
        self.people.begin()
        warm_up = self.scenario.time.warm_up_us
        self.run_until(warm_up)
        self.phase(Phase.CHAOS)
        self.run_until(max(warm_up, self.stream.duration_us) + 1_000_000)
        self.heal()
        self.settle()
        self.phase(Phase.SETTLED)
        self.census.write_settled()
        self.phase(Phase.FINAL_SYNC)
        self.final_sync()
        self.phase(Phase.END)
        self.census.write_end()
        return self.judge()

    def phase(self, phase: int) -> None:
        """Write down that a phase begins."""
        self.world.facts.row(kinds.PHASE, kinds.NONE, number=phase)

    def run_until(self, until_us: int) -> None:
        """Let time pass, handing rows on between slices so that memory follows what is in flight."""
        environment = self.world.environment
        slice_us = max(1_000_000, self.stream.duration_us // max(1, self.stream.total // 256))
        while environment._now < until_us:
            environment.run_until(min(until_us, int(environment._now) + slice_us))
            self.recorder.pump()

    def heal(self) -> None:
        """People stop writing, faults end, and the world says who will be there to the end."""
        world = self.world
        self.phase(Phase.HEAL)
        world.healed = True
        self.faults.heal()
        for phone in world.phones.values():
            if not phone.stays_away:
                world.facts.row(kinds.REACHABLE, phone.device)
        self.people.heal()

    def settle(self) -> None:
        """Until nothing is unfinished, nobody is about to read, and every lapsed lease is over; or the bound."""
        environment = self.world.environment
        bound = (began := int(environment._now)) + self.settling.bound_us()
        slice_us = 1_000_000
        leases_over = began + self.scenario.protocol.lease_us + self.scenario.protocol.heartbeat_us
        rest = min(leases_over, bound) if self.faults.runnings else began
        if self.world.signs is not None:
            rest = max(rest, began + self.census.queued_us() + self.settling.late_us() + rest_us(self.scenario))
            bound = max(bound, rest) if self.scenario.time.settle_us is None else bound
        looked_until = bound + self.settling.looking_again_us()
        while environment._now < looked_until:
            late = environment._now >= bound
            slice_us = 1_000_000 if late else slice_us
            self.run_until(min(looked_until if late else bound, int(environment._now) + slice_us))
            slice_us += slice_us // 8
            rested = environment._now >= rest and self.census.routes_rest()
            if rested and not self.settling.is_reading() and self.census.is_quiet():
                return

    def final_sync(self) -> None:
        """An ordinary hello of every device within reach, until a round applies and shows nothing."""
        self.people.everybody_comes()
        for _ in range(FINAL_ROUNDS_MOST):
            before = self.progress()
            self.run_until(int(self.world.environment._now) + hello_again(self.world))
            self.let_them_sync()
            if self.progress() == before:
                return

    def let_them_sync(self) -> None:
        """Long enough for everybody's hello to be served."""
        environment = self.world.environment
        bound = int(environment._now) + self.settling.bound_us()
        slice_us = 1_000_000
        while environment._now < bound:
            self.run_until(min(bound, int(environment._now) + slice_us))
            slice_us += slice_us // 8
            if not self.settling.is_reading() and self.census.has_synced():
                return

    def progress(self) -> tuple[int, int]:
        """How much was applied and placed by now."""
        phones = self.world.phones.values()
        placed = sum(len(chat.placed) for phone in phones for chat in phone.state.chats.values())
        return sum(phone.state.cursor for phone in phones), placed

    # -- the end ------------------------------------------------------------------------------------------------

    def judge(self) -> Result:
        """Verdicts, digest, figures."""
        digest = self.recorder.finish()
        verdicts = end_all(self.checkers)
        world = self.world
        names = {code: name for name, code in HARD_CASE_NAMES.items()}
        return Result(
            scenario=self.scenario,
            seed=self.seed,
            seed_text=self.seed_text,
            digest=digest,
            verdicts=verdicts,
            injected=self.faults.injected(Injected),
            drawn=self.drawn,
            reached={names[code]: count for code, count in sorted(world.facts.reached_counts.items())},
            counts={
                "composed": self.delivery.composed,
                "shown": self.delivery.shown,
                "entries": world.environment.entries,
                "connections": world.connections_made,
                "rows": self.recorder.row_count,
                **counted(self.row_counts, {**world.tally, **self.reconnects.tally()}),
            },
            simulated_us=int(world.environment._now),
            wall_s=perf_counter() - self.began,
            mutant=self.mutant,
            history=self.recorder.history if self.keep_history else None,
            delivery=self.delivery.histogram,
            times={**self.delivery.times(), **self.reconnects.times()},
            timeline=self.timeline.finish(),
            measured=self.reconnects.measured(),
            notes=self.stream.notes,
            points_met={} if world.points is None else world.points.met(),
            pairs_met={} if world.points is None else world.points.pairs,
        )
