"""Faults of single connections: reset, and half-open (a silent death, as of a forgotten address translation)."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running


def _connections(hosts: list[Any]) -> list[Any]:
    found: list[Any] = []
    for host in hosts:
        held = host.connections
        found.extend(held.values() if isinstance(held, dict) else held)
    return [connection for connection in found if connection.phone_open and connection.server_open]


def _begin_reset(world: Any, running: Running, hosts: list[Any]) -> None:
    for connection in _connections(hosts):
        if not connection.silent:
            running.touched += 1
            connection.end_at_server()
            connection.arrive_end_at_phone(None)


def _begin_half_open(world: Any, running: Running, hosts: list[Any]) -> None:
    for connection in _connections(hosts):
        if not connection.dead:
            running.touched += 1
            connection.go_dead()


KINDS: Final = (
    FaultKind(
        "reset",
        "every connection of the target is reset: both sides learn of it, what was in flight is gone",
        ("phone", "connection_server"),
        ("target",),
        _begin_reset,
        lasts=False,
    ),
    FaultKind(
        "half_open",
        "every connection of the target dies in silence: only timers will tell",
        ("phone", "connection_server"),
        ("target",),
        _begin_half_open,
        lasts=False,
    ),
)
