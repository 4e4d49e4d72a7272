"""Delivery times of a run, streamed: from composed to shown, per recipient device."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..vocabulary import kinds
from .histogram import Histogram


class DeliveryTimes:
    """Reads COMPOSED and SHOWN rows; memory follows the messages that nobody has seen yet."""

    __slots__ = ("_composed", "composed", "histogram", "shown")

    def __init__(self) -> None:
        self.histogram = Histogram()
        self.composed = 0
        self.shown = 0
        self._composed: dict[int, int] = {}

    def takers(self) -> Mapping[int, Callable[[tuple[int, int, int, int, int, int, int, int]], None]]:
        """What to call with each row of each kind."""
        return {kinds.COMPOSED: self.take_composed, kinds.SHOWN: self.take_shown}

    def take_composed(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """A message is in an outbox."""
        self.composed += 1
        self._composed[row[5]] = row[0]

    def take_shown(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """Its recipient sees it for the first time."""
        composed = self._composed.pop(row[5], None)
        if composed is not None:
            self.shown += 1
            self.histogram.add(row[0] - composed)
