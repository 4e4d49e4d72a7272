"""``sweep``: a scenario over ranges of values, every combination on the same seeds."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..results import exit_codes
from ..results.summary import summarise
from ..statistics.intervals import Estimate, estimate
from .numbers import number_text
from .playing import OnRecord, Side, play, seeds_of
from .replicating import default_seeds, refuse_unknown, subject_of
from .samples import sample_of
from .sizing import unit_of

MOST_POINTS: Final = 10_000
_RANGE: Final = re.compile(r"([0-9]+)\.\.([0-9]+)")


@dataclass(slots=True)
class Point:
    """One combination of values, and its runs."""

    values: dict[str, str]
    side: Side

    def estimate(self, metric: str) -> Estimate | None:
        """A metric with its interval; ``None`` where no run has it."""
        sample = sample_of(self.side.in_order(), metric)
        return None if sample is None else estimate(sample)

    @property
    def failed(self) -> int:
        """How many runs did not pass. A hard case that some values do not meet is no failure."""
        fine = (exit_codes.PASSED, exit_codes.NOTHING_TESTED)
        return sum(record.exit_code not in fine for record in self.side.in_order())


@dataclass(slots=True)
class Sweep:
    """All combinations, in the order in which their values were given; the last path varies fastest."""

    scenario: str
    metrics: tuple[str, ...]
    seeds: tuple[str, ...]
    points: tuple[Point, ...]
    interrupted: bool = False

    @property
    def exit_code(self) -> int:
        """How the runs ended, the worst of them."""
        codes = [summarise(each.side.subject, each.side.in_order())["exit_code"] for each in self.points]
        codes = [exit_codes.PASSED if code == exit_codes.NOTHING_TESTED else code for code in codes]
        return exit_codes.worst([*codes, exit_codes.INTERRUPTED] if self.interrupted else codes)

    def rows(self) -> list[dict[str, str]]:
        """A row for each combination, as people read it (a table in a notebook)."""
        return [
            {
                **each.values,
                **{metric: number_text(each.estimate(metric), unit_of(metric)) for metric in self.metrics},
                "passed": f"{len(each.side.records) - each.failed} of {len(self.seeds)}",
            }
            for each in self.points
        ]

    def document(self) -> dict[str, Any]:
        """The same with its numbers, for machines."""
        return {
            "schema_version": 1,
            "scenario": self.scenario,
            "seeds": list(self.seeds),
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "points": [
                {
                    "values": each.values,
                    "failed": each.failed,
                    "metrics": {metric: number_of(each.estimate(metric), metric) for metric in self.metrics},
                }
                for each in self.points
            ],
        }


def number_of(found: Estimate | None, metric: str) -> dict[str, Any]:
    """A figure for machines and for people."""
    text = number_text(found, unit_of(metric))
    if found is None:
        return {"value": None, "low": None, "high": None, "runs": 0, "text": text}
    return {"value": found.value, "low": found.low, "high": found.high, "runs": found.runs, "text": text}


def read_range(text: str) -> tuple[str, tuple[str, ...]]:
    """Read ``PATH=A,B,C`` or ``PATH=2..6``; ``ValueError`` says what is wrong."""
    path, equals, listed = text.partition("=")
    path = path.strip()
    values: list[str] = []
    for piece in listed.split(","):
        span = _RANGE.fullmatch(piece.strip())
        if span and int(span.group(2)) - int(span.group(1)) < MOST_POINTS:
            values.extend(str(number) for number in range(int(span.group(1)), int(span.group(2)) + 1))
        elif piece.strip() and not span:
            values.append(piece.strip())
    if not equals or not path or not values:
        raise ValueError(f"{text!r} is no range; write PATH=A,B,C or PATH=2..6, such as protocol.heartbeat=30s,1m,5m")
    return path, tuple(dict.fromkeys(values))


def prepare_sweep(
    scenario: str,
    over: Mapping[str, Sequence[str]],
    metrics: Sequence[str],
    *,
    seeds: str | Sequence[str | int] | None = None,
    variant: str | None = None,
    sets: Sequence[str] = (),
) -> Sweep:
    """Load every combination, so that nothing is played in vain. Raises ``ScenarioError`` or ``ValueError``."""
    for metric in metrics:
        refuse_unknown(metric)
    if not over or not metrics:
        raise ValueError("a sweep goes over the values of a path and looks at a metric: name one of each")
    combinations = list(itertools.islice(itertools.product(*over.values()), MOST_POINTS + 1))
    if len(combinations) > MOST_POINTS:
        raise ValueError(f"these are more than {MOST_POINTS:,} combinations")
    points = []
    for values in combinations:
        given = dict(zip(over, values, strict=True))
        subject = subject_of(
            scenario, variant=variant, sets=(*sets, *(f"{path}={each}" for path, each in given.items()))
        )
        points.append(Point(given, Side(", ".join(values), subject)))
    first = points[0].side.subject.scenario
    return Sweep(first.name, tuple(metrics), seeds_of(seeds, default_seeds(first)), tuple(points))


def play_sweep(found: Sweep, *, jobs: str = "auto", on_record: OnRecord | None = None) -> None:
    """Play it, all combinations of a seed before the next seed; what is done stays even if this is stopped."""
    play([each.side for each in found.points], found.seeds, jobs=jobs, on_record=on_record)


def sweep(
    scenario: str,
    over: Mapping[str, Sequence[str]],
    metrics: Sequence[str],
    *,
    seeds: str | Sequence[str | int] | None = None,
    variant: str | None = None,
    sets: Sequence[str] = (),
    jobs: str = "auto",
) -> Sweep:
    """Play a scenario with every combination of the values of some paths, all on the same seeds."""
    found = prepare_sweep(scenario, over, metrics, seeds=seeds, variant=variant, sets=sets)
    play_sweep(found, jobs=jobs)
    return found
