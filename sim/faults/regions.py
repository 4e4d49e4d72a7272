"""Faults of places: a zone or a region is gone at once, with every host and replica that stands there."""

from __future__ import annotations

from typing import Any, Final

from .kind import FaultKind, Running
from .targeting import places_of


def _begin_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    """The power goes for all of a place. Nobody is left to say goodbye: connections there die in silence. Disks are
    there again when the power is."""
    lost = places_of(world, running.fault.target, running)
    running.kept.extend(lost)
    _lose_registry_nodes(world, running, lost)
    for server in _plain_servers(world):
        if server.place in lost:
            running.touched += int(server.up)
            server.dark += 1
            world.stop_server(server, told=False)
    for shard in world.shards():
        for replica, site in enumerate(shard.log.sites or ()):
            if site.place in lost:
                running.touched += 1
                shard.log.replica_down(replica, running.number)


def _plain_servers(world: Any) -> tuple[Any, ...]:
    """Servers that are in one place for good."""
    return (*world.servers, *world.spares, *world.push_gateways(), *world.data_services)


def _lose_registry_nodes(world: Any, running: Running, lost: tuple[int, ...]) -> None:
    nodes = world.registry_nodes
    for node, place in enumerate(nodes.places):
        if place in lost:
            nodes.dark[node] += 1
    registry = world.registry
    if registry.place in lost and registry.up:
        running.touched += 1
        world.stop_server(registry, told=False)
        world.environment.call_after(world.scenario.storage.election_us, world.restart, registry)


def _end_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    """The power is back: servers start with empty memories, replicas catch up."""
    lost = tuple(running.kept)
    running.kept.clear()
    nodes = world.registry_nodes
    for node, place in enumerate(nodes.places):
        if place in lost:
            nodes.dark[node] -= 1
    world.restart(world.registry)
    for server in _plain_servers(world):
        if server.place in lost:
            server.dark -= 1
            world.restart(server)
    for shard in world.shards():
        for replica, site in enumerate(shard.log.sites or ()):
            if site.place in lost:
                shard.log.replica_up(replica, running.number)


KINDS: Final = (
    FaultKind(
        "zone_loss",
        "a zone is gone at once: servers, registry nodes and replicas there, connections in silence",
        ("zone",),
        ("for", "target", "for_good"),
        _begin_loss,
        _end_loss,
        weight=6,
    ),
    FaultKind(
        "region_loss",
        "a region is gone at once, with all its zones; phones find another region, shards another leader",
        ("region",),
        ("for", "target", "for_good"),
        _begin_loss,
        _end_loss,
        weight=6,
    ),
)
