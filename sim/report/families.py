"""Kinds of faults by the part of the world that they hit, and the colour in which a plot shows them."""

from __future__ import annotations

from typing import Final

from ..faults import clocks, connections, disks, links, phones, pushes, registry, servers, shards
from .canvas import INKS, PALETTE

_COLOURS: Final = (
    (links, PALETTE["blue"]),
    (connections, PALETTE["sky"]),
    (servers, PALETTE["vermillion"]),
    (clocks, PALETTE["yellow"]),
    (registry, PALETTE["purple"]),
    (shards, PALETTE["orange"]),
    (disks, INKS["soft"]),
    (phones, PALETTE["green"]),
    (pushes, INKS["soft"]),
)
COLOUR_OF: Final[dict[str, str]] = {kind.name: colour for family, colour in _COLOURS for kind in family.KINDS}


def colour_of(kind: str) -> str:
    """The colour of a kind of fault; a kind that this version does not know is grey."""
    return COLOUR_OF.get(kind, INKS["soft"])
