"""What a message to a group costs whose 30,000 members are online: delivered, acknowledged, gathered and checked.

Plays ``big_group`` in batches and looks at the clock before each message is written and before the next one is. What
a hand-off costs the servers (the scenario's own question) is set to nothing, so that messages do not overlap.

    python -m benchmarks.large_group
    python -m benchmarks.large_group --members 3000 --messages 10     # what memory has to do with it
"""

from __future__ import annotations

import argparse
import resource
import statistics
from dataclasses import dataclass
from time import perf_counter, process_time

from sim.garbage import seldom_collected
from sim.runner import Run
from sim.scenario.loading import load
from sim.scenario.model import Scenario

SPACING_S = 8
"""Of simulated time, about, from message to message."""
BEFORE_US = 1_000


@dataclass(frozen=True, slots=True)
class Span:
    """What it took to play from one moment to the next."""

    wall_s: float
    processor_s: float
    entries: int


class Timed(Run):
    """A run that knows what each message took."""

    def __init__(self, scenario: Scenario) -> None:
        super().__init__(scenario, 1, None, False, None, None, True, False)
        self.moments_us = [operation.at_us - BEFORE_US for operation in self.stream.operations()]
        self.spans: list[Span] = []
        """Up to the first message, from each message to the next, and from the last on."""

    def run_until(self, until_us: int) -> None:
        """As ever, with a look at the clock before each message."""
        while self.moments_us and self.moments_us[0] <= until_us:
            self.timed(self.moments_us.pop(0))
        if self.spans and not self.world.healed:
            self.timed(until_us)
        else:
            super().run_until(until_us)

    def timed(self, until_us: int) -> None:
        """One span."""
        environment = self.world.environment
        wall, processor, entries = perf_counter(), process_time(), environment.entries
        super().run_until(until_us)
        self.spans.append(Span(perf_counter() - wall, process_time() - processor, environment.entries - entries))


def big_group(members: int, messages: int) -> Scenario:
    """The scenario for a group of this size."""
    return load(
        "big_group",
        sets=[
            "network.hand_off=0s",
            f"time.chaos={SPACING_S * messages + 10}s",
            f"workload.messages={messages}",
            f"protocol.group_cap={members}",
            *(f"workload.{name}={members}" for name in ("users", "group_least", "group_most")),
        ],
    )


def main() -> None:
    """Print what each message took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--members", type=int, default=30_000)
    parser.add_argument("--messages", type=int, default=5)
    options = parser.parse_args()
    run = Timed(big_group(options.members, options.messages))
    began = perf_counter()
    with seldom_collected():
        result = run.play()
    whole_s = perf_counter() - began
    connecting, *messages = run.spans
    print(f"{options.members:,} members come online in {connecting.wall_s:.1f} s of wall time")
    for number, span in enumerate(messages, 1):
        each_us = span.processor_s / options.members * 1e6
        print(
            f"message {number}: {span.wall_s:.2f} s of wall time, {span.processor_s:.2f} s of processor time; "
            f"a member's {span.entries / options.members:.1f} entries take {each_us:.0f} us"
        )
    walls = sorted(span.wall_s for span in messages)
    print(f"a message: fastest {walls[0]:.2f} s, median {statistics.median(walls):.2f} s of wall time (aim 3 s)")
    print(f"the whole run, judged: {whole_s:.1f} s; {'PASSED' if result.outcome() == 0 else 'not passed'}")
    print(f"peak memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


if __name__ == "__main__":
    main()
