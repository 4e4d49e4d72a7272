"""Playing scenarios for ``run`` and ``replay``: jobs go out to the workers, and each scenario is finished as soon as
its last seed is in: printed first, then written, so that a full disk costs files and not results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from ..executors import jobs as executor_jobs
from ..executors.local import stream, workers_for
from ..garbage import leave_to_the_end
from ..results import exit_codes
from ..results.records import Record
from ..results.summary import SCHEMA_VERSION, Subject
from .documents import write_document
from .finishing import Finish, Finished
from .terminal import Progress, Terminal

_MOST_TOLD: Final = 3
"""So many failing runs are told of while the others still play."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the options say about playing and writing, the same for every scenario."""

    jobs: str = "auto"
    out: str = "reports/runs"
    json_file: str | None = None
    quiet: bool = False
    report: str = "always"
    history: str = "failed"
    keep: int | None = None
    resume: bool = False
    whole_story: bool = False


@dataclass(slots=True)
class Plan:
    """One subject and its seeds, and the records that are in."""

    subject: Subject
    seeds: tuple[str, ...]
    expected_digest: str = ""
    """A replay of a recorded run must give this digest."""
    records: dict[int, Record] = field(default_factory=dict)

    def in_order(self) -> list[Record]:
        """The records that are in, in the order of the seeds."""
        return [self.records[place] for place in sorted(self.records)]


class Playing:
    """One call of ``run`` or ``replay``."""

    def __init__(self, plans: Sequence[Plan], settings: Settings) -> None:
        self.plans = plans
        self.settings = settings
        self.terminal = Terminal(quiet=settings.quiet, json_on_stdout=settings.json_file == "-")
        self.total = sum(len(plan.seeds) for plan in plans)
        self.workers = workers_for(settings.jobs, self.total)
        self.finish = Finish(self.terminal, settings, self.workers)
        self.finished: list[Finished] = []
        self.interrupted = False

    def perform(self) -> int:
        """Play everything, print and write it; return the exit code."""
        if self.total == 1:
            leave_to_the_end()
        for plan in self.plans:
            self.finish.open_folder(plan, many=self.total > 1)
        try:
            self._play()
        except KeyboardInterrupt:
            self.interrupted = True
            self.terminal.note("interrupted: keeping what is done (Ctrl-C again gives up)")
            self._finish_partial()
        self.finish.end()
        code = exit_codes.worst(one.exit_code for one in self.finished)
        if self.interrupted:
            code = exit_codes.INTERRUPTED
        return self._write_json(code)

    def _play(self) -> None:
        tasks, places = self._tasks()
        told = 0
        with Progress(len(tasks), "runs", quiet=self.settings.quiet) as progress:
            self._finish_complete(progress)
            for done in stream(executor_jobs.play, tasks, workers=self.workers):
                number, place = places[done.index]
                plan = self.plans[number]
                record = executor_jobs.record_of_done(done, plan.seeds[place])
                plan.records[place] = record
                if not done.lost:
                    self.finish.record(plan, record)
                bad = record.exit_code != exit_codes.PASSED
                progress.advance(bad=bad)
                if bad and self.total > 1 and told < _MOST_TOLD:
                    told += 1
                    progress.tell(_told(plan, record))
                self._finish_complete(progress)

    def _finish_complete(self, progress: Progress) -> None:
        """Finish the plans that have all their records, in order."""
        while len(self.finished) < len(self.plans):
            plan = self.plans[len(self.finished)]
            if len(plan.records) < len(plan.seeds):
                return
            with progress.aside():
                self._finish_next(len(self.finished))

    def _tasks(self) -> tuple[list[executor_jobs.Job], list[tuple[int, int]]]:
        """What is to be played: everything that no earlier call has left a record of."""
        tasks, places = [], []
        for number, plan in enumerate(self.plans):
            for place, seed in enumerate(plan.seeds):
                if place in plan.records:
                    continue
                path = self.finish.history_path(plan, seed) if self.settings.history == "always" else ""
                tasks.append(
                    executor_jobs.Job(plan.subject.scenario, seed, mutant=plan.subject.mutant, history_path=path)
                )
                places.append((number, place))
        return tasks, places

    def _finish_next(self, number: int, *, interrupted: bool = False) -> None:
        if number and not self.settings.quiet:
            self.terminal.line()
        self.finished.append(self.finish.finish(self.plans[number], interrupted=interrupted))

    def _finish_partial(self) -> None:
        """After Ctrl-C: finish what has records, and leave no empty folders behind."""
        for number in range(len(self.finished), len(self.plans)):
            plan = self.plans[number]
            if plan.records:
                self._finish_next(number, interrupted=True)
            else:
                self.finish.drop_folder(plan)

    def _write_json(self, code: int) -> int:
        document = {
            "schema_version": SCHEMA_VERSION,
            "passed": code == exit_codes.PASSED,
            "exit_code": code,
            "interrupted": self.interrupted,
            "summaries": [{**one.summary, "folder": one.folder} for one in self.finished],
        }
        return write_document(self.terminal, self.settings.json_file, document, code)


def _told(plan: Plan, record: Record) -> str:
    what = ", ".join(verdict.check for verdict in record.failing) or exit_codes.MEANINGS.get(record.exit_code, "?")
    word = exit_codes.WORDS.get(record.exit_code, "BROKEN").lower()
    return f"{plan.subject.scenario.name} seed {record.seed_text} {word}: {what}"
