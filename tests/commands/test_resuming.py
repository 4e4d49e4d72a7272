"""Runs that were killed: what was finished is kept, and ``--resume`` plays only what is missing."""

from __future__ import annotations

import errno
import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine
from test_signals_and_pipes import start, wait_for

from sim.commands import main
from sim.results import exit_codes
from sim.search.ledger import Ledger

MANY = ("run", "hello", "--seeds", "1..12", "--jobs", "2")


def ledgers(folder: Path) -> list[Path]:
    return list(folder.glob("reports/runs/hello/*-*/ledger.jsonl"))


def kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate(timeout=10)


def killed_after(folder: Path, lines: int, tags: str = "slow:* fail:2") -> None:
    """Begin, and ``kill -9`` as soon as so many runs are recorded."""
    process = start(folder, tags, *MANY)
    wait_for(lambda: any(len(path.read_bytes().splitlines()) >= lines for path in ledgers(folder)))
    kill(process)


def summary_in(folder: Path) -> dict[str, Any]:
    """The only finished run's, without what real time has to say."""
    (path,) = folder.glob("reports/runs/hello/*-*/summary.json")
    summary = json.loads(path.read_text())
    for part in (summary, *summary["seeds"]):
        del part["wall_s"]
    return summary


def test_a_killed_run_goes_on_and_ends_as_if_nothing_had_been(tmp_path: Path) -> None:
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    killed.mkdir()
    whole.mkdir()
    killed_after(killed, 4)
    recorded = len(ledgers(killed)[0].read_bytes().splitlines())
    for path in killed.glob("slept-*"):
        path.unlink()
    process = start(killed, "slow:* fail:2", *MANY, "--resume")
    out, err = process.communicate(timeout=60)
    assert process.returncode == exit_codes.CHECK_FAILED, err
    assert f"where {recorded} of 12 runs are recorded" in err
    # The failing seed is played once more for its history.
    assert len({*killed.glob("slept-*")} - {killed / "slept-2"}) in (12 - recorded, 12 - recorded - 1)
    assert "1 of 12 runs broke LOSS-1" in out
    start(whole, "slow:* fail:2", *MANY).communicate(timeout=60)
    assert summary_in(killed) == summary_in(whole)
    assert not ledgers(killed) and not ledgers(whole), "who has everything needs no ledger"


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    process = start(tmp_path, "interrupt:4", "run", "hello", "--seeds", "1..9", "--jobs", "1")
    process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED
    assert len(ledgers(tmp_path)[0].read_bytes().splitlines()) == 3
    # The tags are part of the scenario, so this is another one: it does not go on there.
    process = start(tmp_path, "", "run", "hello", "--seeds", "1..9", "--jobs", "1", "--resume")
    _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "this one begins anew" in err
    process = start(tmp_path, "interrupt:4", "run", "hello", "--seeds", "1..9", "--jobs", "1", "--resume")
    _, err = process.communicate(timeout=30)
    assert process.returncode == exit_codes.INTERRUPTED
    assert "where 3 of 9 runs are recorded" in err


def test_a_worker_that_was_lost_is_no_record(tmp_path: Path) -> None:
    process = start(tmp_path, "kill:1 slow:2", "run", "hello", "--seeds", "1..40", "--jobs", "2")
    wait_for(lambda: any(len(path.read_bytes().splitlines()) >= 30 for path in ledgers(tmp_path)))
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    for path in ledgers(tmp_path):
        seeds = [json.loads(line.split(b" ", 1)[1])["seed_text"] for line in path.read_bytes().splitlines()]
        assert "1" not in seeds


class Stopped(Exception):
    """The process was killed here."""


@pytest.fixture
def stopped(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """``hello`` with seeds 1 to 5, killed when its third run is recorded."""

    def stop(ledger: Ledger[Any], entry: Any, append: Any = Ledger.append) -> None:
        append(ledger, entry)
        if entry.seed_text == "3":
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "append", stop)
        assert cli(*five()) == exit_codes.OUR_BUG
    return cli


def five(*words: str) -> tuple[str, ...]:
    return ("run", "hello", "--seeds", "1..5", "--jobs", "1", *words)


def test_only_the_same_runs_are_gone_on_with(stopped: CommandLine) -> None:
    for other in (("--set", "protocol.page=3"), ("--mutant", "1"), ("--seeds", "1..6"), ("--variant", "naive")):
        stopped(*five("--resume", *other))
        assert "this one begins anew" in stopped.err, other
    assert stopped(*five("--resume")) == 0
    assert "where 3 of 5 runs are recorded" in stopped.err
    assert stopped(*five("--resume")) == 0
    assert "this one begins anew" in stopped.err, "what is finished is played again"


def test_other_code_begins_anew(stopped: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sim.results.folder.text_of_code", lambda mutant: "changed")
    assert stopped(*five("--resume")) == 0
    assert "this one begins anew" in stopped.err


def test_a_torn_line_is_played_again_and_damage_is_told(stopped: CommandLine) -> None:
    (path,) = ledgers(stopped.folder)
    whole = path.read_bytes()
    path.write_bytes(whole.replace(b"seed_text", b"seed_test", 1))
    assert stopped(*five("--resume")) == exit_codes.BAD_USAGE
    assert "line 1: the line is damaged" in stopped.err and "without --resume" in stopped.err
    path.write_bytes(whole[:-20])
    assert stopped(*five("--resume")) == 0
    assert "where 2 of 5 runs are recorded" in stopped.err


def test_a_history_that_is_asked_for_is_made_up_for(stopped: CommandLine) -> None:
    assert stopped(*five("--resume", "--history", "always")) == 0
    assert "where 0 of 5 runs are recorded" in stopped.err
    assert len(list((stopped.run_folder() / "history").iterdir())) == 5


def test_the_same_scenario_twice_goes_on_in_two_folders(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = ("run", "hello", "hello", "--seeds", "1..3", "--jobs", "1")
    with monkeypatch.context() as patch:
        patch.setattr("sim.commands.finishing.Finish.end", lambda _: (_ for _ in ()).throw(Stopped))
        assert cli(*twice) == exit_codes.OUR_BUG
    assert len(ledgers(cli.folder)) == 2
    assert cli(*twice, "--resume") == 0
    assert cli.err.count("where 3 of 3 runs are recorded") == 2
    assert cli.out.count("PASSED") == 2
    assert len(list(Path("reports/runs/hello").glob("*-*"))) == 2 and not ledgers(cli.folder)


def test_a_full_disk_costs_the_ledger_and_no_result(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Ledger, "append", full)
    assert cli(*five()) == 0
    assert cli.err.count("No space left on device") == 1
    assert "5 of 5 seeds" in cli.out


def test_one_run_has_nothing_to_lose(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def opened(*_: object) -> None:
        raise AssertionError("a single run needs neither a ledger nor a look at the code")

    monkeypatch.setattr("sim.commands.recording.Ledger", opened)
    monkeypatch.setattr("sim.results.folder.text_of_code", opened)
    assert cli("run", "hello", "--seed", "3") == 0


def test_a_gate_goes_on_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    words = ["check", "two_phones", "smallest", "--seeds", "1..3", "--jobs", "1", "--report", "never"]
    with monkeypatch.context() as patch:
        patch.setattr("sim.commands.finishing.Finish.end", lambda _: (_ for _ in ()).throw(Stopped))
        assert main(words) == exit_codes.OUR_BUG
    capfd.readouterr()
    monkeypatch.setattr("sim.executors.jobs.play", None)  # whatever is played would break
    assert main([*words, "--resume"]) == 0
    out, err = capfd.readouterr()
    assert err.count("where 3 of 3 runs are recorded") == 2
    assert "2 of 2 scenarios passed" in out
