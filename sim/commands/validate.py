"""``doubletick validate``: find every error in scenario files, or show where each value comes from."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..results import exit_codes
from ..results.words import plural

if TYPE_CHECKING:
    from ..scenario.errors import Problem


@click.command("validate")
@click.argument("names", nargs=-1, required=True, metavar="FILES...")
@click.option("--variant", metavar="NAME", help="The variant to resolve; all of them are checked in any case.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Set a value, such as protocol.page=10.")
@click.option(
    "--explain", "explained", is_flag=True, help="Print the resolved scenario, with the origin of each value."
)
def command(names: tuple[str, ...], variant: str | None, sets: tuple[str, ...], explained: bool) -> int:
    """Find every error in scenario files (names, files or folders), with file, line and column.

    Exits with 0 when all are good, with 2 when one is not.
    """
    from ..scenario.errors import ScenarioError

    problems: list[Problem] = []
    for name in _files(names, problems):
        try:
            click.echo(_told(name, variant, sets, explained))
        except ScenarioError as error:
            problems.extend(error.problems)
    if problems:
        click.echo(str(ScenarioError(problems)), err=True)
        return exit_codes.BAD_USAGE
    return exit_codes.PASSED


def _files(names: tuple[str, ...], problems: list[Problem]) -> list[str]:
    from ..scenario.errors import Problem
    from ..scenario.finding import files_below

    files: list[str] = []
    for name in names:
        if not os.path.isdir(name):  # noqa: PTH112 - unlike Path, it answers for names that are too long
            files.append(name)
            continue
        below = files_below(Path(name))
        files.extend(map(str, below))
        if not below:
            problems.append(Problem(name, 0, 0, "", "there is no scenario file in this folder"))
    return files


def _told(name: str, variant: str | None, sets: tuple[str, ...], explained: bool) -> str:
    if explained:
        from ..scenario.explaining import explain

        return explain(name, sets=sets, variant=variant).rstrip("\n")
    from ..scenario.loading import open_scenario

    loaded = open_scenario(name, sets=sets, variant=variant)
    variants = f" ({plural(len(loaded.variants), 'variant')})" if loaded.variants else ""
    question = f" — {loaded.scenario.question}" if loaded.scenario.question else ""
    return f"ok: {loaded.scenario.name}{variants}{question}"
