"""Shrinking a failing run: from a scenario and a seed to the smallest scenario in which the same check still fails."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any, Final

from ..checkers.verdict import INVALID, Verdict
from ..mutants.loading import find_mutant
from ..results.origin import commit
from ..results.written_out import written_out
from ..runner import Result, run
from ..scenario.model import Scenario
from .shrink_state import State, read_state, write_state
from .shrink_steps import STEPS, machines, options_changed, people_named
from .shrink_trial import Failure, OutOfTime, Trials

SCHEMA_VERSION: Final = 1
DEFAULT_BUDGET_S: Final = 60.0
_ROUNDS_MOST: Final = 8
_RESERVED_RUNS: Final = 3
"""What the last candidate and the last look may take, so that a budget is kept."""


class NotFailing(Exception):
    """The run to be shrunk does not fail, or not the check that was asked for."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large a run is."""

    faults: int
    messages: int
    people: int
    machines: int
    options: int

    @classmethod
    def of(cls, scenario: Scenario) -> Size:
        """Count. Messages are steps in which somebody writes; options those that differ from the defaults."""
        work = scenario.workload
        people = len(work.present) or (work.users if work.people != "named" else len(people_named(scenario)))
        messages = sum(not step.opens for step in work.operations)
        return cls(len(scenario.faults), messages, people, machines(scenario), len(options_changed(scenario)))


@dataclass(frozen=True, slots=True)
class Shrunk:
    """What is left."""

    scenario: Scenario
    failure: Failure
    verdict: Verdict
    before: Size
    after: Size
    told: tuple[str, ...]
    played: int
    spent_s: float
    finished: bool
    """False: the time was over before everything had been tried."""
    interrupted: bool = False


class Shrinking:
    """One shrinking. ``on_first`` is told of the failure at once; ``on_step`` what was taken away."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        *,
        mutant: str | None = None,
        check: str | None = None,
        folder: Path | None = None,
        on_first: Callable[[Result, Verdict], None] = lambda result, verdict: None,
        on_step: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.given = scenario
        self.seed = seed
        self.mutant = mutant
        self.check = check
        self.folder = folder
        self.on_first = on_first
        self.on_step = on_step
        self.interrupted = False

    def perform(self, budget_s: float = DEFAULT_BUDGET_S) -> Shrunk:
        """Shrink for so long at most; raises ``NotFailing``. Ctrl-C ends it early, and what was found by then stays."""
        began = monotonic()
        result = run(self.given, self.seed, mutant=self.mutant)
        verdict = self.failing(result)
        reserved_s = _RESERVED_RUNS * (monotonic() - began)
        self.on_first(result, verdict)
        failure = Failure(result.seed, verdict.check, self.mutant, is_told=not verdict.fails)
        whole = written_out(self.given, result.seed, result.injected)
        state = self.kept(whole, failure)
        until_s = began + budget_s - reserved_s
        trials = Trials(failure, state.best(whole), on_step=self.on_step, played=state.played, text=state.text)
        if not trials.fails(trials.best):
            trials.best, trials.text, state.finished = whole, "", False
            if not trials.fails(whole):
                raise NotFailing(f"written out with explicit operations and faults, {verdict.check} holds")
        trials.until_s = until_s
        self.keep_up(trials, state, began)
        if not state.finished:
            state.finished = self.take_away(trials)
        state.take(trials.best, trials.text)
        self.save(state, trials, began)
        trials.until_s = float("inf")
        last = trials.play(trials.best)
        assert last is not None, "the smallest run was seen to fail"
        return Shrunk(
            trials.best,
            failure,
            last,
            Size.of(whole),
            Size.of(trials.best),
            tuple(state.told),
            state.played,
            state.spent_s,
            state.finished,
            self.interrupted,
        )

    def failing(self, result: Result) -> Verdict:
        """The check that must go on failing: the one asked for, that of the planted bug, or the first that is
        invalid."""
        broken = [verdict for verdict in result.verdicts if verdict.outcome == INVALID]
        broken.sort(key=lambda verdict: not verdict.fails)
        planted = find_mutant(self.mutant)
        wanted = self.check or next((each.check for each in broken if planted and each.check == planted.check), None)
        for verdict in broken:
            if wanted in (None, verdict.check):
                return verdict
        if self.check is not None:
            others = ", ".join(verdict.check for verdict in broken) or "no check"
            raise NotFailing(f"{self.check} does not fail in seed {result.seed_text}; {others} does")
        raise NotFailing(f"no check fails in seed {result.seed_text} of {self.given.name}")

    def kept(self, whole: Scenario, failure: Failure) -> State:
        """Where an earlier shrinking of the same failure ended, or the beginning."""
        words = f"{whole!r} {failure!r} {commit().name}"
        subject = hashlib.blake2b(words.encode(), digest_size=16).hexdigest()
        return (read_state(self.folder, subject) if self.folder is not None else None) or State(subject)

    def keep_up(self, trials: Trials, state: State, began: float) -> None:
        """Let every step forward be saved and told."""
        spent_before_s = state.spent_s

        def found(best: Scenario) -> None:
            state.take(best, trials.text)
            state.spent_s = spent_before_s + monotonic() - began
            self.save(state, trials, began)

        def told(words: str) -> None:
            state.told.append(words)
            self.on_step(words)

        trials.on_best, trials.on_step = found, told

    def save(self, state: State, trials: Trials, began: float) -> None:
        """Write the state, if there is a place for it."""
        state.played = trials.played
        state.spent_s = max(state.spent_s, monotonic() - began)
        if self.folder is not None:
            write_state(self.folder, state)

    def take_away(self, trials: Trials) -> bool:
        """All steps, again and again until nothing more goes; False when the time was over first."""
        try:
            for _ in range(_ROUNDS_MOST):
                before = trials.best
                for step in STEPS:
                    step(trials)
                if trials.best == before:
                    return True
        except OutOfTime:
            return False
        except KeyboardInterrupt:
            self.interrupted = True
            return False
        return True


def as_document(shrunk: Shrunk, *, name: str, replay: str, regression: str) -> dict[str, Any]:
    """What a program wants to know of it."""
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": name,
        "seed": shrunk.failure.seed,
        "mutant": shrunk.failure.mutant,
        "check": shrunk.failure.check,
        "before": asdict(shrunk.before),
        "after": asdict(shrunk.after),
        "told": list(shrunk.told),
        "story": list(shrunk.verdict.story),
        "played": shrunk.played,
        "spent_s": round(shrunk.spent_s, 3),
        "finished": shrunk.finished,
        "replay": replay,
        "regression": regression,
    }
