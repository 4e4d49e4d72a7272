"""Counting through the schedules of a small world: playing, keeping what is done, telling what broke a check."""

from __future__ import annotations

import hashlib
import shlex
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import click

from ..executors.local import workers_for
from ..results import exit_codes
from ..results.atomic import write_json, write_text
from ..results.folder import RunFolder
from ..results.summary import Subject
from ..results.words import meaning, plural
from ..scenario.writing import write_fault
from ..search.exhaust import Answer, Exhaust, Failing, Level, Schedule, World
from ..search.exhaust_ledger import STUDY, Entry, ledger_in
from ..search.ledger import Ledger, LedgerError
from ..search.study_folder import find_folder, open_folder
from .documents import write_document
from .printing_exhaust import print_exhaust
from .terminal import Progress, Terminal

SCHEMA_VERSION: Final = 1
FILE: Final = "exhaust.json"
_MOST_WORKERS: Final = 1_000
_NO_SMALL_WORLD: Final = 10_000
"""So many schedules of one fault are told of: the smallest world has hundreds, and a large one never ends."""


class Exhausting:
    """One call of ``exhaust``. ``options`` are the words after the scenario, with which it is called again to go on."""

    def __init__(
        self,
        subject: Subject,
        world: World,
        most: int,
        *,
        jobs: str,
        out: str,
        resume: bool = False,
        options: Sequence[str] = (),
        json_file: str | None = None,
        quiet: bool = False,
    ) -> None:
        self.subject = subject
        self.search = Exhaust(world, most, workers=workers_for(jobs, _MOST_WORKERS))
        self.world = world
        self.out = Path(out)
        self.resume = resume
        self.call = shlex.join(["doubletick", "exhaust", subject.given, *options, "--resume"])
        self.json_file = json_file
        self.terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
        self.folder: RunFolder | None = None
        self.ledger: Ledger[Entry] | None = None
        self.stopped = exit_codes.PASSED
        """Why not everything was played, as an exit code."""
        self.began = time.monotonic()

    def perform(self) -> int:
        """Play, print, write; return the exit code."""
        self.open()
        try:
            with self.closing_ledger():
                self.play()
        except KeyboardInterrupt:
            self.stopped = exit_codes.INTERRUPTED
        except OSError as error:
            self.stopped = exit_codes.NOT_WRITTEN
            self.terminal.note(f"what was found could not be written down: {error.strerror or error}")
        failing = self.search.failing
        document = self.document(failing)
        print_exhaust(self.terminal, document, self.world.scenario.question)
        if failing is not None:
            self.tell_story(failing, document)
        self.finish(document)
        return write_document(self.terminal, self.json_file, document, document["exit_code"])

    def open(self) -> None:
        """Make the folder, or find the one to go on in; without one, results are only printed."""
        world = self.world
        plan = {"seed": str(world.seed), "pruned": world.prune, "all": world.to_the_end, "kinds": list(world.kinds)}
        try:
            folder = find_folder(self.out, self.subject, STUDY, plan) if self.resume else None
            if self.resume and folder is None:
                self.terminal.note(f"there is no search for the same below {self.out}: this one begins anew")
            if folder is None:
                workers, seed = self.search.workers, str(world.seed)
                folder = open_folder(self.out, self.subject, STUDY, plan, seed, argv=sys.argv, workers=workers)
            self.folder = folder
            self.ledger = ledger_in(folder)
            self.search.known = {(each.size, each.task): each.answer for each in self.ledger.read()}
        except LedgerError as error:
            raise click.UsageError(f"{error}; start anew without --resume") from None
        except OSError as error:
            self.terminal.note(f"no folder, results are only printed: {error}")
            self.terminal.failed = True
            self.folder = self.ledger = None
            return
        if known := self.search.known:
            runs = sum(answer.tally.runs for answer in known.values())
            self.terminal.note(f"going on in {folder.path}, where {runs:,} schedules are recorded")

    @contextmanager
    def closing_ledger(self) -> Iterator[None]:
        """Whatever ends the search, what was written down is on the disk."""
        try:
            yield
        finally:
            if self.ledger is not None:
                self.ledger.close()

    def play(self) -> None:
        """Level after level, until one fails."""
        search = self.search
        for level, tasks in search.plan():
            singles = sum(len(task.prefixes) for task in tasks)
            if level.size == 1 and singles > _NO_SMALL_WORLD:
                self.terminal.note(f"{singles:,} schedules of one fault: this is no small world, and may take for ever")
            noun = f"groups of schedules of {plural(level.size, 'fault')}"
            waiting = sum((level.size, index) not in search.known for index in range(len(tasks)))
            with Progress(waiting, noun, quiet=self.terminal.quiet) as progress:
                search.play(level, tasks, partial(self.take, level.size, progress))
            if level.tally.failed and not self.world.to_the_end:
                return

    def take(self, size: int, progress: Progress, task: int, answer: Answer) -> None:
        """A task is over: it is written down before anything else."""
        if self.ledger is not None:
            self.ledger.append(Entry(size, task, answer))
        progress.advance(bad=bool(answer.tally.failed))

    def finish(self, document: dict[str, Any]) -> None:
        """Write the results into the folder, and say how to go on where something is left to play."""
        folder, terminal = self.folder, self.terminal
        if folder is None:
            return
        try:
            write_json(folder.path / FILE, document)
            code, interrupted = document["exit_code"], document["interrupted"]
            folder.finish(code, wall_s=time.monotonic() - self.began, interrupted=interrupted)
        except OSError as error:
            terminal.note(f"results could not be written to {folder.path}: {error.strerror or error}")
            terminal.failed = True
        if not terminal.quiet:
            terminal.note(f"{time.monotonic() - self.began:.1f} s; folder: {folder.path}")
        if self.stopped:
            terminal.note(f"what is done is kept; to go on: {self.call}")

    # -- what is told -------------------------------------------------------------------------------------------

    def document(self, failing: Failing | None) -> dict[str, Any]:
        """All results."""
        levels = self.search.levels
        verdict = self.stopped or (exit_codes.CHECK_FAILED if failing else exit_codes.PASSED)
        code = exit_codes.worst((verdict, exit_codes.NOT_WRITTEN)) if self.terminal.failed else verdict
        points: dict[str, int] = {}
        for level in levels:
            for point, count in level.tally.points.items():
                points[point] = max(count, points.get(point, 0))
        return {
            "schema_version": SCHEMA_VERSION,
            "scenario": self.world.scenario.name,
            "seed": str(self.world.seed),
            "mutant": self.world.mutant,
            "faults": self.search.most,
            "kinds": list(self.world.kinds),
            "pruned": self.world.prune,
            "passed": verdict == exit_codes.PASSED,
            "exit_code": code,
            "interrupted": self.stopped == exit_codes.INTERRUPTED,
            "stopped": exit_codes.WORDS[self.stopped] if self.stopped else None,
            "folder": str(self.folder.path) if self.folder is not None else None,
            "points": dict(sorted(points.items())),
            "levels": [_level(level) for level in levels],
            "outcomes": _outcomes(levels),
            "smallest": None if failing is None else _failing(failing),
        }

    def tell_story(self, failing: Failing, document: dict[str, Any]) -> None:
        """Play the smallest failing schedule once more, tell what happened, and keep it as a scenario."""
        from ..runner import run
        from ..search import regression_text, written_out

        world, terminal = self.world, self.terminal
        for fault in failing.schedule:
            terminal.line(f"  {_in_words(fault)}")
        result = run(world.scenario, world.seed, mutant=world.mutant, faults=failing.schedule)
        broken = [verdict for verdict in result.verdicts if verdict.check in failing.invalid]
        for verdict in broken:
            terminal.line()
            terminal.line(f"  {verdict.check}: {meaning(verdict.check)}", "red")
            for line in verdict.story:
                terminal.line(f"    {line}")
        question = f"Does {' and '.join(failing.invalid)} hold when {len(failing.schedule)} faults strike?"
        name = f"{world.scenario.name}_{_short(failing.schedule)}"
        whole = written_out(world.scenario, world.seed, result.injected)
        if self.folder is None:
            return
        path = self.folder.path / f"{name}.yaml"
        try:
            write_text(path, regression_text(whole, name=name, question=question, folder=path.parent))
        except OSError as error:
            terminal.note(f"{path} could not be written: {error.strerror or error}")
            terminal.failed = True
            return
        bug = f" --mutant {world.mutant}" if world.mutant else ""
        document["smallest"]["file"] = str(path)
        document["smallest"]["replay"] = f"doubletick replay {path}{bug}"
        terminal.line()
        terminal.line(f"  replay: {document['smallest']['replay']}")


def _level(level: Level) -> dict[str, Any]:
    return {
        "faults": level.size,
        "schedules": level.tally.runs,
        "whole": level.is_whole,
        "tasks": level.tasks,
        "tasks_done": level.done,
        "outcomes": len(level.tally.outcomes),
        "failed": level.tally.failed,
        "failing": [_failing(failing) for failing in level.tally.failing],
    }


def _failing(failing: Failing) -> dict[str, Any]:
    return {"checks": list(failing.invalid), "faults": [write_fault(fault) for fault in failing.schedule]}


def _outcomes(levels: list[Level]) -> list[dict[str, Any]]:
    """Every distinct outcome, how many schedules lead to it, and the first of them."""
    told: dict[Any, dict[str, Any]] = {}
    for level in levels:
        for outcome, count in level.tally.outcomes.items():
            first = [write_fault(fault) for fault in level.tally.first[outcome]]
            row = {"seen": outcome.seen, "checks": list(outcome.invalid), "schedules": 0, "first": first}
            told.setdefault(outcome, row)["schedules"] += count
    return sorted(told.values(), key=lambda row: (-row["schedules"], row["seen"]))


def _in_words(fault: Any) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in write_fault(fault).items()) + "}"


def _short(schedule: Schedule) -> str:
    text = repr([write_fault(fault) for fault in schedule])
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
