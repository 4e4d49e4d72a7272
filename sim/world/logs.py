"""The replicated logs of a world, each on the disks of its role."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .archive_facts import ArchiveFacts
from .replicas import ReplicatedLog

if TYPE_CHECKING:
    from .world import World


def make_logs(world: World) -> None:
    """Give every shard its log. A log that a long-term store follows is a sequencer's, on the fast disk (UQ-1)."""
    topology = world.scenario.topology
    storage = world.scenario.storage
    protocol = world.scenario.protocol
    ordinary = storage.server_sync_us, storage.server_sigma
    for_good = storage.long_term_sync_us or storage.server_sync_us, storage.server_sigma
    fast = storage.sequencer_sync_us, storage.sequencer_sigma
    for host in world.stores:
        state = world.roles.store_state(protocol.send_window, world.population, protocol.group_cap)
        state.is_read = bool(world.data_services)
        if world.long_term_stores:
            state.become_sequencer(host.index, protocol.archive_backlog)
        disk = fast if world.long_term_stores else for_good
        host.log = ReplicatedLog(world, host, state, topology.store_replicas, *disk)
    for host in world.inboxes:
        state = world.roles.inbox_state(world.population)
        host.log = ReplicatedLog(world, host, state, topology.inbox_replicas, *ordinary)
    for host in world.long_term_stores:
        state = world.roles.long_term_state()
        host.log = ReplicatedLog(world, host, state, topology.long_term_replicas, *for_good)
    for host in world.object_stores:
        state = world.roles.object_store_state()
        host.log = ReplicatedLog(world, host, state, topology.object_store_replicas, *ordinary)
    if world.long_term_stores:
        world.archive_facts = ArchiveFacts(world)
