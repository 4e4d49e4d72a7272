"""``doubletick compare``: play variants on the same luck, and answer the scenario's question."""

from __future__ import annotations

import click

from .shared_options import (
    WHEN,
    ChoiceWithHint,
    Parsed,
    epilog,
    jobs_option,
    json_option,
    out_option,
    quiet_option,
    scenario_options,
    seeds_option,
)


def read_share(text: str) -> float:
    """Read ``5%`` or ``0.05`` as a precision."""
    from ..vocabulary.units import parse_share

    share = parse_share(text)
    if not 0.0 < share < 1.0:
        raise ValueError(f"{text!r} is no precision (write 5% or 0.05)")
    return share


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option(
    "--variants",
    metavar="A,B",
    help="The variants to compare; base is the scenario without one. Default: those of its answer, or all.",
)
@click.option(
    "--baseline", metavar="NAME", help="Hold the others against this one. Default: that of its answer, or base."
)
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="NAME",
    help="A metric to show; may be repeated. Default: those of its answer, or all that differ.",
)
@seeds_option(None, "Default: the scenario's own, or 1..5 where that is only one.")
@click.option(
    "--precision",
    type=Parsed("share", read_share),
    metavar="5%",
    help="Add seeds until the difference is known within so much of the baseline.",
)
@click.option(
    "--most-seeds",
    type=click.IntRange(min=2),
    default=200,
    show_default=True,
    help="Add no more than so many seeds in all.",
)
@scenario_options
@jobs_option
@out_option("reports/runs", "Where the folder of the comparison is made.")
@json_option
@quiet_option
@click.option(
    "--report", type=ChoiceWithHint(WHEN), default="always", show_default=True, help="When to make report.html."
)
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Keep only the newest N folders of its kind.")
def command(
    scenario: str,
    variants: str | None,
    baseline: str | None,
    metrics: tuple[str, ...],
    seeds: str | None,
    precision: str | None,
    most_seeds: int,
    sets: tuple[str, ...],
    mutant: str | None,
    jobs: str,
    out: str,
    json_file: str | None,
    quiet: bool,
    report: str,
    keep: int | None,
) -> int:
    """Play variants of a scenario on the same seeds and hold them against each other.

    Prints each variant's figures with 95 % intervals, the paired differences (the variants share their luck, seed by
    seed), how the checks judged each variant, and the answer in a sentence.
    """
    from ..statistics.stopping import Precision
    from ..studies.comparing import prepare
    from .comparing import Comparing
    from .run import refuse_unknown_bug

    if mutant is not None:
        refuse_unknown_bug(mutant)
    chosen = None if variants is None else [name.strip() for name in variants.split(",") if name.strip()]
    try:
        comparison = prepare(
            scenario, chosen, seeds=seeds, metrics=metrics, baseline=baseline, sets=sets, mutant=mutant
        )
        until = None
        if precision is not None:
            until = Precision(read_share(precision), min(5, most_seeds), most_seeds)
    except ValueError as error:
        raise click.UsageError(f"{scenario}: {error}.") from None
    work = Comparing(comparison, jobs=jobs, out=out, json_file=json_file, quiet=quiet, report=report, keep=keep)
    return work.perform(until)
