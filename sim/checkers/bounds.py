"""BOUND-1: every queue stays within its declared bound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, QueueKind
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import host, phone, when

QUEUE_NAMES: Final = {
    QueueKind.PUSH_WINDOW: "updates pushed and not acknowledged",
    QueueKind.SEND_WINDOW: "messages of one chat in flight",
    QueueKind.CONNECTIONS: "open connections",
    QueueKind.ARCHIVE_BACKLOG: "entries that the long-term store has not got",
}
OF_HOSTS: Final = frozenset({QueueKind.CONNECTIONS, QueueKind.ARCHIVE_BACKLOG})


class Bounds:
    """BOUND-1."""

    __slots__ = ("_bound", "_evidence")

    def __init__(self, evidence: Evidence) -> None:
        self._evidence = evidence
        self._bound = evidence.docket("BOUND-1")

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {kinds.QUEUE_HIGH: self._take_high}

    def end(self) -> tuple[Verdict, ...]:
        """Judge."""
        return self._evidence.verdicts("BOUND-1")

    def _take_high(self, row: HistoryRow) -> None:
        time_us, _, who, _, queue, _, length, bound = row
        if bound == NONE:
            return
        self._bound.exercised += 1
        if length > bound:
            owner = host(who) if queue in OF_HOSTS else phone(who)
            name = QUEUE_NAMES.get(queue, f"queue kind {queue}")
            self._bound.charge(
                time_us,
                (),
                lambda: (f"{owner}: {length} {name} {when(time_us)}", f"the declared bound is {bound}"),
            )
