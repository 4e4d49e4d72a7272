"""``doubletick validate``: find every error in scenario files, or show where each value comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from ..results import exit_codes
from ..results.words import plural

if TYPE_CHECKING:
    from ..scenario.errors import Problem
    from ..scenario.model import Scenario, Workload
    from ..workload.errors import WorkloadError


@click.command("validate")
@click.argument("names", nargs=-1, required=True, metavar="FILES...")
@click.option("--variant", metavar="NAME", help="The variant to resolve; all of them are checked in any case.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Set a value, such as protocol.page=10.")
@click.option(
    "--explain", "explained", is_flag=True, help="Print the resolved scenario, with the origin of each value."
)
def command(names: tuple[str, ...], variant: str | None, sets: tuple[str, ...], explained: bool) -> int:
    """Find every error in scenario files (names, files or folders) and in the traces that they play, with file, line
    and column.

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
    from ..scenario.finding import files_meant

    files: list[str] = []
    for name in names:
        below = files_meant(name)
        files.extend([name] if below is None else map(str, below))
        if below == ():
            problems.append(Problem(name, 0, 0, "", "there is no scenario file in this folder"))
    return files


def _told(name: str, variant: str | None, sets: tuple[str, ...], explained: bool) -> str:
    if explained:
        from ..scenario.explaining import explain

        return explain(name, sets=sets, variant=variant).rstrip("\n")
    from ..scenario.errors import ScenarioError
    from ..scenario.loading import open_scenario

    loaded = open_scenario(name, sets=sets, variant=variant)
    wrong = _trace_problems(loaded.ways)
    if wrong:
        raise ScenarioError(wrong)
    variants = f" ({plural(len(loaded.variants), 'variant')})" if loaded.variants else ""
    question = f" — {loaded.scenario.question}" if loaded.scenario.question else ""
    return f"ok: {loaded.scenario.name}{variants}{question}"


def _trace_problems(ways: Sequence[Scenario]) -> list[Problem]:
    """What is wrong with the rows of every trace that a file plays; each is read once, as far as any variant reads."""
    from ..workload.trace import trace_errors

    firsts: dict[tuple[Workload, str], list[int]] = {}
    for scenario in ways:
        work = scenario.workload
        if work.file:
            read = firsts.setdefault((_reading_of(work), scenario.folder), [])
            read.extend(int(str(first)) for first in scenario.drawn.get("workload.first") or (work.first,))
    found: list[Problem] = []
    for (work, folder), read in firsts.items():
        work = replace(work, first=0 if 0 in read else max(read))
        found.extend(map(_problem_of, trace_errors(work, folder)))
    return found


def _reading_of(work: Workload) -> Workload:
    """What decides how a trace is read, but for how much of it."""
    return type(work)(
        kind="trace",
        file=work.file,
        sender_column=work.sender_column,
        recipient_column=work.recipient_column,
        time_column=work.time_column,
        time_format=work.time_format,
    )


def _problem_of(error: WorkloadError) -> Problem:
    from ..scenario.errors import Problem

    what = f"column {error.column!r}: {error.what}" if error.column else error.what
    return Problem(error.file, error.line, error.position or 1, "workload.file", what, error.hint, error.excerpt)
