"""Sizing a fleet: as many servers as the tightest limit asks for, with room for what fails."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from .load import Load
from .published import CONNECTIONS_EACH, MEMORY_PER_CONNECTION_KB, PROCESSOR_SHARE


@dataclass(frozen=True, slots=True)
class ServerLimits:
    """What one connection server bears. ``None`` is no limit."""

    connections: float = CONNECTIONS_EACH.value
    messages_in_per_s: float | None = None
    messages_out_per_s: float | None = None
    logins_per_s: float | None = None
    memory_per_connection_kb: float = MEMORY_PER_CONNECTION_KB.value
    processor_share: Sequence[tuple[float, float]] = PROCESSOR_SHARE
    """(connections, share of the processors that is busy), rising; straight lines between."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet for a load, and what each server gets at the peak and on average."""

    servers: int
    needed: int
    """Without the spare ones."""
    tightest: str
    """The limit that asks for the most servers."""
    connections_each: float
    mean_in_each_per_s: float
    mean_out_each_per_s: float
    peak_in_each_per_s: float
    peak_out_each_per_s: float
    memory_each_gb: float
    processor_share_each: float

    def logins_each_per_s(self, logins_per_s: float) -> float:
        """Of a login rate of the whole service, what each server gets."""
        return logins_per_s / self.servers


def size_fleet(load: Load, limits: ServerLimits | None = None, *, lost_share: float = 0.0) -> Fleet:
    """The smallest fleet that bears the load even when ``lost_share`` of its servers are gone (a third: one zone of
    three)."""
    limits = limits or ServerLimits()
    if not 0.0 <= lost_share < 1.0:
        raise ValueError(f"{lost_share} is no share of servers that may be lost")
    asked = {
        "connections": load.connections / limits.connections,
        "messages in": _over(load.peak_in_per_s, limits.messages_in_per_s),
        "messages out": _over(load.peak_out_per_s, limits.messages_out_per_s),
        "logins": _over(load.logins_per_s, limits.logins_per_s),
    }
    tightest = max(asked, key=lambda name: asked[name])
    needed = max(1, math.ceil(asked[tightest] - 1e-9))
    servers = math.ceil(needed / (1.0 - lost_share) - 1e-9)
    return fleet_of(load, servers, limits, needed=needed, tightest=tightest)


def fleet_of(
    load: Load, servers: int, limits: ServerLimits | None = None, *, needed: int | None = None, tightest: str = ""
) -> Fleet:
    """What each of so many servers gets (V2)."""
    limits = limits or ServerLimits()
    each = load.connections / servers
    return Fleet(
        servers=servers,
        needed=servers if needed is None else needed,
        tightest=tightest,
        connections_each=each,
        mean_in_each_per_s=load.messages_in.mean_per_s / servers,
        mean_out_each_per_s=load.messages_out.mean_per_s / servers,
        peak_in_each_per_s=load.peak_in_per_s / servers,
        peak_out_each_per_s=load.peak_out_per_s / servers,
        memory_each_gb=each * limits.memory_per_connection_kb / 1e6,
        processor_share_each=_between(limits.processor_share, each),
    )


def _over(rate_per_s: float, limit_per_s: float | None) -> float:
    return 0.0 if limit_per_s is None else rate_per_s / limit_per_s


def _between(points: Sequence[tuple[float, float]], value: float) -> float:
    """On the straight lines between the points; beyond the last one the last line goes on."""
    for (left, low), (right, high) in itertools.pairwise(points):
        if value <= right or (right, high) == tuple(points[-1]):
            return low + (high - low) * (value - left) / (right - left)
    raise ValueError("a line needs two points")
