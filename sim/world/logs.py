"""The replicated logs of a world, each on the disks of its role."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from .archive_facts import ArchiveFacts
from .journals import JournaledLog
from .replicas import ReplicatedLog

if TYPE_CHECKING:
    from .hosts import ServerHost
    from .world import World


def make_logs(world: World) -> None:
    """Give every shard its log. A log that a long-term store follows is a sequencer's, on the fast disk (UQ-1)."""
    topology = world.scenario.topology
    storage = world.scenario.storage
    ordinary = storage.server_sync_us, storage.server_sigma
    for_good = storage.long_term_sync_us or storage.server_sync_us, storage.server_sigma
    fast = storage.sequencer_sync_us, storage.sequencer_sigma
    for host in world.stores:
        disk = fast if world.long_term_stores else for_good
        give_log(world, host, partial(store_state, world, host), topology.store_replicas, disk)
    for host in world.inboxes:
        give_log(world, host, partial(world.roles.inbox_state, world.population), topology.inbox_replicas, ordinary)
    for host in world.long_term_stores:
        give_log(world, host, world.roles.long_term_state, topology.long_term_replicas, for_good)
    for host in world.object_stores:
        give_log(world, host, world.roles.object_store_state, topology.object_store_replicas, ordinary)
    if world.long_term_stores:
        world.archive_facts = ArchiveFacts(world)


def store_state(world: World, host: ServerHost) -> Any:
    """An empty store shard."""
    protocol = world.scenario.protocol
    state = world.roles.store_state(protocol.send_window, world.population, protocol.group_cap)
    state.is_read = bool(world.data_services)
    if world.long_term_stores:
        state.become_sequencer(host.index, protocol.archive_backlog)
    return state


def give_log(
    world: World, host: ServerHost, make_state: Callable[[], Any], replicas: int, disk: tuple[int, float]
) -> None:
    """A shard's log, empty; with a journal where the schedule may set the shard back."""
    if not world.scenario.beyond_promise:
        host.log = ReplicatedLog(world, host, make_state(), replicas, *disk)
        return
    log = host.log = JournaledLog(world, host, make_state(), replicas, *disk)
    log.journal = []
    log.make_state = make_state
