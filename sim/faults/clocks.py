"""Faults of clocks (CLOCK-1): a wall clock wrong or stepped, a monotonic clock that drifts."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary import kinds
from ..vocabulary.kinds import Excess
from .kind import FaultKind, Running

MOST_DRIFT_PPM: Final = 500
"""The declared rate r of CLOCK-1: more than ten times what a bad quartz does."""

_ALL: Final = (
    "phone",
    "connection_server",
    "store",
    "inbox",
    "registry",
    "long_term_store",
    "push_gateway",
    "data_service",
    "object_store",
)


def _begin_wrong(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        running.touched += 1
        host.clock.wall_offset_us += running.fault.amount_us


def _end_wrong(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        host.clock.wall_offset_us -= running.fault.amount_us


def _begin_drift(world: Any, running: Running, hosts: list[Any]) -> None:
    if abs(running.fault.factor) > MOST_DRIFT_PPM:
        world.facts.row(kinds.BEYOND, kinds.NONE, number=Excess.CLOCK)
    for host in hosts:
        running.touched += 1
        host.clock.drift_for(running.number, world.environment._now, round(running.fault.factor))


def _end_drift(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        host.clock.drift_for(running.number, world.environment._now, 0)


KINDS: Final = (
    FaultKind(
        "clock_wrong",
        "the target's wall clock is off by this much for a while (its timers are not)",
        _ALL,
        ("for", "target", "by"),
        _begin_wrong,
        _end_wrong,
        weight=1,
    ),
    FaultKind(
        "clock_step",
        "the target's wall clock steps by this much and stays there (its timers do not)",
        _ALL,
        ("target", "by"),
        _begin_wrong,
        lasts=False,
        weight=1,
    ),
    FaultKind(
        "clock_drift",
        "the target's clocks run this many parts per million fast (negative: slow)",
        _ALL,
        ("for", "target", "factor"),
        _begin_drift,
        _end_drift,
        weight=1,
    ),
)
