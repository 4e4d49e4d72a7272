"""``doubletick replay``: one seed, the whole story, and recorded failures with their digest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine

from sim.results import exit_codes


@pytest.fixture
def failed(cli: CommandLine) -> Path:
    """A run folder with a failure of seed 17 in it."""
    cli.scenario("fail:17")
    assert cli("run", "hello", "--seeds", "16..18", "--jobs", "1", "--set", "topology.store_shards=5") == 1
    return cli.run_folder()


def test_a_seed_is_played_again_with_its_story(cli: CommandLine) -> None:
    cli.scenario("fail:17")
    assert cli("replay", "hello", "--seed", "17", "--set", "topology.store_shards=5", "--mutant", "3") == 1
    assert "hello with planted bug 3, seed 17" in cli.out
    assert "Ben's phone never showed it." in cli.out


def test_the_replay_command_of_a_failure_works_as_printed(cli: CommandLine, failed: Path) -> None:
    command = json.loads((failed / "summary.json").read_text())["failures"][0]["replay"]
    assert command == "doubletick replay hello --seed 17 --set topology.store_shards=5"
    assert cli(*command.split()[1:]) == 1
    assert cli.loaded[-1] == ("hello", ("topology.store_shards=5",), None)


@pytest.mark.parametrize("target", ["", "repro", "repro/repro.json"])
def test_a_recorded_failure_is_played_from_its_folder(cli: CommandLine, failed: Path, target: str) -> None:
    assert cli("replay", str(failed / target)) == 1
    assert "hello, seed 17" in cli.out
    # From the recorded text, not from the file that has perhaps changed since.
    assert cli.loaded[-1] == ("text of hello", (), None)


def test_latest_is_a_target(cli: CommandLine, failed: Path) -> None:
    assert cli("replay", "reports/runs/hello/latest") == 1
    latest = failed.parent / "latest"
    latest.unlink()
    latest.write_text(failed.name + "\n")
    assert cli("replay", "reports/runs/hello/latest") == 1


def test_another_digest_is_code_5(cli: CommandLine, failed: Path) -> None:
    repro = failed / "repro" / "repro.json"
    repro.write_text(repro.read_text().replace("digest-17", "digest-of-before"))
    assert cli("replay", str(repro)) == exit_codes.NOT_DETERMINISTIC
    assert "NOT DETERMINISTIC: the same seed gave another history when it was played again: 17." in cli.out
    assert "recorded at commit" not in cli.err


def test_another_commit_is_said(cli: CommandLine, failed: Path) -> None:
    repro = failed / "repro" / "repro.json"
    repro.write_text(repro.read_text().replace("0123456789abcdef", "fedcba9876543210"))
    assert cli("replay", str(repro)) == 1
    assert "recorded at commit fedcba987654, this is 0123456789ab" in cli.err


def test_a_repro_holds_the_faults_as_injected(failed: Path) -> None:
    document = json.loads((failed / "repro" / "repro.json").read_text())
    assert document["faults"][0]["kind"] == "crash"
    assert document["faults"][0]["at_us"] == 12_000_000
    assert document["checks"] == ["LOSS-1"]
    assert document["seed"] == "17"


def test_what_cannot_be_replayed_is_explained(cli: CommandLine, failed: Path) -> None:
    assert cli("replay", str(failed), "--seed", "3") == 2
    assert "brings its own seed" in cli.err
    Path("broken.json").write_text("{}")
    assert cli("replay", "broken.json") == 2
    assert "is no repro file" in cli.err
    assert cli("replay", "missing.json") == 2
    assert "There is no file missing.json" in cli.err
    cli.scenario()
    assert cli("run", "hello") == 0
    assert cli("replay", str(cli.run_folder())) == 2
    assert "no check failed in it" in cli.err
