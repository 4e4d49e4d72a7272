"""Any run as a scenario of its own: explicit operations, explicit faults, options as they were drawn.

Nothing in it hangs on whatever drew the run, and everything keeps its number: an operation and a fault carry the one
on which their draws hang, so that others can be taken away and what is left goes as before. With nothing taken away
it gives the same history.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final, Protocol

from ..faults.schedule import Fault
from ..scenario.drawing import for_seed
from ..scenario.model import Operation, RandomFaults, Scenario, Workload
from ..workload.operations import Operation as Played
from ..workload.stream import WorkloadStream, open_workload

MOST_OPERATIONS: Final = 700
"""A file with more steps would break the limit on values in a scenario file."""
_AFTER_LAST_US: Final = 1_000_000
_ONLY_TO_DRAW: Final[dict[str, Any]] = {
    declared.name: declared.default
    for declared in fields(Workload)
    if declared.name
    in (
        *("messages", "reply_share", "burst_share", "same_text_share", "answer_own_share", "quiet_us", "first"),
        *("group_share", "membership_share", "file"),
        *("sender_column", "recipient_column", "time_column", "time_format"),
    )
}
"""What only draws operations, which are written out; contacts, groups and linked devices are still drawn."""


class Happened(Protocol):
    """A fault as it really happened."""

    @property
    def explicit(self) -> Fault | None:
        """With nothing left to draw; None if it never began."""

    @property
    def touched(self) -> int:
        """How many effects it changed."""


def written_out(scenario: Scenario, seed: int, injected: Sequence[Happened]) -> Scenario:
    """The scenario that plays this seed's run by itself. Faults that never began are left out."""
    resolved, _ = for_seed(scenario, seed)
    stream = open_workload(resolved, seed)
    steps = tuple(_steps(stream))
    workload = replace(
        resolved.workload,
        kind="script",
        users=stream.users,
        operations=steps,
        people=_people(resolved),
        lasts_us=stream.duration_us,
        **_ONLY_TO_DRAW,
    )
    faults = tuple(each.explicit for each in injected if each.explicit is not None)
    last_us = max((*(step.at_us for step in steps), *(fault.at_us or 0 for fault in faults)), default=0)
    chaos_us = resolved.time.chaos_us if last_us < resolved.time.chaos_us else last_us + _AFTER_LAST_US
    return replace(
        resolved,
        time=replace(resolved.time, chaos_us=chaos_us),
        workload=workload,
        faults=faults,
        random_faults=RandomFaults(),
        must_reach=(),
        seeds=str(seed),
    )


def regression_text(scenario: Scenario, *, name: str, question: str, folder: Path | None = None) -> str:
    """A ready file for ``scenarios/regressions``: only what differs from the defaults."""
    from ..scenario.writing import to_short_yaml

    kept = replace(scenario, name=name, question=question, tags=("regression",))
    return to_short_yaml(kept, folder=folder)


def explicit_text(scenario: Scenario, seed: int, injected: Sequence[Happened], checks: Sequence[str]) -> str | None:
    """That file for a failing run as it was; None for one of too many operations for a file."""
    if open_workload(for_seed(scenario, seed)[0], seed).total > MOST_OPERATIONS:
        return None
    whole = written_out(scenario, seed, injected)
    if len(whole.workload.operations) > MOST_OPERATIONS:
        return None
    question = f"Does {' and '.join(checks) or 'every check'} hold in what seed {seed} of {scenario.name} plays?"
    return regression_text(whole, name=f"{scenario.name}_{seed}", question=question)


def _people(scenario: Scenario) -> str:
    workload = scenario.workload
    if workload.kind == "script":
        return workload.people
    return "drawn" if workload.kind == "synthetic" else "counted"


def _steps(stream: WorkloadStream) -> Iterator[Operation]:
    place_of: dict[int, int] = {}
    for place, operation in enumerate(stream.operations()):
        place_of[operation.operation] = place
        yield _step(operation, place_of.get(operation.reply_to))


def _step(operation: Played, reply_to: int | None) -> Operation:
    change = operation.change
    return Operation(
        at_us=operation.at_us,
        sender=operation.sender,
        recipient=None if operation.group >= 0 or operation.channel >= 0 else operation.recipient,
        text="" if operation.opens else f"text {operation.text}",
        reply_to=reply_to,
        opens=operation.opens,
        group=operation.group if operation.group >= 0 else None,
        channel=operation.channel if operation.channel >= 0 else None,
        adds=change.added[0] if change is not None and change.added else None,
        removes=change.removed[0] if change is not None and change.removed else None,
        number=operation.operation,
    )
