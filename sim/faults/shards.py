"""Faults of replicated shards: fail-over, and the loss of a replica with its disk (STORE-7)."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running

_SHARDS: Final = ("store", "inbox", "long_term_store", "object_store")


def disks_kept(world: Any, log: Any) -> int:
    """How many replicas keep their disks: a quorum, and beyond the promise one, which then knows all (``quorum_loss``
    is for what it does not)."""
    return 1 if world.scenario.beyond_promise else int(log.quorum)


def _begin_fail_over(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        if host.up:
            running.touched += 1
            host.log.depose()


def _begin_replica_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    """One replica's disk is gone. It does not vote until it has caught up. Never more than f of 2f + 1 at once."""
    for host in hosts:
        log = host.log
        if log.voting.count(True) <= disks_kept(world, log):
            continue
        replica = world.dice.below(log.replicas, "replica lost", running.number)
        if not log.voting[replica]:
            continue
        running.touched += 1
        world.lose_replica(log, replica, running.fault.for_us + world.scenario.storage.catch_up_us)


KINDS: Final = (
    FaultKind(
        "fail_over",
        "the shard's leader steps down; another replica leads after the election time",
        _SHARDS,
        ("target",),
        _begin_fail_over,
        lasts=False,
        weight=6,
    ),
    FaultKind(
        "replica_loss",
        "one replica loses its disk, and votes again 'for' later and when it has caught up",
        _SHARDS,
        ("for", "target"),
        _begin_replica_loss,
    ),
)
