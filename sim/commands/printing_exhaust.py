"""What a search through all schedules counted and found, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..results.words import plural
from ..search.exhaust_choices import KINDS
from .terminal import Terminal


def print_exhaust(terminal: Terminal, document: Mapping[str, Any], question: str) -> None:
    """The points, the schedules, the outcomes, and the verdict."""
    bug = f" with planted bug {document['mutant']}" if document["mutant"] else ""
    title = f"{document['scenario']}{bug}, seed {document['seed']}"
    if not terminal.quiet:
        terminal.line(title, "bold")
        terminal.line(f"  {question.strip()}")
        terminal.line()
        _points(terminal, document["points"])
        rows = [
            [
                f"{level['faults']:,}",
                f"{level['schedules']:,}" + ("" if level["whole"] else " (not all)"),
                f"{level['outcomes']:,}",
                f"{level['failed']:,}",
            ]
            for level in document["levels"]
        ]
        headings = ("faults", "schedules", "distinct outcomes", "violate a check")
        terminal.table(headings, rows, right=headings)
        terminal.line(f"  {plural(len(document['outcomes']), 'distinct outcome')} in all")
        terminal.line()
    prefix = f"{title}: " if terminal.quiet else ""
    terminal.line(prefix + sentence(document), "green" if document["passed"] else "red")


def sentence(document: Mapping[str, Any]) -> str:
    """The verdict."""
    played = sum(level["schedules"] for level in document["levels"])
    smallest = document["smallest"]
    if smallest is not None:
        count = len(smallest["faults"])
        broken = f"break{'s' * (count == 1)} {', '.join(smallest['checks'])}"
        return f"VIOLATED: {plural(count, 'fault')} {broken}; no smaller schedule does."
    if document["stopped"]:
        last = document["levels"][-1] if document["levels"] else {"faults": 0, "tasks_done": 0, "tasks": 1}
        groups = f"{last['tasks_done']:,} of {plural(last['tasks'], 'group')}"
        of_size = plural(last["faults"], "fault")
        return (
            f"{document['stopped']}: none of {plural(played, 'schedule')} violates a check; "
            f"of those of {of_size}, {groups} were played."
        )
    kinds = "" if len(document["kinds"]) == len(KINDS) else f" ({', '.join(document['kinds'])})"
    most = plural(document["faults"], "fault")
    return f"PASSED: of {plural(played, 'schedule')} of up to {most}{kinds} none violates."


def _points(terminal: Terminal, points: dict[str, int]) -> None:
    """Effects, each with the points before and after it, and how often one run met them at most."""
    roles: dict[str, dict[str, int]] = {}
    for point, count in points.items():
        role, _, effect = point.split(" ", 1)[1].partition(".")
        met = roles.setdefault(role, {})
        met[effect] = max(count, met.get(effect, 0))
    times = sum(points.values())
    terminal.line(f"  {plural(len(points), 'point')}, met {times:,} times (at most, in one run each):")
    for role, effects in roles.items():
        terminal.line(f"    {role}: " + ", ".join(f"{effect} {count}" for effect, count in effects.items()))
    terminal.line()
