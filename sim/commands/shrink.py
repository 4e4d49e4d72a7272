"""``doubletick shrink``: make a failing run as small as possible."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..results import exit_codes
from .shared_options import Parsed, epilog, json_option, out_option, quiet_option, scenario_options, seed_option

if TYPE_CHECKING:
    from ..results.summary import Subject
    from ..search.shrink import Shrunk
    from .terminal import Terminal


def _read_time(text: str) -> Any:
    from ..vocabulary.units import parse_duration_us

    if parse_duration_us(text) <= 0:
        raise ValueError(f"{text!r} leaves no time; write 60s or 5m")


@click.command(epilog=epilog())
@click.argument("target", metavar="SCENARIO|RUN_FOLDER|REPRO_FILE")
@click.option("--variant", metavar="NAME", help="A variant of the scenario instead of its base.")
@seed_option
@scenario_options
@click.option("--check", metavar="ID", help="The check that must go on failing; default: the first that fails.")
@click.option(
    "--time",
    "budget",
    type=Parsed("time", _read_time),
    default="60s",
    show_default=True,
    metavar="SPAN",
    help="How long to look for something smaller.",
)
@click.option("--fresh", is_flag=True, help="Begin again instead of going on from where an earlier call stopped.")
@out_option("reports/shrink", "Where the small scenario and the state are kept, in a folder of their own.")
@json_option
@quiet_option
def command(
    target: str,
    variant: str | None,
    seed: str | None,
    sets: tuple[str, ...],
    mutant: str | None,
    check: str | None,
    budget: str,
    fresh: bool,
    out: str,
    json_file: str | None,
    quiet: bool,
) -> int:
    """Make a failing run as small as possible: the fewest faults, then the fewest messages, people and servers, then
    default delays and sizes. The same check fails all the way.

    The first failure is shown at once. Calling it again goes on where the time was over. What is left is a scenario of
    explicit operations and faults, ready for scenarios/regressions, with the command that replays it.
    """
    from ..search.shrink import NotFailing, Shrinking
    from ..search.shrink_state import FILE
    from ..vocabulary.units import parse_duration_us
    from ..world.dice import seed_of
    from .replay import plan_of
    from .terminal import Terminal

    plan = plan_of(target, variant, seed, sets, mutant)
    subject, chosen = plan.subject, plan.seeds[0]
    terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
    number = seed_of(chosen)
    folder = Path(out) / folder_name(subject, number)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if fresh:
            (folder / FILE).unlink(missing_ok=True)
        shrinking = Shrinking(
            subject.scenario,
            number,
            mutant=subject.mutant,
            check=check,
            folder=folder,
            on_first=lambda result, verdict: _show_first(terminal, subject, chosen, verdict),
            on_step=lambda words: terminal.note(words) if not quiet else None,
        )
        try:
            shrunk = shrinking.perform(parse_duration_us(budget) / 1_000_000)
        except NotFailing as nothing:
            terminal.line(f"NOTHING TO SHRINK: {nothing}.", "red")
            return exit_codes.NOTHING_TESTED
        return _finish(terminal, subject, shrunk, folder, json_file)
    except OSError as error:
        terminal.note(f"{folder} could not be written: {error.strerror or error}")
        return exit_codes.NOT_WRITTEN


def folder_name(subject: Subject, seed: int) -> str:
    """The folder of one shrinking: its scenario, seed and planted bug."""
    bug = "" if subject.mutant is None else f"-bug-{''.join(c if c.isalnum() else '_' for c in subject.mutant)}"
    return f"{subject.scenario.name}-{seed}{bug}"


def _show_first(terminal: Terminal, subject: Subject, seed: str, verdict: Any) -> None:
    terminal.line(f"{subject.scenario.name}, seed {seed}: {verdict.check} fails", "red")
    for line in verdict.story:
        terminal.line(f"    {line}")


def _finish(terminal: Terminal, subject: Subject, shrunk: Shrunk, folder: Path, json_file: str | None) -> int:
    from ..results.atomic import write_text
    from ..results.words import meaning, replay_command
    from ..results.written_out import regression_text
    from ..search.shrink import as_document
    from .documents import write_document

    scenario, failure = shrunk.scenario, shrunk.failure
    question = f"Does {failure.check} hold here ({meaning(failure.check) or 'see the checks'})?"
    name = folder.name.replace("-", "_")
    path = folder / "regression.yaml"
    write_text(path, regression_text(scenario, name=name, question=question))
    replay = replay_command(str(path), str(failure.seed), mutant=failure.mutant)
    if not terminal.quiet:
        _show_sizes(terminal, shrunk)
    terminal.line(f"{failure.check} still fails:", "red")
    for line in shrunk.verdict.story:
        terminal.line(f"    {line}")
    if shrunk.interrupted:
        terminal.note("interrupted: what is smallest by now is kept; call it again to go on")
    elif not shrunk.finished:
        terminal.note("the time was over before everything had been tried; call it again to go on")
    terminal.line(f"  scenario: {path}")
    terminal.line(f"  replay: {replay}")
    document = as_document(shrunk, name=subject.scenario.name, replay=replay, regression=str(path))
    code = exit_codes.INTERRUPTED if shrunk.interrupted else exit_codes.PASSED
    return write_document(terminal, json_file, document, code)


def _show_sizes(terminal: Terminal, shrunk: Shrunk) -> None:
    from dataclasses import asdict

    before, after = asdict(shrunk.before), asdict(shrunk.after)
    words = {"machines": "servers", "options": "options other than the defaults"}
    rows = [[words.get(key, key), f"{before[key]:,}", f"{after[key]:,}"] for key in before]
    terminal.table(("what", "before", "after"), rows, right=("before", "after"))
    how_long = f"{shrunk.played:,} runs in {shrunk.spent_s:.1f} s"
    terminal.line(f"  {how_long}{'' if shrunk.finished else ', not finished'}")
