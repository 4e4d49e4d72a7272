"""``doubletick replay``: play one seed again and tell the whole story."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .shared_options import epilog, output_options, scenario_options, seed_option

if TYPE_CHECKING:
    from .playing import Plan


@click.command(epilog=epilog())
@click.argument("target", metavar="SCENARIO|RUN_FOLDER|REPRO_FILE")
@click.option("--variant", metavar="NAME", help="A variant of the scenario instead of its base.")
@seed_option
@scenario_options
@output_options
def command(
    target: str,
    variant: str | None,
    seed: str | None,
    sets: tuple[str, ...],
    mutant: str | None,
    **options: Any,
) -> int:
    """Play one seed of a scenario again, or a failure that a run folder recorded, and tell the whole story.

    A recorded failure must give the recorded history: if the digest differs, the exit code is 5.
    """
    from .playing import Playing, Settings

    plan = plan_of(target, variant, seed, sets, mutant)
    return Playing([plan], Settings(jobs="1", whole_story=True, **options)).perform()


def plan_of(target: str, variant: str | None, seed: str | None, sets: tuple[str, ...], mutant: str | None) -> Plan:
    """One seed of a scenario, or a recorded failure; bad usage for what is neither."""
    from ..results.folder import is_run_folder, real_folder
    from ..results.repro import find_repro, why_no_repro
    from ..scenario.finding import shipped

    path = Path(target)
    repro = find_repro(path)
    if repro is not None:
        if variant or seed or sets or mutant:
            raise click.UsageError(
                "A recorded failure brings its own seed and values: give no --seed, --set or --mutant."
            )
        return plan_of_repro(repro)
    if path.is_dir() and (is_run_folder(real_folder(path).resolve()) or target not in shipped()):
        raise click.UsageError(why_no_repro(path))
    if path.suffix == ".json" and not path.is_dir():
        raise click.UsageError(f"There is no file {target}.")
    return plan_of_scenario(target, variant, seed, sets, mutant)


def plan_of_scenario(
    given: str, variant: str | None, seed: str | None, sets: tuple[str, ...], mutant: str | None
) -> Plan:
    """One seed of a scenario."""
    from .run import plan

    (only,) = plan([given], variants=[variant] if variant else [], seeds=seed, sets=sets, mutant=mutant)
    only.seeds = only.seeds[:1]
    return only


def plan_of_repro(path: Path) -> Plan:
    """A recorded failure."""
    from ..results.origin import commit
    from ..results.repro import read_repro
    from ..results.summary import Subject
    from ..scenario.loading import load_text
    from .playing import Plan

    try:
        repro = read_repro(path)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    here = commit()
    if repro.commit and here.name and repro.commit != here.name:
        click.echo(
            f"doubletick: recorded at commit {repro.commit[:12]}, this is {here.name[:12]}: "
            "another history may come of the change, not of chance",
            err=True,
        )
    # As it was recorded, however the file that it came from has changed since; elsewhere as it was really played,
    # since other code may draw other operations and faults.
    changed = bool(repro.commit) and repro.commit != here.name
    text = repro.explicit_text if changed and repro.explicit_text else repro.scenario_text
    scenario = load_text(text, repro.given, folder=repro.folder)
    subject = Subject(scenario, repro.given, repro.variant, repro.sets, repro.mutant, here.name, here.changed)
    return Plan(subject, (repro.seed,), expected_digest=repro.digest)
