"""Who is judged after healing: the devices that the world leaves up and reachable from heal to the end."""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import Phase
from .verdict import HistoryRow, Take, Verdict


class Scope:
    """The phases of the run and its reachable devices. It judges nothing; the other checkers ask it."""

    __slots__ = ("lost", "phases", "reachable")

    def __init__(self) -> None:
        self.reachable: dict[int, int] = {}
        """Device -> when it was declared reachable (us)."""
        self.lost: dict[int, int] = {}
        """Device -> when its installation was gone for good (us)."""
        self.phases: dict[int, int] = {}
        """Phase -> when it began (us)."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
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

    def _take_phase(self, row: HistoryRow) -> None:
        self.phases.setdefault(row[4], row[0])
