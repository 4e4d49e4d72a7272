"""The scenarios that are shipped: they load, and they mean what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from sim import run
from sim.checkers.catalogue import applicable
from sim.checkers.verdict import INVALID, UNKNOWN
from sim.commands import main
from sim.results import exit_codes
from sim.runner import Result
from sim.scenario.finding import SHIPPED, shipped
from sim.scenario.loading import load, open_scenario, variants_of

ROOT = Path(__file__).parents[1]
SMALL = (
    "two_phones",
    "mutants",
    "swarm",
    "mutants_lossy",
    "mutants_pause",
    "mutants_disk",
    "phone_disk",
    "mutants_wipe",
    "mutants_away",
    "media",
    "mutants_push",
    "mutants_retention",
    "mutants_ahead",
    "mutants_sorted_in",
    "mutants_presence",
    "mutants_encryption",
    "mutants_sealed",
    "mutants_sealed_retention",
    "presence_storm_small",
    "mutants_reads",
    "mutants_reads_groups",
    "mutants_channels",
)
REGRESSIONS = tuple(sorted(path.stem for path in (SHIPPED / "regressions").glob("*.yaml")))


def complaints(result: Result) -> list[str]:
    """What is wrong with a run, in words."""
    wrong = [f"{each.check}: {' / '.join(each.story)}" for each in result.verdicts if each.outcome == INVALID]
    return [f"{result.scenario.name} seed {result.seed_text}: {each}" for each in wrong]


@pytest.mark.parametrize("name", shipped())
def test_it_loads_with_all_its_variants_and_asks_a_question(name: str) -> None:
    scenario = open_scenario(name).scenario
    assert scenario.name == name
    assert scenario.question.endswith("?")
    assert scenario.tags
    for variant in variants_of(name):
        assert load(name, variant=variant) != scenario, variant


def test_what_is_shipped_is_what_the_readme_names() -> None:
    """A newcomer looks for these."""
    assert {"two_phones", "commute", "swarm", "mutants", "college_messages"} <= set(shipped())


def unjudged(results: list[Result]) -> set[str]:
    """The checks that had nothing to judge in all these runs."""
    judged = {verdict.check for result in results for verdict in result.verdicts if verdict.outcome != UNKNOWN}
    return {check for result in results for check in applicable(result.scenario)} - judged


def shown(results: list[Result]) -> int:
    return sum(result.counts["shown"] for result in results)


@pytest.mark.parametrize("name", SMALL)
def test_a_small_one_is_valid_over_a_few_seeds(name: str) -> None:
    """Three seeds, and as many more, up to eight, as it takes for every check to have something to judge."""
    results = [run(name, seed) for seed in range(1, 4)]
    while (unjudged(results) or shown(results) <= 20) and len(results) < 8:
        results.append(run(name, len(results) + 1))
    assert [each for result in results for each in complaints(result)] == []
    assert shown(results) > 20
    assert unjudged(results) == set()


@pytest.mark.long
@pytest.mark.parametrize("name", SMALL)
def test_a_small_one_is_valid_over_more_seeds(name: str) -> None:
    assert [each for seed in range(4, 31) for each in complaints(run(name, seed))] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_the_commute_is_valid(seed: int) -> None:
    scenario = load("commute", sets=("workload.users=150", "workload.messages=800"))
    result = run(scenario, seed)
    assert complaints(result) == []
    assert result.counts["composed"] == result.counts["shown"] == 800
    assert result.outcome() == exit_codes.PASSED


def test_a_week_offline_loses_nothing_untold() -> None:
    """INBOX-6: kept for a month, everything comes at once; with two days or twenty updates, a marker and the rest."""
    shown = {}
    for variant in (None, "two_days", "twenty_updates"):
        result = run(load("week_offline", variant=variant, sets=("workload.users=40", "workload.messages=1500")), 1)
        assert complaints(result) == [] and result.outcome() == exit_codes.PASSED, (variant, result.missed())
        metrics = result.metrics()
        shown[variant] = metrics["shown"]
        assert metrics["composed"] - metrics["shown"] <= metrics["updates_expired"], variant
        assert bool(variant) == bool(metrics["told_of_expiry"]), variant
    assert shown["two_days"] < shown[None] == 1_500 > shown["twenty_updates"]


def test_an_outage_of_push_costs_time_and_no_message() -> None:
    """PUSH-2: on the same luck, mean delivery is slower with one provider away, and slower still without any push."""
    mean = {}
    for variant in ("calm", None, "both", "no_push"):
        result = run(load("push_outage", variant=variant, sets=("workload.users=100", "workload.messages=1k")), 1)
        assert complaints(result) == [] and result.outcome() == exit_codes.PASSED, (variant, result.missed())
        assert result.counts["shown"] == result.counts["composed"] == 1_000
        mean[variant] = result.metrics()["delivery_mean_s"]
    assert mean["calm"] < mean[None] < mean["both"] < mean["no_push"], mean


def test_every_regression_has_its_story() -> None:
    told = (ROOT / "docs" / "bugs-found.md").read_text(encoding="utf-8")
    assert [name for name in REGRESSIONS if name not in told] == []


@pytest.mark.parametrize("name", REGRESSIONS)
def test_a_regression_draws_nothing_or_names_the_case_that_it_is_about(name: str) -> None:
    """What it builds on may draw other systems tomorrow, and the run that once failed would be gone unnoticed."""
    scenario = load(name)
    assert scenario.must_reach or [path for path, choices in scenario.drawn.items() if len(choices) > 1] == []


@pytest.mark.parametrize("name", REGRESSIONS)
def test_a_bug_that_was_found_stays_fixed(name: str) -> None:
    """Each is a run that once failed, written out; docs/bugs-found.md tells the stories."""
    scenario = load(name)
    first, _, last = scenario.seeds.partition("..")
    seeds = range(int(first), int(last or first) + 1) if first.isdecimal() else [first]
    for seed in seeds:
        result = run(scenario, seed)
        assert complaints(result) == []
        assert result.outcome() == exit_codes.PASSED, result.missed()


# -- runs that test nothing are no pass -------------------------------------------------------------------------


class CommandLine(NamedTuple):
    """The command line, in this process and in a folder of its own."""

    folder: Path
    capfd: pytest.CaptureFixture[str]

    def __call__(self, *words: str) -> tuple[int, str]:
        self.capfd.readouterr()
        code = main([*words, "--report", "never"])
        out, err = self.capfd.readouterr()
        assert "Traceback" not in err, err
        return code, out

    def run(self, text: str) -> tuple[int, str]:
        """Run a scenario of this text; exit code and what was told."""
        return self("run", written(self.folder, text), "--json", "run.json")


@pytest.fixture
def doubletick(capfd: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.chdir(tmp_path)
    return CommandLine(tmp_path, capfd)


def written(folder: Path, text: str) -> str:
    path = folder / "mine.yaml"
    path.write_text("schema: doubletick/1\nextends: two_phones\n" + text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("faults: [{kind: crash, point: before registry.send.denied, for: 1s}]", "crash at before registry.send"),
        ("faults: [{kind: loss, at: 25s, for: 1s, target: store 0, probability: 100%}]", "touched nothing"),
        ("must_reach: [laggard cursor born]", "never reached what it must reach: laggard cursor born"),
        ("workload: {operations: [{at: 1s, sender: 0, recipient: 1, opens: true}]}", "no message was composed"),
    ],
    ids=["a point that is never met", "a time at which nothing happens", "a case that is not reached", "no messages"],
)
def test_a_run_that_tests_nothing_is_no_pass(text: str, reason: str, doubletick: CommandLine, tmp_path: Path) -> None:
    code, told = doubletick.run(text)
    assert code == exit_codes.NOTHING_TESTED, told
    assert "NOTHING TESTED" in told
    assert reason in told
    assert json.loads((tmp_path / "run.json").read_text())["exit_code"] == exit_codes.NOTHING_TESTED


def test_the_same_fault_where_something_happens_is_a_test(doubletick: CommandLine) -> None:
    text = "faults: [{kind: crash, point: before store.send.accepted, for: 1s}]"
    code, told = doubletick.run(text)
    assert code == exit_codes.PASSED, told
    assert "although 1 fault hit the system" in told


def test_a_required_check_without_a_case_is_inconclusive(doubletick: CommandLine) -> None:
    text = "checks: [ORDER-4]\nworkload: {operations: [{at: 1s, sender: 0, recipient: 1, text: alone}]}"
    code, told = doubletick.run(text)
    assert code == exit_codes.INCONCLUSIVE, told
    assert "ORDER-4 met no case to judge" in told


@pytest.mark.long
@pytest.mark.timeout(1500)
@pytest.mark.parametrize("variant", ["first_rows", None], ids=["first rows", "half a year"])
def test_half_a_year_of_real_messages(variant: str | None) -> None:
    result = run(load("college_messages", variant=variant), 1)
    assert complaints(result) == []
    assert result.counts["composed"] >= (1_990 if variant else 59_000)
    assert result.outcome() == exit_codes.PASSED, result.missed()


@pytest.mark.long
@pytest.mark.timeout(900)
def test_the_swarm_is_valid_over_many_seeds() -> None:
    results = (run("swarm", seed) for seed in range(1, 301))
    assert [each for result in results for each in complaints(result)] == []


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("variant", [None, *variants_of("commute")])
def test_the_whole_commute_is_valid(variant: str | None) -> None:
    result = run(load("commute", variant=variant), 1)
    assert complaints(result) == []
