"""``doubletick explain``: the story of a failure, or the life of one message, in words and as a diagram."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..results import exit_codes
from .shared_options import ChoiceWithHint, Place, epilog, scenario_options, seed_option

if TYPE_CHECKING:
    from ..search.space_time import SpaceTime

FORMATS = ("text", "svg", "mermaid", "shiviz", "chrome", "perfetto")
_SUFFIXES = {".svg": "svg", ".mmd": "mermaid", ".json": "chrome", ".pftrace": "perfetto", ".shiviz": "shiviz"}


@click.command(epilog=epilog())
@click.argument("target", metavar="SCENARIO|RUN_FOLDER|REPRO_FILE")
@click.option("--variant", metavar="NAME", help="A variant of the scenario instead of its base.")
@seed_option
@scenario_options
@click.option(
    "-m", "--message", type=click.IntRange(min=0), metavar="M", help="The life of this message instead of a failure."
)
@click.option("--check", metavar="ID", help="The failing check to explain; default: the first that fails.")
@click.option(
    "-f",
    "--format",
    "wanted",
    type=ChoiceWithHint(FORMATS),
    help="text (default), an SVG picture, a Mermaid or ShiViz diagram, a trace for Chrome or (extra trace) Perfetto.",
)
@click.option(
    "-o",
    "--out",
    type=Place(dir_okay=False, allow_dash=True),
    metavar="FILE|-",
    help="Write it there; the format goes by the name (.svg, .mmd, .shiviz, .json, .pftrace) unless --format says.",
)
def command(
    target: str,
    variant: str | None,
    seed: str | None,
    sets: tuple[str, ...],
    mutant: str | None,
    message: int | None,
    check: str | None,
    wanted: str | None,
    out: str | None,
) -> int:
    """Tell what happened: how a check came to fail, or what became of one message.

    Plays the run once more in a world that keeps track of every message (the history is the same, digest and all) and
    shows what concerns the failure: phones, servers, what was sent, lost and made durable, and the faults.
    """
    from ..search.explain import NoSuchMessage, explain
    from .replay import plan_of

    plan = plan_of(target, variant, seed, sets, mutant)
    subject = plan.subject
    try:
        told = explain(subject.scenario, _seed(plan.seeds[0]), mutant=subject.mutant, message=message, check=check)
    except NoSuchMessage as unknown:
        raise click.BadParameter(str(unknown), param_hint="'--message'") from None
    sort = wanted or _SUFFIXES.get(Path(out).suffix if out else "", "text")
    return _write(_rendered(told.diagram, sort), out)


def _seed(text: str) -> int | str:
    return int(text) if text.isdecimal() else text


def _rendered(diagram: SpaceTime, sort: str) -> bytes:
    from ..report import space_time_text

    if sort == "svg":
        from ..report.space_time_svg import draw

        return draw(diagram).encode()
    if sort == "perfetto":
        from ..report.space_time_perfetto import NoPerfetto, perfetto

        try:
            return perfetto(diagram)
        except NoPerfetto as missing:
            raise click.UsageError(str(missing)) from None
    writers: dict[str, Callable[[SpaceTime], str]] = {
        "text": space_time_text.story,
        "mermaid": space_time_text.mermaid,
        "shiviz": space_time_text.shiviz,
        "chrome": space_time_text.chrome,
    }
    return writers[sort](diagram).encode()


def _write(content: bytes, out: str | None) -> int:
    from ..results.atomic import write_bytes

    if out is None or out == "-":
        click.echo(content, nl=False)
        return exit_codes.PASSED
    try:
        write_bytes(Path(out), content)
    except OSError as error:
        click.echo(f"doubletick: {out} could not be written: {error.strerror or error}", err=True)
        return exit_codes.NOT_WRITTEN
    click.echo(f"doubletick: written to {out}", err=True)
    return exit_codes.PASSED
