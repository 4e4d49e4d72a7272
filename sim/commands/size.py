"""``doubletick size``: the smallest fleet that holds a service level."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .shared_options import Parsed, epilog, jobs_option, json_option, quiet_option, seeds_option

if TYPE_CHECKING:
    from ..results.records import Record
    from ..studies.sizing import Candidate, Sizing


def _read_level(text: str) -> Any:
    from ..studies.sizing import read_level

    return read_level(text)


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option(
    "--hold",
    "levels",
    multiple=True,
    required=True,
    type=Parsed("level", _read_level),
    metavar="METRIC<=LIMIT",
    help="A service level, such as 'delivery_p99_s<=1s' or 'shown>=2000'; may be repeated.",
)
@click.option(
    "--of",
    "path",
    default="topology.connection_servers",
    show_default=True,
    metavar="PATH",
    help="Whose smallest value is sought: a whole number of the scenario.",
)
@click.option("--from", "least", type=click.IntRange(min=1), default=1, show_default=True, help="The smallest size.")
@click.option("--to", "most", type=click.IntRange(min=1), default=64, show_default=True, help="The largest size.")
@seeds_option(None, "Default: the scenario's own, or 1..5 where that is only one.")
@click.option(
    "--most-runs",
    type=click.IntRange(min=2),
    default=40,
    show_default=True,
    help="Where the limit lies within the interval, play up to so many seeds.",
)
@click.option("--variant", metavar="NAME", help="A variant of the scenario.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a value; may be repeated.")
@jobs_option
@json_option
@quiet_option
def command(
    scenario: str,
    levels: tuple[str, ...],
    path: str,
    least: int,
    most: int,
    seeds: str | None,
    most_runs: int,
    variant: str | None,
    sets: tuple[str, ...],
    jobs: str,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Find the smallest fleet that holds a service level.

    The search doubles the size until the level holds and then halves what lies between; every size meets the same
    seeds. A level holds when its whole 95 % interval does. Exit code 1: no size does.
    """
    from ..results import exit_codes
    from ..studies.sizing import size
    from .documents import write_document
    from .terminal import Progress, Terminal

    terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
    try:
        with Progress(0, "runs", quiet=quiet) as progress:

            def on_record(name: str, record: Record) -> None:
                progress.advance(bad=record.exit_code not in (exit_codes.PASSED, exit_codes.NOTHING_TESTED))

            found = size(scenario, levels, path=path, least=least, most=most, seeds=seeds, most_runs=most_runs,
                         variant=variant, sets=sets, jobs=jobs, on_record=on_record)  # fmt: skip
    except ValueError as error:
        raise click.UsageError(f"{scenario}: {error}.") from None
    if not quiet:
        _table(terminal, found)
    style = "green" if found.exit_code == exit_codes.PASSED else "yellow"
    terminal.line((f"{found.scenario}: " if quiet else "ANSWER: ") + found.sentence(), style)
    return write_document(terminal, json_file, document_of(found), found.exit_code)


def _table(terminal: Any, found: Sizing) -> None:
    from ..results.words import plural

    terminal.line(f"{found.scenario}: {found.path} from {found.least} to {found.most}, "
                  f"from {plural(len(found.seeds), 'seed')} on", "bold")  # fmt: skip
    terminal.line()
    names = [level.text for level in found.levels]
    rows = [
        [f"{each.size:,}", f"{len(each.records)}", *_cells(each, found), "yes" if each.holds else "no"]
        for each in found.in_order
    ]
    terminal.table((found.path, "runs", *names, "holds"), rows, right=(found.path, "runs", *names))
    terminal.line()


def _cells(candidate: Candidate, found: Sizing) -> list[str]:
    if candidate.refused:
        return [candidate.refused] * len(found.levels)
    return [level.figure(candidate.found[level.metric]) for level in found.levels]


def document_of(found: Sizing) -> dict[str, Any]:
    """The search for machines."""
    from ..studies.sweeping import number_of

    return {
        "schema_version": 1,
        "scenario": found.scenario,
        "path": found.path,
        "levels": [level.text for level in found.levels],
        "seeds": list(found.seeds),
        "interrupted": found.interrupted,
        "exit_code": found.exit_code,
        "smallest": None if found.smallest is None else found.smallest.size,
        "monotone": found.is_monotone,
        "sentence": found.sentence(),
        "sizes": [
            {
                "size": each.size,
                "runs": len(each.records),
                "failed": each.failed,
                "refused": each.refused or None,
                "holds": each.holds,
                "metrics": {name: number_of(value, name) for name, value in each.found.items()},
            }
            for each in found.in_order
        ],
    }
