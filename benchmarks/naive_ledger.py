"""The yardstick: a naive model of a chat message's ledger, as one would write it first, on stock SimPy.

One process per message. Each hop is a plain ``yield environment.timeout(delay)``; at ``waits`` of the hops somebody
waits for an answer or gives up: a reply event, a Timeout that brings the reply, a Timeout that would give up, and a
condition over the two. There is no protocol, no loss and no checking. How many hops and waits a message has is counted
from the product and passed in.

    python -m benchmarks.naive_ledger --messages 5000 --hops 38 --waits 9
"""

from __future__ import annotations

import argparse
import gc
import statistics
from collections.abc import Generator
from time import process_time
from typing import Any

import simpy

TIMEOUT_US = 5_000_000
_DELAYS = [500 + (number * 7919) % 40_009 for number in range(4096)]


def message(environment: simpy.Environment, number: int, hops: int, waits: int) -> Generator[Any, Any, int]:
    """One message on its way: hops, some of which wait for a reply with a time-out. Returns how many were answered."""
    answered = 0
    for hop in range(hops):
        delay = _DELAYS[(number * 31 + hop) & 4095]
        if (hop + 1) * waits // hops == hop * waits // hops:
            yield environment.timeout(delay)
            continue
        reply = environment.event()
        environment.timeout(delay).callbacks.append(reply.trigger)
        result = yield reply | environment.timeout(TIMEOUT_US)
        if reply in result:
            answered += 1
    return answered


def people(
    environment: simpy.Environment, messages: int, hops: int, waits: int, spacing_us: int, sent: list[simpy.Process]
) -> Generator[Any, Any, None]:
    """Write one message every ``spacing_us``."""
    for number in range(messages):
        sent.append(environment.process(message(environment, number, hops, waits)))
        yield environment.timeout(spacing_us)


def run_naive(messages: int, hops: int, waits: int, spacing_us: int) -> float:
    """Seconds of processor time to simulate so many messages of ``hops`` hops, ``waits`` of them with a time-out."""
    if not 0 <= waits <= hops:
        raise ValueError(f"waits ({waits}) must be between 0 and hops ({hops})")
    environment = simpy.Environment()
    sent: list[simpy.Process] = []
    environment.process(people(environment, messages, hops, waits, spacing_us, sent))
    gc.collect()
    began = process_time()
    environment.run()
    seconds = process_time() - began
    assert len(sent) == messages and all(process.value == waits for process in sent)
    return seconds


def main() -> None:
    """Print messages per second."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--messages", type=int, default=5_000)
    parser.add_argument("--hops", type=int, default=38)
    parser.add_argument("--waits", type=int, default=9)
    parser.add_argument("--spacing-us", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    seconds = statistics.median(
        run_naive(options.messages, options.hops, options.waits, options.spacing_us) for _ in range(options.rounds)
    )
    print(
        f"naive ledger, {options.hops} hops and {options.waits} waits a message: "
        f"{options.messages / seconds:,.0f} messages/s (median of {options.rounds})"
    )


if __name__ == "__main__":
    main()
