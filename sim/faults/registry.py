"""Faults of the session registry: a wipe, and a fail-over that loses the newest writes (REG-4)."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running


def _begin_wipe(world: Any, running: Running, hosts: list[Any]) -> None:
    """It restarts at once and knows nothing; the next heartbeats find out."""
    registry = world.registry
    if registry.up:
        running.touched += 1
        registry.stop()
        registry.start()
        world.watch.registry_back(list(world.servers))


def _begin_fail_over(world: Any, running: Running, hosts: list[Any]) -> None:
    """A replica takes over that has not seen the claims and releases of the last moments (``by``)."""
    registry = world.registry
    if not registry.up:
        return
    running.touched += 1
    machine = registry.machines[0]
    since = world.environment._now - (running.fault.amount_us or 1_000_000)
    older = {device: lease for device, lease in machine.leases.items() if world.granted_us.get(device, 0) <= since}
    registry.stop()
    registry.start()
    registry.machines[0].leases.update(older)
    world.watch.registry_back(list(world.servers))


KINDS: Final = (
    FaultKind(
        "registry_wipe",
        "the session registry restarts empty",
        ("registry",),
        ("target",),
        _begin_wipe,
        lasts=False,
    ),
    FaultKind(
        "registry_fail_over",
        "a registry replica takes over that lacks the claims of the last moments ('by')",
        ("registry",),
        ("target", "by"),
        _begin_fail_over,
        lasts=False,
    ),
)
