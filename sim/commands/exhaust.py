"""``doubletick exhaust``: every schedule of up to k faults on a small world."""

from __future__ import annotations

import click

from .shared_options import epilog, jobs_option, json_option, out_option, quiet_option, scenario_options, seed_option


@click.command(epilog=epilog())
@click.argument("scenario", metavar="NAME_OR_FILE")
@click.option("--faults", type=click.IntRange(0, 4), default=2, show_default=True, help="At most so many at once.")
@click.option("--prune/--no-prune", default=True, show_default=True, help="Leave out schedules that are the same run.")
@click.option("--all", "to_the_end", is_flag=True, help="Go on behind the first schedule that breaks a check.")
@seed_option
@scenario_options
@jobs_option
@out_option("reports/exhaust", "Where a schedule that breaks a check is written as a scenario.")
@json_option
@quiet_option
def command(
    scenario: str,
    faults: int,
    prune: bool,
    to_the_end: bool,
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
    smallest schedule that does, with its story.
    """
    from ..scenario.loading import load
    from ..search.exhaust import World
    from ..world.dice import seed_of
    from .exhausting import Exhausting
    from .run import refuse_unknown_bug

    if mutant is not None:
        refuse_unknown_bug(mutant)
    loaded = load(scenario, sets=sets)
    world = World(loaded, seed_of(seed or "1"), mutant, prune=prune, to_the_end=to_the_end)
    return Exhausting(world, faults, jobs=jobs, out=out, json_file=json_file, quiet=quiet).perform()
