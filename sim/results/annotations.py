"""Annotations, as GitHub's runners read them from a log: a problem, shown at its line of the scenario's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from . import exit_codes
from .gate import NOT_BROKEN, Case, findings

MOST: Final = 50
"""More in one step are thrown away there."""
_LONGEST: Final = 3_000


def workflow_commands(cases: Sequence[Case]) -> list[str]:
    """One line each, the failing checks of one case first."""
    return [line for _, line in zip(range(MOST), _all(cases), strict=False)]


def _all(cases: Sequence[Case]) -> Iterator[str]:
    for case in cases:
        for problem in case.problems:
            text = f"{problem.path}: {problem.message}" if problem.path else problem.message
            hint = f" — {problem.hint}" if problem.hint else ""
            yield _command("error", problem.file, max(1, problem.line), "bad scenario", text + hint, problem.column)
        seen: dict[str, bool] = {}
        for each in findings(case):
            if each.headline in seen:
                continue
            seen[each.headline] = True
            level = "warning" if each.exit_code in NOT_BROKEN else "error"
            text = "\n".join([each.headline, *each.story, f"replay: {each.replay}"])
            word = exit_codes.WORDS.get(each.exit_code, "BROKEN").lower()
            yield _command(level, case.file, each.line, f"{case.title}, seed {each.seed}: {word}", text)


def _command(level: str, file: str, line: int, title: str, message: str, column: int = 0) -> str:
    place = f"file={_property(file)},line={line}" + (f",col={column}" if column else "")
    return f"::{level} {place},title={_property(title)}::{_data(message[:_LONGEST])}"


def _data(text: str) -> str:
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
