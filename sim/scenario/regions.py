"""The regions and zones of a scenario: where machines stand and people live. Off (one place) by default."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import choice, count, duration, listing


@dataclass(frozen=True, slots=True)
class Regions:
    """Regions and zones: where machines stand and where people are at home."""

    number: int = count(1, "regions in use: the first so many of 'names'", least=1, most=7)
    names: tuple[str, ...] = listing(
        "regions to take, in order (default: all seven of the latency matrix)", of="region"
    )
    weights: tuple[int, ...] = listing("how many people live in each region, as weights (default: alike)", of="count")
    zones: int = count(1, "zones in each region", least=1, most=9)
    other_zone_us: int = duration("2600us", "median round trip between two zones of a region", least="1us")
    replicas: str = choice(
        "zones",
        ("zone", "zones", "regions"),
        "where a shard's replicas stand: in one zone, over the zones of its region, or over regions (STORE-7)",
    )
    registry_nodes: int = count(
        1, "registry nodes, one per region in turn: one serves, the others stand by", least=1, most=9
    )
