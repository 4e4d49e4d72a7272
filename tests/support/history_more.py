"""Sentences of the history language about markers, connections, faults and nudges on their way."""

from __future__ import annotations

from history_presence import SERVER, PresenceWriter
from history_writer import says

from sim.vocabulary import kinds
from sim.vocabulary.pushes import NUDGE_FATE_NAMES

FATES = {name: fate for fate, name in NUDGE_FATE_NAMES.items()}


class WholeWriter(PresenceWriter):
    """The whole language."""

    @says("D marks N to N [again]")
    def marks(self, device: int, first: int, last: int, again: bool = False) -> None:
        """Its person sees that these updates are missing."""
        self.row(kinds.MARKER_SHOWN, device, number=last, value=first - 1, extra=int(again))

    @says("D connects with N")
    def connects_with(self, device: int, epoch: int) -> None:
        self.row(kinds.CONNECTED, device, number=epoch, value=SERVER, extra=1)

    @says("fate of D W")
    def fate(self, device: int, name: str) -> None:
        self.row(kinds.NUDGE_FATE, device, number=0, value=FATES[name])

    @says("fault N begins")
    def fault_begins(self, number: int) -> None:
        self.row(kinds.FAULT_BEGAN, number=number, value=1)

    @says("fault N ends")
    def fault_ends(self, number: int) -> None:
        self.row(kinds.FAULT_ENDED, number=number, value=1, extra=1)

    @says("ask D")
    def asks_at_once(self, device: int) -> None:
        """In the same moment as what was said before."""
        self.now_us = self.rows[-1][0]
        self.nudge(device)

    @says("first day")
    def first_day(self) -> None:
        """The history is told in full."""
        self.row(kinds.FIRST_DAY)
