"""What the fast disk of ``update_queue`` gains: times to the first tick and to the reader, in both architectures.

    python -m benchmarks.architectures [SEEDS]

No faults, the people and the luck of ``slow_store``; the quantiles are those of all seeds together. The disk where
messages are kept for good is as fast as a log on flash, as a contended one, and as one whose cache is written back.
"""

from __future__ import annotations

import sys

from sim import run
from sim.scenario.loading import load
from sim.statistics.histogram import Histogram, merged
from sim.vocabulary.architectures import STORE_THEN_INBOX, UPDATE_QUEUE
from sim.vocabulary.metrics import FIRST_TICK

DISKS = ("800us", "5.1ms", "20ms")


def times(architecture: str, disk: str, seeds: int) -> tuple[Histogram, Histogram]:
    """Times to the first tick and to the reader over all seeds."""
    sets = (f"storage.long_term_sync={disk}",)
    scenario = load("slow_store", variant=architecture, sets=sets)
    results = [run(scenario, seed, faults=()) for seed in range(1, seeds + 1)]
    ticks, deliveries = merged(each.times[FIRST_TICK] for each in results), merged(each.delivery for each in results)
    assert ticks is not None and deliveries is not None
    return ticks, deliveries


def cells(histogram: Histogram) -> str:
    """Median and 99th percentile, in milliseconds."""
    return " ".join(f"{(histogram.quantile(share) or 0) / 1000:>9.1f}" for share in (0.5, 0.99))


def main(seeds: int) -> None:
    print(f"{'disk':>6} {'architecture':18} {'tick p50':>9} {'p99':>9} {'seen p50':>9} {'p99':>9}   ms, {seeds} seeds")
    for disk in DISKS:
        for architecture in (STORE_THEN_INBOX, UPDATE_QUEUE):
            ticks, deliveries = times(architecture, disk, seeds)
            print(f"{disk:>6} {architecture:18} {cells(ticks)} {cells(deliveries)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
