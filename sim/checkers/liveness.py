"""LIVE-1: within the settle bound the run is quiet; what remains is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import WAIT_NAMES, Phase, WaitKind
from ..vocabulary.units import format_duration
from .evidence import Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when

SERVER_DUTIES: Final = frozenset({WaitKind.OWED_RECEIPT, WaitKind.FAN_OUT, WaitKind.ARCHIVE, WaitKind.OVERLOAD})
"""What servers owe one another: it must be done whichever phones are reachable."""

LINES_MOST: Final = 6


class Liveness:
    """LIVE-1."""

    __slots__ = ("_evidence", "_quiet", "_scope", "_waiting")

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._evidence = evidence
        self._quiet = evidence.docket("LIVE-1")
        self._scope = scope
        self._waiting: list[HistoryRow] = []

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {kinds.STILL_WAITING: self._waiting.append}

    def end(self) -> tuple[Verdict, ...]:
        """Name what remains of the devices in scope and of the servers."""
        scope = self._scope
        if scope.settled:
            self._quiet.exercised = len(scope.devices())
            remains = [row for row in self._waiting if row[4] in SERVER_DUTIES or scope.holds(row[2])]
            for row in remains:
                self._quiet.charge(row[0], (), lambda: self._story(remains))
        return self._evidence.verdicts("LIVE-1")

    def _story(self, remains: list[HistoryRow]) -> list[str]:
        settled_us = self._scope.phases[Phase.SETTLED]
        lines = [f"heal began {when(self._scope.heal_us)}; {when(settled_us)} settling was over, and there remain:"]
        lines += [remaining(row) for row in remains[:LINES_MOST]]
        if len(remains) > LINES_MOST:
            lines.append(f"and {len(remains) - LINES_MOST} more")
        return lines


def remaining(row: HistoryRow) -> str:
    """One thing that is unfinished, in words."""
    time_us, _, who, _, kind, _, count, _ = row
    if kind == WaitKind.OVERLOAD:
        return f"overload: {host(who)} is busy until {format_duration(time_us + count)} with what waits there already"
    owner = host(who) if kind in SERVER_DUTIES else phone(who)
    return f"{owner}: {count} {WAIT_NAMES.get(kind, f'of wait kind {kind}')}"
