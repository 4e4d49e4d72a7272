"""Logins of everybody at once, where servers limit how many they take (CONN-9): how long they need, and the judge's
own final hellos, which keep below the limit so that they measure nothing but the state that was reached.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..vocabulary.units import SECOND_US

if TYPE_CHECKING:
    from .phones import PhoneHost
    from .world import World

BELOW_THE_LIMIT: Final = 1.25
"""The final hellos take this many times as long as the accept rates allow."""


def everybody_us(world: World) -> float:
    """How long the logins of all phones take at the accept rates of all servers (0: there is no limit)."""
    rate = world.scenario.protocol.accept_rate_per_s
    return 0.0 if rate is None else len(world.phones) * SECOND_US / (rate * len(world.servers))


def slack_us(world: World) -> int:
    """What admission adds to the time in which everybody is back: the logins themselves, phones that happen to come
    in the same moment, and those that were turned away last."""
    login_us = everybody_us(world)
    return round(1.5 * login_us) + 3 * world.scenario.protocol.retry_after_us if login_us else 0


def hello_again(world: World) -> int:
    """An ordinary hello of every phone within reach; returns how long it takes until the last one has said it.

    Where logins are limited the phones come one after another, and those without a line in their database and
    without an inbox, who can get nothing, do not come.
    """
    login_us = everybody_us(world)
    phones = [phone for phone in world.phones.values() if phone.told_up]
    if not login_us:
        for phone in phones:
            greet(phone)
        return 0
    gap_us = round(BELOW_THE_LIMIT * login_us / len(world.phones))
    concerned = [phone for phone in phones if phone.state.chats or world.inbox_of_device(phone.device) is not None]
    for place, phone in enumerate(concerned):
        world.environment.call_after(place * gap_us, greet, phone)
    return len(concerned) * gap_us


def greet(phone: PhoneHost) -> None:
    """Leave and come back."""
    if phone.told_up:
        phone.guard(phone.machine.on_network_down)
        phone.guard(phone.machine.on_network_up)
