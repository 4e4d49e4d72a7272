"""Faults of disks: slow, stalled, refusing, and unsynced writes lost."""

from __future__ import annotations

from typing import Any, Final

from ..world.disks import DiskCondition, DiskFault
from .kind import FaultKind, Running

_DISKS: Final = ("store", "inbox", "phone", "long_term_store", "object_store")


def _disk(host: Any) -> Any:
    log = getattr(host, "log", None)
    return log if log is not None else getattr(host, "disk", None)


def add_to_disks(hosts: list[Any], fault: DiskFault) -> None:
    """One more fault on the disks of these hosts."""
    for host in hosts:
        disk = _disk(host)
        if disk is not None:
            condition = disk.condition or DiskCondition()
            condition.add(fault)
            disk.condition = condition


def _begin_slow(world: Any, running: Running, hosts: list[Any]) -> None:
    add_to_disks(hosts, DiskFault(running, factor=max(running.fault.factor, 1.0)))


def _begin_stalled(world: Any, running: Running, hosts: list[Any]) -> None:
    """Nothing is synced before the stall ends."""
    add_to_disks(hosts, DiskFault(running, stalled_until_us=world.environment._now + running.span_us))


def _begin_refusing(world: Any, running: Running, hosts: list[Any]) -> None:
    """Writes fail with this probability, and say so (a full disk at 100 %)."""
    add_to_disks(hosts, DiskFault(running, refuses_share=running.fault.probability))


def end_on_disks(world: Any, running: Running, hosts: list[Any]) -> None:
    """A fault of these disks is over."""
    for host in hosts:
        disk = _disk(host)
        if disk is not None and disk.condition is not None:
            disk.condition = None if disk.condition.remove(running) else disk.condition


def _begin_unsynced(world: Any, running: Running, hosts: list[Any]) -> None:
    """The leader crashes, and what no disk has synced is nowhere, not even in another replica's cache."""
    for host in hosts:
        if host.log is not None and host.up:
            running.touched += 1
            host.log.lose_unsynced()
            world.crash(host, running.span_us)


KINDS: Final = (
    FaultKind(
        "slow_disk",
        "syncs of the target take this many times as long",
        _DISKS,
        ("for", "target", "factor"),
        _begin_slow,
        end_on_disks,
    ),
    FaultKind(
        "stalled_disk",
        "the target's disk syncs nothing until the fault ends",
        _DISKS,
        ("for", "target"),
        _begin_stalled,
        end_on_disks,
    ),
    FaultKind(
        "refusing_disk",
        "the target's disk refuses writes with this probability (100 %: it is full)",
        _DISKS,
        ("for", "target", "probability", "for_good"),
        _begin_refusing,
        end_on_disks,
    ),
    FaultKind(
        "unsynced_write_lost",
        "the shard's leader crashes and every write in flight is lost on all replicas",
        ("store", "inbox", "long_term_store", "object_store"),
        ("for", "target"),
        _begin_unsynced,
    ),
)
