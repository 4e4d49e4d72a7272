"""A guided hunt: runs that covered something new are changed a little and played again.

In each wave some seeds are played as they come, and the others are made from runs of earlier waves that met a point, a
pair, a hard case or a frequency that no run before them had. A parent with more news, and fewer children so far, is
chosen more often. All of it hangs on the hunt's seed and the outcomes of earlier waves, in the order of their places.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from ..scenario.drawing import for_seed
from ..scenario.model import Scenario
from ..vocabulary.points import CATALOGUE
from ..world.dice import Dice, seed_of
from .coverage import Coverage
from .hunt import WAVE
from .mutating import Material, Mutator
from .outcome import Outcome
from .trial import Trial

FRESH_SHARE: Final = 0.4
"""So many runs are seeds as they come: what nobody has covered yet may need other luck, not other faults."""
_NEWS: Final = (40, 5, 1, 60)
"""What a new point, frequency, pair and hard case count for."""
_FEW: Final = 12
"""So many of the points that fewest runs met count as rare."""


@dataclass(slots=True)
class Parent:
    """A run that covered something new."""

    trial: Trial
    outcome: Outcome
    news: int
    children: int = 0

    @property
    def weight(self) -> int:
        """How often it is chosen, against the others."""
        return 1 + 1_000 * self.news // (1 + self.children)


class GuidedPlan:
    """What a guided hunt plays."""

    def __init__(
        self, scenario: Scenario, seeds: Iterable[str], total: int | None, *, seed: str = "1", wave: int = WAVE
    ) -> None:
        self.total = total
        self.scenario = scenario
        self.dice = Dice(seed_of(seed))
        self.parents: list[Parent] = []
        self.known = Coverage()
        self.cases: dict[str, int] = {}
        """Hard cases reached so far."""
        self.met_by = dict.fromkeys(CATALOGUE, 0)
        """How many runs met each point."""
        self._wave = wave
        self._seeds = iter(seeds)
        self._trials: dict[int, Trial] = {}
        self._learnt = 0
        self._place = 0

    def wave(self, number: int, before: Sequence[Outcome]) -> Sequence[Trial]:
        """The next trials, with what the runs before have taught."""
        for outcome in before[self._learnt :]:
            self.learn(outcome)
        self._learnt = len(before)
        trials: list[Trial] = []
        while len(trials) < self._wave and (self.total is None or self._place < self.total):
            trial = self._trial(self._place)
            if trial is None:
                break
            trials.append(trial)
            self._trials[self._place] = trial
            self._place += 1
        return trials

    def learn(self, outcome: Outcome) -> None:
        """Remember what a run covered, and the run itself if that was new."""
        trial = self._trials.pop(outcome.place, None) or Trial(outcome.place, outcome.seed)
        if outcome.error:
            return
        new = outcome.coverage.beyond(self.known)
        cases = [case for case in outcome.reached if case not in self.cases]
        parts = (new.points.bit_count(), new.often.bit_count(), new.pairs.bit_count(), len(cases))
        news = sum(worth * many for worth, many in zip(_NEWS, parts, strict=True))
        self.known |= outcome.coverage
        self.cases.update((case, outcome.place) for case in cases)
        for point in outcome.coverage.named():
            self.met_by[point] += 1
        if news:
            self.parents.append(Parent(trial, outcome, news))

    def _trial(self, place: int) -> Trial | None:
        if not self.parents or self.dice.chance(FRESH_SHARE, "fresh seed", place):
            seed = next(self._seeds, None)
            return None if seed is None else Trial(place, seed)
        parent, other = self._pick(place, 0), self._pick(place, 1)
        parent.children += 1
        mutator = Mutator(self.scenario, self.dice, place)
        options = {**parent.trial.options, **mutator.options(self.scenario.drawn)}
        trial = Trial(place, parent.trial.seed, options=options, parent=parent.trial.place)
        mutator.scenario, _ = for_seed(trial.scenario(self.scenario), seed_of(trial.seed))
        material = Material(
            faults=parent.outcome.faults,
            other=other.outcome.faults,
            points=self.rare_points(),
            operations=max(1, parent.outcome.composed),
            duration_us=self._duration_us(mutator.scenario, parent.outcome),
        )
        return Trial(place, trial.seed, mutator.schedule(material), options, parent.trial.place)

    def rare_points(self) -> list[str]:
        """The points that some run has met, but fewest."""
        met = [point for point, runs in self.met_by.items() if runs]
        return sorted(met, key=lambda point: self.met_by[point])[:_FEW]

    def _pick(self, place: int, turn: int) -> Parent:
        draw = self.dice.below(sum(parent.weight for parent in self.parents), "parent", place, turn)
        for parent in self.parents:
            draw -= parent.weight
            if draw < 0:
                return parent
        raise AssertionError("weights add up")

    @staticmethod
    def _duration_us(scenario: Scenario, outcome: Outcome) -> int:
        """How long people write: a trace brings its own length."""
        return outcome.simulated_us if scenario.workload.kind == "trace" else scenario.time.chaos_us
