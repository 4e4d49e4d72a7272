"""Disks that fill up, tear a write, or are lost."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary import kinds
from ..vocabulary.kinds import DownReason
from ..vocabulary.messages import operation_of
from ..world.disks import DiskFault
from ..world.phones import PhoneHost
from .disks import add_to_disks, end_on_disks
from .kind import WITHOUT_FOR_US, FaultKind, Running
from .shards import disks_kept

_SHARDS: Final = ("store", "inbox", "long_term_store", "object_store")
_DISKS: Final = ("phone", *_SHARDS)


def _begin_full(world: Any, running: Running, hosts: list[Any]) -> None:
    """No room: every write is refused until there is some."""
    add_to_disks(hosts, DiskFault(running, refuses_share=1.0))


def _begin_torn(world: Any, running: Running, hosts: list[Any]) -> None:
    """The power goes in the middle of the target's next write. Half a record is on the disk; at recovery its checksum
    does not fit, and it counts as never synced."""
    for host in hosts:

        def tear(record: Any, host: Any = host) -> None:
            end_on_disks(world, running, [host])
            world.environment.call_after(1, _power_goes, (world, running, host, record))

        add_to_disks([host], DiskFault(running, tears=tear))


def _power_goes(due: tuple[Any, Running, Any, Any]) -> None:
    world, running, host, _ = due
    running.touched += 1
    if isinstance(host, PhoneHost):
        host.kill_app(DownReason.APP_KILLED)
        running.kept.append(host)
    else:
        world.crash(host, WITHOUT_FOR_US)
    world.environment.call_after(WITHOUT_FOR_US, _recover, due)


def _recover(due: tuple[Any, Running, Any, Any]) -> None:
    """The disk is read again, and the torn record is found."""
    world, running, host, record = due
    who = getattr(host, "number", getattr(host, "device", kinds.NONE))
    world.facts.row(kinds.TORN_WRITE_FOUND, who, operation=operation_of(record.trace))
    if host in running.kept:
        running.kept.remove(host)
        host.start_app()


def _end_torn(world: Any, running: Running, hosts: list[Any]) -> None:
    """No further write tears; what the power took recovers by itself."""
    end_on_disks(world, running, hosts)


def _begin_lost(world: Any, running: Running, hosts: list[Any]) -> None:
    """The leader's machine dies with its disk; never more than f of 2f + 1 at once. The disk is replaced, and votes
    when it has caught up (STORE-7)."""
    for host in hosts:
        log = host.log
        if log.voting.count(True) <= disks_kept(world, log) or not log.voting[log.leader]:
            continue
        running.touched += 1
        world.lose_replica(log, log.leader, running.fault.for_us + world.scenario.storage.catch_up_us)


KINDS: Final = (
    FaultKind(
        "full_disk",
        "the target's disk has no room: it refuses every write until the fault ends",
        _DISKS,
        ("for", "target", "for_good"),
        _begin_full,
        end_on_disks,
        weight=2,
    ),
    FaultKind(
        "torn_write",
        "the power goes in the middle of the target's next write; at recovery, 1 s later, a checksum finds it",
        _DISKS,
        ("for", "target"),
        _begin_torn,
        _end_torn,
        weight=2,
    ),
    FaultKind(
        "lost_disk",
        "the shard's leader dies with its disk; the new disk votes 'for' later and when it has caught up",
        _SHARDS,
        ("for", "target"),
        _begin_lost,
        weight=2,
    ),
)
