"""Every kind of fault: its name, what it does, whom it can hit, which keys it takes, and how it begins and ends.

The kinds themselves live in one file per part of the world that they hit.
"""

from __future__ import annotations

from typing import Final

from . import (
    clocks,
    connections,
    deploys,
    disk_losses,
    disks,
    gone,
    holding,
    links,
    load,
    people,
    phones,
    pushes,
    quorums,
    regions,
    registry,
    servers,
    shards,
    single,
    wires,
)
from .kind import FaultKind

KINDS: Final[dict[str, FaultKind]] = {
    kind.name: kind
    for family in (
        links,
        connections,
        servers,
        clocks,
        registry,
        shards,
        disks,
        phones,
        deploys,
        regions,
        people,
        pushes,
        holding,
        wires,
        load,
        disk_losses,
        gone,
        single,
        quorums,
    )
    for kind in family.KINDS
}

CODES: Final[dict[str, int]] = {name: number for number, name in enumerate(KINDS)}
"""The number of a kind in the history."""
