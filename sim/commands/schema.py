"""``doubletick schema``: the JSON Schema of scenario files, for editors."""

from __future__ import annotations

from pathlib import Path

import click

from ..results import exit_codes
from .shared_options import Place


@click.command("schema")
@click.option("--out", type=Place(path_type=Path), metavar="FILE", help="Write it to a file instead of stdout.")
def command(out: Path | None) -> int:
    """Print the JSON Schema of scenario files.

    Editors that speak YAML complete and check a scenario whose first line names it:
    "# yaml-language-server: $schema=scenario.schema.json".
    """
    from ..results.atomic import write_text
    from ..scenario.schema import schema_text

    text = schema_text()
    if out is None:
        click.echo(text, nl=False)
        return exit_codes.PASSED
    try:
        write_text(out, text)
    except OSError as error:
        click.echo(f"doubletick: {out} could not be written: {error.strerror or error}", err=True)
        return exit_codes.NOT_WRITTEN
    return exit_codes.PASSED
