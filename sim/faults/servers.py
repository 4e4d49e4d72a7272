"""Faults of server hosts: crash, pause, a slow processor."""

from __future__ import annotations

from typing import Any, Final

from ..world.pauses import stand_still
from ..world.phones import PhoneHost
from .kind import FaultKind, Running

_OTHERS: Final = ("push_gateway", "data_service", "object_store")
_SERVERS: Final = ("connection_server", "store", "inbox", "registry", "long_term_store", *_OTHERS)


def _begin_crash(world: Any, running: Running, hosts: list[Any]) -> None:
    """All memory is lost at once, between any two effects; back after ``for`` (a shard: a fail-over instead)."""
    for host in hosts:
        if not isinstance(host, PhoneHost):
            running.touched += int(world.crash(host, running.span_us))
        elif not host.gone:
            running.touched += int(host.app_runs)
            host.kill_app()
            running.kept.append(host)


def _end_crash(world: Any, running: Running, hosts: list[Any]) -> None:
    """Servers come back by themselves; apps are started again."""
    for phone in running.kept:
        phone.start_app()
    running.kept.clear()


def _begin_pause(world: Any, running: Running, hosts: list[Any]) -> None:
    """Everything stands still, as in a stop-the-world collection; beyond patience a shard elects another leader."""
    for host in hosts:
        running.kept.extend(pause(world, running, host, running.span_us))


def pause(world: Any, running: Running, host: Any, span_us: int) -> list[Any]:
    """One host stands still for so long; the connections that are silent meanwhile."""
    if not host.up:
        return []
    running.touched += 1
    if host.log is not None:
        stand_still(host.log, host.replica, int(world.environment._now) + span_us)
        return []
    host.pause(world.environment._now + span_us)
    silenced = list(host.connections.values())
    running.touched += len(silenced)
    for connection in silenced:
        connection.fall_silent()
    if host is world.registry:
        world.watch.registry_lost(list(world.servers))
    return silenced


def wake(world: Any, hosts: list[Any], silenced: list[Any]) -> None:
    """They go on, and their connections speak again. A host that another pause still holds, or whose pause the heal cut
    short, goes on when it wakes, and only then do renewals reach it again."""
    for connection in silenced:
        connection.speak_again()
    registry = world.registry
    if registry not in hosts:
        return
    if registry.paused_until_us > world.environment._now:
        world.environment.call_at(registry.paused_until_us, _registry_wakes, world)
    else:
        _registry_wakes(world)


def _registry_wakes(world: Any) -> None:
    world.watch.registry_back(list(world.servers))


def _end_pause(world: Any, running: Running, hosts: list[Any]) -> None:
    silenced, running.kept = running.kept, []
    wake(world, hosts, silenced)


def _begin_slow(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        running.touched += int(host.up)
        host.slow_down(running.number, running.fault.factor)


def _end_slow(world: Any, running: Running, hosts: list[Any]) -> None:
    for host in hosts:
        host.slow_down(running.number, 1.0)


KINDS: Final = (
    FaultKind(
        "crash",
        "the target loses its memory at once and is back after 'for' (a shard elects another leader)",
        (*_SERVERS[:5], "phone", *_OTHERS),
        ("for", "target"),
        _begin_crash,
        _end_crash,
        weight=6,
    ),
    FaultKind(
        "pause",
        "the target stands still for this long (a garbage collection); a shard may elect another leader meanwhile",
        _SERVERS,
        ("for", "target"),
        _begin_pause,
        _end_pause,
    ),
    FaultKind(
        "slow_processor",
        "every message takes the target's processor this many times as long",
        _SERVERS,
        ("for", "target", "factor"),
        _begin_slow,
        _end_slow,
        weight=1,
    ),
)
