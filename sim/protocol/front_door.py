"""The door of a connection server: how many newcomers it takes, and how it closes for a restart (CONN-8, CONN-9).

Both cost nothing while there is no limit and no restart: ``guarded`` is then false, and nobody comes by here.
"""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import GoAway, Hello, RetryAfter, trace_of
from .dispatch import Dispatching
from .port import Connection, ConnectionServerPort, Timers

NANOSECONDS: Final = 1_000
"""In a microsecond: at 230,000 accepts a second a microsecond is too coarse."""
SECOND_NS: Final = 1_000_000_000
MOST_BATCHES: Final = 255
"""A drain tells its phones in at most so many batches, evenly over its time: many small ones, because a phone has left
before it knows whether others can take it at once. A batch's time is left for the last to go."""


class FrontDoor(Dispatching):
    """The part of a connection server that decides who may come in."""

    __slots__ = ("accept_gap_ns", "clear_ns", "draining", "guarded", "port", "sessions", "timers")

    def __init__(self, port: ConnectionServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.sessions: dict[int, Any] = {}
        rate = timers.accept_rate_per_s
        self.accept_gap_ns = 0 if rate is None else max(1, round(SECOND_NS / rate))
        """From one accept to the next at full rate; 0: no limit."""
        self.clear_ns = 0
        """When all that was accepted is paid for, at that rate; it lies before now by what is saved up."""
        self.draining = False
        self.guarded = self.accept_gap_ns > 0

    # -- admission ------------------------------------------------------------------------------------------

    def turns_away(self, connection: Connection, hello: Hello) -> bool:
        """CONN-8: nobody comes in before a restart; CONN-9: nor beyond the accept rate. The phone is told."""
        if self.draining:
            self.port.send_down(connection, GoAway(hello.device, hello.epoch, hello.trace))
        elif self.accept_gap_ns and not self.has_room():
            self.port.reached(HardCase.TURNED_AWAY)
            after_us = self.timers.retry_after_us
            self.port.send_down(connection, RetryAfter(hello.device, hello.epoch, after_us, hello.trace))
        else:
            return False
        self.port.close(connection)
        return True

    def has_room(self) -> bool:
        """CONN-9: a bucket of tokens, without a bucket: each accept moves the time at which all are paid for."""
        now_ns = self.port.monotonic_us() * NANOSECONDS
        clear_ns = max(self.clear_ns, now_ns - self.timers.accept_burst_us * NANOSECONDS)
        if clear_ns > now_ns:
            return False
        self.clear_ns = clear_ns + self.accept_gap_ns
        return True

    # -- a restart that is announced ------------------------------------------------------------------------

    def on_deploy(self, drain_us: int) -> None:
        """CONN-8: this server restarts in ``drain_us``: it takes nobody in any more, and tells those who are here to
        go, batch by batch, so that the others can take them."""
        self.draining = self.guarded = True
        devices = tuple(self.sessions)
        if devices:
            size = -(-len(devices) // MOST_BATCHES)
            batches = -(-len(devices) // size)
            self.tell_batch((devices, size, drain_us // (batches + 1)))

    def tell_batch(self, due: tuple[tuple[int, ...], int, int]) -> None:
        """CONN-8: the next batch is told, behind all that was written to them. Each goes by itself: until then its
        updates and answers still come this way, and what is lost with the connection is drained over the next."""
        devices, size, pause_us = due
        if not self.draining:
            return
        for device in devices[:size]:
            session = self.sessions.get(device)
            if session is not None:
                self.port.send_down(session.connection, GoAway(device, session.epoch, trace_of(device, session.epoch)))
        if devices[size:]:
            self.port.set_timer(pause_us, self.tell_batch, (devices[size:], size, pause_us))

    def on_deploy_cancelled(self) -> None:
        """CONN-8: it does not restart after all, and takes newcomers again."""
        self.draining = False
        self.guarded = self.accept_gap_ns > 0
