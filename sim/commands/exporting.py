"""Writing a run down for ``judge``: in full, or as a log such as another system would write."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..results import exit_codes

if TYPE_CHECKING:
    from .playing import Plan


def refuse_many(plans: list[Plan]) -> None:
    """One file holds one run."""
    runs = sum(len(plan.seeds) for plan in plans)
    if runs != 1:
        raise click.UsageError(f"--export and --export-log write down one run, and these are {runs}; give one --seed.")


def export(plan: Plan, rows_file: str | None, log_file: str | None) -> int:
    """Play the plan's one run again, with its history kept, and write it; return the exit code of the writing."""
    from ..foreign.rows import write_rows
    from ..foreign.writing import write_log
    from ..results.atomic import whole_file
    from ..runner import run

    subject = plan.subject
    result = run(subject.scenario, plan.seeds[0], mutant=subject.mutant, keep_history=True)
    assert result.history is not None
    about = f"{subject.scenario.name} seed {plan.seeds[0]}" + (
        f" with planted bug {subject.mutant}" if subject.mutant else ""
    )
    code = exit_codes.PASSED
    for file in (rows_file, log_file):
        if not file:
            continue
        compressed = file.endswith(".gz")
        try:
            with whole_file(Path(file)) as part:
                if file == rows_file:
                    write_rows(part, result.history, result.scenario, {"about": about}, compressed=compressed)
                else:
                    write_log(part, result.history, result.scenario, about, compressed=compressed)
        except OSError as error:
            click.echo(f"doubletick: {file} could not be written: {error.strerror or error}", err=True)
            code = exit_codes.NOT_WRITTEN
    return code
