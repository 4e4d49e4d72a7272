"""``doubletick hunt``: play many seeds on every core, and say what was found and what was covered."""

from __future__ import annotations

from typing import Any

import click

from .shared_options import (
    Parsed,
    epilog,
    jobs_option,
    json_option,
    out_option,
    quiet_option,
    scenario_options,
    seeds_option,
)

RUNS_BY_DEFAULT = 1000


def read_time(text: str) -> int:
    """Read ``10m`` into microseconds."""
    from ..vocabulary.units import parse_duration_us

    span_us = parse_duration_us(text)
    if span_us <= 0:
        raise ValueError(f"{text!r} is no time to hunt in (write 10m)")
    return span_us


def _read_seed_text(text: str) -> Any:
    from ..executors.seeds import parse_seed

    return parse_seed(text)


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option("--variant", metavar="NAME", help="A variant of the scenario instead of its base.")
@seeds_option(None, f"Default: from 1 on, as many as --runs and --time allow; {RUNS_BY_DEFAULT:,} without both.")
@click.option(
    "--seed-from",
    type=Parsed("seed text", _read_seed_text),
    metavar="TEXT",
    help="Seeds made from a text such as a commit hash (TEXT.1, TEXT.2, ...): fresh ones for each commit.",
)
@click.option("--runs", type=click.IntRange(min=1), metavar="N", help="Play so many runs.")
@click.option("--time", "time_text", type=Parsed("time", read_time), metavar="TIME", help="Stop after this long: 10m.")
@click.option(
    "--stop-after-failures", type=click.IntRange(min=1), metavar="N", help="Stop when so many runs have failed."
)
@click.option(
    "--guided/--random",
    default=False,
    show_default=True,
    help="Change faults and drawn options of runs that covered something new, or play every seed as it comes.",
)
@click.option(
    "--must-reach",
    "cases",
    multiple=True,
    metavar="CASE",
    help="A hard case that the hunt has to reach, besides those that the scenario names; may be repeated.",
)
@click.option("--resume", is_flag=True, help="Go on in the newest folder below --out that such a hunt has left.")
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Play on a Dask cluster, such as tcp://host:8786 (extra dist), not on this machine.",
)
@scenario_options
@jobs_option
@out_option("reports/runs", "Where the hunt's folder is made.")
@json_option
@quiet_option
def command(scenario: str, **options: Any) -> int:
    """Play many seeds of a scenario and look for one that breaks a promise.

    Every run is written down as soon as it is over, so that a hunt that was killed can go on (--resume). One run in
    twenty is played twice: another history is exit code 5. Hard cases that the scenario requires of a hunt are counted
    over all runs; one that is never reached is exit code 4.
    """
    from .hunting import Hunting, Wanted

    return Hunting(scenario, Wanted(**options)).perform()
