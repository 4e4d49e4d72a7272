"""Judging: give a history to the checkers and collect their verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..scenario.model import Scenario
from ..vocabulary.kinds import KIND_NAMES
from .beyond import told_beyond
from .catalogue import CHECK_IDS, make_checkers
from .messages import OPERATIONS_MOST
from .scope import Scope
from .verdict import Checker, HistoryRow, Take, Verdict


def begin_all(checkers: Sequence[Checker], scenario: Scenario) -> dict[int, tuple[Take, ...]]:
    """Begin every checker; return what to call with each row of each kind, in the order of the checkers. This is
    what a ``Recorder`` takes.
    """
    takers: dict[int, tuple[Take, ...]] = {}
    for checker in checkers:
        for kind, take in checker.begin(scenario).items():
            takers[kind] = (*takers.get(kind, ()), take)
    return takers


def end_all(checkers: Sequence[Checker]) -> tuple[Verdict, ...]:
    """End every checker; return the verdicts in the catalogue's order."""
    verdicts = [verdict for checker in checkers for verdict in checker.end()]
    verdicts.sort(key=lambda verdict: CHECK_IDS.index(verdict.check))
    scope = next((checker for checker in checkers if isinstance(checker, Scope)), None)
    if scope is None or not scope.is_beyond:
        return tuple(verdicts)
    return tuple(told_beyond(verdict, scope.excess) for verdict in verdicts)


def judge(
    rows: Iterable[HistoryRow], scenario: Scenario, check_ids: Iterable[str] | None = None
) -> tuple[Verdict, ...]:
    """Judge a whole history (rows in order) by these checks (``None``: all). Rows may come from elsewhere, so kinds
    and operations are looked at first: ``ValueError`` for what can be no row of a history.
    """
    checkers = make_checkers(check_ids)
    takers = begin_all(checkers, scenario)
    for row in rows:
        kind = row[1]
        if kind not in KIND_NAMES or row[5] >= OPERATIONS_MOST:
            raise ValueError(f"not a row of a history: {tuple(row)}")
        for take in takers.get(kind, ()):
            take(row)
    return end_all(checkers)
