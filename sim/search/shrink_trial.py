"""Trying a smaller scenario: whether the same check still fails in it, and what was found so far."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from ..checkers.verdict import INVALID, Verdict
from ..results.written_out import MOST_OPERATIONS
from ..runner import Result, run
from ..scenario.errors import ScenarioError
from ..scenario.model import Scenario


class OutOfTime(Exception):
    """The time that may be spent is over; what is smallest by then stands."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What must go on failing: a check, under a seed, perhaps with a planted bug."""

    seed: int
    check: str
    mutant: str | None = None
    is_told: bool = False
    """Whether it fails nothing where it is to be shrunk: the run may break it beyond the promise."""

    def of(self, result: Result) -> Verdict | None:
        """The verdict of the check, if it is invalid, and more than told where it was more than told."""
        for verdict in result.verdicts:
            if verdict.check == self.check and (verdict.fails or (self.is_told and verdict.outcome == INVALID)):
                return verdict
        return None


@dataclass(slots=True)
class Trials:
    """Plays candidates until the time is over, each once, and keeps the smallest that fails."""

    failure: Failure
    best: Scenario
    until_s: float = float("inf")
    """On the monotonic clock."""
    on_step: Callable[[str], None] = lambda words: None
    """Told what was taken away."""
    on_best: Callable[[Scenario], None] = lambda best: None
    played: int = 0
    known: dict[bytes, bool] = field(default_factory=dict)

    def fails(self, candidate: Scenario) -> bool:
        """Whether the same check fails; a candidate that cannot be played does not."""
        name = hashlib.blake2b(repr(candidate).encode(), digest_size=12).digest()
        known = self.known.get(name)
        if known is None:
            if monotonic() >= self.until_s:
                raise OutOfTime
            known = self.known[name] = self.play(candidate) is not None and not self.fails_anyway(candidate)
        return known

    def fails_anyway(self, candidate: Scenario) -> bool:
        """Whether the check fails in the reference protocol as well: then it is not the planted bug that shows."""
        if self.failure.mutant is None:
            return False
        self.played += 1
        return self.failure.of(run(candidate, self.failure.seed, history_sink=self.look_at_the_clock)) is not None

    def look_at_the_clock(self, rows: Any) -> None:
        """A candidate may play for ever: the time ends it in the middle."""
        if monotonic() >= self.until_s:
            raise OutOfTime

    def play(self, candidate: Scenario) -> Verdict | None:
        """Play once."""
        self.played += 1
        failure = self.failure
        try:
            return failure.of(run(candidate, failure.seed, mutant=failure.mutant, history_sink=self.look_at_the_clock))
        except (ValueError, KeyError, IndexError, ScenarioError):
            return None

    def accepts(self, candidate: Scenario) -> bool:
        """Whether it fails and could be written to a file; it is then the smallest known."""
        if candidate == self.best or not self.fails(candidate) or not loads(candidate):
            return False
        self.best = candidate
        self.on_best(candidate)
        return True

    def tell(self, words: str) -> None:
        """Tell what was taken away."""
        self.on_step(words)


def loads(scenario: Scenario) -> bool:
    """Whether a file of it would be accepted; one that is still too long for a file passes until it is not."""
    from ..scenario.loading import load_text
    from ..scenario.writing import to_yaml

    if len(scenario.workload.operations) > MOST_OPERATIONS:
        return True
    try:
        load_text(to_yaml(scenario))
    except ScenarioError:
        return False
    return True
