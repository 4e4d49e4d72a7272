"""Options that several commands share, and choices that suggest what was meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from ..results import exit_codes

Function = TypeVar("Function", bound=Callable[..., Any])
WHEN: Final = ("always", "failed", "never")
_MUTANT = re.compile(r"[0-9]+|.+\.py:[A-Za-z_][A-Za-z0-9_]*")


class ChoiceWithHint(click.Choice[str]):
    """One of a few words; a wrong one is answered with the nearest."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:
        """Click's message, and what was probably meant."""
        near = difflib.get_close_matches(str(value), [str(choice) for choice in self.choices], n=1, cutoff=0.5)
        message = super().get_invalid_choice_message(value, ctx)
        return f"{message} Did you mean {near[0]!r}?" if near else message


class Parsed(click.ParamType):  # type: ignore[type-arg]
    """A text that a function reads; its ``ValueError`` becomes bad usage, naming the option."""

    def __init__(self, name: str, read: Callable[[str], Any]) -> None:
        self.name = name
        self._read = read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read the text; the value stays the text, so that it can be shown as it was written."""
        try:
            self._read(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value).strip()


class Place(click.Path):
    """Where something is written; an empty name, such as that of an unset variable, is no place."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Click's path, if there is one."""
        if not str(value).strip():
            self.fail("the name is empty; leave the option out for the default", param, ctx)
        return super().convert(value, param, ctx)


def _read_seed(text: str) -> Any:
    from ..executors.seeds import parse_seed

    return parse_seed(text)


def _read_seeds(text: str) -> Any:
    from ..executors.seeds import parse_seeds

    return parse_seeds(text)


def _read_jobs(text: str) -> Any:
    from ..executors.local import workers_for

    return workers_for(text, 1)


def _read_set(text: str) -> Any:
    path, equals, _ = text.partition("=")
    if not equals or not path.strip():
        raise ValueError(f"{text!r} sets nothing; write PATH=VALUE, such as topology.connection_servers=5")


def _read_mutant(text: str) -> Any:
    if not _MUTANT.fullmatch(text.strip()):
        raise ValueError(f"{text!r} is no planted bug; write its number, or FILE.py:Class")


def seed_option(function: Function) -> Function:
    """``--seed``: one seed."""
    return click.option(
        "--seed",
        type=Parsed("seed", _read_seed),
        metavar="SEED",
        help="One seed: a number, or any word such as a commit hash.",
    )(function)


def seeds_option(default: str | None, meaning: str) -> Callable[[Function], Function]:
    """``--seeds``: many."""

    def decorate(function: Function) -> Function:
        return click.option(
            "--seeds",
            type=Parsed("seeds", _read_seeds),
            default=default,
            show_default=default is not None,
            metavar="A..B",
            help=f"Several seeds, such as 1..50 or 1..50,77. {meaning}",
        )(function)

    return decorate


def jobs_option(function: Function) -> Function:
    """``--jobs``: worker processes."""
    return click.option(
        "-j",
        "--jobs",
        type=Parsed("jobs", _read_jobs),
        default="auto",
        show_default=True,
        metavar="N|auto",
        help="Runs to play at the same time; auto is one per core.",
    )(function)


def resume_option(function: Function) -> Function:
    """``--resume``: go on where a call was killed."""
    return click.option(
        "--resume",
        is_flag=True,
        help="Go on in the newest folder below --out in which such a call was killed or interrupted.",
    )(function)


def scenario_options(function: Function) -> Function:
    """``--set`` and ``--mutant``: what is played."""
    function = click.option(
        "--mutant",
        type=Parsed("mutant", _read_mutant),
        metavar="NUMBER|FILE.py:Class",
        help="Play a planted bug in place of the reference protocol.",
    )(function)
    return click.option(
        "--set",
        "sets",
        type=Parsed("set", _read_set),
        multiple=True,
        metavar="PATH=VALUE",
        help="Change a value of the scenario; may be repeated.",
    )(function)


def output_options(function: Function) -> Function:
    """``--out``, ``--json``, ``--quiet``, ``--report``, ``--keep``, ``--history``: what is written where."""
    options = [
        out_option("reports/runs", "Where run folders are made."),
        json_option,
        quiet_option,
        click.option(
            "--report",
            type=ChoiceWithHint(WHEN),
            default="always",
            show_default=True,
            help="When to make report.html.",
        ),
        click.option(
            "--history",
            type=ChoiceWithHint(WHEN),
            default="failed",
            show_default=True,
            help="Whose full history to keep as Parquet: every seed's, that of the first failing seed "
            "(which is played again for it), or none.",
        ),
        click.option(
            "--keep",
            type=click.IntRange(min=1),
            metavar="N",
            help="Keep only the newest N run folders of each scenario.",
        ),
    ]
    for option in reversed(options):
        function = option(function)
    return function


def out_option(default: str, meaning: str) -> Callable[[Function], Function]:
    """``--out``: the folder under which a command leaves its own."""

    def decorate(function: Function) -> Function:
        return click.option(
            "-o",
            "--out",
            type=Place(file_okay=False),
            default=default,
            show_default=True,
            metavar="DIR",
            help=meaning,
        )(function)

    return decorate


def json_option(function: Function) -> Function:
    """``--json``."""
    return click.option(
        "--json",
        "json_file",
        type=Place(dir_okay=False, allow_dash=True),
        metavar="FILE|-",
        help="Write the results as JSON; - is stdout, which then holds nothing else.",
    )(function)


def quiet_option(function: Function) -> Function:
    """``--quiet``."""
    return click.option("-q", "--quiet", is_flag=True, help="Only verdicts and failures, no progress.")(function)


def epilog() -> str:
    """The exit codes, for a command's ``--help``."""
    return exit_codes.help_text()
