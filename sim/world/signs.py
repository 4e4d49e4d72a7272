"""Signs of life as facts: when servers heard of phones, and when their renewals reached the registry.

Nothing is written per heartbeat. A row says from when on they come, and how often, and another when the last one came:
what lies between follows. Only worlds with presence write them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..vocabulary import kinds

if TYPE_CHECKING:
    from .connections import Connection
    from .world import World


class Signs:
    """The pen for signs of life."""

    __slots__ = ("out_of_reach", "running", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.running: dict[int, bool] = {}
        """Connections whose heartbeats are heard."""
        self.out_of_reach: dict[int, bool] = {}
        """Servers whose renewals do not reach the registry."""

    def begin(self, connection: Connection) -> None:
        """Heartbeats are heard, for the first time or again."""
        if not (connection.phone_open and connection.server_open) or connection.silent:
            return
        world = self.world
        self.running[connection.number] = True
        world.facts.row(
            kinds.HEARTBEATS,
            connection.device,
            number=connection.epoch,
            value=world.watch.next_heard_us(connection, int(world.environment._now)),
            extra=world.timers.heartbeat_us,
        )

    def end(self, connection: Connection) -> None:
        """No further one gets through."""
        if self.running.pop(connection.number, False):
            world = self.world
            heard_us = world.watch.last_heard_us(connection, int(world.environment._now))
            world.facts.row(kinds.HEARTBEATS_END, connection.device, number=connection.epoch, value=heard_us)

    def reach(self, servers: list[Any], reached: bool) -> None:
        """Renewals of these servers reach the registry, or no longer do."""
        for server in servers:
            if self.out_of_reach.get(server.number, False) == reached:
                self.out_of_reach[server.number] = not reached
                self.world.facts.row(kinds.REGISTRY_REACH, server.number, value=int(reached))
