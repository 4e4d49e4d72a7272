"""The atlas: which places there are, which machine stands where, and how far it is. Pure, and known before a run.

A place is a zone of a region, numbered region by region. The rules of placement:

- connection server i stands in region i mod R, in that region's zone (i div R) mod Z; registry nodes likewise;
- a shard's home is region i mod R, its first zone (i div R) mod Z; its replica r stands there too (``zone``), in the
  r-th zone from there (``zones``), or in the r-th nearest region to its home (``regions``), and over that region's
  zones when replicas come round to it again;
- whoever lives in a region without a machine of some sort uses the nearest region that has one.
"""

from __future__ import annotations

from typing import Any, Final

from .distances import REGION_NAMES, round_trip_ms

ONE_ZONE: Final = "zone"
OVER_ZONES: Final = "zones"


class Atlas:
    """Regions, zones and distances of one scenario. ``settings`` are its ``regions``."""

    __slots__ = ("names", "nearest", "number", "settings", "zones")

    def __init__(self, settings: Any) -> None:
        self.settings = settings
        self.names: tuple[str, ...] = (settings.names or REGION_NAMES)[: settings.number]
        self.number = len(self.names)
        self.zones: int = settings.zones
        self.nearest = tuple(self._by_distance(here) for here in range(self.number))
        """Region to all regions by distance, itself first."""

    def _by_distance(self, here: int) -> tuple[int, ...]:
        return tuple(sorted(range(self.number), key=lambda there: (self.round_trip_ms(here, there), there)))

    @property
    def is_one_place(self) -> bool:
        """Whether there is nothing to tell apart."""
        return self.number * self.zones == 1

    def round_trip_ms(self, region: int, other: int) -> int:
        """Between two regions, by their numbers."""
        return round_trip_ms(self.names[region], self.names[other])

    # -- places -----------------------------------------------------------------------------------------------

    @property
    def places(self) -> int:
        """How many places there are."""
        return self.number * self.zones

    def place(self, region: int, zone: int) -> int:
        """The number of a zone of a region."""
        return region * self.zones + zone % self.zones

    def region_of(self, place: int) -> int:
        """The region in which a place is."""
        return place // self.zones

    def name_of(self, place: int) -> str:
        """A place as scenarios write it: ``frankfurt/0``."""
        return f"{self.names[place // self.zones]}/{place % self.zones}"

    def one_way_us(self, place: int, other: int) -> int:
        """The way between two places without queues and jitter; within a zone it is nothing beyond those."""
        if place == other:
            return 0
        region, there = self.region_of(place), self.region_of(other)
        if region == there:
            return int(self.settings.other_zone_us) // 2
        return self.round_trip_ms(region, there) * 500

    # -- placement --------------------------------------------------------------------------------------------

    def of_machine(self, index: int) -> int:
        """Where a connection server, a registry node, or the first replica of a shard stands."""
        return self.place(index % self.number, index // self.number)

    def of_replicas(self, shard: int, replicas: int) -> tuple[int, ...]:
        """Where the replicas of a shard stand (STORE-7)."""
        home, zone = shard % self.number, shard // self.number
        if self.settings.replicas == ONE_ZONE:
            return (self.place(home, zone),) * replicas
        if self.settings.replicas == OVER_ZONES:
            return tuple(self.place(home, zone + replica) for replica in range(replicas))
        near = self.nearest[home]
        return tuple(
            self.place(near[replica % self.number], zone + replica // self.number) for replica in range(replicas)
        )

    def serving(self, homes: list[int]) -> tuple[tuple[int, ...], ...]:
        """Region to the indices of the machines that serve it: its own, or those of the nearest region with any.

        ``homes`` holds the region of each machine.
        """
        own = [[index for index, home in enumerate(homes) if home == region] for region in range(self.number)]
        return tuple(
            tuple(next(own[there] for there in self.nearest[region] if own[there])) for region in range(self.number)
        )

    def lost_replicas(self, shard: int, replicas: int, lost: tuple[int, ...]) -> int:
        """How many replicas of a shard stand in these places."""
        return sum(place in lost for place in self.of_replicas(shard, replicas))
