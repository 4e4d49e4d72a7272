"""SimPy's environment, taking bare call-backs in the same queue.

Most of what happens in a run is a hop: something arrives, and a function is called with it. A SimPy event for each of
them costs an object, a list and a walk over the list; an entry ``(time, priority, number, function, argument)`` costs a
tuple. Both sorts wait in SimPy's own queue under numbers from SimPy's own counter, so people and timelines can be
processes, hops can be call-backs, and ties between the two stay first-in first-out.

A queue entry is told by its length:

====== ================================================== ==========================
length fields                                             what
====== ================================================== ==========================
4      time, priority, number, event                      an event, as in stock SimPy
5      time, priority, number, function, argument         a call-back
6      time, priority, number, function, argument, line   the head of a timer lane, or of an open shelf
====== ================================================== ==========================

Numbers are unique, so a comparison of two entries never looks beyond the third field.

Where tens of thousands of messages are under way at once, most of the time would go into the heap. So call-backs that
meet a crowded queue stand on shelves instead, one for each millisecond or so. When its time has come, a shelf is put in
order and becomes a line like that of a lane, whose head alone stands in the queue. The order in which entries are
processed is the same, shelves or not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush, heapreplace
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, TypeVar

import simpy
from simpy.core import SimTime
from simpy.events import NORMAL, AllOf, AnyOf, Event, Process, Timeout

A = TypeVar("A")

EVENT_LENGTH: Final = 4
CALL_LENGTH: Final = 5
CROWDED: Final = 512
"""From so many entries in the queue on, call-backs go to the shelves."""
SHELF_BITS: Final = 10
"""A shelf holds 1,024 microseconds."""
BEFORE_ALL: Final = -1
"""The priority with which a shelf is opened: before anything else at its time."""

_process_event = simpy.Environment.step


def _step(environment: Environment) -> None:
    """Process the next entry, of whatever sort; raise ``EmptySchedule`` if there is none."""
    queue = environment._queue
    if not queue or len(queue[0]) == EVENT_LENGTH:
        _process_event(environment)
        return
    item = heappop(queue)
    if len(item) != CALL_LENGTH:
        line = item[5]
        line.popleft()
        if line:
            heappush(queue, line[0])
    environment._now = item[0]
    item[3](item[4])


class _Step:
    """``environment.step``: our own function, or stock's while a failed event is next.

    A failure leaves SimPy with a traceback that its users (and its suite) know: the failed process, then ``run``, then
    ``step``. A method of ours that called stock's would add a line to it, so for that case stock's own is handed out,
    and ``run`` is inherited: everything that it does is stock's by construction.
    """

    def __get__(self, environment: Environment | None, owner: type[Environment]) -> Callable[..., None]:
        if environment is None:
            return _step
        queue = environment._queue
        if queue and len(queue[0]) == EVENT_LENGTH and not getattr(queue[0][3], "_ok", True):
            return MethodType(_process_event, environment)
        return MethodType(_step, environment)


class Environment(simpy.Environment):
    """A ``simpy.Environment`` that also takes bare call-backs. Whatever stock SimPy does, this does alike."""

    if TYPE_CHECKING:
        _now: int
        """The clock as our own code reads it; it holds whatever was put in, which for runs are integers."""

    def __init__(self, initial_time: SimTime = 0) -> None:
        super().__init__(initial_time)
        self._queue: list[Any] = []
        self._lines: list[deque[Any]] = []
        self._shelves: dict[int, list[Any]] = {}
        self._open_line: deque[Any] = deque()
        """What is left of the shelf whose time it is: there is one at a time, for the one before is empty by then."""
        self.between_shelves: Callable[[], None] = lambda: None
        """Called before a shelf is opened: so much happens in its millisecond that what the last one left behind is
        better put away before the processor's caches have forgotten it."""
        # SimPy binds its event classes early only for its own class, not for a subclass: without these lines, each
        # `environment.timeout()` would go through a descriptor.
        for name, event_class in _EVENT_CLASSES:
            setattr(self, name, MethodType(event_class, self))

    # -- what is put in the queue -----------------------------------------------------------------------------------

    def call_at(self, time: SimTime, function: Callable[[A], None], argument: A) -> None:
        """Call ``function(argument)`` at ``time``, after everything that was put in for that time before."""
        if time < self._now:
            raise ValueError(f"call at {time} lies before the current simulation time {self._now}")
        heappush(self._queue, (time, NORMAL, next(self._eid), function, argument))

    def call_after(self, delay: SimTime, function: Callable[[A], None], argument: A) -> None:
        """Call ``function(argument)`` when ``delay`` has passed."""
        if delay < 0:
            raise ValueError(f"Negative delay {delay}")
        heappush(self._queue, (self._now + delay, NORMAL, next(self._eid), function, argument))

    def put(self, time_us: int, function: Callable[[A], None], argument: A) -> None:
        """Call ``function(argument)`` at a whole number of microseconds that is not past: what many do at once."""
        queue = self._queue
        shelves = self._shelves
        if shelves or len(queue) >= CROWDED:
            shelf = time_us >> SHELF_BITS
            entries = shelves.get(shelf)
            if entries is not None:
                entries.append((time_us, NORMAL, next(self._eid), function, argument, self._open_line))
                return
            if len(queue) >= CROWDED and shelf > self._now >> SHELF_BITS:
                shelves[shelf] = [(time_us, NORMAL, next(self._eid), function, argument, self._open_line)]
                heappush(queue, (shelf << SHELF_BITS, BEFORE_ALL, shelf, self._open_shelf, shelf))
                return
        heappush(queue, (time_us, NORMAL, next(self._eid), function, argument))

    def _open_shelf(self, shelf: int) -> None:
        """The time of a shelf has come: its entries follow one another through the queue."""
        self.between_shelves()
        entries = self._shelves.pop(shelf)
        entries.sort()
        self._open_line.extend(entries)
        heappush(self._queue, entries[0])

    def add_line(self, line: deque[Any]) -> None:
        """Make known a timer lane's waiting line, of which only the head stands in the queue (see ``lanes.py``)."""
        self._lines.append(line)

    # -- what is taken out of it ------------------------------------------------------------------------------------

    if TYPE_CHECKING:

        def step(self) -> None:
            """Process the next entry; raise ``EmptySchedule`` if there is none."""

    else:
        step = _Step()

    def run_until(self, time: SimTime) -> None:
        """Process every entry that is due at ``time`` or earlier, then set the clock to ``time``.

        The hot loop of the product. Unlike ``run(until=time)``, which stops before the entries of that time, this
        includes them, and needs no event and no exception to stop. Whatever an entry raises comes out as it is, with
        the clock at that entry, and the run can go on from there.
        """
        if time < self._now:
            raise ValueError(f"time ({time}) must not lie before the current simulation time {self._now}")
        queue = self._queue
        pop, replace, process_event = heappop, heapreplace, _process_event
        # Not `while queue:`, whose jump back is a conditional one: CPython 3.11 counts only the unconditional ones when
        # it looks for loops to make quicker, and this one is entered a few times a run, not often enough to count.
        while True:
            if not queue:
                break
            item = queue[0]
            if item[0] > time:
                break
            size = len(item)
            if size == 5:
                self._now, _, _, function, argument = pop(queue)
                function(argument)
            elif size == 4:
                process_event(self)
            else:
                self._now, _, _, function, argument, line = item
                # The next timer of the lane goes into the queue first: what is called may step, raise, or arm again.
                line.popleft()
                if line:
                    replace(queue, line[0])
                else:
                    pop(queue)
                function(argument)
        self._now = time  # type: ignore[assignment]

    # -- what is counted --------------------------------------------------------------------------------------------

    @property
    def scheduled(self) -> int:
        """How many entries were ever put in: events, call-backs and timers."""
        # The counter itself knows, at no cost per entry, and its text is the only way to ask without taking a number.
        return int(repr(self._eid).removeprefix("count(").removesuffix(")"))

    @property
    def waiting(self) -> int:
        """How many entries are still to come: in the queue, in the lanes and the open shelf (whose heads stand in both)
        and on the shelves (for each of which an entry opens it)."""
        in_lanes = sum(len(line) - 1 for line in (*self._lines, self._open_line) if line)
        return len(self._queue) + in_lanes + sum(len(entries) - 1 for entries in self._shelves.values())

    @property
    def entries(self) -> int:
        """How many entries were processed so far, the one that is just being processed included."""
        return self.scheduled - self.waiting


_EVENT_CLASSES: Final = (
    ("process", Process),
    ("timeout", Timeout),
    ("event", Event),
    ("all_of", AllOf),
    ("any_of", AnyOf),
)
