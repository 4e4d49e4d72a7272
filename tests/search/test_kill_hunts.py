"""How long each planted bug takes: first failing run, simulated time up to it, medians, survivors."""

from __future__ import annotations

import json
from pathlib import Path

from hunts import Command

from sim.commands import main
from sim.mutants.catalogue import by_number
from sim.runner import run
from sim.scenario.loading import load
from sim.search.kill_hunts import GUIDED, RANDOM, Kill, hunt_down, page_of, rows_of, summary_of, tasks_for


def test_a_hunt_for_a_bug_ends_with_the_run_that_finds_it() -> None:
    bug = by_number(22)
    assert bug is not None
    tasks = tasks_for([bug], {bug.scenario: load(bug.scenario)}, starts=2, most=10)
    assert [(task.mode, task.start) for task in tasks] == [(RANDOM, 1), (GUIDED, 1), (RANDOM, 2), (GUIDED, 2)]
    kill = hunt_down(tasks[0])
    assert kill.runs is not None
    results = [run(bug.scenario, seed, mutant=22) for seed in range(1, kill.runs + 1)]
    assert [any(v.check == bug.check and v.violations for v in each.verdicts) for each in results] == [
        *[False] * (kill.runs - 1),
        True,
    ]
    assert kill.simulated_us == sum(each.simulated_us for each in results)
    assert hunt_down(tasks[1]) == hunt_down(tasks[1])


def test_medians_count_survivors_as_longest() -> None:
    bug = by_number(22)
    assert bug is not None
    kills = [
        *(
            Kill(22, RANDOM, start, runs, simulated_us=(runs or 10) * 1_000_000)
            for start, runs in enumerate((3, None, 9))
        ),
        *(Kill(22, GUIDED, start, runs, simulated_us=5_000_000) for start, runs in enumerate((None, None, 1))),
    ]
    (row,) = rows_of([bug], kills, most=10)
    assert row[RANDOM] == {"hunts": 3, "killed": 2, "runs": 9.0, "worst": None, "simulated_s": 9.0}
    assert row[GUIDED]["runs"] is None
    assert row["killed"]
    assert summary_of([row])["within_50"] == {RANDOM: 1, GUIDED: 0}
    page = page_of([row], "doubletick mutants --hunt")
    assert "| 22 | phone applies beyond a gap" in page
    assert page.rstrip().endswith("| 9 | - | 9 | - |")


def test_the_command_prints_and_writes_the_matrix(hunt: Command) -> None:
    words = ["mutants", "--hunt", "--only", "2,22", "--starts", "1", "--most", "5", "--jobs", "1"]
    assert main([*words, "--page", "matrix.md", "--json", "matrix.json"]) == 0
    document = json.loads(Path("matrix.json").read_text())
    assert document["summary"]["killed"] == 2
    assert (
        "Written by `doubletick mutants --hunt --starts 1 --most 5 --page matrix.md`" in Path("matrix.md").read_text()
    )
