"""Evidence: what the checks have found so far, one docket per check id."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from .verdict import INVALID, UNKNOWN, VALID, Verdict

Story = Callable[[], Iterable[str]]


class Docket:
    """The evidence for one check. The first charge is the witness; the others are only counted."""

    __slots__ = ("allowed", "at_us", "beyond", "check", "exercised", "operations", "story", "violations")

    def __init__(self, check: str) -> None:
        self.check = check
        self.exercised = 0
        self.violations = 0
        self.allowed: Docket | None = None
        """What this run may break, since it went beyond the promise there."""
        self.beyond = ""
        """Why these charges fail nothing; empty where they do."""
        self.story: tuple[str, ...] = ()
        self.at_us = -1
        self.operations: tuple[int, ...] = ()

    def charge(self, at_us: int, operations: tuple[int, ...], story: Story) -> None:
        """Note a violation; ``story`` is called only when it is the first, so it may be costly to tell."""
        if not self.violations:
            self.at_us = at_us
            self.operations = operations
            self.story = tuple(story())
        self.violations += 1

    def allow(self, why: str) -> Docket:
        """Where to charge what the run may break beyond the promise: told, and no failure."""
        if self.allowed is None:
            self.allowed = Docket(self.check)
            self.allowed.beyond = why
        return self.allowed

    def verdict(self) -> Verdict:
        """Invalid beats unknown beats valid: a charge counts even where nothing was counted as exercised. What may be
        broken is told only where nothing else is."""
        if self.allowed is not None and not self.violations:
            self.allowed.exercised = self.exercised
            return replace(self.allowed.verdict(), beyond=self.allowed.beyond)
        outcome = INVALID if self.violations else VALID if self.exercised else UNKNOWN
        exercised = max(self.exercised, self.violations)
        return Verdict(self.check, outcome, exercised, self.violations, self.story, self.at_us, self.operations)


class Evidence:
    """The dockets of all checks; families share it, because one row may be evidence in several of them."""

    __slots__ = ("_dockets", "_wanted")

    def __init__(self, wanted: Iterable[str]) -> None:
        self._wanted = frozenset(wanted)
        self._dockets: dict[str, Docket] = {}

    def docket(self, check: str) -> Docket:
        """The docket of a check, the same one for whoever asks."""
        return self._dockets.setdefault(check, Docket(check))

    def verdicts(self, *checks: str) -> tuple[Verdict, ...]:
        """The verdicts on those of ``checks`` that somebody wants to know."""
        return tuple(self.docket(check).verdict() for check in checks if check in self._wanted)
