"""The command line, one file per command; a command's file is imported only when the command is used.

``--help`` lists commands from the table below without importing any of them, so it stays fast whatever they need.
"""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import signal
import sys
import threading
from collections.abc import Sequence
from typing import Any, Final

import click

from ..garbage import end_process_with_command
from ..results import exit_codes
from .streams import close_quietly, is_not_writable, steady_streams

COMMANDS: Final = {
    "run": "Play scenarios and judge what people saw.",
    "replay": "Play one seed again and tell the whole story.",
    "check": "Play folders of scenarios as a gate for CI.",
    "hunt": "Look for failing seeds until a budget is spent.",
    "exhaust": "Play every schedule of a few faults on a small world.",
    "shrink": "Make a failing run as small as possible.",
    "explain": "Tell how a check came to fail, or what became of one message.",
    "compare": "Compare variants on the same luck.",
    "sweep": "Play a scenario over ranges of values.",
    "size": "Find the smallest fleet that passes.",
    "mutants": "Check that every planted bug is caught.",
    "judge": "Judge a history that comes from elsewhere.",
    "report": "Make pages from run folders.",
    "scenarios": "List the scenarios that come with doubletick.",
    "validate": "Find every error in scenario files.",
    "schema": "Print the JSON Schema of scenario files.",
    "selftest": "Check the simulator against queueing theory.",
    "bench": "Measure how fast this machine plays.",
    "init": "Start a scenario of your own.",
}

PREFIX: Final = "DOUBLETICK"


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands that this version has, in the order of the table."""
        return [name for name in COMMANDS if importlib.util.find_spec(f"{__name__}.{name}") is not None]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file."""
        if cmd_name not in self.list_commands(ctx):
            return None
        command: click.Command = importlib.import_module(f".{cmd_name}", __name__).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Suggest the nearest command for one that does not exist."""
        known = self.list_commands(ctx)
        if args and args[0] not in known and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], known, n=1, cutoff=0.5)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            ctx.fail(f"No such command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands, from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name]) for name in self.list_commands(ctx)])


def _show_version(ctx: click.Context, _parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from ..results.origin import commit, version

        click.echo(f"doubletick {version()} ({commit()})")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": PREFIX, "max_content_width": 100},
    epilog=exit_codes.help_text()
    + f"\n\nEvery option can be set in the environment as {PREFIX}_<COMMAND>_<OPTION>, for instance "
    f"{PREFIX}_RUN_SEEDS=1..50. Results go to stdout, progress to stderr.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and the commit.",
)
def group() -> None:
    """Simulate chat at messaging scale, break it, and judge what people saw."""


def console() -> int:
    """A process of its own for the command that stands in its arguments; returns the exit code."""
    end_process_with_command()
    steady_streams()
    return main()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return the exit code; nothing but a second Ctrl-C gets past it as an exception."""
    _take_termination_as_ctrl_c()
    code = _call(arguments)
    return exit_codes.worst((code, exit_codes.NOT_WRITTEN)) if not _flush() else code


def _take_termination_as_ctrl_c() -> None:
    """What a CI sends when it cancels a job keeps what was done, as Ctrl-C does."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)


def _call(arguments: Sequence[str] | None) -> int:
    try:
        answer: Any = group.main(
            args=list(arguments) if arguments is not None else None, prog_name="doubletick", standalone_mode=False
        )
        return answer if isinstance(answer, int) else exit_codes.PASSED
    except click.ClickException as error:
        error.show(sys.stderr)
        return exit_codes.BAD_USAGE
    except (KeyboardInterrupt, click.Abort):
        click.echo("doubletick: interrupted", err=True)
        return exit_codes.INTERRUPTED
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else exit_codes.OUR_BUG if leaving.code else 0
    except Exception as error:
        return _unexpected(error)


def _unexpected(error: Exception) -> int:
    """What no command caught: the scenario's fault (2), a result that cannot be written (74), or ours (70)."""
    if isinstance(error, BrokenPipeError):
        close_quietly(sys.stdout)
        return exit_codes.NOT_WRITTEN
    if isinstance(error, OSError) and is_not_writable(error):
        if _flush():  # which would have told it, were it stdout
            click.echo(f"doubletick: results could not be written: {error}", err=True)
        return exit_codes.NOT_WRITTEN
    from ..executors.jobs import is_scenario_error

    if is_scenario_error(error):
        click.echo(str(error), err=True)
        return exit_codes.BAD_USAGE
    import traceback

    traceback.print_exception(error)
    click.echo("doubletick: this is a bug in doubletick; please report it with the lines above", err=True)
    return exit_codes.OUR_BUG


def _flush() -> bool:
    """Flush stdout while an error can still become an exit code; a reader who went away is no error."""
    if sys.stdout is None:
        return False
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        close_quietly(sys.stdout)
    except OSError as error:
        close_quietly(sys.stdout)
        click.echo(f"doubletick: results could not be written to stdout: {error.strerror}", err=True)
        return False
    return True
