"""Timer lanes: timers of one constant delay come due in the order in which they are armed.

So they need no heap among themselves: they wait in a line, and only its head stands in the environment's queue. A
timer keeps the number that it got when it was armed, and the queue is ordered by (time, priority, number), so every
timer fires exactly when, and exactly in the place where, it would as an entry of its own. There is no cancelling: what
a timer guards has moved on, and the call-back sees that.

That a line is in order rests on two things: the clock never goes back, so neither does the clock plus a constant; and
numbers only grow. That the queue's head is the first of all entries then needs only this: whenever a line is not empty,
its head is in the queue. Arming into an empty line puts it there; taking a head out puts the next one in *before* the
call-back runs, so that a call-back may arm the same lane, step the environment or raise.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappush
from typing import Any, TypeVar

from simpy.events import NORMAL

from .environment import Environment

A = TypeVar("A")


class Lane:
    """All timers of one delay."""

    __slots__ = ("_environment", "_line", "_numbers", "_queue", "delay")

    def __init__(self, environment: Environment, delay: int) -> None:
        if delay < 0:
            raise ValueError(f"Negative delay {delay}")
        self.delay = delay
        self._environment = environment
        self._queue = environment._queue
        self._numbers = environment._eid
        self._line: deque[Any] = deque()
        environment.add_line(self._line)

    def arm(self, function: Callable[[A], None], argument: A) -> None:
        """Call ``function(argument)`` when the lane's delay has passed."""
        line = self._line
        entry = (self._environment._now + self.delay, NORMAL, next(self._numbers), function, argument, line)
        if not line:
            heappush(self._queue, entry)
        line.append(entry)


class PlainLane(Lane):
    """The same without a line: each timer is an entry of the queue. What the lanes are compared with."""

    __slots__ = ()

    def arm(self, function: Callable[[A], None], argument: A) -> None:
        """Call ``function(argument)`` when the lane's delay has passed."""
        self._environment.call_after(self.delay, function, argument)


class PassingLane(PlainLane):
    """For one timer of a delay that hardly comes twice, such as a back-off with jitter: it leaves nothing behind."""

    __slots__ = ()

    def __init__(self, environment: Environment, delay: int) -> None:
        self.delay = delay
        self._environment = environment


class Lanes:
    """The lanes of one environment, one per delay."""

    def __init__(self, environment: Environment, enabled: bool = True) -> None:
        self.environment = environment
        self._kind = Lane if enabled else PlainLane
        self._lanes: dict[int, Lane] = {}

    def lane(self, delay: int) -> Lane:
        """The lane for timers of this delay, the same one each time. Fetch it once, arm it often."""
        lane = self._lanes.get(delay)
        if lane is None:
            lane = self._lanes[delay] = self._kind(self.environment, delay)
        return lane
