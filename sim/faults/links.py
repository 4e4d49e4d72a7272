"""Faults of links: loss, delay, duplication, reordering, partition."""

from __future__ import annotations

from typing import Any, Final

from ..world.network import LinkCondition
from ..world.sites import review
from .kind import FaultKind, Running
from .targeting import end_test

_SERVERS: Final = ("connection_server", "store", "inbox", "registry")
_PLACES: Final = ("zone", "region")
_OTHERS: Final = ("long_term_store", "push_gateway")
_ENDS: Final = (*_SERVERS, "phone", *_PLACES, *_OTHERS)


def _condition(world: Any, running: Running, hosts: list[Any], *, one_way: bool = False) -> LinkCondition:
    """A condition on all links between the hosts that are hit and their peers."""
    fault = running.fault
    met = [id(host) for host in hosts]
    is_end = end_test(world, fault.target, running) if fault.target else lambda end: id(end) in met
    is_peer = end_test(world, fault.peer, running) if fault.peer else lambda end: True

    def hits(source: Any, destination: Any) -> bool:
        if is_end(source) and is_peer(destination):
            return True
        return not one_way and is_end(destination) and is_peer(source)

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
    running.touched += review(world)


def _end_partition(world: Any, running: Running, hosts: list[Any]) -> None:
    cut_off = [server for server in world.servers if not world.registry_reachable(server)]
    _end(world, running, hosts)
    review(world)
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
        (*_SERVERS, *_PLACES, *_OTHERS),
        ("for", "target", "peer", "probability"),
        _begin_duplication,
        _end,
    ),
    FaultKind(
        "reordering",
        "calls between servers take up to this much longer at random, and so overtake each other",
        (*_SERVERS, *_PLACES, *_OTHERS),
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
