"""Judging a file: find out what it is, read it once, and give the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ..checkers.catalogue import CHECK_IDS, applicable, make_checkers
from ..checkers.judging import begin_all, end_all
from ..checkers.verdict import Verdict
from ..garbage import seldom_collected
from ..scenario.model import Protocol, Scenario
from ..vocabulary.kinds import KIND_NAMES
from ..vocabulary.screens import HELD_BACK
from . import log, rows
from .lines import BadLine, HistoryError, quoted, read_lines
from .needs import told_apart
from .rows import Row, RowReader

_FORMATS: Final = (rows.FORMAT, log.FORMAT)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a file shows."""

    file: str
    format: str
    about: str
    """What the file says it is."""
    lines: int
    verdicts: tuple[Verdict, ...]
    legend: dict[str, str]
    """Check -> what the numbers of its story stand for in the file."""
    required: tuple[str, ...] = ()
    """Checks that have to be known: those that were asked for, or that the run was judged by."""


def judge_file(path: Path, checks: Sequence[str] | None = None) -> Judged:
    """Judge a file by these checks (``None``: all that apply). Raises ``HistoryError`` for a damaged one."""
    with seldom_collected():
        return _judged(path, checks)


def _judged(path: Path, checks: Sequence[str] | None) -> Judged:
    lines = read_lines(path)
    number, header = next(lines)
    try:
        if type(header) is not dict or header.get("format") not in _FORMATS:
            raise BadLine(f'the first line must be an object with "format": one of {", ".join(_FORMATS)}')
        judge = _Rows(header, str(path), checks) if header["format"] == rows.FORMAT else _Log(header, checks)
        read = judge.read
        for number, document in lines:  # noqa: B007 - the number is told when a line is bad
            read(document)
        number += 1
        judge.finish()
    except BadLine as error:
        raise HistoryError(str(path), number, str(error)) from None
    verdicts = _ended(judge, str(path))
    about = header.get("about", "")
    return Judged(
        str(path),
        header["format"],
        about if isinstance(about, str) else quoted(about),
        number - 1,
        verdicts,
        judge.legend(verdicts),
        tuple(checks or judge.required),
    )


class _Judge:
    """The checkers, and the table of what to call with which rows."""

    def __init__(self, scenario: Scenario, checks: Sequence[str]) -> None:
        self.required: tuple[str, ...] = ()
        self.checkers = make_checkers(checks)
        takers = begin_all(self.checkers, scenario)
        self._takers = [takers.get(kind, ()) for kind in range(max(KIND_NAMES) + 1)]

    def take(self, row: Row) -> None:
        """Hand a row to the checkers. A stranger's rows may contradict each other in ways that no world's can."""
        try:
            for take in self._takers[row[1]]:
                take(row)
        except Exception as error:
            raise BadLine(f"the checks can make no sense of this row after those before it ({_named(error)})") from None


class _Rows(_Judge):
    """An exported run."""

    def __init__(self, header: dict[str, Any], file: str, checks: Sequence[str] | None) -> None:
        scenario = rows.scenario_of(header, f"{file}:1")
        super().__init__(scenario, checks or scenario.checks or applicable(scenario))
        self.required = scenario.checks
        reader = RowReader(self.take)
        self.read: Callable[[Any], None] = reader.line
        self.finish = reader.finish

    def verdicts(self) -> tuple[Verdict, ...]:
        """As the run had them."""
        return end_all(self.checkers)

    def legend(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        """The numbers are the run's own."""
        return {}


class _Log(_Judge):
    """Another system's log."""

    def __init__(self, header: dict[str, Any], checks: Sequence[str] | None) -> None:
        log.records_of(header)
        kept = Protocol(
            retention_us=header.get("retention_us", 0),
            inbox_cap=header.get("inbox_cap", 0),
            screen_order=header.get("screen_order", HELD_BACK),
        )
        super().__init__(replace(Scenario(), protocol=kept), checks or CHECK_IDS)
        self._expires = bool(kept.retention_us or kept.inbox_cap)
        self.reader = log.LogReader(header, self.take)
        self.read: Callable[[Any], None] = self.reader.line
        self.finish = self.reader.finish

    def verdicts(self) -> tuple[Verdict, ...]:
        """Unknown where the data is not there."""
        return told_apart(
            end_all(self.checkers),
            self.reader.records,
            recipients=self.reader.recipients_known,
            expires=self._expires,
        )

    def legend(self, verdicts: Sequence[Verdict]) -> dict[str, str]:
        """What the numbers in the stories are called in the log."""
        told = {verdict.check: self.reader.names.legend(verdict.story) for verdict in verdicts if verdict.violations}
        return {check: text for check, text in told.items() if text}


def _ended(judge: _Rows | _Log, file: str) -> tuple[Verdict, ...]:
    try:
        return judge.verdicts()
    except Exception as error:
        message = f"the checks can make no sense of this history as a whole ({_named(error)})"
        raise HistoryError(file, 0, message) from None


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {quoted(str(error))}"
