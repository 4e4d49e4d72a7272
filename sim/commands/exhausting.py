"""Counting through the schedules of a small world: playing, printing, and writing down what broke a check."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Final

from ..executors.local import workers_for
from ..results import exit_codes
from ..results.atomic import write_text
from ..results.words import meaning, plural
from ..scenario.writing import write_fault
from ..search.exhaust import Exhaust, Failing, Level, Schedule, World
from .documents import write_document
from .terminal import Progress, Terminal

SCHEMA_VERSION: Final = 1
_MOST_WORKERS: Final = 1_000
_NO_SMALL_WORLD: Final = 10_000
"""So many schedules of one fault are told of: the smallest world has hundreds, and a large one never ends."""


class Exhausting:
    """One call of ``exhaust``."""

    def __init__(self, world: World, most: int, *, jobs: str, out: str, json_file: str | None, quiet: bool) -> None:
        self.search = Exhaust(world, most, workers=workers_for(jobs, _MOST_WORKERS))
        self.world = world
        self.out = Path(out)
        self.json_file = json_file
        self.terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
        self.interrupted = False

    def perform(self) -> int:
        """Play, print, write; return the exit code."""
        try:
            self.play()
        except KeyboardInterrupt:
            self.interrupted = True
            self.terminal.note("interrupted: telling what is done (Ctrl-C again gives up)")
        failing = self.search.failing
        document = self.document(failing)
        self.print(document)
        if failing is not None:
            self.tell_story(failing, document)
        return write_document(self.terminal, self.json_file, document, document["exit_code"])

    def play(self) -> None:
        """Level after level, until one fails."""
        search = self.search
        for level, tasks in search.plan():
            singles = sum(len(task.prefixes) for task in tasks)
            if level.size == 1 and singles > _NO_SMALL_WORLD:
                self.terminal.note(f"{singles:,} schedules of one fault: this is no small world, and may take for ever")
            noun = f"groups of schedules of {plural(level.size, 'fault')}"
            with Progress(len(tasks), noun, quiet=self.terminal.quiet) as progress:
                search.play(level, tasks, lambda done: progress.advance(bad=_has_failed(done)))
            if level.tally.failed and not self.world.to_the_end:
                return

    # -- what is told -------------------------------------------------------------------------------------------

    def document(self, failing: Failing | None) -> dict[str, Any]:
        """All results."""
        levels = self.search.levels
        code = exit_codes.CHECK_FAILED if failing else exit_codes.PASSED
        if self.interrupted:
            code = exit_codes.INTERRUPTED
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
            "pruned": self.world.prune,
            "passed": code == exit_codes.PASSED,
            "exit_code": code,
            "interrupted": self.interrupted,
            "points": dict(sorted(points.items())),
            "levels": [_level(level) for level in levels],
            "outcomes": _outcomes(levels),
            "smallest": None if failing is None else _failing(failing),
        }

    def print(self, document: dict[str, Any]) -> None:
        """The points, the schedules, the outcomes."""
        terminal = self.terminal
        bug = f" with planted bug {self.world.mutant}" if self.world.mutant else ""
        title = f"{document['scenario']}{bug}, seed {document['seed']}"
        if not terminal.quiet:
            terminal.line(title, "bold")
            terminal.line(f"  {self.world.scenario.question.strip()}")
            terminal.line()
            _print_points(terminal, document["points"])
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
        terminal.line(prefix + self.sentence(document), "green" if document["passed"] else "red")

    def sentence(self, document: dict[str, Any]) -> str:
        """The verdict."""
        played = sum(level["schedules"] for level in document["levels"])
        smallest = document["smallest"]
        if smallest is not None:
            count = len(smallest["faults"])
            broken = f"break{'s' * (count == 1)} {', '.join(smallest['checks'])}"
            return f"VIOLATED: {plural(count, 'fault')} {broken}; no smaller schedule does."
        if self.interrupted:
            return f"INTERRUPTED: none of {plural(played, 'schedule')} violates a check."
        return f"PASSED: of {plural(played, 'schedule')} of up to {plural(self.search.most, 'fault')} none violates."

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
        path = self.out / f"{name}.yaml"
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            write_text(path, regression_text(whole, name=name, question=question, folder=self.out))
        except OSError as error:
            terminal.note(f"{path} could not be written: {error.strerror or error}")
            terminal.failed = True
            return
        bug = f" --mutant {world.mutant}" if world.mutant else ""
        document["smallest"]["file"] = str(path)
        document["smallest"]["replay"] = f"doubletick replay {path}{bug}"
        terminal.line()
        terminal.line(f"  replay: {document['smallest']['replay']}")


def _has_failed(done: Any) -> bool:
    return done.answer is not None and bool(done.answer.tally.failed)


def _level(level: Level) -> dict[str, Any]:
    return {
        "faults": level.size,
        "schedules": level.tally.runs,
        "whole": level.is_whole,
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


def _print_points(terminal: Terminal, points: dict[str, int]) -> None:
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


def _in_words(fault: Any) -> str:
    return "{" + ", ".join(f"{key}: {value}" for key, value in write_fault(fault).items()) + "}"


def _short(schedule: Schedule) -> str:
    text = repr([write_fault(fault) for fault in schedule])
    return hashlib.blake2b(text.encode(), digest_size=4).hexdigest()
