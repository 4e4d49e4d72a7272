"""``doubletick sweep``: a scenario over ranges of values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .shared_options import Parsed, epilog, jobs_option, json_option, quiet_option, seeds_option

if TYPE_CHECKING:
    from ..results.records import Record


def _read_range(text: str) -> Any:
    from ..studies.sweeping import read_range

    return read_range(text)


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option(
    "--over",
    multiple=True,
    required=True,
    type=Parsed("range", _read_range),
    metavar="PATH=A,B,C",
    help="Values of a path: a list, or 2..6; may be repeated, and every combination is played.",
)
@click.option("--metric", "metrics", multiple=True, required=True, metavar="NAME", help="A metric; may be repeated.")
@seeds_option(None, "Default: the scenario's own, or 1..5 where that is only one.")
@click.option("--variant", metavar="NAME", help="A variant of the scenario.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a value; may be repeated.")
@jobs_option
@json_option
@quiet_option
def command(
    scenario: str,
    over: tuple[str, ...],
    metrics: tuple[str, ...],
    seeds: str | None,
    variant: str | None,
    sets: tuple[str, ...],
    jobs: str,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Play a scenario over ranges of values and show how its figures follow them.

    Every combination meets the same seeds, so what differs between two rows comes from the values. Figures have 95 %
    intervals.
    """
    from ..results import exit_codes
    from ..studies.sweeping import play_sweep, prepare_sweep, read_range
    from .documents import write_document
    from .terminal import Progress, Terminal

    terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
    try:
        found = prepare_sweep(scenario, dict(map(read_range, over)), metrics, seeds=seeds, variant=variant, sets=sets)
    except ValueError as error:
        raise click.UsageError(f"{scenario}: {error}.") from None
    try:
        with Progress(len(found.points) * len(found.seeds), "runs", quiet=quiet) as progress:

            def on_record(name: str, record: Record) -> None:
                progress.advance(bad=record.exit_code not in (exit_codes.PASSED, exit_codes.NOTHING_TESTED))

            play_sweep(found, jobs=jobs, on_record=on_record)
    except KeyboardInterrupt:
        found.interrupted = True
        terminal.note("interrupted: keeping what is done")
    rows = found.rows()
    headings = tuple(rows[0])
    terminal.table(headings, [list(row.values()) for row in rows], right=headings)
    return write_document(terminal, json_file, found.document(), found.exit_code)
