"""``doubletick check``: folders of scenarios as a gate for continuous integration."""

from __future__ import annotations

import re
from typing import Any

import click

from .shared_options import (
    Parsed,
    epilog,
    jobs_option,
    output_options,
    resume_option,
    scenario_options,
    seeds_option,
)

_SHARD = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


def read_shard(text: str) -> tuple[int, int]:
    """``2/5`` as two numbers; ``ValueError`` for what is no shard."""
    match = _SHARD.fullmatch(text.strip())
    if match is None or not 1 <= int(match.group(1)) <= int(match.group(2)):
        raise ValueError(f"{text!r} is no shard; write K/N, such as 2/5, with K from 1 to N")
    return int(match.group(1)), int(match.group(2))


def _read_text(text: str) -> Any:
    from ..executors.seeds import parse_seed

    return parse_seed(text)


@click.command("check", epilog=epilog())
@click.argument("folders", nargs=-1, required=True, metavar="FOLDERS_OR_FILES...")
@seeds_option(None, "For pull requests: the same every time. Default: each scenario's own.")
@click.option(
    "--seed-from",
    type=Parsed("text", _read_text),
    metavar="TEXT",
    help="Fresh seeds made from a text, such as the commit: for nightly runs.",
)
@click.option(
    "--fresh",
    type=click.IntRange(1, 100_000),
    default=20,
    show_default=True,
    metavar="N",
    help="How many seeds --seed-from makes.",
)
@click.option(
    "--shard",
    type=Parsed("shard", read_shard),
    metavar="K/N",
    help="Play only the K-th of N parts; which part a scenario is in hangs on nothing but its name.",
)
@click.option("--variant", "variants", multiple=True, metavar="NAME|all", help="Variants to play; default: the base.")
@click.option("--junit", "junit_file", type=click.Path(dir_okay=False), metavar="FILE", help="Write JUnit XML.")
@click.option(
    "--summary",
    "summary_file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write a summary in Markdown, below 200 kB. Default: added to $GITHUB_STEP_SUMMARY, where that is set.",
)
@click.option(
    "--annotations/--no-annotations",
    default=None,
    help="Print annotations for GitHub at the lines of the files. Default: where GITHUB_ACTIONS is set.",
)
@click.option(
    "--save",
    "save_folder",
    type=click.Path(file_okay=False),
    metavar="DIR",
    help="Where failing runs are written out with explicit operations and faults. Default: OUT/regressions.",
)
@scenario_options
@jobs_option
@output_options
@resume_option
def command(folders: tuple[str, ...], seeds: str | None, seed_from: str | None, fresh: int, **options: Any) -> int:
    """Play every scenario in folders as a gate: the worst exit code wins.

    A file that does not load is told of and fails the gate; the others are played all the same. Each run that fails is
    saved as a scenario of its own, ready to be kept under regressions.
    """
    if seeds is not None and seed_from is not None:
        raise click.UsageError("--seeds and --seed-from exclude each other.")
    from .gating import Gate, Wanted

    chosen = ",".join(f"{seed_from}.{number}" for number in range(1, fresh + 1)) if seed_from else seeds
    names = ("shard", "variants", "sets", "mutant", "junit_file", "summary_file", "annotations", "save_folder")
    wanted = Wanted(folders=folders, seeds=chosen, **{name: options.pop(name) for name in names})
    return Gate(wanted, options).perform()
