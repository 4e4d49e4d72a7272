"""The scenario's section ``presence``: who is told when people come and go, and how long they look."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

from ..vocabulary.presence import EAGER, LAZY, OFF
from .fields import choice, duration, number

FARTHEST_US: Final = 200_000
"""No two regions are farther from each other, one way."""
_FAR_TAIL: Final = 3.4
"""Drawn delays end before this many sigmas (the tables of the dice are cut at the 1 - 1/2048 quantile)."""


@dataclass(frozen=True, slots=True)
class Presence:
    """Online and last seen."""

    kind: str = choice(
        OFF, (OFF, LAZY, EAGER), "nobody is told, those who have the chat open, or every contact of every change"
    )
    life_us: int = duration("90s", "how long 'online' holds after a heartbeat, and a subscription", least="1ms")
    batch_us: int = duration("50ms", "what one connection server's phones are told is gathered this long", least="1us")
    chat_open_us: int = duration("45s", "median time that a chat stays open", least="1us")
    chat_open_sigma: float = number(0.8, "spread of that time", most=3.0)


def slowest_us(median_us: int, sigma: float) -> int:
    """No drawn delay without faults is longer."""
    return round(median_us * math.exp(_FAR_TAIL * sigma))


def told_within_us(scenario: Any) -> int:
    """Without faults: a phone's question and its answer, or a change that is told, takes no longer than this."""
    network = scenario.network
    hops_us = 5 * FARTHEST_US if scenario.regions.number > 1 else 0
    phone_us = slowest_us(network.phone_one_way_us, network.phone_sigma)
    server_us = slowest_us(network.server_one_way_us, network.server_sigma)
    return hops_us + 2 * phone_us + 3 * server_us + int(scenario.presence.batch_us) + 1_000_000


def settles_within_us(scenario: Any) -> int:
    """Without faults: how long a change may take until every phone that has the chat open shows it.

    A life ends, then the phone asks with its next heartbeat and hears; twice, for one who has only just connected.
    """
    return int(scenario.presence.life_us + 2 * scenario.protocol.heartbeat_us + 2 * told_within_us(scenario))


def rest_us(scenario: Any) -> int:
    """How long everything rests before the settled state is judged: what is shown then has been steady for as long as a
    change may take."""
    return 2 * settles_within_us(scenario)
