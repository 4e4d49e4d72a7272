"""Signs of life, from facts: when servers heard of each user last, and how well the registry could know it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from ..vocabulary.points import REGISTRY, ROLES
from .verdict import HistoryRow, Take, Verdict
from .words import HOSTS_PER_ROLE

NEVER: Final = -1


class Beats:
    """The heartbeats of one connection that are heard now."""

    __slots__ = ("every_us", "next_us", "since_us")

    def __init__(self, since_us: int, next_us: int, every_us: int) -> None:
        self.since_us = since_us
        self.next_us = next_us
        self.every_us = every_us

    def last_us(self, at_us: int) -> int:
        """The last one by a time."""
        if at_us < self.next_us:
            return NEVER
        return self.next_us + (at_us - self.next_us) // self.every_us * self.every_us


class Life:
    """What the world knows of one user."""

    __slots__ = ("beats", "connected", "gap", "heard_us", "known_from_us")

    def __init__(self) -> None:
        self.heard_us = NEVER
        """The last sign of life that is over: a hello, or the last heartbeat before a silence."""
        self.beats: dict[tuple[int, int], Beats] = {}
        """(device, epoch) of the connections that are heard now."""
        self.connected: dict[tuple[int, int], tuple[int, int]] = {}
        """(device, epoch) to (server, since when), while it is open."""
        self.gap = (NEVER, NEVER)
        """The last silence before a new beginning: from the last sign, to the first one after it."""
        self.known_from_us: int | None = None
        """The registry was told of the last sign that is over, if it has forgotten nothing since this time (``None``:
        it may not have been told at all)."""

    def last_us(self, at_us: int) -> int:
        """The last sign of life by a time."""
        return max([self.heard_us, *(beats.last_us(at_us) for beats in self.beats.values())])

    def steady_since_us(self, device: int | None = None) -> int | None:
        """Since when some connection (of this device) has been heard without a break (``None``: none is)."""
        held = [beats.since_us for key, beats in self.beats.items() if device in (None, key[0])]
        return min(held, default=None)


class Signs:
    """The lives of all users. It judges nothing; the checker of presence asks it."""

    __slots__ = ("before_sign", "emptied_us", "lives", "lost_reach_us", "out_of_reach")

    def __init__(self) -> None:
        self.lives: dict[int, Life] = {}
        self.emptied_us = 0
        """When the registry lost its memory last; it starts empty."""
        self.out_of_reach: dict[int, bool] = {}
        self.lost_reach_us: dict[int, int] = {}
        """Server to when its renewals last ceased to reach the registry."""
        self.before_sign: Take = lambda row: None
        """Told of a row that ends somebody's silence, before it counts."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.CONNECTED: self._take_connected,
            kinds.DISCONNECTED: self._take_disconnected,
            kinds.HEARTBEATS: self._take_heartbeats,
            kinds.HEARTBEATS_END: self._take_end,
            kinds.REGISTRY_REACH: self._take_reach,
            kinds.CRASHED: self._take_crashed,
        }

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own."""
        return ()

    def life(self, user: int) -> Life:
        """What is known of a user."""
        life = self.lives.get(user)
        if life is None:
            life = self.lives[user] = Life()
        return life

    def _take_connected(self, row: HistoryRow) -> None:
        time_us, _, device, _, epoch, _, server, _ = row
        self.before_sign(row)
        life = self.life(user_of(device))
        life.gap = (life.last_us(time_us), time_us)
        life.heard_us = time_us
        life.known_from_us = None
        life.connected[(device, epoch)] = (server, time_us)

    def _take_disconnected(self, row: HistoryRow) -> None:
        self.life(user_of(row[2])).connected.pop((row[2], row[4]), None)

    def _take_heartbeats(self, row: HistoryRow) -> None:
        time_us, _, device, _, epoch, _, next_us, every_us = row
        self.before_sign(row)
        life = self.life(user_of(device))
        life.gap = (life.last_us(next_us), next_us)
        life.beats[(device, epoch)] = Beats(time_us, next_us, every_us)

    def _take_end(self, row: HistoryRow) -> None:
        _, _, device, _, epoch, _, last_us, _ = row
        life = self.life(user_of(device))
        life.beats.pop((device, epoch), None)
        if last_us >= life.heard_us:
            life.heard_us = last_us
            life.known_from_us = self._reached_from(life.connected.get((device, epoch)))

    def _reached_from(self, connected: tuple[int, int] | None) -> int | None:
        """Since when the registry need only not have forgotten: the beginning of a connection whose renewals all
        reached it."""
        if connected is None:
            return None
        server, since_us = connected
        if self.out_of_reach.get(server) or self.lost_reach_us.get(server, NEVER) >= since_us:
            return None
        return since_us

    def _take_reach(self, row: HistoryRow) -> None:
        time_us, _, server, _, _, _, reached, _ = row
        self.out_of_reach[server] = not reached
        if not reached:
            self.lost_reach_us[server] = time_us

    def _take_crashed(self, row: HistoryRow) -> None:
        if row[2] // HOSTS_PER_ROLE == ROLES.index(REGISTRY):
            self.emptied_us = row[0]
