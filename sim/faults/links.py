"""Faults of links: loss, delay, duplication, reordering, partition."""

from __future__ import annotations

from typing import Any, Final

from ..world.network import LinkCondition
from .kind import FaultKind, Running
from .targeting import hosts_of

_ENDS: Final = ("connection_server", "store", "inbox", "registry", "phone")


def _condition(world: Any, running: Running, hosts: list[Any], *, one_way: bool = False) -> LinkCondition:
    """A condition on all links between the hosts that are hit and their peers."""
    fault = running.fault
    ends = {id(host) for host in hosts}
    peers = {id(host) for host in hosts_of(world, fault.peer, running)} if fault.peer else None

    def hits(source: Any, destination: Any) -> bool:
        if id(source) in ends and (peers is None or id(destination) in peers):
            return True
        return not one_way and id(destination) in ends and (peers is None or id(source) in peers)

    condition = LinkCondition(running.number, running, hits)
    running.kept.append(condition)
    world.network.conditions.append(condition)
    return condition


def _end(world: Any, running: Running, hosts: list[Any]) -> None:
    for kept in running.kept:
        if isinstance(kept, LinkCondition):
            world.network.conditions.remove(kept)
    for kept in running.kept:
        if not isinstance(kept, LinkCondition):
            kept.speak_again()
    running.kept.clear()


def _begin_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    _condition(world, running, hosts).loss = running.fault.probability


def _begin_delay(world: Any, running: Running, hosts: list[Any]) -> None:
    condition = _condition(world, running, hosts)
    condition.delay_us = running.fault.amount_us or 200_000
    condition.jitter_us = condition.delay_us


def _begin_duplication(world: Any, running: Running, hosts: list[Any]) -> None:
    _condition(world, running, hosts).duplicates = running.fault.probability


def _begin_reordering(world: Any, running: Running, hosts: list[Any]) -> None:
    _condition(world, running, hosts).jitter_us = running.fault.amount_us or 100_000


def _begin_partition(world: Any, running: Running, hosts: list[Any]) -> None:
    """Calls across it are lost; phones' connections across it fall silent."""
    one_way = running.fault.kind == "one_way_partition"
    condition = _condition(world, running, hosts, one_way=one_way)
    condition.blocks = True
    for server in world.servers:
        for connection in list(server.connections.values()):
            phone = connection.phone
            if condition.hits(phone, server) or condition.hits(server, phone):
                running.silence(connection)
    cut_off = [server for server in world.servers if not world.registry_reachable(server)]
    running.touched += len(cut_off)
    world.watch.registry_lost(cut_off)


def _end_partition(world: Any, running: Running, hosts: list[Any]) -> None:
    cut_off = [server for server in world.servers if not world.registry_reachable(server)]
    _end(world, running, hosts)
    world.watch.registry_back([server for server in cut_off if world.registry_reachable(server)])


KINDS: Final = (
    FaultKind(
        "loss",
        "messages between the target and its peer are lost with this probability (phones: sent again, so delayed)",
        _ENDS,
        ("for", "target", "peer", "probability"),
        _begin_loss,
        _end,
    ),
    FaultKind(
        "delay",
        "messages take this much longer, and up to as much again at random",
        _ENDS,
        ("for", "target", "peer", "by"),
        _begin_delay,
        _end,
    ),
    FaultKind(
        "duplication",
        "calls between servers arrive twice with this probability, the copy later",
        _ENDS[:4],
        ("for", "target", "peer", "probability"),
        _begin_duplication,
        _end,
    ),
    FaultKind(
        "reordering",
        "calls between servers take up to this much longer at random, and so overtake each other",
        _ENDS[:4],
        ("for", "target", "peer", "by"),
        _begin_reordering,
        _end,
    ),
    FaultKind(
        "partition",
        "nothing passes between the target and its peer",
        _ENDS,
        ("for", "target", "peer"),
        _begin_partition,
        _end_partition,
    ),
    FaultKind(
        "one_way_partition",
        "nothing passes from the target to its peer",
        _ENDS,
        ("for", "target", "peer"),
        _begin_partition,
        _end_partition,
    ),
)
