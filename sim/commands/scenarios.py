"""``doubletick scenarios``: what is shipped, and the question that each scenario answers."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import click

from ..results import exit_codes

if TYPE_CHECKING:
    from ..scenario.loading import Loaded


@click.command("scenarios")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--tag", "tags", multiple=True, metavar="TAG", help="Only those with this tag.")
def command(as_json: bool, tags: tuple[str, ...]) -> int:
    """List the scenarios that come with doubletick.

    A name works wherever a path does.
    """
    from ..scenario.finding import shipped
    from ..scenario.loading import open_scenario

    rows = [_row(name, open_scenario(path)) for name, path in shipped().items()]
    rows = [row for row in rows if set(tags) <= set(row["tags"])]
    if as_json:
        click.echo(json.dumps({"schema_version": 1, "scenarios": rows}, indent=2, ensure_ascii=False))
    elif sys.stdout.isatty():
        _print_table(rows)
    else:
        for row in rows:
            click.echo("\t".join((row["name"], row["question"], ",".join(row["tags"]), ",".join(row["variants"]))))
    return exit_codes.PASSED


def _row(name: str, loaded: Loaded) -> dict[str, Any]:
    scenario = loaded.scenario
    return {
        "name": name,
        "question": scenario.question,
        "tags": list(scenario.tags),
        "variants": list(loaded.variants),
        "seeds": scenario.seeds,
    }


def _print_table(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("name", "question", "tags", "variants"):
        table.add_column(heading)
    for row in rows:
        cells = (row["name"], row["question"], " ".join(row["tags"]), " ".join(row["variants"]))
        # Text, not markup: a question may hold brackets.
        table.add_row(*map(Text, cells))
    Console().print(table)
