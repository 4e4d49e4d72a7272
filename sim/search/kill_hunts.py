"""How long a hunt takes to find each planted bug: runs and simulated time to the first one in which its check fails,
from several starting seeds, at random and guided."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any, Final

from ..executors.local import stream
from ..scenario.model import Scenario
from .guided import GuidedPlan
from .hunt import Hunt, Planner, RandomPlan

RANDOM: Final = "random"
GUIDED: Final = "guided"
MODES: Final = (RANDOM, GUIDED)
WAVE: Final = 5
"""A guided hunt of few runs has to learn at once."""
_HEADINGS: Final = (
    *("bug", "what is wrong", "scenario", "check"),
    *(f"{what}, {mode}" for what in ("runs", "simulated s") for mode in MODES),
)
_APART: Final = 10_000
"""Starting seeds lie so far apart that no two hunts share a run."""


@dataclass(frozen=True, slots=True)
class KillTask:
    """One hunt for one planted bug."""

    number: int
    scenario: Scenario
    check: str
    mode: str
    start: int
    most: int


@dataclass(frozen=True, slots=True)
class Kill:
    """What it took. ``runs`` is None when the bug survived."""

    number: int
    mode: str
    start: int
    runs: int | None
    seed: str = ""
    simulated_us: int = 0
    """Simulated until the check failed, over all runs."""
    error: str = ""


def hunt_down(task: KillTask) -> Kill:
    """Play runs until the named check fails. A module-level function, so that worker processes can import it."""
    first = 1 + (task.start - 1) * _APART
    seeds = [str(seed) for seed in range(first, first + task.most)]
    plan: Planner = RandomPlan(seeds, task.most)
    if task.mode == GUIDED:
        plan = GuidedPlan(task.scenario, seeds, task.most, seed=str(task.start), wave=WAVE)
    hunt = Hunt(task.scenario, plan, str(task.number), coverage=task.mode == GUIDED, with_repeats=False)
    simulated_us = 0
    for runs, outcome in enumerate(hunt.play(partial(stream, workers=1)), 1):
        simulated_us += outcome.simulated_us
        if outcome.error:
            return Kill(task.number, task.mode, task.start, None, outcome.seed, simulated_us, outcome.error)
        if any(failure.check == task.check for failure in outcome.failures):
            return Kill(task.number, task.mode, task.start, runs, outcome.seed, simulated_us)
    return Kill(task.number, task.mode, task.start, None, simulated_us=simulated_us)


def tasks_for(entries: Iterable[Any], scenarios: dict[str, Scenario], starts: int, most: int) -> list[KillTask]:
    """A hunt for each planted bug, mode and starting seed."""
    return [
        KillTask(entry.number, scenarios[entry.scenario], entry.check, mode, start, most)
        for entry in entries
        for start in range(1, starts + 1)
        for mode in MODES
    ]


def rows_of(entries: Sequence[Any], kills: Sequence[Kill], most: int) -> list[dict[str, Any]]:
    """One row per planted bug, in the order of the catalogue."""
    rows = []
    for entry in entries:
        own = [kill for kill in kills if kill.number == entry.number]
        rows.append(
            {
                "number": entry.number,
                "title": entry.title,
                "scenario": entry.scenario,
                "check": entry.check,
                **{mode: _row([kill for kill in own if kill.mode == mode]) for mode in MODES},
                "errors": [kill.error for kill in own if kill.error],
                "killed": any(kill.runs is not None for kill in own),
                "most": most,
            }
        )
    return rows


def _row(kills: Sequence[Kill]) -> dict[str, Any]:
    """Medians over the starting seeds; None where the median hunt did not find the bug."""
    runs = [math.inf if kill.runs is None else float(kill.runs) for kill in kills]
    spans = [math.inf if kill.runs is None else kill.simulated_us / 1e6 for kill in kills]
    return {
        "hunts": len(kills),
        "killed": sum(kill.runs is not None for kill in kills),
        "runs": _finite(median(runs)) if runs else None,
        "worst": _finite(max(runs)) if runs else None,
        "simulated_s": _finite(median(spans)) if spans else None,
    }


def _finite(value: float) -> float | None:
    return round(value, 1) if math.isfinite(value) else None


def summary_of(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The matrix in a few numbers."""
    both = [row for row in rows if row[RANDOM]["runs"] is not None and row[GUIDED]["runs"] is not None]
    return {
        "bugs": len(rows),
        "killed": sum(row["killed"] for row in rows),
        "within_50": {
            mode: sum(row[mode]["runs"] is not None and row[mode]["runs"] <= 50 for row in rows) for mode in MODES
        },
        "median_runs": {mode: median(row[mode]["runs"] for row in both) if both else None for mode in MODES},
        "guided_sooner": sum(row[GUIDED]["runs"] < row[RANDOM]["runs"] for row in both),
        "random_sooner": sum(row[RANDOM]["runs"] < row[GUIDED]["runs"] for row in both),
        "hunts_killed": {mode: sum(row[mode]["killed"] for row in rows) for mode in MODES},
        "hunts": sum(row[RANDOM]["hunts"] for row in rows),
        "total_runs": {mode: sum(row[mode]["runs"] for row in both) for mode in MODES},
    }


def page_of(rows: Sequence[dict[str, Any]], command: str) -> str:
    """The page ``docs/kill-matrix.md``."""
    said = summary_of(rows)
    total = said["total_runs"]
    starts = max((row[RANDOM]["hunts"] for row in rows), default=0)
    most = rows[0]["most"] if rows else 0
    lines = [
        "# Kill matrix",
        "",
        "How long a hunt takes to find each planted bug on the scenario that it belongs to: runs until the check that",
        f"must fire has failed, and the simulated time of those runs; medians over {starts} starting seeds (worst in",
        f"brackets; `-`: the median hunt found nothing in {most} runs). *Random* plays each seed as it comes; *guided*",
        "changes runs that covered something new (see [hunting](hunting.md)).",
        "",
        f"Written by `{command}`.",
        "",
        f"- {said['killed']} of {said['bugs']} planted bugs are found; within 50 runs in the median: "
        f"{said['within_50'][RANDOM]} at random, {said['within_50'][GUIDED]} guided.",
        f"- Of {said['hunts']} hunts each way, {said['hunts_killed'][RANDOM]} at random and "
        f"{said['hunts_killed'][GUIDED]} guided found their bug.",
        f"- Guided is sooner for {said['guided_sooner']} bugs, random for {said['random_sooner']}; the medians of bugs",
        f"  that both find add up to {total[RANDOM]:g} runs at random and {total[GUIDED]:g} guided.",
        "",
        f"| {' | '.join(_HEADINGS)} |",
        "| ---: | --- | --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for row in rows:
        cells = [str(row["number"]), row["title"], f"`{row['scenario']}`", row["check"]]
        cells += [_cell(row[mode]["runs"], row[mode]["worst"]) for mode in MODES]
        cells += [_cell(row[mode]["simulated_s"]) for mode in MODES]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _cell(value: float | None, worst: float | None = None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if worst is None or worst == value else f"{value:,.0f} ({worst:,.0f})"
