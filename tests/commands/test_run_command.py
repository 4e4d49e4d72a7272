"""``doubletick run`` on a fake simulator: exit codes, words, files, streams."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any

import pytest
from command_line import CommandLine

from sim.results import exit_codes


@pytest.mark.parametrize(
    ("tag", "code", "words"),
    [
        ("pass:1", 0, "PASSED: 3 of 3 messages were shown exactly once, in order, although 1 fault hit the system."),
        ("fail:1", 1, "FAILED: this does not hold: LOSS-1 (no accepted or seen message is lost)."),
        ("refuse:1", 2, "BAD SCENARIO: x.yaml:3:5: faults.0.target: there is no store 9"),
        ("unknown:1", 3, "INCONCLUSIVE: nothing was broken, but ORDER-4 met no case to judge."),
        ("nothing:1", 4, "NOTHING TESTED: no message was composed, so passing would mean nothing."),
        ("idle:1", 4, "NOTHING TESTED: the fault crash on store 0, replica 1 touched nothing"),
        ("wobble:1 fail:1", 5, "NOT DETERMINISTIC: the same seed gave another history when it was played again: 1."),
        ("crash:1", 70, "BROKEN: seed 1 ended in an error of doubletick itself: RuntimeError: the world has ended"),
        ("beyond:1", 0, "PASSED: LOSS-1 did not hold, which this scenario allows: it goes beyond the promise."),
    ],
)
def test_every_outcome_has_its_code_and_a_sentence(cli: CommandLine, tag: str, code: int, words: str) -> None:
    cli.scenario(*tag.split())
    assert cli("run", "hello") == code, cli.err
    assert words in cli.out
    assert json.loads((cli.run_folder() / "manifest.json").read_text())["exit_code"] == code


def test_a_missed_hard_case_is_named(cli: CommandLine) -> None:
    cli.scenario("missed:1", must_reach=("stale lease at push",))
    assert cli("run", "hello") == exit_codes.NOTHING_TESTED
    assert "the run never reached what it must reach: stale lease at push" in cli.out


def test_one_run_says_what_was_checked_injected_drawn_and_measured(cli: CommandLine) -> None:
    assert cli("run", "hello", "--seed", "17") == 0
    for words in (
        "hello, seed 17, commit 0123456789ab",
        "Does it work?",
        "store 0, replica 1",
        "written",
        "drawn     protocol.page = 3",
        "delivery  p50 ",
        "stale lease at push (2)",
        "folder: reports/runs/hello/",
    ):
        assert words in cli.out
    assert cli.err == ""


def test_a_failure_tells_its_story_and_how_to_replay_it(cli: CommandLine) -> None:
    cli.scenario("fail:17")
    words = ("run", "hello", "--seed", "17", "--set", "topology.store_shards=5", "--set", "question=a b")
    assert cli(*words, "--mutant", "7") == 1
    assert "Ben's phone never showed it." in cli.out
    command = "doubletick replay hello --seed 17 --set topology.store_shards=5 --set 'question=a b' --mutant 7"
    assert f"replay: {command}   # at commit 0123456789ab" in cli.out
    assert cli.loaded[-1] == ("hello", ("topology.store_shards=5", "question=a b"), None)


def test_several_seeds_give_one_table(cli: CommandLine) -> None:
    cli.scenario("fail:2", "fail:4", "unknown:3")
    assert cli("run", "hello", "--seeds", "1..5", "--jobs", "1") == 1
    assert "FAILED: 2 of 5 runs broke LOSS-1" in cli.out
    assert "the first is seed 2." in cli.out
    row = next(line for line in cli.out.splitlines() if line.strip().startswith("LOSS-1 "))
    assert row.split()[-6:] == ["3", "2", "0", "15", "2,", "4"]
    assert "all runs pooled" in cli.out
    assert cli.out.count("replay:") == 1


def test_the_worst_code_of_several_runs_wins(cli: CommandLine) -> None:
    cli.scenario("fail:2", "unknown:3", "nothing:4")
    assert cli("run", "hello", "--seeds", "1..4", "--jobs", "1") == 1
    cli.scenario("unknown:3", "nothing:4")
    assert cli("run", "hello", "--seeds", "1..4", "--jobs", "1") == 4
    cli.scenario("crash:1", "fail:2")
    assert cli("run", "hello", "--seeds", "1..4", "--jobs", "1") == 70


def test_a_crash_leaves_its_traceback_and_the_other_seeds_go_on(cli: CommandLine) -> None:
    cli.scenario("crash:2")
    assert cli("run", "hello", "--seeds", "1..3", "--jobs", "1") == 70
    assert "RuntimeError: the world has ended" in (cli.run_folder() / "error-2.txt").read_text()
    summary = json.loads((cli.run_folder() / "summary.json").read_text())
    assert summary["runs"]["passed"] == 2
    assert "replay: doubletick replay hello --seed 2" in cli.out


def test_the_scenario_brings_its_own_seeds(cli: CommandLine) -> None:
    cli.scenario(seeds="3..4,deadbeef")
    assert cli("run", "hello", "--jobs", "1") == 0
    summary = json.loads((cli.run_folder() / "summary.json").read_text())
    assert [run["seed"] for run in summary["seeds"]] == ["3", "4", "deadbeef"]


def test_workers_change_nothing(cli: CommandLine) -> None:
    cli.scenario("fail:5")
    documents: list[Any] = []
    for jobs in ("1", "2"):
        assert cli("run", "hello", "--seeds", "1..8", "--jobs", jobs, "--json", "-", "--quiet") == 1
        (summary,) = json.loads(cli.out)["summaries"]
        del summary["folder"]
        documents.append(summary)
    assert documents[0] == documents[1]


def test_json_on_stdout_stands_alone(cli: CommandLine) -> None:
    cli.scenario("fail:1")
    assert cli("run", "hello", "--json", "-") == 1
    document = json.loads(cli.out)
    assert document["passed"] is False
    assert document["exit_code"] == 1
    assert "FAILED" in cli.err
    assert Path(document["summaries"][0]["folder"]).is_dir()


def test_json_goes_to_a_file(cli: CommandLine) -> None:
    assert cli("run", "hello", "--json", "out.json") == 0
    assert json.loads(Path("out.json").read_text())["passed"] is True
    assert "PASSED" in cli.out


def test_quiet_says_the_verdict_only(cli: CommandLine) -> None:
    assert cli("run", "hello", "--quiet") == 0
    assert cli.out.splitlines() == [
        "hello: PASSED: 3 of 3 messages were shown exactly once, in order, although 1 fault hit the system."
    ]
    assert cli.err == ""


def test_several_scenarios_and_variants_get_a_table_each(cli: CommandLine) -> None:
    cli.scenario("fail:*", name="other")
    assert cli("run", "hello", "other", "--variant", "all", "--jobs", "1") == 1
    assert [(given, variant) for given, _, variant in cli.loaded] == [
        (given, variant) for given in ("hello", "other") for variant in (None, "naive", "eager")
    ]
    assert cli.out.count("PASSED:") == cli.out.count("FAILED:") == 3
    assert cli.run_folder("other--naive").is_dir()


def test_errors_of_all_files_are_told_before_anything_is_played(cli: CommandLine) -> None:
    assert cli("run", "helo", "hello", "nowhere") == 2
    assert "helo: there is no such scenario — did you mean 'hello'?" in cli.err
    assert "nowhere" in cli.err
    assert cli.out == ""
    assert not Path("reports").exists()


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("rnu", "hello"), "Did you mean 'run'?"),
        (("run", "hello", "--sedes", "1..3"), "--seeds"),
        (("run", "hello", "--report", "alwys"), "Did you mean 'always'?"),
        (("run", "hello", "--seeds", "1-50"), "write 1..50"),
        (("run", "hello", "--seeds", "9..3"), "runs backwards; write 3..9"),
        (("run", "hello", "--seed", "1..3"), "write --seeds 1..3"),
        (("run", "hello", "--seed", "1", "--seeds", "1..3"), "exclude each other"),
        (("run", "hello", "--jobs", "0"), "write a number from 1 on, or auto"),
        (("run", "hello", "--set", "topology"), "PATH=VALUE"),
        (("run", "hello", "--mutant", "x"), "FILE.py:Class"),
        (("run", "hello", "--mutant", "99"), "there is no planted bug 99; there are 1, 2"),
        (("run", "hello", "--mutant", "gone.py:Bug"), "there is no file gone.py"),
        (("run",), "NAMES_OR_FILES"),
        (("run", "hello", "--keep", "0"), "0"),
    ],
)
def test_bad_usage_is_code_2_with_a_hint(cli: CommandLine, words: tuple[str, ...], hint: str) -> None:
    assert cli(*words) == 2
    assert hint in cli.err
    assert cli.out == ""


def test_options_come_from_the_environment(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOUBLETICK_RUN_SEEDS", "1..3")
    monkeypatch.setenv("DOUBLETICK_RUN_JOBS", "1")
    assert cli("run", "hello") == 0
    assert "3 of 3 seeds" in cli.out


def test_history_is_kept_when_asked_for(cli: CommandLine) -> None:
    cli.scenario("fail:2")
    assert cli("run", "hello", "--seeds", "1..3", "--jobs", "1") == 1
    assert [path.name for path in (cli.run_folder() / "history").iterdir()] == ["seed-2.parquet"]
    assert cli("run", "hello", "--seeds", "1..3", "--jobs", "1", "--history", "never") == 1
    assert not (cli.run_folder() / "history").exists()
    assert cli("run", "hello", "--seeds", "1..3", "--jobs", "1", "--history", "always") == 1
    assert len(list((cli.run_folder() / "history").iterdir())) == 3


def test_only_the_newest_folders_are_kept(cli: CommandLine) -> None:
    for _ in range(4):
        assert cli("run", "hello", "--quiet", "--keep", "2") == 0
    folders = [path for path in Path("reports/runs/hello").iterdir() if path.name != "latest"]
    assert len(folders) == 2
    assert cli.run_folder() in [folder.resolve() for folder in folders]


def test_a_full_disk_costs_files_and_not_results(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sim.results.writing.write_tables", full)
    assert cli("run", "hello") == exit_codes.NOT_WRITTEN
    assert "PASSED" in cli.out
    assert "No space left on device" in cli.err
    (folder,) = Path("reports/runs/hello").iterdir()
    assert json.loads((folder / "manifest.json").read_text())["finished"] is False


def test_a_history_that_cannot_be_written_is_told(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("sim.results.tables.write_history", full)
    cli.scenario("fail:1")
    assert cli("run", "hello") == exit_codes.NOT_WRITTEN
    assert "FAILED: this does not hold" in cli.out
    assert "history of hello could not be written" in cli.err


def test_an_output_folder_that_cannot_be_made_is_told_at_once(cli: CommandLine) -> None:
    Path("taken").write_text("a file")
    assert cli("run", "hello", "--out", "taken/runs", "--json", "out.json") == exit_codes.NOT_WRITTEN
    assert "PASSED" in cli.out
    assert "no run folder" in cli.err
    assert json.loads(Path("out.json").read_text())["exit_code"] == exit_codes.NOT_WRITTEN


def test_a_broken_report_costs_no_results(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(folder: Path) -> None:
        raise KeyError("delivery")

    monkeypatch.setattr("sim.report.write_report", broken, raising=False)
    assert cli("run", "hello", "--report", "always") == 0
    assert "no report.html: KeyError" in cli.err
    assert cli("run", "hello", "--report", "failed") == 0
    assert cli.err == ""


def test_stdout_on_a_full_disk_is_code_74(cli: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("/dev/full").open("w") as full:
        monkeypatch.setattr("sys.stdout", full)
        assert cli("run", "hello", "--quiet") == exit_codes.NOT_WRITTEN
        monkeypatch.undo()
    assert "could not be written to stdout" in cli.err
