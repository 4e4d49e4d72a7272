"""Boxes on the way that forget a path without traffic: address translation at the phone's end, a balancer at the other.

A path's idle clock starts anew with every message, when it is due to arrive, and with every heartbeat, when it goes
out. Nothing of that is written down as it happens: the times of the last messages are known to the connection, those of
the heartbeats follow from their phase (``watch.py``). As long as heartbeats come more often than a box forgets, no
traffic can be missing, and nothing is done; otherwise one entry stands for the moment at which the path would end, and
moves on as long as there was traffic after all. From heal on nothing is forgotten any more, as with any other fault.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from ..vocabulary import kinds

if TYPE_CHECKING:
    from .connections import Connection
    from .world import World

NEVER_US: Final = 1 << 62


class Box:
    """One sort of box on the way, and whose paths go through it."""

    __slots__ = ("hits", "injected", "limit_us", "resets")

    def __init__(self, limit_us: int, resets: bool, hits: Callable[[Any], bool], injected: Any = None) -> None:
        self.limit_us = limit_us
        self.resets = resets
        """Both ends are told; else the path dies in silence."""
        self.hits = hits
        """``hits(phone) -> bool``."""
        self.injected = injected
        """The running fault that put it there, if one did."""


class IdlePaths:
    """All boxes of the world."""

    __slots__ = ("boxes", "due_us", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.boxes: list[Box] = []
        self.due_us: dict[int, int] = {}
        """Connection to the time of its only valid entry."""
        network = world.scenario.network
        if network.idle_time_out_us is not None:
            self.boxes.append(Box(network.idle_time_out_us, network.idle_end == "reset", lambda phone: True))

    def put(self, box: Box) -> None:
        """One more box, on the paths that stand already, too."""
        self.boxes.append(box)
        for phone in list(self.world.phones.values()):
            if box.hits(phone):
                for connection in list(phone.connections):
                    self.look(connection)

    def take(self, box: Box) -> None:
        """It is gone; entries that wait will find nothing to end."""
        self.boxes.remove(box)

    def box_of(self, connection: Connection) -> Box | None:
        """The box that forgets this path first."""
        found = [box for box in self.boxes if box.hits(connection.phone)]
        return min(found, key=lambda box: box.limit_us) if found else None

    def last_traffic_us(self, connection: Connection) -> int:
        """When the path was last used, as far as that is known now; a message that is under way counts already."""
        beat = self.world.watch.last_beat_us(connection, int(self.world.environment._now))
        return max(connection.up_clear_us, connection.down_clear_us, beat)

    def look(self, connection: Connection) -> None:
        """Let an entry stand for the end of this path, where heartbeats do not keep it open."""
        box = self.box_of(connection)
        if box is None or connection.dead:
            return
        before_beat_us = self.world.watch.longest_gap_us(connection)
        if before_beat_us <= box.limit_us:
            return
        environment = self.world.environment
        at = max(int(environment._now), self.last_traffic_us(connection) + box.limit_us)
        if at < self.due_us.get(connection.number, NEVER_US):
            self.due_us[connection.number] = at
            environment.call_at(at, self.forget, (connection, at))

    def forget(self, due: tuple[Connection, int]) -> None:
        """The box forgets the path, unless it was used meanwhile."""
        connection, at = due
        if self.due_us.get(connection.number) != at:
            return
        del self.due_us[connection.number]
        box = self.box_of(connection)
        if box is None or connection.dead or not connection.phone_open or not connection.server_open:
            return
        if self.world.healed:
            return
        if self.last_traffic_us(connection) + box.limit_us > at:
            self.look(connection)
            return
        world = self.world
        if box.injected is not None:
            box.injected.touched += 1
        world.facts.row(
            kinds.PATH_FORGOTTEN,
            connection.device,
            number=connection.epoch,
            value=int(box.resets),
            extra=connection.server.number,
        )
        if box.resets:
            connection.end_at_server()
            connection.arrive_end_at_phone(None)
        else:
            connection.go_dead()
