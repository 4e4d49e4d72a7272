"""A summary in Markdown for the page of a build: what passed in a table, what did not as a story, in bounded size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from . import exit_codes
from .gate import Case, Finding, findings
from .words import plural

MOST_BYTES: Final = 200_000
_FOR_THE_END: Final = 400
_MOST_ROWS: Final = 400
_MOST_STORIES_OF_A_CASE: Final = 5
_WIDEST: Final = 300


def step_summary(cases: Sequence[Case], code: int, *, about: str = "") -> str:
    """The whole text, below ``MOST_BYTES`` in UTF-8; what does not fit is counted."""
    passed = sum(case.exit_code == exit_codes.PASSED for case in cases)
    head = f"## doubletick: {exit_codes.WORDS.get(code, 'BROKEN')}\n\n"
    head += f"{passed} of {plural(len(cases), 'scenario')} passed{about and ', ' + about}.\n\n"
    blocks = [head, _table(cases)]
    blocks += [_story(case, each) for case in cases for each in findings(case)[:_MOST_STORIES_OF_A_CASE]]
    blocks += [_problems(case) for case in cases if case.problems]
    text, left = "", MOST_BYTES - _FOR_THE_END
    for place, block in enumerate(blocks):
        size = len(block.encode())
        if size > left:
            more = len(blocks) - place
            return text + f"\n_{plural(more, 'part')} more would not fit here; the JUnit file and the log have all._\n"
        text += block
        left -= size
    return text


def _table(cases: Sequence[Case]) -> str:
    worst_first = sorted(cases, key=lambda case: exit_codes.WORST_FIRST.index(case.exit_code))
    lines = ["| scenario | runs | outcome |", "| --- | ---: | --- |"]
    for case in worst_first[:_MOST_ROWS]:
        runs = len(case.records)
        lines.append(f"| {_cell(case.title)} | {runs} | {_cell(case.sentence)} |")
    if len(cases) > _MOST_ROWS:
        lines.append(f"| and {len(cases) - _MOST_ROWS} more | | |")
    return "\n".join(lines) + "\n"


def _story(case: Case, finding: Finding) -> str:
    lines = [f"\n### {_cell(case.title)}, seed {_cell(finding.seed)}: {_cell(finding.headline)}\n", "```text"]
    lines += [_fenced(line) for line in (*finding.story, f"replay: {finding.replay}")]
    if finding.seed in case.saved:
        lines.append(_fenced(f"written out: {case.saved[finding.seed]}"))
    return "\n".join([*lines, "```", ""])


def _problems(case: Case) -> str:
    lines = [f"\n### {_cell(case.title)}: the file does not load\n", "```text"]
    lines += [_fenced(line) for problem in case.problems[:10] for line in str(problem).splitlines()]
    return "\n".join([*lines, "```", ""])


def _cell(text: str) -> str:
    """Text that cannot end a cell, nor begin markup."""
    text = " ".join(_cut(text).split())
    for mark in "\\`|<>*_[]":
        text = text.replace(mark, "\\" + mark)
    return text


def _fenced(line: str) -> str:
    return _cut(line).replace("```", "'''").replace("\r", " ").replace("\n", " ")


def _cut(text: str) -> str:
    """Cut, and without halves of characters, as names of files may hold."""
    text = text.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"
