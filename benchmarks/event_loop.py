"""Events per second: SimPy's processes, our call-backs and our timer lanes, on the same work.

The work: ``--flows`` things are under way at once. Each makes a hop after a pseudo-random delay, guards it with a timer
of a constant delay, and makes the next hop. In stock SimPy a flow is a process that yields a Timeout, and the guard a
Timeout with a call-back; in ours a hop is ``call_after``, and the guard a call-back or a timer in a lane. So each hop
is two entries. The rounds are interleaved, so that what else the machine does falls on all alike; medians are printed.

    python -m benchmarks.event_loop --hops 200000 --flows 2000 --rounds 5
"""

from __future__ import annotations

import argparse
import gc
import statistics
from collections.abc import Callable, Generator
from time import perf_counter
from typing import Any

import simpy

from sim.world.environment import Environment
from sim.world.lanes import Lanes

GUARD_US = 1_000_000
FOREVER_US = 1 << 62
_DELAYS = [1 + (number * 7919) % 100_003 for number in range(4096)]


class Flow:
    """One thing under way: how many hops it has made, and how many it has to make."""

    __slots__ = ("done", "environment", "guard", "hops", "late", "offset")

    def __init__(self, environment: Any, offset: int, hops: int) -> None:
        self.environment = environment
        self.guard: Callable[[Callable[[int], None], int], None] = self.no_guard
        self.offset = offset
        self.hops = hops
        self.done = 0
        self.late = 0

    def no_guard(self, function: Callable[[int], None], argument: int) -> None:
        """Stand in until a guard is set."""

    def hop(self, number: int) -> None:
        """Make one hop, and set the timer and the hop after it."""
        self.done = number
        if number < self.hops:
            self.guard(self.expire, number)
            self.environment.call_after(_DELAYS[(self.offset + number) & 4095], self.hop, number + 1)

    def expire(self, number: int) -> None:
        """A guard came due: late if its hop has not been made."""
        if self.done <= number:
            self.late += 1

    def process(self) -> Generator[Any, Any, None]:
        """The same flow as a process of stock SimPy."""
        environment = self.environment
        for number in range(self.hops):
            self.done = number
            environment.timeout(GUARD_US, number).callbacks.append(self.expire_event)
            yield environment.timeout(_DELAYS[(self.offset + number) & 4095])
        self.done = self.hops

    def expire_event(self, event: Any) -> None:
        """A guard came due, as an event."""
        self.expire(event.value)


def _timed(run: Callable[[], Any]) -> float:
    gc.collect()
    began = perf_counter()
    run()
    return perf_counter() - began


def play_processes(flows: int, hops: int) -> float:
    """Seconds for the work as processes on stock SimPy."""
    environment = simpy.Environment()
    made = [Flow(environment, offset, hops) for offset in range(flows)]
    for flow in made:
        environment.process(flow.process())
    seconds = _timed(environment.run)
    assert all(flow.done == hops for flow in made)
    return seconds


def play_calls(flows: int, hops: int, lanes: bool) -> float:
    """Seconds for the work as call-backs, the guards in a lane or not."""
    environment = Environment()
    lane = Lanes(environment, enabled=lanes).lane(GUARD_US)
    made = [Flow(environment, offset, hops) for offset in range(flows)]
    for flow in made:
        flow.guard = lane.arm
        environment.call_after(0, flow.hop, 0)
    seconds = _timed(lambda: environment.run_until(FOREVER_US))
    assert all(flow.done == hops for flow in made)
    assert environment.entries == flows * (2 * hops + 1)
    return seconds


def main() -> None:
    """Print the rates and the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hops", type=int, default=200_000, help="hops over all flows")
    parser.add_argument("--flows", type=int, default=2_000, help="flows under way at once")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    each = max(1, options.hops // options.flows)
    entries = 2 * options.flows * each
    ways: dict[str, Callable[[], float]] = {
        "stock processes": lambda: play_processes(options.flows, each),
        "call-backs": lambda: play_calls(options.flows, each, lanes=False),
        "call-backs and a lane": lambda: play_calls(options.flows, each, lanes=True),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(options.rounds):
        for name, play in ways.items():
            taken[name].append(play())
    stock = statistics.median(taken["stock processes"])
    print(f"{entries} entries, {options.flows} flows, median of {options.rounds} rounds")
    for name, seconds in taken.items():
        middle = statistics.median(seconds)
        print(f"{name:<24}{entries / middle:>12,.0f} entries/s{stock / middle:>8.2f} times stock")


if __name__ == "__main__":
    main()
