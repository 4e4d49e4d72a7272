"""What is gone for good: a server or a replica that never comes back, not even when everything else heals."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary import kinds
from ..vocabulary.kinds import Excess
from .kind import FaultKind, Running

GONE: Final = 1 << 40
"""The reason for which a replica that is gone stays away."""


def _begin_gone(world: Any, running: Running, hosts: list[Any]) -> None:
    """A server goes without a word, and a replica with its disk. The last connection server, the last push gateway, and
    a replica without which a shard would have no more than a quorum stay (STORE-7), unless the scenario goes beyond
    the promise."""
    for host in hosts:
        left = 0 if host.log is not None else sum(not other.dark for other in _like(world, host))
        if host.log is not None:
            _lose_replica(world, running, host.log)
        elif host.up and (left > 1 or world.scenario.beyond_promise):
            running.touched += 1
            if left <= 1:
                world.facts.row(kinds.BEYOND, host.number, number=Excess.NOT_HEALED)
            host.dark += 1
            world.stop_server(host, told=False)


def _lose_replica(world: Any, running: Running, log: Any) -> None:
    replica = world.dice.below(log.replicas, "replica lost", running.number)
    if log.voting[replica] and (log.voting.count(True) > log.quorum or world.scenario.beyond_promise):
        running.touched += 1
        if sum(GONE not in reasons for reasons in log.away) <= log.quorum:
            world.facts.row(kinds.BEYOND, log.host.number, number=Excess.NOT_HEALED)
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
