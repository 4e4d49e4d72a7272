"""The one door to a workload, of whichever kind: ``open_workload(scenario, seed)``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from ..scenario.model import Scenario
from .errors import WorkloadError
from .operations import Operation
from .script import ScriptStream
from .synthetic import SyntheticStream
from .trace import TraceStream

__all__ = ["WorkloadError", "WorkloadStream", "open_workload"]


class WorkloadStream(Protocol):
    """An ordered stream of operations, which may be iterated any number of times with the same result."""

    users: int
    """How many people there are; they are numbered from 0."""
    total: int
    """How many operations write a message (the others open a chat)."""
    duration_us: int
    """Time of the last operation in microseconds; for a synthetic workload the time in which people write."""
    notes: tuple[str, ...]
    """What a reader of the results should know, such as rows that were skipped; a sentence each."""

    def operations(self) -> Iterator[Operation]:
        """All operations in time order; made as they are asked for. They are numbered from 0 without holes, but for a
        script that gives their numbers."""

    def contacts(self, user: int) -> tuple[int, ...]:
        """With whom a person has chats from the beginning, as their address book says."""

    def present(self) -> Sequence[int]:
        """Who comes up at the start, where everybody is always connected."""

    def name_of(self, user: int) -> str:
        """What to call a person: the label in the trace, or ``person 3``."""


def open_workload(scenario: Scenario, seed: int) -> WorkloadStream:
    """Open the workload of a scenario under one seed; raise ``WorkloadError`` when it cannot be played."""
    workload = scenario.workload
    if workload.kind == "script":
        return ScriptStream(workload, scenario.source, seed)
    if workload.kind == "synthetic":
        return SyntheticStream(workload, scenario.time.chaos_us, seed)
    if workload.kind == "trace":
        return TraceStream(workload, scenario.folder)
    raise WorkloadError(
        f"{workload.kind!r} is no kind of workload", file=scenario.source, hint="synthetic, trace or script"
    )
