"""A summary on the terminal. It shows what the summary says and works out nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..results import exit_codes
from ..results.words import code_of_runs
from ..vocabulary.units import format_duration
from .terminal import Terminal

_MOST_FAULTS: Final = 20
_MOST_SEEDS: Final = 12
_MOST_NOTES: Final = 5
_STYLES: Final = {
    exit_codes.PASSED: "green",
    exit_codes.CHECK_FAILED: "red",
    exit_codes.OUR_BUG: "red",
    exit_codes.NOT_DETERMINISTIC: "red",
    exit_codes.BAD_USAGE: "red",
}


def print_summary(terminal: Terminal, summary: Mapping[str, Any], *, whole_story: bool = False) -> None:
    """Title, checks, faults, delivery, verdict, and the story of the first failing check (or of all)."""
    if not terminal.quiet:
        _title(terminal, summary)
        _checks(terminal, summary)
        _faults(terminal, summary)
        _facts(terminal, summary)
    prefix = f"{name_of(summary)}: " if terminal.quiet else ""
    terminal.line(prefix + summary["sentence"], _STYLES.get(summary["exit_code"], "yellow"))
    failures = summary["failures"] if whole_story else summary["failures"][:1]
    for failure in failures:
        _failure(terminal, summary, failure)
    left = len(summary["failures"]) - len(failures)
    if left:
        terminal.line(f"  {left} more failing {'check' if left == 1 else 'checks'}; replay tells all.")
    code = code_of_runs(summary)
    if not summary["failures"] and code not in (exit_codes.PASSED, exit_codes.BAD_USAGE):
        _replay_of_first(terminal, summary, code)


def name_of(summary: Mapping[str, Any]) -> str:
    """Scenario, variant and planted bug, as a heading says them."""
    variant = f" ({summary['variant']})" if summary["variant"] else ""
    mutant = f" with planted bug {summary['mutant']}" if summary["mutant"] else ""
    return f"{summary['scenario']}{variant}{mutant}"


def _title(terminal: Terminal, summary: Mapping[str, Any]) -> None:
    runs, seeds = summary["runs"], summary["seeds"]
    played = f"seed {seeds[0]['seed']}" if runs["asked"] == 1 else f"{runs['finished']:,} of {runs['asked']:,} seeds"
    commit = summary["commit"][:12] if summary["commit"] else "unknown"
    changed = " with changes" if summary["changed"] else ""
    terminal.line(f"{name_of(summary)}, {played}, commit {commit}{changed}", "bold")
    if summary["question"]:
        terminal.line(f"  {summary['question'].strip()}")
    terminal.line()


def _checks(terminal: Terminal, summary: Mapping[str, Any]) -> None:
    if summary["runs"]["asked"] == 1:
        headings: tuple[str, ...] = ("check", "what must hold", "outcome", "cases")
        rows = [[row["check"], row["meaning"], outcome_word(row), f"{row['exercised']:,}"] for row in summary["checks"]]
        right: tuple[str, ...] = ("cases",)
    else:
        headings = ("check", "what must hold", "outcome", "valid", "invalid", "unknown", "cases", "failing seeds")
        rows = [
            [
                row["check"],
                row["meaning"],
                outcome_word(row),
                *(f"{row[key]:,}" for key in ("valid", "invalid", "unknown", "exercised")),
                _some(row["failing_seeds"], row["invalid"]),
            ]
            for row in summary["checks"]
        ]
        right = ("valid", "invalid", "unknown", "cases")
    terminal.table(headings, rows, right=right, wrap=("what must hold", "failing seeds"))
    if rows:
        terminal.line()


def outcome_word(row: Mapping[str, Any]) -> Any:
    """The outcome in its colour."""
    from rich.text import Text

    styles = {"valid": "green", "invalid": "bold red", "unknown": "yellow"}
    return Text(row["outcome"], style=styles.get(row["outcome"], ""))


def _some(seeds: list[str], number: int) -> str:
    more = f" and {number - _MOST_SEEDS:,} more" if number > _MOST_SEEDS else ""
    return ", ".join(seeds[:_MOST_SEEDS]) + more


def _faults(terminal: Terminal, summary: Mapping[str, Any]) -> None:
    if summary["runs"]["asked"] == 1:
        _faults_of_one(terminal, summary["seeds"][0])
        return
    rows = [
        [row["kind"], row["origin"], f"{row['times']:,}", f"{row['idle']:,}", f"{row['touched']:,}"]
        for row in summary["injected"]
    ]
    headings = ("injected in all runs", "origin", "times", "touched nothing", "effects touched")
    terminal.table(headings, rows, right=headings[2:])
    if rows:
        terminal.line()


def _length(row: Mapping[str, Any]) -> str:
    """How long a fault lasted, as people say it."""
    if row["began_us"] < 0:
        return "-"
    span_us = row["ended_us"] - row["began_us"]
    return format_duration(span_us) if span_us > 0 else "at once" if span_us == 0 else "to the end"


def _faults_of_one(terminal: Terminal, run: Mapping[str, Any]) -> None:
    rows = [
        [
            row["kind"] + (f" at {row['point']}" if row["point"] else ""),
            row["where"],
            "never" if row["began_us"] < 0 else format_duration(row["began_us"]),
            _length(row),
            f"{row['touched']:,}",
            row["origin"],
        ]
        for row in run["injected"][:_MOST_FAULTS]
    ]
    headings = ("injected", "where", "at", "for", "touched", "origin")
    terminal.table(headings, rows, right=("at", "for", "touched"), wrap=headings[:2])
    left = run["injected_in_all"] - len(rows)
    if left > 0:
        terminal.line(f"  and {left:,} more (faults.parquet)")
    if rows:
        terminal.line()


def _facts(terminal: Terminal, summary: Mapping[str, Any]) -> None:
    """What was drawn, how long delivery took, which hard cases occurred, how long it all took."""
    single = summary["runs"]["asked"] == 1
    if single and summary["seeds"][0]["drawn"]:
        from ..scenario.drawing import described

        drawn = ", ".join(f"{path} = {value}" for path, value in described(summary["seeds"][0]["drawn"]).items())
        terminal.line(f"  drawn     {drawn}")
    times = summary["delivery"]
    if times:
        scope = "this run" if single else "all runs pooled"
        terminal.line(
            f"  delivery  p50 {format_duration(times['p50_us'])}, p99 {format_duration(times['p99_us'])}, "
            f"longest {format_duration(times['maximum_us'])} ({scope}, {times['count']:,} deliveries)"
        )
    reached = [f"{name} ({number:,})" for name, number in summary["reached"].items() if number]
    if reached:
        terminal.line(f"  reached   {', '.join(reached)}")
    for note in summary["notes"][:_MOST_NOTES]:
        terminal.line(f"  note      {note}")
    simulated = sum(run["simulated_us"] for run in summary["seeds"])
    terminal.line(f"  played    {format_duration(simulated)} of simulated time in {summary['wall_s']:.1f} s of work")
    terminal.line()


def _failure(terminal: Terminal, summary: Mapping[str, Any], failure: Mapping[str, Any]) -> None:
    at = f" at {format_duration(failure['at_us'])}" if failure["at_us"] >= 0 else ""
    means = f": {failure['meaning']}" if failure["meaning"] else ""
    more = f" ({failure['violations']:,} cases; this is one)" if failure["violations"] > 1 else ""
    terminal.line()
    terminal.line(f"  {failure['check']}{means}. Broken in seed {failure['seed']}{at}{more}:", "red")
    for line in failure["story"]:
        terminal.line(f"    {line}")
    _replay(terminal, summary, failure["replay"])


def _replay_of_first(terminal: Terminal, summary: Mapping[str, Any], code: int) -> None:
    """A run that broke without a failing check still says how to see it again."""
    from ..results.words import replay_command

    seeds = summary["seeds"]
    run = next((run for run in seeds if run["exit_code"] == code), seeds[0])
    command = replay_command(
        summary["given"], run["seed"], variant=summary["variant"], sets=summary["sets"], mutant=summary["mutant"]
    )
    _replay(terminal, summary, command)


def _replay(terminal: Terminal, summary: Mapping[str, Any], command: str) -> None:
    changed = " plus the changes that git shows" if summary["changed"] else ""
    at = f"   # at commit {summary['commit'][:12]}{changed}" if summary["commit"] else ""
    terminal.line(f"  replay: {command}{at}")
