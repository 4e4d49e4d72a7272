"""One run of ``exhaust``: a schedule played on a small world, and what people saw in it.

The figures, tables and plots of an ordinary run are left out, which is most of what a run of three messages costs.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ..checkers.judging import end_all
from ..faults.schedule import Fault
from ..garbage import seldom_collected
from ..mutants.blame import blaming
from ..runner import Run
from ..scenario.model import Scenario
from ..vocabulary import kinds
from .exhaust_points import Met, Watcher

SEEN: Final = (
    kinds.COMPOSED,
    kinds.SHOWN,
    kinds.PLACED,
    kinds.PENDING_DRAWN,
    kinds.SCREEN_CLEARED,
    kinds.OPENED,
    kinds.TICK,
    kinds.MARKER_SHOWN,
)
"""Rows of which an outcome is made: what people did and saw."""
ABOUT_FAULTS: Final = (kinds.FAULT_BEGAN, kinds.FAULT_ENDED)


class Outcome(NamedTuple):
    """What people saw, whenever they saw it, and what the checks say."""

    seen: str
    """A digest of what each person saw in what order, without the times."""
    invalid: tuple[str, ...]
    """The checks that are invalid."""


class Played(NamedTuple):
    """One run that is over."""

    outcome: Outcome
    history: str
    """A digest of the history but the rows about the faults themselves, of a run that was watched."""
    met: list[Met]
    """The points that it met; empty unless they were asked for."""
    touched: tuple[int, ...]
    """How many effects each fault changed."""


class LeanRun(Run):
    """A run that is judged, and measured in no way."""

    def __init__(self, scenario: Scenario, seed: int, mutant: str | None, faults: Sequence[Fault], watch: bool) -> None:
        self.seen: dict[int, list[tuple[int, ...]]] = {}
        super().__init__(scenario, seed, mutant, False, None, tuple(faults), True, watch)
        self.watcher: Watcher | None = None
        if watch:
            assert self.world.points is not None
            self.watcher = self.world.points.watcher = Watcher(self.world, self.recorder._rows, self.stream.total)

    def takers(self) -> dict[int, list[Any]]:
        """The checkers' tables, and what people saw."""
        takers: dict[int, list[Any]] = {kind: [self.take] for kind in SEEN}
        for checker in self.checkers:
            for kind, take in checker.begin(self.scenario).items():
                takers.setdefault(kind, []).append(take)
        return takers

    def take(self, row: tuple[int, ...]) -> None:
        """One thing that a person saw: without its time, and beside each other what one device showed."""
        self.seen.setdefault(row[2], []).append((row[1], *row[3:]))

    def judge(self) -> Any:
        """What people saw and what the checks say, in place of a whole result."""
        history = hashlib.blake2b(digest_size=12)
        if self.watcher is not None:
            history.update(repr([row for row in self.recorder._rows if row[1] not in ABOUT_FAULTS]).encode())
        self.recorder.finish()
        invalid = tuple(sorted(verdict.check for verdict in end_all(self.checkers) if verdict.fails))
        seen = repr(sorted(self.seen.items()))
        return Played(
            Outcome(hashlib.blake2b(seen.encode(), digest_size=8).hexdigest(), invalid),
            history.hexdigest(),
            [] if self.watcher is None else self.watcher.met,
            tuple(running.touched for running in self.faults.runnings),
        )


def play(scenario: Scenario, seed: int, mutant: str | None, faults: Sequence[Fault], *, watch: bool = False) -> Played:
    """Play a schedule."""
    with seldom_collected(), blaming(mutant):
        played: Played = LeanRun(scenario, seed, mutant, faults, watch).play()  # type: ignore[assignment]
    return played
