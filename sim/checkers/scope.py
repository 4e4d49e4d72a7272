"""Who is judged after healing: the devices that the world leaves up and reachable from heal to the end."""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, Excess, Phase
from .verdict import HistoryRow, Take, Verdict


class Scope:
    """The phases of the run and its reachable devices. It judges nothing; the other checkers ask it."""

    __slots__ = ("excess", "inboxes_set_back", "is_beyond", "lost", "phases", "reachable", "set_back")

    def __init__(self) -> None:
        self.is_beyond = False
        """Whether the scenario may go beyond the promise."""
        self.excess: dict[int, int] = {}
        """``Excess`` to when the run went beyond the promise in that way for the first time (us)."""
        self.set_back: dict[int, int] = {}
        """Conversation to when its log lost entries for the first time (us)."""
        self.inboxes_set_back: dict[int, int] = {}
        """Device to when its inbox lost rows for the first time (us)."""
        self.reachable: dict[int, int] = {}
        """Device -> when it was declared reachable (us)."""
        self.lost: dict[int, int] = {}
        """Device -> when its installation was gone for good (us)."""
        self.phases: dict[int, int] = {}
        """Phase -> when it began (us)."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        self.is_beyond = scenario.beyond_promise
        return {
            kinds.BEYOND: self._take_beyond,
            kinds.REACHABLE: self._take_reachable,
            kinds.PHONE_LOST: self._take_lost,
            kinds.PHASE: self._take_phase,
        }

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own."""
        return ()

    def holds(self, device: int) -> bool:
        """Whether what must have happened by the end is asked of this device."""
        return device in self.reachable and device not in self.lost

    def devices(self) -> list[int]:
        """The devices in scope, in the order the world named them."""
        return [device for device in self.reachable if device not in self.lost]

    @property
    def settled(self) -> bool:
        """Whether settling is over and its census complete, which is when the final sync begins."""
        return Phase.SETTLED in self.phases and (Phase.FINAL_SYNC in self.phases or self.ended)

    @property
    def is_promised(self) -> bool:
        """Whether what must have happened by the end is asked at all: not of a run that went beyond the promise."""
        return not self.excess

    @property
    def ended(self) -> bool:
        """Whether the run came to its end; without it nothing is said about what must have happened by then."""
        return Phase.END in self.phases

    @property
    def heal_us(self) -> int:
        """When heal began (-1: it never did)."""
        return self.phases.get(Phase.HEAL, -1)

    @property
    def end_us(self) -> int:
        """When the last census began (-1: it never did)."""
        return self.phases.get(Phase.END, -1)

    def _take_reachable(self, row: HistoryRow) -> None:
        self.reachable.setdefault(row[2], row[0])

    def _take_lost(self, row: HistoryRow) -> None:
        self.lost.setdefault(row[2], row[0])

    def _take_beyond(self, row: HistoryRow) -> None:
        """Only a scenario that says so may be excused by its history."""
        if self.is_beyond:
            self.excess.setdefault(row[4], row[0])
            if row[3] != NONE:
                self.set_back.setdefault(row[3], row[0])
            elif row[4] == Excess.INBOX_SET_BACK and row[6] != NONE:
                self.inboxes_set_back.setdefault(row[2], row[0])

    def _take_phase(self, row: HistoryRow) -> None:
        self.phases.setdefault(row[4], row[0])
