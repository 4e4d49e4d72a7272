"""What many people do at once: they all come back, they all come, or they all open the hot channel."""

from __future__ import annotations

from typing import Any, Final

from ..scenario.targets import parse_target
from .kind import FaultKind, Running

BLINK_US: Final = 1_000_000
"""How long the way is gone when a schedule does not say."""
COME_WITHIN_US: Final = 60_000_000
"""Over how long people come at rush hour when a schedule does not say."""
OPEN_WITHIN_US: Final = 2_000_000
"""Over how long they open the hot channel when a schedule does not say."""


def _begin_storm(world: Any, running: Running, hosts: list[Any]) -> None:
    """Every connection ends, told to both ends, and the phones have their network back in the same moment: they come
    together, and none of them has a reason to back off."""
    for phone in hosts:
        running.touched += sum(not connection.silent for connection in phone.connections)
        for connection in list(phone.connections):
            if not connection.silent:
                connection.end_at_server()
        phone.lose_network()
        running.kept.append(phone)
    world.environment.call_after(running.fault.amount_us or BLINK_US, _come_back, running)


def _come_back(running: Running) -> None:
    for phone in running.kept:
        phone.regain_network()
    running.kept.clear()


def _end_storm(world: Any, running: Running, hosts: list[Any]) -> None:
    if world.healed:
        _come_back(running)


def _begin_rush(world: Any, running: Running, hosts: list[Any]) -> None:
    """Everybody who is meant opens the app within ``by``, and stays until the fault ends. A share is of all people,
    whether their phones have been seen yet or not."""
    within_us = running.fault.amount_us or COME_WITHIN_US
    until_us = world.environment._now + running.span_us
    for user in _people(world, running, hosts):
        after_us = world.dice.below(within_us, "comes at rush hour", running.number, user)
        world.environment.call_after(after_us, _open_app, (world, running, user, until_us))


def _people(world: Any, running: Running, hosts: list[Any]) -> list[int]:
    target = parse_target(running.fault.target)
    if target.index is not None or target.drawn:
        return [phone.user for phone in hosts]
    share = 1.0 if target.share is None else target.share
    return [user for user in range(world.users) if world.dice.chance(share, "fault share", running.number, user)]


def _open_app(due: tuple[Any, Running, int, int]) -> None:
    world, running, user, until_us = due
    if running.ended_us >= 0:
        return
    phone = world.phone(user)
    running.touched += int(not phone.told_up)
    phone.want(until_us)
    phone.update()


def _begin_channel_rush(world: Any, running: Running, hosts: list[Any]) -> None:
    """Everybody who is meant and reads channel 0 opens it within ``by``."""
    within_us = running.fault.amount_us or OPEN_WITHIN_US
    for user in _people(world, running, hosts):
        after_us = world.dice.below(within_us, "opens the hot channel", running.number, user)
        world.environment.call_after(after_us, _open_channel, (world, running, user))


def _open_channel(due: tuple[Any, Running, int]) -> None:
    world, running, user = due
    running.touched += int(world.rush_to_channel(user, running.number))


KINDS: Final = (
    FaultKind(
        "reconnect_storm",
        "the target's connections all end, and their phones all come back in the same moment, 'by' later (1s)",
        ("phone",),
        ("target", "by"),
        _begin_storm,
        _end_storm,
        weight=1,
    ),
    FaultKind(
        "rush_hour",
        "the target's people open the app within 'by' (1m), and stay until the fault ends",
        ("phone",),
        ("for", "target", "by"),
        _begin_rush,
        weight=1,
    ),
    FaultKind(
        "channel_rush",
        "the target's people who read channel 0 open it, all within 'by' (2s)",
        ("phone",),
        ("target", "by"),
        _begin_channel_rush,
        lasts=False,
        weight=1,
        only_with="channels",
    ),
)
