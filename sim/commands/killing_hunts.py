"""Performing ``mutants --hunt``: hunts for every planted bug on every core, a table, and a page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ..executors.local import stream, workers_for
from ..results import exit_codes
from ..results.atomic import json_text, write_text
from ..search.kill_hunts import GUIDED, RANDOM, Kill, hunt_down, page_of, rows_of, summary_of, tasks_for
from .terminal import Progress, Terminal

SCHEMA_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class KillHunts:
    """One call of ``mutants --hunt``."""

    entries: Sequence[Any]
    starts: int
    most: int
    page: str | None
    jobs: str = "auto"
    json_file: str | None = None
    quiet: bool = False

    def perform(self) -> int:
        """Play, print, write; return the exit code."""
        from ..scenario.loading import load

        terminal = Terminal(quiet=self.quiet, json_on_stdout=self.json_file == "-")
        scenarios = {name: load(name) for name in dict.fromkeys(entry.scenario for entry in self.entries)}
        tasks = tasks_for(self.entries, scenarios, self.starts, self.most)
        kills: dict[int, Kill] = {}
        with Progress(len(tasks), "hunts", quiet=self.quiet) as progress:
            for done in stream(hunt_down, tasks, workers=workers_for(self.jobs, len(tasks))):
                task = tasks[done.index]
                lost = Kill(task.number, task.mode, task.start, None, error=done.failure or "its worker was killed")
                kill = kills[done.index] = done.answer or lost
                progress.advance(bad=kill.runs is None)
        rows = rows_of(self.entries, [kills[place] for place in sorted(kills)], self.most)
        codes = [exit_codes.OUR_BUG for row in rows if row["errors"]]
        codes += [exit_codes.CHECK_FAILED for row in rows if not row["killed"]]
        code = exit_codes.worst(codes or [exit_codes.PASSED if rows else exit_codes.NOTHING_TESTED])
        self._print(terminal, rows, code)
        return exit_codes.worst((code, *self._write(terminal, rows, code)))

    def _print(self, terminal: Terminal, rows: Sequence[dict[str, Any]], code: int) -> None:
        table = [
            [
                row["number"],
                row["title"],
                row["check"],
                *(_told(row[mode]["runs"]) for mode in (RANDOM, GUIDED)),
                *(_told(row[mode]["simulated_s"]) for mode in (RANDOM, GUIDED)),
            ]
            for row in rows
        ]
        headings = ("number", "planted bug", "must fire", "runs, random", "guided", "simulated s, random", "guided ")
        if not self.quiet:
            terminal.table(headings, table, right=("number", *headings[3:]), wrap=("planted bug",))
            terminal.line()
        for row in rows:
            for error in row["errors"][:1]:
                terminal.line(f"  bug {row['number']} ({row['title']}) broke: {error.strip()}", "red")
        said = summary_of(rows)
        within = said["within_50"]
        terminal.line(
            f"{exit_codes.WORDS[code]}: {said['killed']} of {said['bugs']} planted bugs found; within 50 runs in the "
            f"median {within[RANDOM]} at random and {within[GUIDED]} guided.",
            "green" if code == exit_codes.PASSED else "red",
        )

    def _write(self, terminal: Terminal, rows: Sequence[dict[str, Any]], code: int) -> list[int]:
        document = {
            "schema_version": SCHEMA_VERSION,
            "passed": code == exit_codes.PASSED,
            "exit_code": code,
            "starts": self.starts,
            "most": self.most,
            "summary": summary_of(rows),
            "mutants": rows,
        }
        texts = {self.json_file: json_text(document)} if self.json_file else {}
        if self.page:
            command = f"doubletick mutants --hunt --starts {self.starts} --most {self.most} --page {self.page}"
            texts[self.page] = page_of(rows, command)
        failed = []
        for target, text in texts.items():
            if target == "-":
                terminal.json(text)
                continue
            try:
                write_text(Path(str(target)), text)
            except OSError as error:
                terminal.note(f"{target} could not be written: {error.strerror or error}")
                failed.append(exit_codes.NOT_WRITTEN)
        return failed


def _told(value: float | None) -> str:
    return "-" if value is None else f"{value:,.0f}"
