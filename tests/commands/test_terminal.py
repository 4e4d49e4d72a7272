"""Streams, colour and progress: what goes where, and when not."""

from __future__ import annotations

import io
import sys

import pytest
from command_line import CommandLine

from sim.commands import terminal
from sim.commands.terminal import Progress, Terminal, is_interactive, wants_colour
from sim.results import exit_codes


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CI", "NO_COLOR", "FORCE_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_who_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_interactive(Screen())
    assert not is_interactive(io.StringIO())
    monkeypatch.setenv("CI", "true")
    assert not is_interactive(Screen())
    monkeypatch.delenv("CI")
    monkeypatch.setenv("TERM", "dumb")
    assert not is_interactive(Screen())


def test_who_gets_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wants_colour(Screen())
    assert not wants_colour(io.StringIO())
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert wants_colour(io.StringIO())
    assert not is_interactive(io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not wants_colour(Screen())


def test_logs_get_a_line_every_ten_seconds(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(terminal.time, "monotonic", lambda: now[0])
    with Progress(100, "runs") as progress:
        for step in range(25):
            now[0] += 1.0
            progress.advance(bad=step == 3)
    out, err = capsys.readouterr()
    assert err.splitlines() == [
        "doubletick: 10 of 100 runs, 1 not passed, 10 s",
        "doubletick: 20 of 100 runs, 1 not passed, 20 s",
    ]
    assert out == ""


def test_a_terminal_gets_a_bar_that_goes_away(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with Progress(3, "runs") as progress:
        progress.advance()
        progress.tell("seed 2 failed: LOSS-1")
        progress.advance(bad=True)
    assert "doubletick: seed 2 failed: LOSS-1" in screen.getvalue()
    assert "\x1b[" in screen.getvalue()


def test_quiet_progress_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with Progress(3, "runs", quiet=True) as progress:
        progress.advance(bad=True)
        progress.tell("never")
    assert capsys.readouterr() == ("", "")


def test_what_a_stream_cannot_spell_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    Terminal().line("5 µs → late")
    assert raw.getvalue() == b"5 \\xb5s \\u2192 late\n"


def test_tables_hold_their_words_whatever_they_contain(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal().table(("where", "touched"), [["[red]store[/red] :smile:", "14"]], right=("touched",))
    assert "[red]store[/red] :smile:" in capsys.readouterr().out


def test_a_second_ctrl_c_gives_up(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    cli.scenario()
    monkeypatch.setattr("sim.commands.finishing.Finish.finish", interrupted)
    assert cli("run", "hello", "--seeds", "1..3", "--jobs", "1") == exit_codes.INTERRUPTED
    assert "doubletick: interrupted" in cli.err
    assert "Traceback" not in cli.err
