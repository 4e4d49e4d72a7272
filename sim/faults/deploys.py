"""Restarts that people order: a rolling deploy, one connection server after another (CONN-8)."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running

BETWEEN_US: Final = 1_000_000
"""From one server's return to the next one's turn, where the deploy was given no length of its own."""


def _begin(world: Any, running: Running, hosts: list[Any]) -> None:
    """Each server has its turn: it drains for ``by`` (left out: it does not) and restarts."""
    fault = running.fault
    natural_us = fault.amount_us + world.scenario.topology.restart_us + BETWEEN_US
    turn_us = fault.for_us // max(1, len(hosts)) if fault.for_us else natural_us
    for place, host in enumerate(hosts):
        world.environment.call_after(place * turn_us, _take_turn, (world, running, host))


def _take_turn(due: tuple[Any, Running, Any]) -> None:
    """The server begins to drain, or goes at once. One that stands still begins when it wakes."""
    world, running, host = due
    now = world.environment._now
    if running.ended_us >= 0 or not host.up:
        return
    if host.paused_until_us > now:
        world.environment.call_at(host.paused_until_us, _take_turn, due)
        return
    running.touched += 1
    drain_us = running.fault.amount_us
    if not drain_us:
        _restart((world, running, host))
        return
    running.kept.append(host)
    world.draining.append(host)
    host.guard(host.machines[0].on_deploy, drain_us)
    world.environment.call_after(drain_us, _drained, (world, running, host))


def _drained(due: tuple[Any, Running, Any]) -> None:
    """Its time is over, whoever has not gone yet."""
    _, running, host = due
    if host in running.kept:
        _restart(due)


def _restart(due: tuple[Any, Running, Any]) -> None:
    """The process ends and starts again, with nothing in memory."""
    world, running, host = due
    if host in running.kept:
        running.kept.remove(host)
        world.draining.remove(host)
    world.crash(host, world.scenario.topology.restart_us, told=True)


def _end(world: Any, running: Running, hosts: list[Any]) -> None:
    """What still drains restarts now; at heal it stays, and takes newcomers again."""
    for host in list(running.kept):
        if not world.healed:
            _restart((world, running, host))
            continue
        running.kept.remove(host)
        world.draining.remove(host)
        if host.up:
            host.guard(host.machines[0].on_deploy_cancelled)


KINDS: Final = (
    FaultKind(
        "rolling_deploy",
        "the target's servers restart one after another within 'for', each when it has drained for 'by' (left out:"
        " abruptly)",
        ("connection_server",),
        ("for", "target", "by"),
        _begin,
        _end,
        weight=1,
    ),
)
