"""What a search through all schedules has found so far, task by task, in a ledger.

A task is some hundred runs that take a second or two, and one line: a line per run would be most of what a run costs,
and its file ten times as long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from ..faults.schedule import Fault
from ..results.folder import RunFolder
from .exhaust import Answer, Failing, Schedule, Tally
from .exhaust_run import Outcome
from .ledger import FILE, Ledger
from .outcome import fault_as_json

STUDY: Final = "exhaust"


class Entry(NamedTuple):
    """A task that is over."""

    size: int
    """The level: how many faults its schedules have."""
    task: int
    """Its number in the level."""
    answer: Answer


def ledger_in(folder: RunFolder) -> Ledger[Entry]:
    """The ledger of a search."""
    return Ledger(folder.path / FILE, as_json, from_json)


def as_json(entry: Entry) -> dict[str, Any]:
    """An entry as a JSON document. Each fault is written once, however many schedules have it."""
    tally = entry.answer.tally
    places: dict[Fault, int] = {}

    def numbers(schedule: Schedule) -> list[int]:
        return [places.setdefault(fault, len(places)) for fault in schedule]

    outcomes = [
        [outcome.seen, list(outcome.invalid), count, numbers(tally.first[outcome])]
        for outcome, count in tally.outcomes.items()
    ]
    failing = [[numbers(each.schedule), list(each.invalid)] for each in tally.failing]
    return {
        "size": entry.size,
        "task": entry.task,
        "runs": tally.runs,
        "failed": tally.failed,
        "touching": list(entry.answer.touching),
        "outcomes": outcomes,
        "failing": failing,
        "points": tally.points,
        "faults": [fault_as_json(fault) for fault in places],
    }


def from_json(document: Mapping[str, Any]) -> Entry:
    """Read what ``as_json`` wrote. ``LookupError``, ``TypeError`` or ``ValueError`` for anything else."""
    faults = [Fault(**each) for each in document["faults"]]

    def schedule(numbers: Sequence[int]) -> Schedule:
        return tuple(faults[number] for number in numbers)

    tally = Tally(runs=document["runs"], failed=document["failed"], points=dict(document["points"]))
    for seen, invalid, count, first in document["outcomes"]:
        outcome = Outcome(seen, tuple(invalid))
        tally.outcomes[outcome] = count
        tally.first[outcome] = schedule(first)
    tally.failing = [Failing(schedule(numbers), tuple(invalid)) for numbers, invalid in document["failing"]]
    return Entry(document["size"], document["task"], Answer(tally, tuple(document["touching"])))
