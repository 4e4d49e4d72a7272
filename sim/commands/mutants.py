"""``doubletick mutants``: the kill matrix. Every planted bug must be caught by its checker, and the reference protocol
must pass on the same seeds: a checker that never fires proves nothing, and neither does one that always does."""

from __future__ import annotations

from typing import Any

import click

from .shared_options import Parsed, epilog, jobs_option, json_option, quiet_option, seeds_option


def read_numbers(text: str) -> tuple[int, ...]:
    """Read ``3,7,10..12`` into numbers of planted bugs."""
    from ..executors.seeds import parse_seeds

    numbers = parse_seeds(text)
    wrong = [number for number in numbers if not number.isdecimal()]
    if wrong:
        raise ValueError(f"{wrong[0]!r} is no number of a planted bug (write 3,7 or 1..10)")
    return tuple(int(number) for number in numbers)


@click.command(epilog=epilog())
@seeds_option("1..200", "A bug is played until its checker catches it.")
@click.option("--only", type=Parsed("numbers", read_numbers), metavar="N,M", help="Only these bugs, by number.")
@click.option(
    "--reference/--no-reference",
    default=True,
    show_default=True,
    help="Also play the reference protocol on every seed of every scenario used.",
)
@click.option(
    "--hunt",
    is_flag=True,
    help="Instead: hunt for every bug from several starting seeds, at random and guided, and tell how long it takes.",
)
@click.option("--starts", type=click.IntRange(min=1), default=5, show_default=True, help="Starting seeds (--hunt).")
@click.option("--most", type=click.IntRange(min=1), default=50, show_default=True, help="Runs of a hunt (--hunt).")
@click.option("--page", type=click.Path(dir_okay=False), metavar="FILE.md", help="Write the matrix as a page (--hunt).")
@jobs_option
@json_option
@quiet_option
def command(
    seeds: str,
    only: str | None,
    reference: bool,
    hunt: bool,
    starts: int,
    most: int,
    page: str | None,
    jobs: str,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Play every planted bug until its checker catches it, and the reference protocol on the same seeds.

    Exit code 1 if a bug survives or a check fails the reference protocol.
    """
    from ..executors.seeds import parse_seeds
    from .killing import Matrix

    entries = _entries(only)
    if hunt:
        from .killing_hunts import KillHunts

        return KillHunts(entries, starts, most, page, jobs=jobs, json_file=json_file, quiet=quiet).perform()
    matrix = Matrix(entries, parse_seeds(seeds), reference=reference, jobs=jobs, json_file=json_file, quiet=quiet)
    return matrix.perform()


def _entries(only: str | None) -> list[Any]:
    from ..mutants.catalogue import MUTANTS

    entries = list(MUTANTS)
    if only is None:
        return entries
    wanted = read_numbers(only)
    known = {entry.number: entry for entry in entries}
    missing = [number for number in wanted if number not in known]
    if missing:
        raise click.BadParameter(
            f"there is no planted bug {missing[0]}; there are {', '.join(map(str, sorted(known)))}",
            param_hint="'--only'",
        )
    return [known[number] for number in wanted]
