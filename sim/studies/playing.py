"""Playing a study: every variant on every seed, on all cores, with what is done kept whenever it stops."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..executors import jobs as executor_jobs
from ..executors.jobs import Job, record_of_done
from ..executors.local import stream, workers_for
from ..executors.seeds import parse_seeds
from ..results.records import Record
from ..results.summary import Subject

OnRecord = Callable[[str, Record], None]
"""Called with a variant's name and a run of it, as it is done."""


@dataclass(slots=True)
class Side:
    """One variant in a study, and its runs by the place of their seed."""

    name: str
    subject: Subject
    records: dict[int, Record] = field(default_factory=dict)

    def in_order(self) -> list[Record]:
        """The runs that are in, in the order of the seeds."""
        return [self.records[place] for place in sorted(self.records)]


def play(sides: Sequence[Side], seeds: Sequence[str], *, jobs: str = "auto", on_record: OnRecord | None = None) -> None:
    """Play what is missing. All variants of a seed come before the next seed, so that a study that is stopped half-way
    (Ctrl-C goes through) has whole pairs. Every run counts its messages: a study wants their figures."""
    missing = [(side, place, seed) for place, seed in enumerate(seeds) for side in sides if place not in side.records]
    tasks = [Job(side.subject.scenario, seed, mutant=side.subject.mutant, coverage=True) for side, _, seed in missing]
    for done in stream(executor_jobs.play, tasks, workers=workers_for(jobs, len(tasks))):
        side, place, seed = missing[done.index]
        side.records[place] = record_of_done(done, seed)
        if on_record is not None:
            on_record(side.name, side.records[place])


def seeds_of(seeds: str | Sequence[str | int] | None, default: str) -> tuple[str, ...]:
    """Seeds as text, from ``1..20``, a list, or the default."""
    if seeds is None or isinstance(seeds, str):
        return parse_seeds(default if seeds is None else seeds)
    return parse_seeds(",".join(map(str, seeds)))


def more_seeds(seeds: Sequence[str], number: int) -> tuple[str, ...]:
    """The seeds and so many more: the next numbers after the largest that is among them."""
    last = max((int(seed) for seed in seeds if seed.isdecimal()), default=0)
    return (*seeds, *(str(last + place) for place in range(1, number + 1)))
