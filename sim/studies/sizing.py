"""``size``: the smallest fleet that holds a service level, by a monotone search.

More servers make nothing worse: that is what the search takes for granted, and the sizes it played on its way say
whether it was so. It doubles until a size holds and then halves what lies between, so that the answer and the size just
below it have both been played. Every size meets the same seeds.

A level holds when its whole interval lies on the right side. Where the limit lies within the interval, runs are added;
what the most runs cannot decide has not been shown to hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from ..results import exit_codes
from ..results.records import Record
from ..results.summary import Subject
from ..scenario.errors import ScenarioError
from ..statistics.intervals import Estimate, estimate
from ..vocabulary.metrics import MICROSECONDS, NUMBER, SECONDS, metric_of
from ..vocabulary.units import parse_duration_us
from .numbers import number_text
from .playing import OnRecord, Side, more_seeds, play, seeds_of
from .replicating import default_seeds, refuse_unknown, subject_of
from .samples import sample_of

PATH: Final = "topology.connection_servers"
MOST_RUNS: Final = 40
_LEVEL: Final = re.compile(r"\s*([A-Za-z0-9_.]+)\s*(<=|>=)\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Level:
    """A service level: a metric, and the limit on one side of which it has to stay."""

    metric: str
    at_most: bool
    limit: float
    text: str

    def holds(self, found: Estimate | None) -> bool | None:
        """Whether the whole interval is on the right side; ``None`` when the limit lies within, or nothing is told."""
        if found is None or found.low is None or found.high is None:
            return None
        sides = (found.high <= self.limit, found.low > self.limit)
        within, beyond = sides if self.at_most else (found.low >= self.limit, found.high < self.limit)
        return True if within else False if beyond else None

    def figure(self, found: Estimate | None) -> str:
        """The metric as people read it."""
        return number_text(found, unit_of(self.metric))


@dataclass(slots=True)
class Candidate:
    """One size, its runs, and how they were judged."""

    size: int
    subject: Subject
    records: tuple[Record, ...] = ()
    found: dict[str, Estimate | None] = field(default_factory=dict)
    judged: dict[str, bool | None] = field(default_factory=dict)
    refused: str = ""
    """Why no run was possible with so few (a fault names a server that is not there, say)."""

    @property
    def failed(self) -> int:
        """How many runs did not pass. A hard case that a larger fleet does not meet any more is no failure."""
        fine = (exit_codes.PASSED, exit_codes.NOTHING_TESTED)
        return sum(record.exit_code not in fine for record in self.records)

    @property
    def holds(self) -> bool:
        """Whether every level has been shown to hold and every run passed."""
        return not self.refused and not self.failed and all(each is True for each in self.judged.values())


@dataclass(slots=True)
class Sizing:
    """A search, and every size that it has played."""

    scenario: str
    path: str
    levels: tuple[Level, ...]
    least: int
    most: int
    seeds: tuple[str, ...]
    candidates: dict[int, Candidate] = field(default_factory=dict)
    interrupted: bool = False

    @property
    def in_order(self) -> list[Candidate]:
        """What was played, by size."""
        return [self.candidates[size] for size in sorted(self.candidates)]

    @property
    def smallest(self) -> Candidate | None:
        """The smallest size that holds, where it is known that the one below does not; ``None`` when there is none."""
        holding = [each for each in self.in_order if each.holds]
        if not holding:
            return None
        first = holding[0]
        below = self.candidates.get(first.size - 1)
        return first if first.size == self.least or (below is not None and not below.holds) else None

    @property
    def is_monotone(self) -> bool:
        """Whether no size that was played failed above one that holds."""
        holds = [each.holds for each in self.in_order]
        return holds == sorted(holds)

    @property
    def exit_code(self) -> int:
        """0 for an answer, 1 where no size holds; a run that broke is our bug."""
        codes = [record.exit_code for each in self.in_order for record in each.records]
        if exit_codes.OUR_BUG in codes:
            return exit_codes.OUR_BUG
        if self.interrupted:
            return exit_codes.INTERRUPTED
        return exit_codes.CHECK_FAILED if self.smallest is None else exit_codes.PASSED

    def sentence(self) -> str:
        """The answer in words."""
        wanted = " and ".join(level.text for level in self.levels)
        key = self.path.rpartition(".")[2].replace("_", " ")
        found = self.smallest
        if found is None:
            return f"No number of {key} from {self.least} to {self.most} has been shown to hold {wanted}." + self._why()
        told = ", ".join(f"{level.metric} {level.figure(found.found[level.metric])}" for level in self.levels)
        sentence = f"{found.size} {key} are the fewest that hold {wanted}: {told} ({len(found.records)} runs)."
        below = self.candidates.get(found.size - 1)
        if below is not None:
            sentence += f" With {below.size} {reason(below, self.levels)}."
        if not self.is_monotone:
            sentence += " Mind that a larger size that was played does not hold: more is not always better here."
        return sentence

    def _why(self) -> str:
        tried = self.in_order
        return f" With {tried[-1].size} {reason(tried[-1], self.levels)}." if tried else ""


def reason(candidate: Candidate, levels: Sequence[Level]) -> str:
    """Why a size does not hold, in words."""
    if candidate.refused:
        return f"nothing can be played ({candidate.refused})"
    if candidate.failed:
        return f"{candidate.failed} of {len(candidate.records)} runs did not pass"
    said = {False: "is", None: "cannot be told from the limit: it is"}
    wrong = [level for level in levels if candidate.judged[level.text] is not True]
    return " and ".join(
        f"{level.metric} {said[candidate.judged[level.text]]} {level.figure(candidate.found[level.metric])}"
        for level in wrong
    )


def unit_of(metric: str) -> str:
    """The unit of a metric; messages and records are counted."""
    declared = metric_of(metric)
    return NUMBER if declared is None else declared.unit


def read_level(text: str) -> Level:
    """Read ``delivery_p99_s<=500ms`` or ``shown>=1000``; ``ValueError`` says what is wrong."""
    match = _LEVEL.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is no service level; write METRIC<=LIMIT, such as delivery_p99_s<=1s")
    metric, side, limit = match.groups()
    refuse_unknown(metric)
    unit = unit_of(metric)
    try:
        if unit in (SECONDS, MICROSECONDS) and limit[-1].isalpha():
            value = float(parse_duration_us(limit)) / (1e6 if unit == SECONDS else 1.0)
        else:
            value = float(limit)
    except ValueError:
        raise ValueError(f"{limit!r} is no limit for {metric} (write 500ms, 2s or 1000)") from None
    return Level(metric, side == "<=", value, f"{metric} {side} {limit}")


def size(
    scenario: str,
    levels: Sequence[str | Level],
    *,
    path: str = PATH,
    least: int = 1,
    most: int = 64,
    seeds: str | Sequence[str | int] | None = None,
    most_runs: int = MOST_RUNS,
    variant: str | None = None,
    sets: Sequence[str] = (),
    jobs: str = "auto",
    on_record: OnRecord | None = None,
    on_candidate: Callable[[Candidate], None] | None = None,
) -> Sizing:
    """Find the smallest whole number at ``path``, from ``least`` to ``most``, with which every level holds."""
    if not 1 <= least <= most:
        raise ValueError(f"there is no size from {least} to {most}")
    read = tuple(each if isinstance(each, Level) else read_level(each) for each in levels)
    if not read:
        raise ValueError("a size is sought for a service level; name one, such as delivery_p99_s<=1s")
    largest = subject_of(scenario, variant=variant, sets=(*sets, f"{path}={most}"))
    chosen = seeds_of(seeds, default_seeds(largest.scenario))
    if len(chosen) < 2:
        raise ValueError("one seed has no interval: name two or more")
    sizing = Sizing(largest.scenario.name, path, read, least, most, chosen)

    def holds(number: int) -> bool:
        candidate = _candidate(sizing, scenario, number, variant, sets)
        sizing.candidates[number] = candidate
        _judge(sizing, candidate, max(most_runs, len(chosen)), jobs, on_record)
        if on_candidate is not None:
            on_candidate(candidate)
        return candidate.holds

    try:
        _search(holds, least, most)
    except KeyboardInterrupt:
        sizing.interrupted = True
    return sizing


def _search(holds: Callable[[int], bool], least: int, most: int) -> None:
    """Double until it holds, then halve between the last that does not and the first that does."""
    below, number = least - 1, least
    while not holds(number):
        if number == most:
            return
        below, number = number, min(2 * number, most)
    while number - below > 1:
        middle = (below + number) // 2
        if holds(middle):
            number = middle
        else:
            below = middle


def _candidate(sizing: Sizing, scenario: str, number: int, variant: str | None, sets: Sequence[str]) -> Candidate:
    given = (*sets, f"{sizing.path}={number}")
    try:
        return Candidate(number, subject_of(scenario, variant=variant, sets=given))
    except ScenarioError as error:
        largest = subject_of(scenario, variant=variant, sets=(*sets, f"{sizing.path}={sizing.most}"))
        return Candidate(number, replace(largest, sets=given), refused=error.problems[0].message)


def _judge(sizing: Sizing, candidate: Candidate, most_runs: int, jobs: str, on_record: OnRecord | None) -> None:
    """Play a size, and more seeds where these do not decide."""
    if candidate.refused:
        return
    side, seeds = Side(str(candidate.size), candidate.subject), sizing.seeds
    while True:
        play([side], seeds, jobs=jobs, on_record=on_record)
        candidate.records = tuple(side.in_order())
        for level in sizing.levels:
            sample = sample_of(candidate.records, level.metric)
            candidate.found[level.metric] = None if sample is None else estimate(sample)
            candidate.judged[level.text] = level.holds(candidate.found[level.metric])
        is_open = None in candidate.judged.values() and False not in candidate.judged.values()
        if candidate.failed or not is_open or len(seeds) >= most_runs:
            return
        seeds = more_seeds(seeds, min(len(seeds), most_runs - len(seeds)))
