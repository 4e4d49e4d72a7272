"""Links that nothing passes for a while: what a cut does to connections, renewals and replicas, and how it is mended.

A partition, a hold and a clogged link share this; they differ in what becomes of calls between servers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..world.network import LinkCondition
from ..world.sites import review
from .kind import Running
from .targeting import addresses, end_test

Test = Callable[[Any], bool]


def ends_of(world: Any, running: Running, hosts: list[Any]) -> tuple[Test, Test]:
    """Who is at either end of the links that a fault hits."""
    fault = running.fault
    met = addresses(hosts)
    is_end = end_test(world, fault.target, running) if fault.target else lambda end: id(end) in met
    is_peer = end_test(world, fault.peer, running) if fault.peer else lambda end: True
    return is_end, is_peer


def add_condition(
    world: Any, running: Running, ends: tuple[Test, Test], *, one_way: bool = False, number: int | None = None
) -> LinkCondition:
    """A condition on all links between these ends, until ``mend`` takes it away."""
    is_end, is_peer = ends

    def hits(source: Any, destination: Any) -> bool:
        if is_end(source) and is_peer(destination):
            return True
        return not one_way and is_end(destination) and is_peer(source)

    condition = LinkCondition(running.number if number is None else number, running, hits)
    running.kept.append(condition)
    world.network.conditions.append(condition)
    return condition


def cut(world: Any, condition: LinkCondition) -> None:
    """Phones' connections across it fall silent, renewals across it fail, replicas across it cannot be reached."""
    for server in world.servers:
        for connection in list(server.connections.values()):
            phone = connection.phone
            if condition.hits(phone, server) or condition.hits(server, phone):
                condition.silence(connection)
    cut_off = [server for server in world.servers if not world.registry_reachable(server)]
    condition.injected.touched += len(cut_off)
    world.watch.registry_lost(cut_off)
    condition.injected.touched += review(world)


def mend(world: Any, running: Running, conditions: list[LinkCondition]) -> None:
    """The links are whole again: what was silent speaks, what was held goes on."""
    cut_off = [server for server in world.servers if not world.registry_reachable(server)]
    for condition in conditions:
        running.kept.remove(condition)
        world.network.conditions.remove(condition)
    for condition in conditions:
        silenced, condition.silenced = condition.silenced, []
        for connection in silenced:
            connection.speak_again()
        world.network.release(condition)
    review(world)
    world.watch.registry_back([server for server in cut_off if world.registry_reachable(server)])


def mend_all(world: Any, running: Running, hosts: list[Any]) -> None:
    """The end of a fault of links."""
    mend(world, running, [kept for kept in running.kept if isinstance(kept, LinkCondition)])
