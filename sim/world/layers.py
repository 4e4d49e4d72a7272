"""Layers that a scenario puts between machines and world: batches for groups, and the cost of a hand-off."""

from __future__ import annotations

from functools import cache
from typing import Any

from .batching import Batching, BatchingHost
from .hand_offs import HandOffs
from .hosts import ServerHost

Layers = tuple[type[Any], ...]


def layers_of(has_groups: bool, fan_out: str, hand_off_us: int) -> Layers:
    """The layers that servers' ports need, the outermost first; none for one-to-one chats."""
    layers: list[type[Any]] = []
    if has_groups and fan_out == "batched":
        layers.append(Batching)
    if hand_off_us:
        layers.append(HandOffs)
    return tuple(layers)


def host_class_of(layers: Layers) -> type[ServerHost]:
    """The class of server hosts that these layers need."""
    return BatchingHost if Batching in layers else ServerHost


@cache
def layered(sort: type[Any], layers: Layers) -> type[Any]:
    """A class of ports with these layers in front."""
    return type(sort.__name__, (*layers, sort), {})
