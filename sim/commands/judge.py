"""``doubletick judge``: the checkers on a history from elsewhere, or on an exported run."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..results import exit_codes
from .shared_options import epilog, json_option, quiet_option

if TYPE_CHECKING:
    from ..foreign.judging import Judged


@click.command("judge", epilog=epilog())
@click.argument("files", nargs=-1, metavar="FILES...", type=click.Path(dir_okay=False))
@click.option("--check", "checks", multiple=True, metavar="ID", help="Judge only this; may be repeated.")
@click.option("--schema", "wants_schema", is_flag=True, help="Print the JSON Schema of a log's lines, and stop.")
@json_option
@quiet_option
def command(
    files: tuple[str, ...], checks: tuple[str, ...], wants_schema: bool, json_file: str | None, quiet: bool
) -> int:
    """Judge histories: JSON Lines, plain or gzip, from another system (docs/judge.md) or from run --export.

    What a log does not record is not judged: its checks stay unknown. A check named by --check has to be known. A
    damaged file is refused with its line.
    """
    if wants_schema:
        from ..foreign.schema import schema_text

        click.echo(schema_text(), nl=False)
        return exit_codes.PASSED
    if not files:
        raise click.UsageError("Missing argument 'FILES...'.")
    known = _known(checks)
    from .documents import write_document
    from .terminal import Terminal

    terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
    codes: list[int] = []
    documents: list[dict[str, Any]] = []
    for file in files:
        code, document = _judge(terminal, file, known)
        codes.append(code)
        documents.append(document)
    code = exit_codes.worst(codes)
    whole = {"schema_version": 1, "passed": code == exit_codes.PASSED, "exit_code": code, "files": documents}
    return write_document(terminal, json_file, whole, code)


def outcome_of(judged: Judged) -> int:
    """0 passed, 1 a check failed, 3 a required check is unknown, 4 no check could say anything."""
    outcomes = {verdict.check: verdict.outcome for verdict in judged.verdicts}
    if "invalid" in outcomes.values():
        return exit_codes.CHECK_FAILED
    if "valid" not in outcomes.values():
        return exit_codes.NOTHING_TESTED
    if any(outcomes.get(check) == "unknown" for check in judged.required):
        return exit_codes.INCONCLUSIVE
    return exit_codes.PASSED


def _known(checks: Sequence[str]) -> tuple[str, ...] | None:
    from ..checkers.catalogue import known_checks

    try:
        return known_checks(checks) if checks else None
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="'--check'") from None


def _judge(terminal: Any, file: str, checks: tuple[str, ...] | None) -> tuple[int, dict[str, Any]]:
    from ..foreign.judging import judge_file
    from ..foreign.lines import HistoryError
    from .printing_judged import document_of, print_judged

    try:
        judged = judge_file(Path(file), checks)
    except HistoryError as error:
        click.echo(f"doubletick: {error}", err=True)
        return exit_codes.BAD_USAGE, {"file": file, "exit_code": exit_codes.BAD_USAGE, "error": str(error)}
    code = outcome_of(judged)
    print_judged(terminal, judged, code)
    return code, document_of(judged, code)
