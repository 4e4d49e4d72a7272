"""Faults of connections: reset, half-open (a silent death), paths that are forgotten when idle, another address."""

from __future__ import annotations

from typing import Any, Final

from ..world.idle import Box
from .kind import FaultKind, Running

USUAL_LIMIT_US: Final = {"nat_time_out": 240_000_000, "balancer_time_out": 350_000_000}
"""What the best known ones do: Azure forgets in silence after 4 min, AWS resets after 350 s."""


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


def _begin_idle(world: Any, running: Running, hosts: list[Any]) -> None:
    """A box that forgets; where the fault hits all phones, also on the paths of those that come later."""
    fault = running.fault
    everybody = fault.target == "phones"
    ends = {id(host) for host in hosts}
    box = Box(
        fault.amount_us or USUAL_LIMIT_US[fault.kind],
        fault.kind == "balancer_time_out",
        lambda phone: everybody or id(phone) in ends,
        running,
    )
    running.kept.append(box)
    world.idle.put(box)


def _end_idle(world: Any, running: Running, hosts: list[Any]) -> None:
    for box in running.kept:
        world.idle.take(box)
    running.kept.clear()


def _begin_address_change(world: Any, running: Running, hosts: list[Any]) -> None:
    """What ran over the old address is dead, and no server is told; the phone connects from the new one at once."""
    for phone in hosts:
        running.touched += sum(not connection.dead for connection in phone.connections)
        phone.lose_network()
        phone.regain_network()


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
    FaultKind(
        "nat_time_out",
        "paths of the target without traffic for longer than 'by' (4m) die in silence",
        ("phone",),
        ("for", "target", "by"),
        _begin_idle,
        _end_idle,
        weight=1,
    ),
    FaultKind(
        "balancer_time_out",
        "connections of the target without traffic for longer than 'by' (350s) are reset",
        ("phone",),
        ("for", "target", "by"),
        _begin_idle,
        _end_idle,
        weight=1,
    ),
    FaultKind(
        "address_change",
        "the phone's address changes: its connections die in silence, and it connects anew at once",
        ("phone",),
        ("target",),
        _begin_address_change,
        lasts=False,
        weight=2,
    ),
)
