"""Every schedule of up to k faults on a small world, the smaller ones first.

A second fault is taken from the run that has the first: among the points that it met from there on, so that points
which only exist because of the first fault are counted, and an unordered pair is played once. The first fault's run is
played again by whoever plays its pairs, so that nothing but its name has to travel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple

from ..executors.local import stream
from ..faults.schedule import Fault
from ..scenario.model import Scenario
from .exhaust_choices import KINDS, Choice, Choices, sizes_of
from .exhaust_points import Met
from .exhaust_run import Outcome, Played, play

CHUNK: Final = 16
"""Single faults in one task."""
PARTS: Final = 16
"""Into so many tasks the schedules of three and more faults behind one are divided: a task is what a kill loses."""
FAILING_MOST: Final = 20
"""Failing schedules that are kept; all are counted."""

Schedule = tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class World:
    """What is counted through."""

    scenario: Scenario
    seed: int = 1
    mutant: str | None = None
    kinds: tuple[str, ...] = KINDS
    prune: bool = True
    to_the_end: bool = False
    """Whether to go on behind the first failing schedule."""

    def choices(self) -> Choices:
        """The faults that can strike here."""
        return Choices(sizes_of(self.scenario), self.kinds, prune=self.prune)

    def play(self, choices: Sequence[Choice], *, watch: bool = False) -> Played:
        """Play the schedule of these choices."""
        return play(self.scenario, self.seed, self.mutant, _schedule(choices), watch=watch)


class Failing(NamedTuple):
    """A schedule that broke a check."""

    schedule: Schedule
    invalid: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """What some schedules came to."""

    runs: int = 0
    outcomes: dict[Outcome, int] = field(default_factory=dict)
    first: dict[Outcome, Schedule] = field(default_factory=dict)
    """The first schedule of each outcome."""
    failed: int = 0
    failing: list[Failing] = field(default_factory=list)
    """The first of them."""
    points: dict[str, int] = field(default_factory=dict)
    """Point to how often it was met, at most, in one run that was watched."""

    def take(self, outcome: Outcome, schedule: Schedule) -> None:
        """One run is over."""
        self.runs += 1
        self.outcomes[outcome] = self.outcomes.get(outcome, 0) + 1
        self.first.setdefault(outcome, schedule)
        if outcome.invalid:
            self.failed += 1
            if len(self.failing) < FAILING_MOST:
                self.failing.append(Failing(schedule, outcome.invalid))

    def add(self, other: Tally) -> None:
        """What further schedules came to, those that stand behind these."""
        self.runs += other.runs
        self.failed += other.failed
        self.failing = (self.failing + other.failing)[:FAILING_MOST]
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
            self.first.setdefault(outcome, other.first[outcome])
        for point, count in other.points.items():
            self.points[point] = max(count, self.points.get(point, 0))

    def count_points(self, met: Sequence[Met]) -> None:
        """The points that one run met."""
        counts: dict[str, int] = {}
        for each in met:
            counts[each.point] = counts.get(each.point, 0) + 1
        for point, count in counts.items():
            self.points[point] = max(count, self.points.get(point, 0))


class Task(NamedTuple):
    """Schedules to play: those of exactly ``more`` faults behind each of the prefixes, or (0) the prefixes."""

    world: World
    prefixes: tuple[tuple[Choice, ...], ...]
    more: int
    part: int = 0
    parts: int = 1
    """Of the next faults behind the prefix, those at the places ``part``, ``part + parts`` and so on."""


class Answer(NamedTuple):
    """What a task found."""

    tally: Tally
    touching: tuple[int, ...] = ()
    """Which of the prefixes have a last fault that touched something: what is behind the others is known from before
    it."""


def perform(task: Task) -> Answer:
    """Play a task; a module-level function, so that workers can import it. It ends with its first failing schedule,
    unless all are wanted."""
    tally = Tally()
    world = task.world
    touching = []
    for place, prefix in enumerate(task.prefixes):
        if task.more:
            _play_behind(world, prefix, task.more, tally, slice(task.part, None, task.parts))
        else:
            played = world.play(prefix, watch=True)
            tally.take(played.outcome, _schedule(prefix))
            tally.count_points(played.met)
            if not (world.prune and prefix and not played.touched[-1]):
                touching.append(place)
        if tally.failed and not world.to_the_end:
            break
    return Answer(tally, tuple(touching))


_ALL: Final = slice(None)


def _play_behind(world: World, prefix: tuple[Choice, ...], more: int, tally: Tally, part: slice = _ALL) -> None:
    """All schedules of exactly so many more faults behind a prefix, or a part of them."""
    played = world.play(prefix, watch=True)
    tally.count_points(played.met)
    if world.prune and prefix and not played.touched[-1]:
        return
    after = world.choices().after(played.met, prefix[-1] if prefix else None)
    for choice in islice(after, part.start, part.stop, part.step):
        choices = (*prefix, choice)
        if more > 1:
            _play_behind(world, choices, more - 1, tally)
        else:
            tally.take(world.play(choices).outcome, _schedule(choices))
        if tally.failed and not world.to_the_end:
            return


def _schedule(choices: Sequence[Choice]) -> Schedule:
    return tuple(choice.fault for choice in choices)


@dataclass(slots=True)
class Level:
    """All schedules of one size."""

    size: int
    tasks: int
    done: int = 0
    tally: Tally = field(default_factory=Tally)

    @property
    def is_whole(self) -> bool:
        """Whether every schedule of it was played."""
        return self.done == self.tasks


class Exhaust:
    """One search. ``levels`` grows as it goes, so that who interrupts it keeps what was done. ``known`` holds what an
    earlier call found: (size of the level, number of the task) to answer."""

    touching: tuple[tuple[Choice, ...], ...] = ()
    """Single faults that touched something."""

    def __init__(
        self, world: World, most: int, *, workers: int = 1, known: Mapping[tuple[int, int], Answer] | None = None
    ) -> None:
        self.world = world
        self.most = most
        self.workers = workers
        self.known = known or {}
        self.levels: list[Level] = []

    @property
    def failing(self) -> Failing | None:
        """The smallest failing schedule so far, and the first of its size."""
        return next((level.tally.failing[0] for level in self.levels if level.tally.failing), None)

    @property
    def is_whole(self) -> bool:
        """Whether every schedule of up to k faults was played."""
        return len(self.levels) == self.most + 1 and all(level.is_whole for level in self.levels)

    def plan(self) -> Iterator[tuple[Level, list[Task]]]:
        """Level by level, what there is to play; the next one is asked for when one is over."""
        world = self.world
        yield self.begin([Task(world, ((),), 0)])
        base = world.play((), watch=True)
        singles = [(choice,) for choice in world.choices().after(base.met, None)]
        if self.most >= 1:
            chunks = [tuple(singles[start : start + CHUNK]) for start in range(0, len(singles), CHUNK)]
            yield self.begin([Task(world, chunk, 0) for chunk in chunks])
        for size in range(2, self.most + 1):
            parts = 1 if size == 2 else PARTS
            yield self.begin(
                [Task(world, (prefix,), size - 1, part, parts) for prefix in self.touching for part in range(parts)]
            )

    def begin(self, tasks: list[Task]) -> tuple[Level, list[Task]]:
        """A level begins."""
        level = Level(len(self.levels), len(tasks))
        self.levels.append(level)
        return level, tasks

    def play(self, level: Level, tasks: list[Task], tell: Callable[[int, Answer], None]) -> None:
        """Play what is not known of one level, and tell each answer with the number of its task. Answers come in any
        order and are put together in that of the tasks; behind the first task that fails nothing is waited for, so one
        worker and many find the same schedule."""
        answers = {
            index: self.known[level.size, index] for index in range(len(tasks)) if (level.size, index) in self.known
        }
        waiting = [index for index in range(len(tasks)) if index not in answers]
        try:
            if waiting and not self.is_decided(answers):
                self._play_waiting(tasks, waiting, answers, tell)
        finally:
            self.put_together(level, tasks, answers)

    def _play_waiting(
        self, tasks: list[Task], waiting: list[int], answers: dict[int, Answer], tell: Callable[[int, Answer], None]
    ) -> None:
        todo = [tasks[index] for index in waiting]
        with closing(stream(perform, todo, workers=min(self.workers, len(todo)))) as done_ones:  # type: ignore[type-var]
            for done in done_ones:
                if done.answer is None:
                    raise RuntimeError(done.failure or "a worker process was killed, twice")
                index = waiting[done.index]
                answers[index] = done.answer
                tell(index, done.answer)
                if self.is_decided(answers):
                    return

    def put_together(self, level: Level, tasks: list[Task], answers: dict[int, Answer]) -> None:
        """Sum up what is done of a level, in the order of its tasks."""
        touching: list[tuple[Choice, ...]] = []
        for index in sorted(answers):
            answer = answers[index]
            level.tally.add(answer.tally)
            touching.extend(tasks[index].prefixes[place] for place in answer.touching)
            level.done += 1
            if answer.tally.failed and not self.world.to_the_end:
                break
        if level.size == 1:
            self.touching = tuple(touching)

    def is_decided(self, answers: Mapping[int, Answer]) -> bool:
        """Whether a task has failed and every one before it is done, unless all are wanted."""
        failed = [index for index, answer in answers.items() if answer.tally.failed]
        return not self.world.to_the_end and bool(failed) and all(index in answers for index in range(min(failed)))
