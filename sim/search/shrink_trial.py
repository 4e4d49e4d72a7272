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


class Unplayable(Exception):
    """A candidate that means nothing, such as a message from somebody who is not there."""


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
    text: str = ""
    """The best as a file; empty while it is too long for one, or was found elsewhere."""
    known: dict[bytes, bool] = field(default_factory=dict)

    def fails(self, candidate: Scenario) -> bool:
        """Whether the same check fails; a candidate that cannot be played does not."""
        name = name_of(candidate)
        known = self.known.get(name)
        if known is None:
            if monotonic() >= self.until_s:
                raise OutOfTime
            try:
                known = self.play(candidate) is not None and not self.fails_anyway(candidate)
            except Unplayable:
                known = False
            self.known[name] = known
        return known

    def fails_anyway(self, candidate: Scenario) -> bool:
        """Whether the check fails in the reference protocol as well: then it is not the planted bug that shows."""
        return self.failure.mutant is not None and self.verdict(candidate, None) is not None

    def look_at_the_clock(self, rows: Any) -> None:
        """A candidate may play for ever: the time ends it in the middle."""
        if monotonic() >= self.until_s:
            raise OutOfTime

    def play(self, candidate: Scenario) -> Verdict | None:
        """Play once; the check, if it fails."""
        return self.verdict(candidate, self.failure.mutant)

    def verdict(self, candidate: Scenario, mutant: str | None) -> Verdict | None:
        """Play once, with a planted bug or without; the check, if it fails."""
        self.played += 1
        try:
            return self.failure.of(
                run(candidate, self.failure.seed, mutant=mutant, history_sink=self.look_at_the_clock)
            )
        except OutOfTime:
            raise
        except (ValueError, KeyError, IndexError, ScenarioError) as error:
            raise Unplayable from error
        except Exception as error:
            # What no file may say is seen to be senseless only here; what a file may say has to be playable.
            if text_of(candidate) is not None:
                raise
            raise Unplayable from error

    def accepts(self, candidate: Scenario) -> bool:
        """Whether it fails and could be written to a file; it is then the smallest known."""
        if candidate == self.best or not self.fails(candidate):
            return False
        text = text_of(candidate)
        if text is None:
            self.known[name_of(candidate)] = False
            return False
        self.best, self.text = candidate, text
        self.on_best(candidate)
        return True

    def tell(self, words: str) -> None:
        """Tell what was taken away."""
        self.on_step(words)


def name_of(scenario: Scenario) -> bytes:
    """What a candidate is remembered by."""
    return hashlib.blake2b(repr(scenario).encode(), digest_size=12).digest()


def text_of(scenario: Scenario) -> str | None:
    """The scenario as a file that was seen to load; None if none of it would be accepted, and empty while it is still
    too long for one. Short, because writing and reading it is what much of the time goes into."""
    from ..scenario.loading import load_text
    from ..scenario.writing import to_short_yaml

    if len(scenario.workload.operations) > MOST_OPERATIONS:
        return ""
    text = to_short_yaml(scenario)
    try:
        load_text(text)
    except ScenarioError:
        return None
    return text
