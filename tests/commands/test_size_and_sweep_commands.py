"""``doubletick size`` and ``doubletick sweep``: what they print, write and return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import CommandLine

from sim.results import exit_codes


def lines(cli: CommandLine) -> list[str]:
    return [" ".join(line.split()) for line in cli.out.splitlines()]


def test_size_prints_what_it_played_and_the_answer(cli: CommandLine) -> None:
    assert cli("size", "hello", "--hold", "entries<=200", "--seeds", "1..6") == exit_codes.PASSED
    assert "hello: topology.connection_servers from 1 to 64, from 6 seeds on" in lines(cli)
    assert "1 6 103.5 ± 2.0 yes" in lines(cli)
    answer = "1 connection servers are the fewest that hold entries <= 200: entries 103.5 ± 2.0 (6 runs)."
    assert f"ANSWER: {answer}" in lines(cli)
    assert ("hello", ("topology.connection_servers=1",), None) in cli.loaded


def test_no_size_that_holds_is_a_failure(cli: CommandLine) -> None:
    words = ("--of", "topology.inbox_shards", "--from", "2", "--to", "5", "--seeds", "1..6", "--json", "x.json")
    assert cli("size", "hello", "--hold", "entries<=50", *words) == exit_codes.CHECK_FAILED
    assert "No number of inbox shards from 2 to 5 has been shown to hold entries <= 50." in cli.out
    document = json.loads(Path("x.json").read_text())
    assert [each["size"] for each in document["sizes"]] == [2, 4, 5]
    assert (document["smallest"], document["exit_code"]) == (None, exit_codes.CHECK_FAILED)


def test_seeds_are_added_where_the_limit_lies_within_the_interval(cli: CommandLine) -> None:
    words = ("size", "hello", "--hold", "entries<=103.5", "--to", "1", "--seeds", "1..6", "--most-runs", "20")
    assert cli(*words) == exit_codes.CHECK_FAILED
    assert any(line.startswith("1 20 103") and line.endswith("no") for line in lines(cli))
    assert "cannot be told from the limit" in cli.out


def test_quiet_is_the_answer_alone_and_json_is_alone_on_stdout(cli: CommandLine) -> None:
    assert cli("size", "hello", "--hold", "entries<=200", "--seeds", "1..3", "--quiet") == 0
    assert cli.out.startswith("hello: 1 connection servers are") and cli.out.count("\n") == 1
    assert cli("size", "hello", "--hold", "entries<=200", "--seeds", "1..3", "--json", "-") == 0
    assert json.loads(cli.out)["smallest"] == 1


def test_sweep_prints_a_row_for_each_combination(cli: CommandLine) -> None:
    words = ("--over", "protocol.page=3,5", "--over", "topology.store_shards=1..2", "--metric", "entries")
    assert cli("sweep", "hello", *words, "--seeds", "1..6") == exit_codes.PASSED
    rows = [line for line in lines(cli) if line.endswith("6 of 6")]
    assert [row.split()[:2] for row in rows] == [["3", "1"], ["3", "2"], ["5", "1"], ["5", "2"]]
    assert all("103.5 ± 2.0" in row for row in rows)
    assert cli.loaded[1] == ("hello", ("protocol.page=3", "topology.store_shards=2"), None)


def test_a_sweep_that_is_interrupted_keeps_what_was_done(cli: CommandLine) -> None:
    cli.scenarios["hello"] = cli.scenarios["hello"].__class__(name="hello", tags=("interrupt:3",))
    words = ("--over", "protocol.page=3,5", "--metric", "entries", "--seeds", "1..9", "--jobs", "1", "--json", "x.json")
    assert cli("sweep", "hello", *words) == exit_codes.INTERRUPTED
    document = json.loads(Path("x.json").read_text())
    assert [each["metrics"]["entries"]["runs"] for each in document["points"]] == [2, 2]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("size", "hello"), "Missing option '--hold'"),
        (("size", "hello", "--hold", "entries=5"), "is no service level"),
        (("size", "hello", "--hold", "entrys<=5"), "did you mean 'entries'?"),
        (("size", "hello", "--hold", "entries<=5", "--from", "9", "--to", "3"), "there is no size from 9 to 3"),
        (("size", "helo", "--hold", "entries<=5"), "did you mean 'hello'?"),
        (("sweep", "hello", "--metric", "entries"), "Missing option '--over'"),
        (("sweep", "hello", "--over", "protocol.page", "--metric", "entries"), "is no range"),
        (("sweep", "hello", "--over", "protocol.page=3", "--metric", "entrys"), "did you mean 'entries'?"),
    ],
)
def test_bad_usage_plays_nothing(cli: CommandLine, words: tuple[str, ...], said: str) -> None:
    assert cli(*words) == exit_codes.BAD_USAGE
    assert said in " ".join(cli.err.split())
