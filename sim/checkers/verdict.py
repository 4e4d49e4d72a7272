"""A verdict: valid, invalid with a witness in plain words, or unknown because nothing was exercised."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from ..scenario.model import Scenario

HistoryRow = tuple[int, int, int, int, int, int, int, int]
"""A row as in ``sim/vocabulary/kinds.py``: time_us, kind, who, chat, number, operation, value, extra."""

Take = Callable[[HistoryRow], None]

VALID: Final = "valid"
INVALID: Final = "invalid"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check found. ``exercised`` counts the cases it judged; ``story`` is a minimal witness in plain words,
    a line per step, for a reader who does not know the code; ``violations`` counts all, of which the story tells one.
    """

    check: str
    outcome: str
    exercised: int
    violations: int = 0
    story: tuple[str, ...] = ()
    at_us: int = -1
    """When it went wrong (-1: nowhere in particular)."""
    operations: tuple[int, ...] = ()
    """The operations that the witness is about."""
    beyond: str = ""
    """Why it is no failure although it is invalid: what the run did beyond the promise ("": it is one)."""

    @property
    def fails(self) -> bool:
        """Whether it fails a build."""
        return self.outcome == INVALID and not self.beyond


class Checker(Protocol):
    """Streams over one history. ``begin`` names the kinds it reads; memory follows what is open, not what is over."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """Return what to call with each row of each kind. A checker is made for one history."""

    def end(self) -> tuple[Verdict, ...]:
        """Judge; one verdict per check id of this family."""
