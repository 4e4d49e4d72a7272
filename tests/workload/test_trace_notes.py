"""What a reader of the results should know of a trace comes with the results, wherever they are read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sim import run
from sim.commands import main

NOTE = "t.csv: 2 rows were skipped in which somebody writes to themself"


@pytest.fixture
def scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "t.csv").write_text("sender,recipient,time\na,b,1\nb,b,2\nb,a,3\na,a,4\n")
    (tmp_path / "a.yaml").write_text("schema: doubletick/1\nworkload: {kind: trace, file: t.csv}\n")
    return "a.yaml"


def test_skipped_rows_are_stated_on_the_terminal_in_the_summary_and_in_the_report(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", scenario, "--seeds", "1..2", "--jobs", "1", "--report", "always"]) == 0
    assert capsys.readouterr().out.count(f"note      {NOTE}") == 1
    folder = tmp_path / "reports" / "runs" / "a" / "latest"
    assert json.loads((folder / "summary.json").read_text())["notes"] == [NOTE]
    assert (folder / "report.html").read_text().count(f"<li>{NOTE}</li>") == 1


def test_a_result_holds_them(scenario: str) -> None:
    assert run(scenario).notes == (NOTE,)
    assert run("two_phones").notes == ()
