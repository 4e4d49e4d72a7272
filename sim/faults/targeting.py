"""Whom a fault hits: from the words of the schedule to hosts of the world."""

from __future__ import annotations

from typing import Any

from ..scenario.targets import Target, parse_target
from .kind import Running


def hosts_of(world: Any, selector: str, running: Running) -> list[Any]:
    """The hosts that a selector names; ``any`` and shares are drawn by the fault's place in the schedule."""
    target = parse_target(selector)
    if target.role == "phone":
        return _phones(world, target, running)
    candidates = _servers(world, target.role)
    if target.index is not None:
        return [candidates[target.index]] if target.index < len(candidates) else []
    if target.drawn:
        return [candidates[world.dice.below(len(candidates), "fault target", running.number)]]
    if target.share is not None:
        share = target.share
        return [host for host in candidates if world.dice.chance(share, "fault share", running.number, host.number)]
    return list(candidates)


def _servers(world: Any, role: str) -> tuple[Any, ...]:
    if role == "connection_server":
        return tuple(world.servers)
    if role == "store":
        return tuple(world.stores)
    if role == "inbox":
        return tuple(world.inboxes)
    if role == "registry":
        return (world.registry,)
    return tuple(world.hosts())


def _phones(world: Any, target: Target, running: Running) -> list[Any]:
    """Phones of people; one that nobody has used yet is made, so that a fault can wait for it."""
    if target.index is not None:
        return [world.phone(target.index % world.users)]
    if target.drawn:
        active = list(world.phones)
        if not active:
            return [world.phone(world.dice.below(world.users, "fault target", running.number))]
        return [world.phones[active[world.dice.below(len(active), "fault target", running.number)]]]
    phones = list(world.phones.values())
    if target.share is None:
        return phones
    share = target.share
    return [phone for phone in phones if world.dice.chance(share, "fault share", running.number, phone.user)]
