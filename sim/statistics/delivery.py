"""Times of a run, streamed: from composed to shown, in calm and during faults, and from composed to the first tick."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..vocabulary import kinds
from ..vocabulary.metrics import DELIVERY_CALM, DELIVERY_DURING_FAULTS, FIRST_TICK
from .histogram import Histogram, merged
from .reads import ReadTimes


class DeliveryTimes:
    """Reads COMPOSED, SHOWN and TICK rows, and those of faults. A time counts as one during faults when some fault was
    under way at the moment at which its message was *composed*: what a person who wrote then had to wait. Memory
    follows the messages that nobody has seen yet."""

    __slots__ = (
        "_calm",
        "_struck",
        "_under_way",
        "_unticked",
        "calm",
        "composed",
        "during_faults",
        "first_tick",
        "reads",
        "shown",
    )

    def __init__(self) -> None:
        self.calm = Histogram()
        self.during_faults = Histogram()
        self.first_tick = Histogram()
        self.reads = ReadTimes()
        self.composed = 0
        self.shown = 0
        self._calm: dict[int, int] = {}
        self._struck: dict[int, int] = {}
        self._unticked: dict[int, int] = {}
        self._under_way: dict[int, bool] = {}
        """Faults under way, by their place in the schedule."""

    @property
    def histogram(self) -> Histogram:
        """All of them."""
        return merged((self.calm, self.during_faults)) or Histogram()

    def times(self) -> dict[str, Histogram]:
        """What there is besides, by name."""
        own = {DELIVERY_CALM: self.calm, DELIVERY_DURING_FAULTS: self.during_faults, FIRST_TICK: self.first_tick}
        return {**own, **self.reads.histograms()}

    def takers(self) -> Mapping[int, Callable[[tuple[int, int, int, int, int, int, int, int]], None]]:
        """What to call with each row of each kind."""
        return {
            kinds.COMPOSED: self.take_composed,
            kinds.SHOWN: self.take_shown,
            kinds.TICK: self.take_tick,
            kinds.FAULT_BEGAN: self.take_began,
            kinds.FAULT_ENDED: self.take_ended,
            **self.reads.takers(),
        }

    def take_composed(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """A message is in an outbox."""
        self.composed += 1
        (self._struck if self._under_way else self._calm)[row[5]] = row[0]
        self._unticked[row[5]] = row[0]

    def take_shown(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """Its recipient sees it for the first time."""
        composed = self._calm.pop(row[5], None)
        if composed is not None:
            self.shown += 1
            self.calm.add(row[0] - composed)
            return
        composed = self._struck.pop(row[5], None)
        if composed is not None:
            self.shown += 1
            self.during_faults.add(row[0] - composed)

    def take_tick(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """Its writer sees a tick; only the first one, "accepted", is timed."""
        if row[6] == 1:
            composed = self._unticked.pop(row[5], None)
            if composed is not None:
                self.first_tick.add(row[0] - composed)

    def take_began(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """A fault began."""
        self._under_way[row[4]] = True

    def take_ended(self, row: tuple[int, int, int, int, int, int, int, int]) -> None:
        """It is over."""
        self._under_way.pop(row[4], None)
