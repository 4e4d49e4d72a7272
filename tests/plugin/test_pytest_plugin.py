"""The pytest plugin: off unless asked for, a test per seed, stories in place of tracebacks, also on several workers."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import pytest

from sim.scenario.loading import load

pytest_plugins = "pytester"
ROOT = Path(__file__).parents[2]
GOOD = "schema: doubletick/1\nname: calm\nworkload: {users: 3, messages: 10}\ntime: {chaos: 20s}\n"
SILENT = GOOD.replace("messages: 10", "messages: 0").replace("calm", "silent")


@pytest.fixture
def tests(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    installed = any(entry.value == "sim.pytest_plugin" for entry in entry_points(group="pytest11"))
    if not installed:
        pytester.plugins.append("sim.pytest_plugin")
    (pytester.path / "calm.yaml").write_text(GOOD)
    pytester.makepyfile("def test_own(): pass")
    return pytester


UNUSED = ("-p", "no:cacheprovider", "-p", "no:hypothesispytest")
"""Plugins that nothing here needs, one of which takes longer to load than all the rest."""


def play(tests: pytest.Pytester, *options: str) -> pytest.RunResult:
    return tests.runpytest_subprocess(*UNUSED, *options)


def test_it_is_off_unless_asked_for(tests: pytest.Pytester) -> None:
    play(tests).assert_outcomes(passed=1)


def test_each_seed_is_a_test(tests: pytest.Pytester) -> None:
    (tests.path / "other.yaml").write_text("kind: workflow\n")
    result = play(tests, "--doubletick", "--doubletick-seeds", "1..2,abc", "-v")
    result.assert_outcomes(passed=4)
    result.stdout.fnmatch_lines(["*calm.yaml::seed 1 PASSED*", "*calm.yaml::seed abc PASSED*"])


def test_the_configuration_can_ask_for_it(tests: pytest.Pytester) -> None:
    tests.makeini("[pytest]\ndoubletick_files = calm.*\ndoubletick_seeds = 1..3\n")
    (tests.path / "silent.yaml").write_text(SILENT)
    play(tests).assert_outcomes(passed=4)


def test_a_failure_is_a_story(tests: pytest.Pytester) -> None:
    (tests.path / "silent.yaml").write_text(SILENT)
    result = play(tests, "--doubletick", "silent.yaml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["NOTHING TESTED: no message was composed*", "replay: doubletick replay silent.yaml *"])
    assert "Traceback" not in result.stdout.str() and "runtest" not in result.stdout.str()


def test_a_broken_promise_is_told_and_written_out(tests: pytest.Pytester) -> None:
    tests.makeconftest(
        "from dataclasses import replace\n"
        "from sim.executors import jobs\n"
        "right = jobs.play\n"
        "jobs.play = lambda job: right(replace(job, mutant='22'))\n"
    )
    (tests.path / "lossy.yaml").write_text((ROOT / "scenarios" / "mutants_lossy.yaml").read_text())
    seeds = ("--doubletick-seeds", "2", "--doubletick-save", "saved")
    result = play(tests, "--doubletick", "lossy.yaml", *seeds, "-n", "2")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*LOSS-1: no accepted or seen message is lost", "replay: *", "written out: *"])
    (saved,) = (tests.path / "saved").iterdir()
    assert load(saved).workload.kind == "script" and load(saved).faults


def test_a_file_that_does_not_load_is_told_with_its_line(tests: pytest.Pytester) -> None:
    (tests.path / "bad.yaml").write_text("schema: doubletick/1\nprotocl: {}\n")
    result = play(tests, "--doubletick")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*bad.yaml:2:1: protocl: unknown key*"])


def test_seeds_that_are_none_are_refused(tests: pytest.Pytester) -> None:
    assert play(tests, "--doubletick", "--doubletick-seeds", "5..1").ret == pytest.ExitCode.USAGE_ERROR


def test_several_workers_play_the_same_tests(tests: pytest.Pytester) -> None:
    play(tests, "--doubletick", "--doubletick-seeds", "1..6", "-n", "2").assert_outcomes(passed=7)
