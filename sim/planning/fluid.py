"""A fluid model: what comes in is a rate, what is served is a rate, and what is left waits.

    dq/dt = rate(t) - capacity(t),    q >= 0

It says nothing of chance (a fluid queue is empty where a real one is short), and much of what lasts minutes: an outage,
a peak above the capacity, the time until a backlog is gone (Newell, "Applications of Queueing Theory", 1982).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .day_curve import DayCurve

STEP_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Backlog:
    """What an overload leaves behind."""

    most: float
    """The longest that the queue gets, in events."""
    most_at_s: float
    longest_wait_s: float
    """How long the unluckiest event waits: the first-come-first-served delay."""
    empty_at_s: float | None
    """When the queue is gone again; ``None`` if it is not by the end."""


def backlog(
    curve: DayCurve,
    capacity_per_s: float,
    *,
    outages_s: Sequence[tuple[float, float]] = (),
    until_s: float = 2 * 86_400.0,
    step_s: float = STEP_S,
) -> Backlog:
    """Let the day come in against a capacity that is nothing during the outages (from, until), starting empty.

    Arrivals of a step are the exact area under the curve; a wait is found where the served curve reaches what had come.
    """
    queue = most = most_at = longest = came = 0.0
    empty_at: float | None = 0.0
    open_since: list[tuple[float, float]] = []
    place, at_s = 0, 0.0
    while at_s < until_s:
        end_s = min(until_s, at_s + step_s)
        down_s = sum(max(0.0, min(end_s, last) - max(at_s, first)) for first, last in outages_s)
        arrived = curve.events(at_s, end_s)
        served = capacity_per_s * (end_s - at_s - down_s)
        came += arrived
        queue = max(0.0, queue + arrived - served)
        open_since.append((came, end_s))
        # Whoever is served at the end of this step came when the arrivals were what has been served by now.
        while open_since[place][0] < came - queue:
            place += 1
        if queue > 0.0:
            longest = max(longest, end_s - open_since[place][1])
            empty_at = None
        elif empty_at is None:
            empty_at = end_s
        if queue > most:
            most, most_at = queue, end_s
        at_s = end_s
    return Backlog(most, most_at, longest, empty_at)
