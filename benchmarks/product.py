"""What a message costs: messages and entries per second, peak memory, the ledger hop by hop, and the naive yardstick.

Everything is measured in one process, interleaved, so that the ratios hold on a noisy machine:

    python -m benchmarks.product
    python -m benchmarks.product --college        # also half a year of real messages (about half a minute)
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import statistics
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import process_time

from benchmarks.naive_ledger import run_naive
from sim import Result, Scenario, run
from sim.scenario.loading import load

ROUNDS = 3
MESSAGES = 8_000
LOADS = ((20, 40_000), (1_000, 1_000), (1_000, 500), (1_000, 200))
"""People, and microseconds from message to message."""


def commute_without_faults() -> Scenario:
    """The commute of two thousand people when nothing fails."""
    return dataclasses.replace(load("commute"), faults=(), must_reach=())


def crowd(users: int, messages: int, spacing_us: int = 40_000) -> Scenario:
    """People who do nothing but write, a message every ``spacing_us``: what a message costs."""
    scenario = commute_without_faults()
    workload = dataclasses.replace(scenario.workload, users=users, messages=messages)
    return dataclasses.replace(
        scenario, workload=workload, time=dataclasses.replace(scenario.time, chaos_us=messages * spacing_us)
    )


def timed(scenario: Scenario) -> tuple[float, Result]:
    """Seconds of processor time of one run, checkers and all."""
    began = process_time()
    result = run(scenario, 1)
    return process_time() - began, result


def ledger(scenario: Scenario) -> tuple[list[tuple[str, float]], float, float]:
    """Entries per message by effect (a send is a hop, a persist a sync), timers per message, and all together.

    Counted from the points that a run meets. What is left over are timers, the people's own entries, and messages that
    found a processor busy.
    """
    result = run(scenario, 1, coverage=True)
    messages = result.counts["composed"]
    rows = [
        (point.removeprefix("after "), met / messages)
        for point, met in sorted(result.points_met.items())
        if point.startswith("after ")
    ]
    per_message = result.counts["entries"] / messages
    return rows, per_message - sum(count for _, count in rows), per_message


def played_alone(scenario: Scenario) -> tuple[float, int, int, float]:
    """Seconds, messages and entries of a run, and the peak memory in MiB of a process that plays nothing else."""
    seconds, result = timed(scenario)
    peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, result.counts["composed"], result.counts["entries"], peak_mib


def show(name: str, scenario: Scenario) -> None:
    """One line for a scenario, played in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        seconds, messages, entries, peak_mib = alone.submit(played_alone, scenario).result()
    print(
        f"{name:24} {messages / seconds:8,.0f} messages/s {entries / seconds:10,.0f} entries/s "
        f"{entries / messages:6.1f} entries/message {seconds:6.2f} s {peak_mib:6,.0f} MiB at most"
    )


def compare_with_naive(users: int, spacing_us: int) -> None:
    """Against a naive model of the same ledger at the same load. In it a message is a process that waits at each hop
    for a reply or a time-out, as one writes it first; two milder readings follow: only hops over the network wait so,
    or only as many hops as the product arms timers for. The busier the simulated system, the more time-outs nobody
    cancels lie in the naive model's heap."""
    busy = crowd(users, MESSAGES, spacing_us)
    rows, timers, _ = ledger(busy)
    hops = round(sum(count for _, count in rows))
    readings = {
        "each hop": hops,
        "each network hop": round(sum(count for name, count in rows if ".send." in name)),
        "where the product arms a timer": max(1, round(timers) - 1),
    }
    ours: list[float] = []
    naive: dict[str, list[float]] = {reading: [] for reading in readings}
    for _ in range(ROUNDS):
        ours.append(timed(busy)[0])
        for reading, waits in readings.items():
            naive[reading].append(run_naive(MESSAGES, hops, waits, spacing_us))
    print(
        f"{users} people, {1_000_000 / spacing_us:,.0f} messages a simulated second\n"
        f"  doubletick, checkers and fault layer on: {MESSAGES / statistics.median(ours):,.0f} messages/s"
    )
    for reading, seconds in naive.items():
        rate = MESSAGES / statistics.median(seconds)
        ratio = statistics.median(n / o for n, o in zip(seconds, ours, strict=True))
        what = f"{hops} hops, {readings[reading]} waits ({reading})"
        print(f"  naive model, {what}: {rate:,.0f} messages/s; ours to naive {ratio:.2f}")


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--college", action="store_true", help="also play college_messages")
    options = parser.parse_args()
    small = crowd(20, MESSAGES)
    rows, timers, whole = ledger(small)
    print("entries per delivered and read message, hop by hop (20 people, nothing fails)")
    for name, count in rows:
        print(f"  {name:44} {count:6.2f}")
    print(f"  {'timers, people, waits for a processor':44} {timers:6.2f}")
    print(f"  {'together':44} {whole:6.2f}\n")
    for users, spacing_us in LOADS:
        compare_with_naive(users, spacing_us)
    print()
    show("commute without faults", commute_without_faults())
    if options.college:
        show("college_messages", load("college_messages"))
    two_phones = load("two_phones")
    fixed = [timed(two_phones)[0] for _ in range(50)]
    print(f"two_phones: {statistics.median(fixed) * 1000:.1f} ms a run")


if __name__ == "__main__":
    main()
