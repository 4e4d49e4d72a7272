"""``doubletick mutants``: what is killed, what survives, and the reference protocol."""

from __future__ import annotations

import json
import sys
import types
from dataclasses import dataclass

import pytest
from command_line import CommandLine

from sim.results import exit_codes


@dataclass(frozen=True)
class Entry:
    number: int
    name: str
    title: str
    scenario: str = "hello"
    check: str = "LOSS-1"
    also: tuple[str, ...] = ()
    needs: str = "a crash"


@pytest.fixture(autouse=True)
def catalogue(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("sim.mutants.catalogue")
    module.MUTANTS = (  # type: ignore[attr-defined]
        Entry(1, "early_tick", "first tick before the durable write"),
        Entry(2, "trim_on_send", "inbox trimmed when sent", check="QUEUE-1"),
    )
    monkeypatch.setitem(sys.modules, "sim.mutants.catalogue", module)


def test_a_killed_bug_names_the_seed_that_took_it(cli: CommandLine) -> None:
    cli.scenario("spare1:1", "spare1:2")
    assert cli("mutants", "--only", "1", "--seeds", "1..9", "--jobs", "1", "--json", "-") == 0
    document = json.loads(cli.out)
    (row,) = document["mutants"]
    assert (row["killed"], row["seed"], row["seeds_played"]) == (True, "3", 3)
    assert row["replay"] == "doubletick replay hello --seed 3 --mutant 1"
    assert document["reference"][0]["seeds_played"] == 9
    assert "PASSED: 1 of 1 planted bug killed; the reference protocol passed 9 runs." in cli.err


def test_a_survivor_is_code_1(cli: CommandLine) -> None:
    assert cli("mutants", "--seeds", "1..4", "--jobs", "2") == 1
    assert "bug 2 (inbox trimmed when sent) survived 4 seeds of hello: QUEUE-1 never fired" in cli.out
    assert "SURVIVED" in cli.out
    assert "FAILED: 1 of 2 planted bugs killed" in cli.out
    row = next(line for line in cli.out.splitlines() if line.split()[:1] == ["2"])
    assert row.split()[-1] == "LOSS-1"


def test_a_check_that_fails_the_reference_is_code_1(cli: CommandLine) -> None:
    cli.scenario("fail:12")
    assert cli("mutants", "--only", "1", "--seeds", "1..30", "--jobs", "1") == 1
    assert "LOSS-1 fails the reference protocol on hello, seeds 12:" in cli.out
    assert "replay: doubletick replay hello --seed 12" in cli.out
    assert "failed in 1 of 30 runs" in cli.out
    assert cli("mutants", "--only", "1", "--seeds", "1..30", "--jobs", "1", "--no-reference") == 0


def test_an_error_is_code_70_and_the_others_go_on(cli: CommandLine) -> None:
    cli.scenario("crash:2", "spare1:1")
    assert cli("mutants", "--seeds", "1..3", "--jobs", "1", "--no-reference") == exit_codes.OUR_BUG
    assert "bug 1 (first tick before the durable write) broke at seed 2" in cli.out
    assert "RuntimeError: the world has ended" in cli.out


def test_unknown_numbers_are_bad_usage(cli: CommandLine) -> None:
    assert cli("mutants", "--only", "9") == 2
    assert "there is no planted bug 9; there are 1, 2" in cli.err
    assert cli("mutants", "--only", "x") == 2


def test_workers_change_nothing(cli: CommandLine) -> None:
    cli.scenario("spare1:1", "fail:5")
    documents = []
    for jobs in ("1", "2"):
        assert cli("mutants", "--seeds", "1..12", "--jobs", jobs, "--json", "-", "--quiet") == 1
        documents.append(json.loads(cli.out))
    assert documents[0] == documents[1]
