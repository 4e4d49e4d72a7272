"""What is gone for good: a server or a replica that never comes back, not even when everything else heals."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running

GONE: Final = 1 << 40
"""The reason for which a replica that is gone stays away."""


def _begin_gone(world: Any, running: Running, hosts: list[Any]) -> None:
    """A server goes without a word, and a replica with its disk. The last connection server, the last push gateway, and
    a replica without which a shard would have no more than a quorum stay (STORE-7)."""
    for host in hosts:
        if host.log is not None:
            _lose_replica(world, running, host.log)
        elif host.up and sum(not other.dark for other in _like(world, host)) > 1:
            running.touched += 1
            host.dark += 1
            world.stop_server(host, told=False)


def _lose_replica(world: Any, running: Running, log: Any) -> None:
    replica = world.dice.below(log.replicas, "replica lost", running.number)
    if log.voting.count(True) > log.quorum and log.voting[replica]:
        running.touched += 1
        log.replica_down(replica, GONE)


def _like(world: Any, host: Any) -> tuple[Any, ...]:
    """The hosts that can do what this one does."""
    return tuple(world.servers) if host in world.servers else tuple(world.push_gateways())


KINDS: Final = (
    FaultKind(
        "gone",
        "the target never comes back: a server, or one replica of a shard; never the last, nor one too many",
        ("connection_server", "store", "inbox", "long_term_store", "push_gateway"),
        ("target",),
        _begin_gone,
        for_good=True,
        weight=0,
    ),
)
