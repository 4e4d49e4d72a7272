"""A comparison on the terminal. It shows what the document says and works out nothing of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..executors.seeds import format_seeds
from ..results import exit_codes
from ..results.words import plural
from .terminal import Terminal

_SAYS_ZERO = {True: "more than chance", False: "may be chance", None: "-"}


def print_comparison(terminal: Terminal, document: Mapping[str, Any]) -> None:
    """Title, figures of each variant, paired differences, verdicts, failures, and the answer."""
    if not terminal.quiet:
        _title(terminal, document)
        _figures(terminal, document)
        _differences(terminal, document)
        _verdicts(terminal, document)
    for variant in document["variants"]:
        _failure(terminal, variant)
    prefix = f"{document['scenario']}: " if terminal.quiet else "ANSWER: "
    style = "green" if document["passed"] and document["answer"]["borne_out"] is not False else "yellow"
    terminal.line(prefix + document["answer"]["sentence"], style)


def _title(terminal: Terminal, document: Mapping[str, Any]) -> None:
    commit = document["commit"][:12] if document["commit"] else "unknown"
    changed = " with changes" if document["changed"] else ""
    mutant = f" with planted bug {document['mutant']}" if document["mutant"] else ""
    terminal.line(
        f"{document['scenario']}{mutant}: {', '.join(document['compared'])} against {document['baseline']}, "
        f"{plural(len(document['seeds']), 'seed')} ({format_seeds(document['seeds'])}), commit {commit}{changed}",
        "bold",
    )
    if document["question"]:
        terminal.line(f"  {document['question'].strip()}")
    terminal.line()


def _figures(terminal: Terminal, document: Mapping[str, Any]) -> None:
    names = [document["baseline"], *document["compared"]]
    rows = [[each["metric"], *(each["variants"][name]["text"] for name in names)] for each in document["metrics"]]
    scope = "this run" if len(document["seeds"]) == 1 else "95 % interval"
    terminal.table((f"figure ({scope})", *names), rows, right=names)
    terminal.line()


def _differences(terminal: Terminal, document: Mapping[str, Any]) -> None:
    rows = [
        [
            each["metric"],
            one["variant"],
            one["text"],
            one["change"]["text"],
            one["ratio"]["text"],
            _SAYS_ZERO[one["excludes_zero"]],
        ]
        for each in document["metrics"]
        for one in each["differences"]
    ]
    headings = ("paired difference", f"against {document['baseline']}", "more by", "change", "times", "which is")
    terminal.table(headings, rows, right=("more by", "change", "times"))
    terminal.line()


def _verdicts(terminal: Terminal, document: Mapping[str, Any]) -> None:
    rows = [
        [each["variant"], f"{each['runs']['passed']:,} of {each['runs']['asked']:,}", each["sentence"]]
        for each in document["variants"]
    ]
    terminal.table(("variant", "passed", "verdict"), rows, right=("passed",), wrap=("verdict",))
    terminal.line()


def _failure(terminal: Terminal, variant: Mapping[str, Any]) -> None:
    """The first failing check of a variant with its story and its replay command."""
    for failure in variant["failures"][:1]:
        means = f": {failure['meaning']}" if failure["meaning"] else ""
        terminal.line(f"  {variant['variant']} broke {failure['check']}{means}. Seed {failure['seed']}:", "red")
        for line in failure["story"]:
            terminal.line(f"    {line}")
        terminal.line(f"  replay: {failure['replay']}")
        terminal.line()
    if not variant["failures"] and variant["exit_code"] != exit_codes.PASSED and terminal.quiet:
        terminal.line(f"{variant['variant']}: {variant['sentence']}", "yellow")
