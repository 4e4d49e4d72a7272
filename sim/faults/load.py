"""Faults of load: more work than a server can do, a partition that others keep hot, collections of garbage."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running
from .servers import pause, wake

_SHARDS: Final = ("store", "inbox", "long_term_store", "object_store")
_SERVERS: Final = ("connection_server", "registry", "push_gateway", "data_service", *_SHARDS)
SLICE_US: Final = 100_000
"""Foreign work comes in slices of this length."""
COLLECTION_US: Final = 100_000
"""Median length of a collection; lognormal with the spread below, so one in a hundred takes 1.6 s or more and the
longest about 5 s (published pauses reach 10 s)."""
COLLECTION_SIGMA: Final = 1.2
BETWEEN_US: Final = 5_000_000
"""Median time from one collection to the next, where the fault does not say (``by``)."""
BETWEEN_SIGMA: Final = 0.5


def _begin_overload(world: Any, running: Running, hosts: list[Any]) -> None:
    """Every slice of time brings ``factor`` slices of foreign work, which the processor does first come, first
    served: what waits grows as long as the fault lasts, and is worked off afterwards."""
    for host in hosts:
        _overload((world, running, host))


def _overload(due: tuple[Any, Running, Any]) -> None:
    world, running, host = due
    if running.ended_us >= 0:
        return
    now = int(world.environment._now)
    if host.up:
        running.touched += 1
        host.busy_until_us = max(now, host.busy_until_us) + round(SLICE_US * running.fault.factor)
    world.environment.call_after(SLICE_US, _overload, due)


def _begin_hot(world: Any, running: Running, hosts: list[Any]) -> None:
    """Others read and write the same partition: of every slice of time they take this share of the leader's processor
    and of the replicas' disks, each in one go."""
    for host in hosts:
        _keep_hot((world, running, host))


def _keep_hot(due: tuple[Any, Running, Any]) -> None:
    world, running, host = due
    if running.ended_us >= 0:
        return
    now = int(world.environment._now)
    busy_us = round(SLICE_US * running.fault.probability)
    if host.up:
        running.touched += 1
        host.busy_until_us = max(now, host.busy_until_us) + busy_us
        host.log.occupy(busy_us)
    world.environment.call_after(SLICE_US, _keep_hot, due)


def _begin_collections(world: Any, running: Running, hosts: list[Any]) -> None:
    """Pauses of drawn lengths, drawn times apart; one beyond patience deposes a shard's leader (STORE-4)."""
    for host in hosts:
        _wait_for_collection((world, running, host, 0))


def _wait_for_collection(due: tuple[Any, Running, Any, int]) -> None:
    world, running, host, turn = due
    median_us = running.fault.amount_us or BETWEEN_US
    gap_us = world.dice.lognormal_us(median_us, BETWEEN_SIGMA, "until collection", running.number, host.number, turn)
    world.environment.call_after(gap_us, _collect, due)


def _collect(due: tuple[Any, Running, Any, int]) -> None:
    world, running, host, turn = due
    if running.ended_us >= 0:
        return
    span_us = world.dice.lognormal_us(COLLECTION_US, COLLECTION_SIGMA, "collection", running.number, host.number, turn)
    silenced = pause(world, running, host, span_us)
    world.environment.call_after(span_us, _collected, (world, running, host, turn + 1, silenced))


def _collected(due: tuple[Any, Running, Any, int, list[Any]]) -> None:
    world, running, host, turn, silenced = due
    wake(world, [host], silenced)
    if running.ended_us < 0:
        _wait_for_collection((world, running, host, turn))


KINDS: Final = (
    FaultKind(
        "overload",
        "foreign work comes to the target's processor, 'factor' times what it can do; the backlog outlives the fault",
        _SERVERS,
        ("for", "target", "factor"),
        _begin_overload,
        weight=1,
    ),
    FaultKind(
        "hot_partition",
        "others keep the shard hot: they take this share of its processor and disks ('probability')",
        _SHARDS,
        ("for", "target", "probability"),
        _begin_hot,
        weight=1,
    ),
    FaultKind(
        "gc_pauses",
        "the target collects garbage now and then: pauses of 0.1 s in the median, 'by' apart in the median",
        _SERVERS,
        ("for", "target", "by"),
        _begin_collections,
        weight=1,
    ),
)
