"""``doubletick check``: the worst exit code wins, and CI gets all that it reads."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sim.commands import main
from sim.commands.gating import in_shard
from sim.results.annotations import workflow_commands
from sim.results.gate import Case
from sim.results.junit import junit_xml
from sim.results.step_summary import MOST_BYTES, step_summary
from sim.scenario.errors import Problem
from sim.scenario.loading import load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALL = "schema: doubletick/1\nname: {name}\nworkload: {{users: 3, messages: {messages}}}\ntime: {{chaos: 10s}}\n"
LOSSY = "schema: doubletick/1\nname: lossy\nextends: mutants_lossy\nchecks:\n  - DUP-1\n  - LOSS-1\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "suite" / "deep").mkdir(parents=True)
    write("suite/calm.yaml", SMALL.format(name="calm", messages=4))
    return tmp_path


def write(path: str, text: str) -> None:
    Path(path).write_text(text)


def check(*words: str) -> int:
    return main(["check", "suite", "--report", "never", "--history", "never", "-j", "1", *words])


def junit(path: str = "junit.xml") -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def test_a_good_folder_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--junit", "junit.xml", "--seeds", "1..2") == 0
    root = junit()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("2", "0", "0")
    assert [case.get("name") for case in root.iter("testcase")] == ["seed 1", "seed 2"]
    assert "PASSED: 1 of 1 scenario passed" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, 0),
        ({"silent": SMALL.format(name="silent", messages=0)}, 4),
        ({"silent": SMALL.format(name="silent", messages=0), "lossy": LOSSY}, 1),
        ({"lossy": LOSSY, "bad": "schema: doubletick/1\nprotocl: {}\n"}, 2),
    ],
)
def test_the_worst_exit_code_wins(folder: Path, files: dict[str, str], code: int) -> None:
    for name, text in files.items():
        write(f"suite/deep/{name}.yaml", text)
    assert check("--seeds", "2", "--mutant", "22") == code


def test_a_failing_run_is_told_everywhere_and_written_out(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write("suite/deep/lossy.yaml", LOSSY)
    write("suite/deep/bad.yaml", "schema: doubletick/1\nprotocl: {}\n")
    write("steps.md", "what others wrote\n")
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(folder / "steps.md"))
    assert check("--seeds", "1..3", "--mutant", "22", "--junit", "out/junit.xml", "--json", "results.json") == 2
    (failure,) = junit("out/junit.xml").iter("failure")
    assert "LOSS-1" in (failure.get("message") or "") and "replay: doubletick replay" in (failure.text or "")
    (error,) = junit("out/junit.xml").iter("error")
    assert "unknown key" in (error.get("message") or "")
    summary = Path("steps.md").read_text()
    assert (
        summary.startswith("what others wrote\n## doubletick") and "lossy, seed 2" in summary and "protocl" in summary
    )
    told = capsys.readouterr().out.splitlines()
    lines = [line for line in told if line.startswith("::")]
    assert any(line.startswith("::error file=suite/deep/lossy.yaml,line=6,") for line in lines), lines
    assert any(line.startswith("::error file=suite/deep/bad.yaml,line=2,col=1,") for line in lines), lines
    (saved,) = Path("reports/runs/regressions").iterdir()
    again = load(saved)
    assert again.workload.kind == "script" and main(["run", str(saved), "-q", "--mutant", "22"]) == 1
    assert json.loads(Path("results.json").read_text())["exit_code"] == 1


def test_two_scenarios_of_one_name_are_both_written_out(folder: Path) -> None:
    write("suite/lossy.yaml", LOSSY)
    write("suite/deep/lossy.yaml", LOSSY)
    assert check("--seeds", "2", "--mutant", "22", "--save", "saved") == 1
    assert len(list(Path("saved").iterdir())) == 2


def test_json_on_stdout_stays_json(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check("--json", "-", "--annotations") == 0
    assert json.loads(capsys.readouterr().out)["passed"]


def test_fresh_seeds_come_from_the_text(folder: Path) -> None:
    assert check("--seed-from", "deadbeef", "--fresh", "3", "--junit", "junit.xml") == 0
    names = [case.get("name") for case in junit().iter("testcase")]
    assert names == ["seed deadbeef.1", "seed deadbeef.2", "seed deadbeef.3"]


@pytest.mark.parametrize(
    "words",
    [
        ["--seed-from", "deadbeef", "--seeds", "1"],
        ["--shard", "3/2"],
        ["--shard", "0/2"],
        ["--shard", "half"],
        ["--mutant", "99999"],
        ["--seed-from", "a/b"],
    ],
)
def test_bad_usage(folder: Path, words: list[str]) -> None:
    assert check(*words) == 2


def test_a_folder_without_scenarios_is_bad_usage(folder: Path) -> None:
    (folder / "empty").mkdir()
    assert main(["check", "empty"]) == 2


def test_parts_hold_each_case_once_and_do_not_move() -> None:
    keys = [f"scenario_{number}.yaml|" for number in range(200)]
    parts = [[key for key in keys if in_shard(key, f"{place}/5")] for place in range(1, 6)]
    assert sorted(key for part in parts for key in part) == sorted(keys)
    assert all(20 < len(part) < 60 for part in parts)
    assert [in_shard(keys[0], f"{place}/5") for place in range(1, 6)] == [False, True, False, False, False]


def test_an_empty_part_passes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    codes = [check("--shard", f"{place}/4", "--junit", f"junit{place}.xml") for place in range(1, 5)]
    assert codes == [0] * 4
    assert sum(int(junit(f"junit{place}.xml").get("tests", "")) for place in range(1, 5)) == 1


def test_what_cannot_be_written_is_74(folder: Path) -> None:
    write("taken", "a file")
    assert check("--junit", "taken/junit.xml") == 74


def test_variants_are_cases_of_their_own(folder: Path) -> None:
    write("suite/calm.yaml", SMALL.format(name="calm", messages=4) + "variants:\n  quick: {time: {chaos: 5s}}\n")
    assert check("--variant", "all", "--junit", "junit.xml") == 0
    assert [suite.get("name") for suite in junit()] == ["calm", "calm (quick)"]


def nasty(number: int) -> Case:
    text = "\x00\x1b[31m | `code` ]]> <b> ::error:: \ud800 " + "x" * 5_000
    return Case(f"a,b:{number}.yaml", text, problems=(Problem("f%,:", 3, 2, "p", text + "\r\n::stop::", "hint"),) * 5)


def test_what_strangers_write_breaks_no_report() -> None:
    cases = [nasty(number) for number in range(500)]
    summary = step_summary(cases, 2)
    assert len(summary.encode("utf-8", "replace")) < MOST_BYTES and "would not fit" in summary
    ElementTree.fromstring(junit_xml(cases).encode())
    lines = workflow_commands(cases)
    assert len(lines) == 50
    assert all("\n" not in line and "\r" not in line and line.startswith("::error file=f%25%2C%3A,") for line in lines)


def test_the_sample_workflow_calls_what_there_is() -> None:
    from ruamel.yaml import YAML

    from sim.commands.check import command

    text = (SCENARIOS.parent / "docs" / "samples" / "doubletick.yml").read_text(encoding="utf-8")
    steps = YAML(typ="safe").load(text)["jobs"]["check"]["steps"]
    calls = [step["run"] for step in steps if step.get("run", "").startswith("doubletick check")]
    assert len(calls) == 2
    known = {name for parameter in command.params for name in parameter.opts}
    assert all(word in known for call in calls for word in call.split() if word.startswith("--"))
