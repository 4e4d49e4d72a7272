"""``doubletick exhaust``: every schedule of up to k faults on a small world."""

from __future__ import annotations

from typing import Any, Final

import click

from .shared_options import (
    Parsed,
    epilog,
    jobs_option,
    json_option,
    out_option,
    quiet_option,
    scenario_options,
    seed_option,
)

OUT: Final = "reports/runs"


def _read_kind(text: str) -> Any:
    """Refuse what is no kind of these."""
    from ..scenario.errors import did_you_mean
    from ..search.exhaust_choices import KINDS

    if text not in KINDS:
        raise ValueError(f"{text!r} is not counted; {did_you_mean(text, KINDS) or 'counted are ' + ', '.join(KINDS)}")


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option("--faults", type=click.IntRange(0, 4), default=2, show_default=True, help="At most so many at once.")
@click.option("--prune/--no-prune", default=True, show_default=True, help="Leave out schedules that are the same run.")
@click.option("--all", "to_the_end", is_flag=True, help="Go on behind the first schedule that breaks a check.")
@click.option(
    "--kind",
    "kinds",
    type=Parsed("kind", _read_kind),
    multiple=True,
    metavar="KIND",
    help="Only faults of this kind, such as crash; may be repeated.",
)
@click.option("--resume", is_flag=True, help="Go on in the newest folder below --out that such a search has left.")
@seed_option
@scenario_options
@jobs_option
@out_option(OUT, "Where the search's folder is made, with a schedule that breaks a check as a scenario.")
@json_option
@quiet_option
def command(
    scenario: str,
    faults: int,
    prune: bool,
    to_the_end: bool,
    kinds: tuple[str, ...],
    resume: bool,
    seed: str | None,
    sets: tuple[str, ...],
    mutant: str | None,
    jobs: str,
    out: str,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Play every schedule of up to k faults on a small world, smaller ones first.

    A message lost, late or repeated, a write refused, a crash before or after each effect, a connection broken, an app
    killed, a server paused past its lease, a clock stepped, a phone away past every window: each at every point that a
    run meets, second ones at those of the run that has the first. Prints what was counted and "none violates", or the
    smallest schedule that does, with its story. What is done is written down as it goes, so that a search that was
    interrupted or killed can go on (--resume), also with more faults.
    """
    from ..search.exhaust import World
    from ..search.exhaust_choices import KINDS
    from ..world.dice import seed_of
    from .exhausting import Exhausting
    from .run import plan

    (only,) = plan([scenario], seeds="1", sets=sets, mutant=mutant)
    subject = only.subject
    counted = tuple(kind for kind in KINDS if not kinds or kind in kinds)
    world = World(subject.scenario, seed_of(seed or "1"), mutant, counted, prune, to_the_end)
    options = ["--faults", str(faults)]
    options += ["--no-prune"] * (not prune) + ["--all"] * to_the_end
    options += [word for kind in kinds for word in ("--kind", kind)]
    options += ["--seed", seed] if seed else []
    options += [word for text in sets for word in ("--set", text)]
    options += ["--mutant", mutant] if mutant else []
    options += ["--out", out] if out != OUT else []
    searching = Exhausting(
        subject, world, faults, jobs=jobs, out=out, resume=resume, options=options, json_file=json_file, quiet=quiet
    )
    return searching.perform()
