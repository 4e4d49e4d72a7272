"""What is wrong with a scenario file, and where: every problem with its file, line, column and a hint."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

MOST_PROBLEMS: Final = 100
"""More than this many problems in one file are counted, not told."""
WIDEST_EXCERPT: Final = 120
"""Source lines are cut to this many characters around the place of the problem."""
LONGEST_WORD: Final = 64
"""Longer words are cut in messages and not looked up: comparing them would cost more than it tells."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. Lines and columns count from 1; line 0 means the file as a whole."""

    file: str
    line: int
    column: int
    path: str
    """The dotted path of the key, such as ``protocol.heartbeat`` or ``faults.2.target``; empty for the whole file."""
    message: str
    hint: str = ""
    excerpt: str = ""
    """The source line that ``line`` names."""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: " if self.line else f"{self.file}: "
        path = f"{self.path}: " if self.path else ""
        hint = f" — {self.hint}" if self.hint else ""
        return f"{place}{path}{self.message}{hint}{self._pointer()}"

    def _pointer(self) -> str:
        if not self.line or not self.excerpt.strip():
            return ""
        start = 0 if self.column <= WIDEST_EXCERPT else self.column - WIDEST_EXCERPT // 2
        shown = self.excerpt[start : start + WIDEST_EXCERPT].rstrip()
        # A tab stays a tab before the caret, so that the caret stands right however wide the terminal draws it.
        before = "".join("\t" if character == "\t" else " " for character in shown[: self.column - 1 - start])
        return f"\n    {shown}\n    {before}^"


class ScenarioError(Exception):
    """A scenario cannot be used. ``problems`` holds everything that is wrong with it, in the order of the file."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        told = [str(problem) for problem in self.problems[:MOST_PROBLEMS]]
        count = len(self.problems)
        if count > 1:
            files = sorted({problem.file for problem in self.problems})
            hidden = f", of which the first {MOST_PROBLEMS} are shown" if count > MOST_PROBLEMS else ""
            told.append(f"{count} errors in {', '.join(files)}{hidden}")
        return "\n".join(told)


def shortened(word: object) -> str:
    """The word in quotes, cut to a length that fits into a sentence."""
    text = word if isinstance(word, str) else str(word)
    return repr(text if len(text) <= LONGEST_WORD else text[: LONGEST_WORD - 1] + "…")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """``did you mean 'page'?``, or nothing when no known word is close."""
    if len(word) > LONGEST_WORD:
        return ""
    lowered = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), list(lowered), n=1, cutoff=0.6)
    return f"did you mean '{lowered[close[0]]}'?" if close else ""


def one_of(words: Sequence[str], *, most: int = 12) -> str:
    """A sentence part that lists what is allowed."""
    shown = ", ".join(words[:most])
    return f"{shown}, …" if len(words) > most else shown
