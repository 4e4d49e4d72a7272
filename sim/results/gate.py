"""What a gate over many scenario files found: the common ground of JUnit XML, step summary and annotations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..scenario.errors import Problem
from . import exit_codes
from .records import Record
from .words import meaning, replay_command

NOT_BROKEN = (exit_codes.INCONCLUSIVE, exit_codes.NOTHING_TESTED)


@dataclass(slots=True)
class Case:
    """One scenario, or one variant of it, and what its seeds showed."""

    file: str
    """As a person names it from where they stand."""
    name: str
    variant: str | None = None
    problems: tuple[Problem, ...] = ()
    """Why it could not be loaded."""
    summary: Mapping[str, Any] | None = None
    records: Sequence[Record] = ()
    """In the order of the seeds."""
    lines: Mapping[str, int] = field(default_factory=dict)
    """Where the file says what: a check's id, ``must_reach``, ``faults``, ``workload``, ``schema`` -> line."""
    saved: dict[str, str] = field(default_factory=dict)
    """Seed -> the file that plays what it played, with explicit operations and faults."""

    @property
    def title(self) -> str:
        """Name and variant."""
        return f"{self.name} ({self.variant})" if self.variant else self.name

    @property
    def exit_code(self) -> int:
        """Bad usage if it could not be loaded; 130 if it was not played at all."""
        if self.problems:
            return exit_codes.BAD_USAGE
        return int(self.summary["exit_code"]) if self.summary is not None else exit_codes.INTERRUPTED

    @property
    def sentence(self) -> str:
        """How it ended."""
        if self.problems:
            return f"{exit_codes.WORDS[exit_codes.BAD_USAGE]}: {first_line(str(self.problems[0]))}"
        return str(self.summary["sentence"]) if self.summary is not None else "INTERRUPTED: it was not played."


@dataclass(frozen=True, slots=True)
class Finding:
    """One seed that did not pass."""

    seed: str
    exit_code: int
    headline: str
    story: tuple[str, ...]
    replay: str
    line: int
    """In the scenario's file."""


def findings(case: Case) -> list[Finding]:
    """All seeds of a case that did not pass, in order, and what says so of the case as a whole."""
    if case.summary is None:
        return []
    found = []
    for record, row in zip(case.records, case.summary["seeds"], strict=True):
        code = row["exit_code"]
        if code != exit_codes.PASSED:
            found.append(_finding(case, case.summary, record, code))
    for seed in case.summary["other_digest"]:
        headline = "not deterministic: the same seed gave another history"
        replay = _replay(case.summary, seed)
        found.append(Finding(seed, exit_codes.NOT_DETERMINISTIC, headline, (), replay, case.lines.get("schema", 1)))
    return found


def _finding(case: Case, summary: Mapping[str, Any], record: Record, code: int) -> Finding:
    first = case.lines.get("schema", 1)
    line = case.lines.get("must_reach", case.lines.get("faults", first)) if code in NOT_BROKEN else first
    story: tuple[str, ...] = ()
    headline = exit_codes.MEANINGS.get(code, f"exit code {code}")
    if code == exit_codes.CHECK_FAILED and record.failing:
        checks = [verdict.check for verdict in record.failing]
        headline = "; ".join(f"{check}: {meaning(check)}" for check in checks[:1])
        headline += f" (and {', '.join(checks[1:])})" if len(checks) > 1 else ""
        story = record.failing[0].story
        line = case.lines.get(checks[0], case.lines.get("checks", first))
    elif record.error:
        story = tuple(record.error.rstrip().splitlines()[-12:])
    elif code in NOT_BROKEN:
        story = (str(summary["sentence"]),)
    return Finding(record.seed_text, code, headline, story, _replay(summary, record.seed_text), line)


def _replay(summary: Mapping[str, Any], seed: str) -> str:
    return replay_command(
        summary["given"], seed, variant=summary["variant"], sets=summary["sets"], mutant=summary["mutant"]
    )


def first_line(text: str) -> str:
    """The first line of a text."""
    return text.partition("\n")[0]
