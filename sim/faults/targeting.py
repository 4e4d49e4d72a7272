"""Whom a fault hits: from the words of the schedule to hosts of the world."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..scenario.targets import PLACES, Target, parse_target
from ..vocabulary.ids import slot_of
from ..world.atlas import Atlas
from .kind import Running


def hosts_of(world: Any, selector: str, running: Running) -> list[Any]:
    """The hosts that a selector names; ``any`` and shares are drawn by the fault's place in the schedule."""
    target = parse_target(selector)
    if target.role in PLACES:
        places = places_of(world, selector, running)
        return [host for host in world.hosts() if host.place in places]
    if target.role == "phone":
        return _phones(world, target, running)
    candidates = _servers(world, target.role)
    if target.index is not None:
        return [candidates[target.index]] if target.index < len(candidates) else []
    if target.drawn and candidates:
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
    if role == "object_store":
        return tuple(world.object_stores)
    if role == "registry":
        return (world.registry,)
    if role == "long_term_store":
        # Where messages are kept for good: without one of its own, in the store.
        return tuple(world.long_term_stores or world.stores)
    if role == "push_gateway":
        return tuple(world.push_gateways())
    if role == "push_provider":
        return () if world.push is None else tuple(world.push.providers)
    if role == "data_service":
        return tuple(world.data_services)
    return tuple(world.hosts())


def _phones(world: Any, target: Target, running: Running) -> list[Any]:
    """Phones of people; one that nobody has used yet is made, so that a fault can wait for it."""
    if target.index is not None:
        user = target.index % world.users
        if target.slot:
            return [phone for phone in world.phones_of(user) if slot_of(phone.device) == target.slot]
        return [world.phone(user)]
    if target.drawn:
        active = list(world.phones.values())
        if not active:
            return [world.phone(world.dice.below(world.users, "fault target", running.number))]
        return [active[world.dice.below(len(active), "fault target", running.number)]]
    phones = list(world.phones.values())
    if target.share is None:
        return phones
    share = target.share
    return [phone for phone in phones if world.dice.chance(share, "fault share", running.number, phone.user)]


def places_of(world: Any, selector: str, running: Running) -> tuple[int, ...]:
    """The places that a selector names: one zone, or all zones of a region."""
    if world.geography is None:
        return ()
    target = parse_target(selector)
    atlas = world.geography.atlas
    if not target.drawn:
        return places_named(atlas, target)
    many = atlas.places if target.role == "zone" else atlas.number
    drawn = world.dice.below(many, "fault place", running.number)
    return (drawn,) if target.role == "zone" else _zones_of(atlas, drawn)


def places_named(atlas: Atlas, target: Target) -> tuple[int, ...]:
    """The places of a zone or region that is named; none where the scenario does not use it."""
    if target.region not in atlas.names:
        return ()
    region = atlas.names.index(target.region)
    if target.index is None:
        return _zones_of(atlas, region)
    return (atlas.place(region, target.index),) if target.index < atlas.zones else ()


def choices_of(atlas: Atlas, role: str) -> tuple[tuple[int, ...], ...]:
    """What ``zone any`` and ``region any`` may turn out to be."""
    if role == "zone":
        return tuple((place,) for place in range(atlas.places))
    return tuple(_zones_of(atlas, region) for region in range(atlas.number))


def _zones_of(atlas: Atlas, region: int) -> tuple[int, ...]:
    return tuple(atlas.place(region, zone) for zone in range(atlas.zones))


def end_test(world: Any, selector: str, running: Running) -> Callable[[Any], bool]:
    """Whether a host is one end of the links that a selector names. Places are asked for each time, since a shard's
    leader may move; a phone is in its home region, and in no zone."""
    if parse_target(selector).role in PLACES:
        places = places_of(world, selector, running)
        if parse_target(selector).role == "region":
            homes = tuple(-1 - world.geography.atlas.region_of(place) for place in places[:1])
            places = (*places, *homes)
        return lambda end: end.place in places
    ends = addresses(hosts_of(world, selector, running))
    return lambda end: id(end) in ends


def addresses(hosts: list[Any]) -> frozenset[int]:
    """Whatever can be called at these hosts: a shard's replicas are read from besides its leader."""
    logs = [getattr(host, "log", None) for host in hosts]
    readers = [reader for log in logs if log is not None for reader in log.readers]
    return frozenset(id(host) for host in (*hosts, *readers))
