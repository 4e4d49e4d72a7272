"""``--help`` is fast, complete and free of what commands need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest
from command_line import CommandLine

import sim.commands
from sim.results import exit_codes

TOP = Path(__file__).parents[2]
HEAVY = ("numpy", "pandas", "pydantic", "ruamel", "pyarrow", "matplotlib", "scipy", "joblib", "simpy", "rich")


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom sim.commands import main\ncode = main(['--help'])\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=TOP, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_help_lists_commands_and_exit_codes(cli: CommandLine) -> None:
    assert cli("--help") == 0
    for name in ("run", "replay", "mutants", "compare"):
        assert f"\n  {name} " in cli.out
    for code, meaning in exit_codes.MEANINGS.items():
        assert f"{code}  {meaning}" in cli.out
    assert cli.err == ""


def test_commands_that_this_version_lacks_are_not_listed(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sim.commands.COMMANDS, "fly", "Fly away.")
    assert cli("--help") == 0
    assert "fly" not in cli.out
    assert cli("fly") == 2


@pytest.mark.parametrize("name", ["run", "replay", "mutants", "compare"])
def test_every_command_explains_itself(cli: CommandLine, name: str) -> None:
    assert cli(name, "--help") == 0
    assert "Exit codes:" in cli.out
    command = sim.commands.group.get_command(click.Context(sim.commands.group), name)
    assert command is not None
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name


def test_version_names_the_commit(cli: CommandLine) -> None:
    assert cli("--version") == 0
    assert cli.out.startswith("doubletick ")


def test_no_command_shows_the_help(cli: CommandLine) -> None:
    assert cli() == 2
    assert "Commands:" in cli.out + cli.err


def test_a_bug_of_ours_is_code_70(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("sim.commands.run.plan", broken)
    assert cli("run", "hello") == exit_codes.OUR_BUG
    assert "ZeroDivisionError: oops" in cli.err
    assert "bug in doubletick" in cli.err


def test_python_cli_py_is_the_same_door() -> None:
    done = subprocess.run([sys.executable, "cli.py", "rnu"], cwd=TOP, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Did you mean 'run'?" in done.stderr
