"""Coming back: how long phones whose connection was lost are without one, and how many log in at a time.

A phone counts as lost when the server that served it writes its connection off, and as back with its next lease. One
that lost its own network, or whose person put it away, does not count: nobody could have served it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from ..vocabulary import kinds
from ..vocabulary.kinds import HardCase, Phase
from ..vocabulary.metrics import RECONNECT
from .histogram import Histogram

HistoryRow = tuple[int, int, int, int, int, int, int, int]
_SECOND_US = 1_000_000


class Reconnects:
    """Reads LEASE_GRANTED, DISCONNECTED, PHONE_DOWN and REACHED rows; memory follows the phones that are connected."""

    __slots__ = ("_judged", "_lost_us", "_served", "claims", "histogram", "logins")

    def __init__(self) -> None:
        self.histogram = Histogram()
        self.logins: Counter[int] = Counter()
        """Second of the run to leases granted in it."""
        self.claims: Counter[int] = Counter()
        """Hard case to how often it was claimed."""
        self._served: dict[int, int] = {}
        """Device to the epoch that its lease was granted for."""
        self._lost_us: dict[int, int] = {}
        self._judged = False

    def takers(self) -> Mapping[int, Callable[[HistoryRow], None]]:
        """What to call with each row of each kind."""
        return {
            kinds.LEASE_GRANTED: self.take_granted,
            kinds.DISCONNECTED: self.take_disconnected,
            kinds.PHONE_DOWN: self.take_down,
            kinds.REACHED: self.take_reached,
            kinds.PHASE: self.take_phase,
        }

    def take_granted(self, row: HistoryRow) -> None:
        """A phone is served."""
        time_us, device = row[0], row[2]
        if self._judged:
            return
        self.logins[time_us // _SECOND_US] += 1
        self._served[device] = row[4]
        lost_us = self._lost_us.pop(device, None)
        if lost_us is not None:
            self.histogram.add(time_us - lost_us)

    def take_disconnected(self, row: HistoryRow) -> None:
        """A server has lost a connection; it counts when it was the one that served the phone."""
        device = row[2]
        if self._served.get(device) == row[4]:
            del self._served[device]
            self._lost_us[device] = row[0]

    def take_down(self, row: HistoryRow) -> None:
        """The phone is away by itself."""
        self._served.pop(row[2], None)
        self._lost_us.pop(row[2], None)

    def take_phase(self, row: HistoryRow) -> None:
        """The judge's own hellos at the end tell nothing of the system."""
        self._judged = self._judged or row[4] == Phase.FINAL_SYNC

    def take_reached(self, row: HistoryRow) -> None:
        """A machine took a rare path."""
        self.claims[row[4]] += 1

    def tally(self) -> dict[str, int]:
        """Counts, by the name of the metric."""
        found = {
            "turned_away": self.claims[HardCase.TURNED_AWAY],
            "handed_over": self.claims[HardCase.HANDED_OVER],
            "reconnects": self.histogram.count,
        }
        return {name: number for name, number in found.items() if number}

    def measured(self) -> dict[str, float]:
        """What cannot be added up over runs."""
        found = {"logins_peak_per_s": float(max(self.logins.values(), default=0))}
        if self.histogram.count:
            found["reconnect_longest_s"] = (self.histogram.maximum_us or 0) / _SECOND_US
        return found

    def times(self) -> dict[str, Histogram]:
        """How long phones were without a server, by the name that metrics ask for."""
        return {RECONNECT: self.histogram} if self.histogram.count else {}
