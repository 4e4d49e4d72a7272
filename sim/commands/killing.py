"""Playing the kill matrix: a task per planted bug, which ends with the first seed that catches it, and small tasks of
reference runs; all of them on every core."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from ..executors import jobs as executor_jobs
from ..executors.jobs import Job, Play
from ..executors.local import Done, stream, workers_for
from ..executors.seeds import format_seeds
from ..results import exit_codes
from ..results.words import plural, replay_command
from ..scenario.model import Scenario
from .documents import write_document
from .terminal import Progress, Terminal

SCHEMA_VERSION: Final = 1
REFERENCE_CHUNK: Final = 10
"""Seeds in one reference task: enough to be worth a journey to a worker, few enough to spread over the cores."""


@dataclass(frozen=True, slots=True)
class Hunt:
    """One task: play seeds until ``check`` is invalid, or all of them when there is none (the reference)."""

    name: str
    scenario: Scenario
    seeds: tuple[str, ...]
    mutant: str | None
    check: str
    play: Play


@dataclass(slots=True)
class Catch:
    """What a task found. ``fired`` counts, per check, the seeds in which it was invalid."""

    killed_by: str = ""
    """The seed whose run the named checker called invalid."""
    played: int = 0
    fired: dict[str, list[str]] = field(default_factory=dict)
    story: tuple[str, ...] = ()
    error: str = ""
    error_code: int = exit_codes.PASSED


def pursue(hunt: Hunt) -> Catch:
    """Play the seeds of one task."""
    catch = Catch()
    for seed in hunt.seeds:
        record = hunt.play(Job(hunt.scenario, seed, mutant=hunt.mutant))
        catch.played += 1
        if record.error:
            catch.error = f"seed {seed}: {record.error}"
            catch.error_code = record.exit_code
            break
        for verdict in record.failing:
            catch.fired.setdefault(verdict.check, []).append(seed)
            if verdict.check == hunt.check or not (hunt.check or catch.story):
                catch.story = verdict.story
        if hunt.check and hunt.check in catch.fired:
            catch.killed_by = seed
            break
    return catch


class Matrix:
    """One call of ``mutants``."""

    def __init__(
        self,
        entries: Sequence[Any],
        seeds: tuple[str, ...],
        *,
        reference: bool = True,
        jobs: str = "auto",
        json_file: str | None = None,
        quiet: bool = False,
    ) -> None:
        self.entries = entries
        self.seeds = seeds
        self.reference = reference
        self.jobs = jobs
        self.json_file = json_file
        self.terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
        self.interrupted = False

    def perform(self) -> int:
        """Play, print, write; return the exit code."""
        hunts = self._hunts()
        catches: dict[int, Catch] = {}
        try:
            with Progress(len(hunts), "tasks", quiet=self.terminal.quiet) as progress:
                for done in stream(pursue, hunts, workers=workers_for(self.jobs, len(hunts))):
                    catches[done.index] = _catch_of(done)
                    progress.advance(bad=self._is_bad(hunts[done.index], catches[done.index]))
        except KeyboardInterrupt:
            self.interrupted = True
            self.terminal.note("interrupted: telling what is done (Ctrl-C again gives up)")
        document = self._document(hunts, catches)
        self._print(document)
        return write_document(self.terminal, self.json_file, document, document["exit_code"])

    def _hunts(self) -> list[Hunt]:
        from ..scenario.loading import load

        play = executor_jobs.play
        scenarios = {name: load(name) for name in dict.fromkeys(entry.scenario for entry in self.entries)}
        hunts = [
            Hunt(entry.scenario, scenarios[entry.scenario], self.seeds, str(entry.number), entry.check, play)
            for entry in self.entries
        ]
        if self.reference:
            hunts += [
                Hunt(name, scenario, self.seeds[start : start + REFERENCE_CHUNK], None, "", play)
                for name, scenario in scenarios.items()
                for start in range(0, len(self.seeds), REFERENCE_CHUNK)
            ]
        return hunts

    @staticmethod
    def _is_bad(hunt: Hunt, catch: Catch) -> bool:
        return bool(catch.error) or (bool(catch.fired) if hunt.mutant is None else not catch.killed_by)

    def _document(self, hunts: Sequence[Hunt], catches: dict[int, Catch]) -> dict[str, Any]:
        mutants = [_mutant_row(entry, catches[place]) for place, entry in enumerate(self.entries) if place in catches]
        references = _reference_rows(
            [(hunt, catches[place]) for place, hunt in enumerate(hunts) if hunt.mutant is None and place in catches]
        )
        codes = [catch.error_code for catch in catches.values() if catch.error]
        if any(not row["killed"] for row in mutants) or any(row["fired"] for row in references):
            codes.append(exit_codes.CHECK_FAILED)
        code = exit_codes.worst(codes or [exit_codes.PASSED if mutants else exit_codes.NOTHING_TESTED])
        if self.interrupted:
            code = exit_codes.INTERRUPTED
        return {
            "schema_version": SCHEMA_VERSION,
            "passed": code == exit_codes.PASSED,
            "exit_code": code,
            "interrupted": self.interrupted,
            "seeds": format_seeds(self.seeds),
            "asked": len(self.entries),
            "killed": sum(row["killed"] for row in mutants),
            "mutants": mutants,
            "reference": references,
        }

    def _print(self, document: dict[str, Any]) -> None:
        if not self.terminal.quiet:
            _print_tables(self.terminal, document)
        _print_stories(self.terminal, document)
        word = exit_codes.WORDS[document["exit_code"]]
        killed = f"{document['killed']} of {plural(document['asked'], 'planted bug')} killed"
        self.terminal.line(f"{word}: {killed}{_reference_words(document)}.", "green" if document["passed"] else "red")


def _catch_of(done: Done[Catch]) -> Catch:
    if done.answer is not None:
        return done.answer
    return Catch(error=done.failure or "its worker process was killed, twice", error_code=exit_codes.OUR_BUG)


def _mutant_row(entry: Any, catch: Catch) -> dict[str, Any]:
    others = sorted(check for check in catch.fired if check != entry.check)
    seed = catch.killed_by or next((seeds[0] for seeds in catch.fired.values()), "")
    return {
        "number": entry.number,
        "name": entry.name,
        "title": entry.title,
        "scenario": entry.scenario,
        "check": entry.check,
        "killed": bool(catch.killed_by),
        "seed": catch.killed_by or None,
        "seeds_played": catch.played,
        "others": others,
        "others_expected": list(entry.also),
        "needs": entry.needs,
        "story": list(catch.story),
        "replay": replay_command(entry.scenario, seed, mutant=str(entry.number)) if seed else None,
        "error": catch.error,
    }


def _reference_rows(parts: Sequence[tuple[Hunt, Catch]]) -> list[dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for hunt, catch in parts:
        row = rows.setdefault(
            hunt.name, {"scenario": hunt.name, "seeds_played": 0, "fired": {}, "story": [], "replay": None, "error": ""}
        )
        row["seeds_played"] += catch.played
        row["error"] = row["error"] or catch.error
        for check, seeds in catch.fired.items():
            row["fired"].setdefault(check, []).extend(seeds)
        if catch.fired and row["replay"] is None:
            row["story"] = list(catch.story)
            row["replay"] = replay_command(hunt.name, next(iter(catch.fired.values()))[0])
    return list(rows.values())


def _print_tables(terminal: Terminal, document: dict[str, Any]) -> None:
    rows = [
        [
            row["number"],
            row["title"],
            row["check"],
            "broken" if row["error"] else "killed" if row["killed"] else "SURVIVED",
            row["seed"] or "",
            f"{row['seeds_played']:,}",
            ", ".join(row["others"]),
        ]
        for row in document["mutants"]
    ]
    headings = ("number", "planted bug", "must fire", "outcome", "seed", "seeds played", "also fired")
    terminal.table(headings, rows, right=("number", "seeds played"), wrap=("planted bug", "also fired"))
    terminal.line()
    rows = [
        [row["scenario"], f"{row['seeds_played']:,}", ", ".join(row["fired"]) or ("broken" if row["error"] else "none")]
        for row in document["reference"]
    ]
    terminal.table(
        ("reference protocol on", "seeds played", "checks that fired"),
        rows,
        right=("seeds played",),
        wrap=("checks that fired",),
    )
    if rows:
        terminal.line()


def _print_stories(terminal: Terminal, document: dict[str, Any]) -> None:
    """What needs a look: survivors, false alarms and errors."""
    for row in document["mutants"]:
        if row["error"]:
            terminal.line(f"  bug {row['number']} ({row['title']}) broke at {row['error'].strip()}", "red")
        elif not row["killed"]:
            terminal.line(
                f"  bug {row['number']} ({row['title']}) survived {plural(row['seeds_played'], 'seed')} "
                f"of {row['scenario']}: {row['check']} never fired; it needs: {row['needs']}",
                "red",
            )
    for row in document["reference"]:
        if row["error"]:
            terminal.line(f"  the reference protocol on {row['scenario']} broke at {row['error'].strip()}", "red")
        for check, seeds in row["fired"].items():
            on = f"{row['scenario']}, seeds {', '.join(seeds)}"
            terminal.line(f"  {check} fails the reference protocol on {on}:", "red")
        if row["fired"]:
            for line in row["story"]:
                terminal.line(f"    {line}")
            terminal.line(f"  replay: {row['replay']}")


def _reference_words(document: dict[str, Any]) -> str:
    rows = document["reference"]
    if not rows:
        return ""
    seeds = sum(row["seeds_played"] for row in rows)
    bad = sum(len(set().union(*row["fired"].values())) for row in rows if row["fired"])
    if bad:
        return f"; the reference protocol failed in {bad:,} of {plural(seeds, 'run')}"
    return f"; the reference protocol passed {plural(seeds, 'run')}"
