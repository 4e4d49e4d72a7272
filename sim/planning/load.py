"""What a fleet has to carry: messages in and out, connections and logins, and what goes out besides messages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .day_curve import DayCurve


@dataclass(frozen=True, slots=True)
class Load:
    """The load of a service. ``connections`` and ``logins_per_s`` are those of the peak."""

    messages_in: DayCurve
    messages_out: DayCurve
    connections: float
    logins_per_s: float = 0.0
    measured_peak_in_per_s: float | None = None
    """Where somebody has measured the peak it counts, not the curve's."""
    measured_peak_out_per_s: float | None = None

    @property
    def peak_in_per_s(self) -> float:
        """Messages sent a second, at the peak."""
        return self.messages_in.peak_per_s if self.measured_peak_in_per_s is None else self.measured_peak_in_per_s

    @property
    def peak_out_per_s(self) -> float:
        """Messages delivered a second, at the peak."""
        return self.messages_out.peak_per_s if self.measured_peak_out_per_s is None else self.measured_peak_out_per_s

    @property
    def fan_out(self) -> float:
        """Messages delivered for each one that is sent."""
        return self.messages_out.mean_per_s / self.messages_in.mean_per_s

    @property
    def mean_connection_s(self) -> float:
        """How long a connection lives on average. Little's law: connections = logins a second times their mean life.

        It is also the least time in which everybody can be back after all have dropped, at the same rate (V11).
        """
        return self.connections / self.logins_per_s


def group_fan_out(fan_out: float, group_share: float) -> float:
    """To how many a group message goes on average, from the overall fan-out: each of the others goes to one.

    fan_out = (1 - g) 1 + g x, so x = (fan_out - 1 + g) / g (V4).
    """
    if not 0.0 < group_share <= 1.0:
        raise ValueError(f"{group_share} is no share of group messages")
    return (fan_out - (1.0 - group_share)) / group_share


@dataclass(frozen=True, slots=True)
class Mix:
    """What goes out, by sort, each with a curve of its own (V9)."""

    sorts: Mapping[str, DayCurve]

    def rates_per_s(self, at_s: float) -> dict[str, float]:
        """The rate of each sort at a time of the day."""
        return {name: curve.rate_per_s(at_s) for name, curve in self.sorts.items()}

    def shares(self, at_s: float) -> dict[str, float]:
        """The share of each sort at a time of the day. Flatter curves weigh more at night."""
        rates = self.rates_per_s(at_s)
        total = sum(rates.values())
        return {name: rate / total for name, rate in rates.items()}
