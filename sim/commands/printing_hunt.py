"""The table of a hunt on the terminal. It shows what the document says and works out nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..results import exit_codes
from ..results.words import plural
from ..vocabulary.units import format_duration
from .printing import name_of
from .terminal import Terminal

_MOST_POINTS: Final = 12
_STYLES: Final = {exit_codes.PASSED: "green", exit_codes.NOTHING_TESTED: "yellow", exit_codes.INCONCLUSIVE: "yellow"}


def print_hunt(terminal: Terminal, document: Mapping[str, Any]) -> None:
    """What was played, what struck, what was reached and covered; the verdict; and each failure with its replay."""
    if not terminal.quiet:
        _title(terminal, document)
        _facts(terminal, document)
        _faults(terminal, document)
        _cases(terminal, document)
        _failures(terminal, document)
    terminal.line(document["sentence"], _STYLES.get(document["exit_code"], "red"))
    for row in document["failures"]:
        _story(terminal, row)
    for row in document["errors"]:
        terminal.line(f"  seed {row['first_seed']} ({plural(row['runs'], 'run')}): {row['error'].strip()}", "red")


def _title(terminal: Terminal, document: Mapping[str, Any]) -> None:
    runs = document["runs"]
    commit = document["commit"][:12] if document["commit"] else "unknown"
    changed = " with changes" if document["changed"] else ""
    of = f" of {runs['asked']:,}" if runs["asked"] is not None else ""
    how = "guided" if document["guided"] else "random"
    terminal.line(
        f"hunt on {name_of(document)}, {how}, {runs['played']:,}{of} runs, commit {commit}{changed}",
        "bold",
    )
    if document["question"]:
        terminal.line(f"  {document['question'].strip()}")
    terminal.line()


def _facts(terminal: Terminal, document: Mapping[str, Any]) -> None:
    runs, messages, faults = document["runs"], document["messages"], document["faults"]
    repeats, coverage = document["repeats"], document["coverage"]
    played = f"{runs['played']:,}" + (f", {runs['mutated']:,} of them changed from others" if runs["mutated"] else "")
    rows = [
        ["runs", played],
        ["messages", f"{messages['composed']:,} ({messages['per_run']} a run), {messages['shown']:,} shown"],
        ["faults that struck", f"{faults['struck']:,} of {faults['drawn']:,} ({faults['struck_per_run']} a run)"],
        ["simulated time", format_duration(document["simulated_us"])],
        ["played twice", f"{repeats['played']:,}, {repeats['identical']:,} with the same history"],
    ]
    if coverage is not None:
        rows.append(["points covered", f"{coverage['points']} of {coverage['points_in_all']}"])
        rows.append(["who before whom", f"{plural(coverage['pairs'], 'pair')} of effects at a host"])
        if coverage["never"]:
            more = len(coverage["never"]) - _MOST_POINTS
            listed = ", ".join(coverage["never"][:_MOST_POINTS]) + (f" and {more} more" if more > 0 else "")
            rows.append(["never met", listed])
    rows.append(["options drawn", f"{len(document['options'])} (hunt.json and --json list how often each value)"])
    rows.append(["all histories", document["digest"]])
    terminal.table(("hunt", ""), rows, wrap=("",))
    terminal.line()


def _faults(terminal: Terminal, document: Mapping[str, Any]) -> None:
    rows = [
        [row["kind"], f"{row['struck']:,}", f"{row['drawn'] - row['struck']:,}"]
        for row in sorted(document["faults"]["kinds"], key=lambda row: (-row["struck"], row["kind"]))
    ]
    if rows:
        terminal.table(("fault", "struck", "idle"), rows, right=("struck", "idle"))
        terminal.line()


def _cases(terminal: Terminal, document: Mapping[str, Any]) -> None:
    rows = [
        [row["case"], "required" if row["required"] else "", f"{row['runs']:,}", f"{row['times']:,}"]
        for row in document["must_reach"]
        if row["required"] or row["runs"]
    ]
    if rows:
        terminal.table(("hard case reached", "", "runs", "times"), rows, right=("runs", "times"))
        terminal.line()


def _failures(terminal: Terminal, document: Mapping[str, Any]) -> None:
    rows = [
        [_named(row), row["meaning"], f"{row['runs']:,}", row["first_seed"], row["replay"]]
        for row in document["failures"]
    ]
    if rows:
        terminal.table(
            ("failed", "what must hold", "runs", "first seed", "replay"),
            rows,
            right=("runs",),
            wrap=("what must hold",),
        )
        terminal.line()


def _named(row: Mapping[str, Any]) -> str:
    """A check; one that a run beyond the promise may break is marked as only told."""
    return str(row["check"]) if row["counts"] else f"({row['check']})"


def _story(terminal: Terminal, row: Mapping[str, Any]) -> None:
    beyond = "" if row["counts"] else " (beyond the promise: told, and no failure)"
    terminal.line(f"  {row['check']} at seed {row['first_seed']}{beyond}:", "red" if row["counts"] else "yellow")
    for line in row["story"]:
        terminal.line(f"    {line}")
    terminal.line(f"    replay: {row['replay']}")
