"""Replicas in places: how long it takes to replicate between them, and what a partition between places leaves.

Replication is folded into one entry per write, so it does not pass through the network message by message. What faults
of links between places do to it is worked out here: delay and loss lengthen the way to a replica, a partition takes it
away, and a leader that is cut off from a quorum is replaced by one that is not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .world import World

CUT_OFF: Final = -1 << 40
"""The reason for which a replica is away that its leader cannot reach."""


class Site:
    """A replica as an end of links: faults know it by its place alone."""

    __slots__ = ("place",)

    def __init__(self, place: int) -> None:
        self.place = place


def round_trip_us(world: World, leader: Site, replica: Site, bits: int, one_way_us: int) -> int:
    """What the way from the leader to a replica and back takes under faults, beyond the delays within a place."""
    network = world.network
    there_us = network.stream_delay_us(leader, replica, bits, one_way_us)
    return there_us + network.stream_delay_us(replica, leader, bits ^ 1, one_way_us)


def review(world: World) -> int:
    """Partitions between places have changed: each shard goes on where a quorum of its replicas can talk. How many
    replicas that cut off."""
    logs = [host.log for host in world.shards() if host.log.sites is not None]
    for log in logs:
        review_log(world, log)
    return sum(CUT_OFF in reasons for log in logs for reasons in log.away)


def review_log(world: World, log: Any) -> None:
    """STORE-7, of one shard: the leader keeps those whom it reaches; one that reaches no quorum gives way to one that
    does."""
    there = [replica for replica in range(log.replicas) if not any(reason != CUT_OFF for reason in log.away[replica])]
    reached = {replica: _reached(world, log, replica, there) for replica in there}
    kept = reached.get(log.leader, [])
    if len(kept) < log.quorum:
        kept = max(reached.values(), key=len, default=[])
    for replica in range(log.replicas):
        if (replica in kept or replica not in there) and CUT_OFF in log.away[replica]:
            log.replica_up(replica, CUT_OFF)
    for replica in there:
        if replica not in kept and CUT_OFF not in log.away[replica]:
            log.replica_down(replica, CUT_OFF)


def _reached(world: World, log: Any, replica: int, there: list[int]) -> list[int]:
    """The replicas that one can talk with, both ways, itself included."""
    network = world.network
    mine = log.sites[replica]
    return [
        other
        for other in there
        if other == replica
        or not (network.is_blocked(mine, log.sites[other]) or network.is_blocked(log.sites[other], mine))
    ]
