"""A hunt: many runs, in waves. Which runs make up a wave hangs on the outcomes of the waves before it and on nothing
else, so a hunt is the same on one worker or many, on a cluster, and when it was killed and goes on."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from ..executors.local import Done
from ..scenario.model import Scenario
from .outcome import Outcome
from .trial import Task, Trial, outcome_of_done, play_task

WAVE: Final = 64
"""Runs of a wave: enough to keep the cores busy, few enough that a guided hunt learns soon."""
RANDOM_WAVE: Final = 256
"""The same where nothing is learnt from a wave: at its end cores wait for the last run, so there are few ends."""

Play = Callable[[Callable[[Task], Outcome], Sequence[Task]], Iterator[Done[Outcome]]]
"""Calls a function for every task, somewhere, and yields what is done as it is done."""


class Planner(Protocol):
    """Says what is played."""

    @property
    def total(self) -> int | None:
        """How many runs there are in all; None: until somebody stops."""

    def wave(self, number: int, before: Sequence[Outcome]) -> Sequence[Trial]:
        """The trials of a wave, given the outcomes of all waves before it in the order of their places; empty at the
        end."""


class RandomPlan:
    """Every seed as it comes."""

    def __init__(self, seeds: Iterable[str], total: int | None) -> None:
        self.total = total
        self._seeds = iter(seeds)
        self._place = 0

    def wave(self, number: int, before: Sequence[Outcome]) -> Sequence[Trial]:
        """The next seeds."""
        trials: list[Trial] = []
        while len(trials) < RANDOM_WAVE:
            seed = next(self._seeds, None)
            if seed is None:
                break
            trials.append(Trial(self._place, seed))
            self._place += 1
        return trials


@dataclass(slots=True)
class Hunt:
    """One hunt: what is known, and playing on from there."""

    scenario: Scenario
    plan: Planner
    mutant: str | None = None
    coverage: bool = True
    known: Mapping[tuple[int, bool], Outcome] = field(default_factory=dict)
    """What an earlier call played already: (place, again) to outcome."""
    with_repeats: bool = True
    stop_after: int | None = None
    """Stop when so many runs have failed."""
    outcomes: list[Outcome] = field(default_factory=list)
    """The first plays, in the order of their places as far as waves are complete."""
    repeats: dict[int, Outcome] = field(default_factory=dict)
    trials: dict[int, Trial] = field(default_factory=dict)
    is_complete: bool = False

    def play(self, play: Play, is_over: Callable[[], bool] = lambda: False) -> Generator[Outcome, None, None]:
        """Play wave after wave and yield each outcome that is new, as it comes. What was played until then is kept when
        the caller closes this, or when it is stopped."""
        number = 0
        while wave := self.plan.wave(number, self.outcomes):
            number += 1
            self.trials.update((trial.place, trial) for trial in wave)
            done: dict[tuple[int, bool], Outcome] = {}
            try:
                yield from self._wave(wave, done, play, is_over)
            finally:
                self._keep(done)
            if self._has_enough() or len(done) < len(self._tasks(wave)):
                return
        self.is_complete = True

    def _wave(
        self,
        wave: Sequence[Trial],
        done: dict[tuple[int, bool], Outcome],
        play: Play,
        is_over: Callable[[], bool],
    ) -> Iterator[Outcome]:
        tasks = []
        for task in self._tasks(wave):
            key = task.trial.place, task.again
            if key in self.known:
                done[key] = self.known[key]
            else:
                tasks.append(task)
        if is_over() or self._has_enough(done):
            return
        answers = play(play_task, tasks)
        for each in answers:
            task = tasks[each.index]
            outcome = done[task.trial.place, task.again] = outcome_of_done(each, task)
            yield outcome
            if is_over() or self._has_enough(done):
                _close(answers)
                return

    def _tasks(self, wave: Sequence[Trial]) -> list[Task]:
        """Every trial, and at the end those that are played twice: by then mostly in another process."""
        first = [Task(trial, self.scenario, self.mutant, self.coverage) for trial in wave]
        again = [
            Task(trial, self.scenario, self.mutant, again=True)
            for trial in wave
            if self.with_repeats and trial.is_repeated
        ]
        return [*first, *reversed(again)]

    def _keep(self, done: Mapping[tuple[int, bool], Outcome]) -> None:
        for place, again in sorted(done):
            if again:
                self.repeats[place] = done[place, again]
            else:
                self.outcomes.append(done[place, again])

    def _has_enough(self, done: Mapping[tuple[int, bool], Outcome] | None = None) -> bool:
        if self.stop_after is None:
            return False
        failed = sum(outcome.bad for outcome in self.outcomes)
        failed += sum(outcome.bad for outcome in (done or {}).values())
        return failed >= self.stop_after

    def different(self) -> list[str]:
        """The seeds whose second play gave another history than the first."""
        first = {outcome.place: outcome for outcome in self.outcomes}
        return [
            again.seed
            for place, again in sorted(self.repeats.items())
            if place in first and (again.digest, bool(again.error)) != (first[place].digest, bool(first[place].error))
        ]


def _close(answers: Any) -> None:
    close = getattr(answers, "close", None)
    if close is not None:
        close()
