"""``doubletick run``: play scenarios and judge what people saw."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .shared_options import (
    epilog,
    jobs_option,
    output_options,
    resume_option,
    scenario_options,
    seed_option,
    seeds_option,
)

if TYPE_CHECKING:
    from ..scenario.errors import Problem
    from .playing import Plan


@click.command(epilog=epilog())
@click.argument("scenarios", nargs=-1, required=True, metavar="NAMES_OR_FILES...")
@click.option(
    "--variant",
    "variants",
    multiple=True,
    metavar="NAME",
    help="A variant of the scenario instead of its base; may be repeated. all is the base and every variant.",
)
@seed_option
@seeds_option(None, "Default: the scenario's own.")
@scenario_options
@jobs_option
@output_options
@resume_option
@click.option(
    "--export",
    "rows_file",
    type=click.Path(dir_okay=False),
    metavar="FILE.jsonl[.gz]",
    help="Write the whole history of one run, for judge.",
)
@click.option(
    "--export-log",
    "log_file",
    type=click.Path(dir_okay=False),
    metavar="FILE.jsonl[.gz]",
    help="Write one run as a log of events, such as another system would write for judge.",
)
def command(
    scenarios: tuple[str, ...],
    variants: tuple[str, ...],
    seed: str | None,
    seeds: str | None,
    sets: tuple[str, ...],
    mutant: str | None,
    rows_file: str | None,
    log_file: str | None,
    **options: Any,
) -> int:
    """Play scenarios (names that come with doubletick, or files) and judge what people saw.

    Prints a table and one sentence per scenario, and writes a run folder. A failing check tells its story and the
    command that replays it. Of several runs each is written down as soon as it is over, so that a call that was killed
    can go on (--resume).
    """
    if seed is not None and seeds is not None:
        raise click.UsageError("--seed and --seeds exclude each other.")
    from .playing import Playing, Settings

    plans = plan(scenarios, variants=variants, seeds=seed or seeds, sets=sets, mutant=mutant)
    if not (rows_file or log_file):
        return Playing(plans, Settings(**options)).perform()
    from ..results.exit_codes import worst
    from .exporting import export, refuse_many

    refuse_many(plans)
    code = Playing(plans, Settings(**options)).perform()
    return worst((code, export(plans[0], rows_file, log_file)))


def plan(
    scenarios: Sequence[str],
    *,
    variants: Sequence[str] = (),
    seeds: str | None = None,
    sets: tuple[str, ...] = (),
    mutant: str | None = None,
) -> list[Plan]:
    """Load every scenario, with every variant asked for, before anything is played; errors in several files are
    told together."""
    from ..executors.seeds import parse_seeds
    from ..results.origin import commit
    from ..results.summary import Subject
    from ..scenario.errors import ScenarioError
    from ..scenario.loading import load
    from .playing import Plan

    if mutant is not None:
        refuse_unknown_bug(mutant)
    here = commit()
    plans: list[Plan] = []
    problems: list[Problem] = []
    for given in scenarios:
        try:
            for variant in _variants(given, variants):
                scenario = load(given, sets=sets, variant=variant)
                subject = Subject(scenario, given, variant, sets, mutant, here.name, here.changed)
                plans.append(Plan(subject, parse_seeds(seeds or scenario.seeds)))
        except ScenarioError as error:
            problems.extend(error.problems)
        except ValueError as error:
            raise click.UsageError(f"{given}: {error}") from None
    if problems:
        raise ScenarioError(problems)
    return plans


def refuse_unknown_bug(mutant: str) -> None:
    """Say at once that a planted bug does not exist, not once per seed."""
    file, colon, _ = mutant.rpartition(":")
    if colon:
        if not Path(file).is_file():
            raise click.BadParameter(f"there is no file {file}", param_hint="'--mutant'")
        return
    from ..mutants.catalogue import MUTANTS

    numbers = sorted(entry.number for entry in MUTANTS)
    if int(mutant) not in numbers:
        known = ", ".join(map(str, numbers))
        raise click.BadParameter(f"there is no planted bug {mutant}; there are {known}", param_hint="'--mutant'")


def _variants(given: str, wanted: Sequence[str]) -> list[str | None]:
    names: dict[str | None, None] = {}
    for name in wanted:
        if name == "all":
            from ..scenario.loading import variants_of

            names.update(dict.fromkeys([None, *variants_of(given)]))
        else:
            names[name] = None
    return list(names) or [None]
