"""What a judged history shows, on the terminal and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..results import exit_codes
from ..results.words import meaning, plural
from ..vocabulary.units import format_duration
from .printing import outcome_word

if TYPE_CHECKING:
    from ..checkers.verdict import Verdict
    from ..foreign.judging import Judged
    from .terminal import Terminal

_STYLES: Final = {exit_codes.PASSED: "green", exit_codes.CHECK_FAILED: "red"}


def print_judged(terminal: Terminal, judged: Judged, code: int) -> None:
    """A table of verdicts, one sentence, and the story of every failing check."""
    if not terminal.quiet:
        about = f" — {judged.about}" if judged.about else ""
        terminal.line(f"{judged.file}{about}", "bold")
        terminal.line()
        rows = [
            [each.check, meaning(each.check), outcome_word({"outcome": each.outcome}), f"{each.exercised:,}"]
            for each in judged.verdicts
        ]
        terminal.table(
            ("check", "what must hold", "outcome", "cases"), rows, right=("cases",), wrap=("what must hold",)
        )
        terminal.line()
    for each in judged.verdicts:
        if each.outcome == "unknown" and each.story and not terminal.quiet:
            terminal.line(f"  {each.check} unknown: {each.story[0]}")
    terminal.line(f"{judged.file}: {sentence(judged, code)}", _STYLES.get(code, "yellow"))
    for each in judged.verdicts:
        if each.outcome == "invalid":
            _tell(terminal, judged, each)


def sentence(judged: Judged, code: int) -> str:
    """The verdict in one line."""
    outcomes = [each.outcome for each in judged.verdicts]
    word = exit_codes.WORDS[code]
    if code == exit_codes.CHECK_FAILED:
        failing = ", ".join(each.check for each in judged.verdicts if each.outcome == "invalid")
        return f"{word}: {failing} ({plural(judged.lines, 'line')} read)"
    counts = f"{outcomes.count('valid')} checks valid, {outcomes.count('unknown')} unknown"
    return f"{word}: {counts} ({plural(judged.lines, 'line')} read)"


def document_of(judged: Judged, code: int) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "file": judged.file,
        "format": judged.format,
        "about": judged.about,
        "lines": judged.lines,
        "exit_code": code,
        "checks": [
            {
                "check": each.check,
                "outcome": each.outcome,
                "exercised": each.exercised,
                "violations": each.violations,
                "at_us": each.at_us,
                "story": list(each.story),
                "legend": judged.legend.get(each.check, ""),
            }
            for each in judged.verdicts
        ],
    }


def _tell(terminal: Terminal, judged: Judged, verdict: Verdict) -> None:
    at = f" at {format_duration(verdict.at_us)}" if verdict.at_us >= 0 else ""
    more = f" ({verdict.violations:,} cases; this is one)" if verdict.violations > 1 else ""
    terminal.line()
    terminal.line(f"  {verdict.check}: {meaning(verdict.check)}. Broken{at}{more}:", "red")
    for line in verdict.story:
        terminal.line(f"    {line}")
    if verdict.check in judged.legend:
        terminal.line(f"    where {judged.legend[verdict.check]}")
