"""One run of a hunt as a task: what is played, and playing it. Small to pickle on its way to a worker and back."""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field

from ..executors.jobs import is_scenario_error
from ..executors.local import Done
from ..faults.schedule import Fault
from ..results import exit_codes
from ..scenario.drawing import described
from ..scenario.model import Scenario
from ..world.dice import Dice, seed_of
from .outcome import Outcome, outcome_of

REPEATED_SHARE = 0.05
"""So many runs are played twice, to see whether they give the same history."""


@dataclass(frozen=True, slots=True)
class Trial:
    """What is played at one place of a hunt: a seed, and what a guided hunt has changed of what the seed would draw."""

    place: int
    seed: str
    faults: tuple[Fault, ...] | None = None
    """In the place of the scenario's and the nemesis's own."""
    options: Mapping[str, object] = field(default_factory=dict)
    """In the place of what the seed would draw: path to value."""
    parent: int = -1
    """The place of the run that this one was made from; -1: from nothing."""

    @property
    def is_repeated(self) -> bool:
        """Whether it is one of those that are played twice: a draw of the seed, whoever plays how many others."""
        return Dice(seed_of(self.seed)).chance(REPEATED_SHARE, "played twice in a hunt", max(0, self.parent + 1))

    def scenario(self, scenario: Scenario) -> Scenario:
        """The scenario with the changed options in it."""
        if not self.options:
            return scenario
        drawn = {**scenario.drawn, **{path: (value,) for path, value in self.options.items()}}
        return dataclasses.replace(scenario, drawn=drawn)


@dataclass(frozen=True, slots=True)
class Task:
    """A trial on its way to a worker."""

    trial: Trial
    scenario: Scenario
    mutant: str | None = None
    coverage: bool = True
    again: bool = False


def play_task(task: Task) -> Outcome:
    """Play one trial; an exception inside the run becomes an outcome too. Worker processes import this by name."""
    trial = task.trial
    from ..runner import run

    try:
        result = run(
            trial.scenario(task.scenario),
            trial.seed,
            mutant=task.mutant,
            faults=trial.faults,
            coverage=task.coverage and not task.again,
        )
        outcome = outcome_of(trial.place, result, described(result.drawn))
    except Exception as error:
        told = is_scenario_error(error)
        return Outcome(
            trial.place,
            trial.seed,
            again=task.again,
            error=str(error) if told else traceback.format_exc(),
            error_code=exit_codes.BAD_USAGE if told else exit_codes.OUR_BUG,
        )
    if task.again:
        return Outcome(trial.place, trial.seed, again=True, digest=outcome.digest)
    return outcome


def outcome_of_done(done: Done[Outcome], task: Task) -> Outcome:
    """The outcome of a task that is over, whether it came back or not."""
    if done.answer is not None:
        return done.answer
    reason = done.failure or "its worker process was killed, twice (out of memory?); the run is lost"
    trial = task.trial
    return Outcome(trial.place, trial.seed, again=task.again, error=reason, error_code=exit_codes.OUR_BUG)
