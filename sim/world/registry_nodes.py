"""The nodes of the session registry: one serves, the others stand by and take over empty (REG-4).

A single node is the registry of one place: it comes back where it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .world import World


class RegistryNodes:
    """Which node serves, and which could."""

    __slots__ = ("dark", "down_until_us", "places", "serving", "world")

    def __init__(self, world: World, nodes: int) -> None:
        self.world = world
        geography = world.geography
        self.places = [0 if geography is None else geography.atlas.of_machine(node) for node in range(nodes)]
        self.down_until_us = [0] * nodes
        self.dark = [0] * nodes
        """Reasons for each node's place to be gone."""
        self.serving = 0

    def node_down(self, down_us: int) -> None:
        """The serving node is gone for so long; another one takes over as soon as that is noticed."""
        environment = self.world.environment
        self.down_until_us[self.serving] = int(environment._now) + down_us
        if len(self.places) > 1:
            environment.call_after(self.world.scenario.storage.election_us, self.world.restart, self.world.registry)

    def take_over(self) -> bool:
        """A node that is there serves from now on: the last one, or the next in turn. False if there is none."""
        now = self.world.environment._now
        nodes = len(self.places)
        for turn in range(nodes):
            node = (self.serving + turn) % nodes
            if not self.dark[node] and (self.down_until_us[node] <= now or self.world.healed):
                self.serving = node
                self.world.registry.place = self.places[node]
                return True
        return False
