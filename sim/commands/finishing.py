"""Finishing one scenario: play the first failing seed again for its history, print, write, report, tidy up."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from ..executors import jobs as executor_jobs
from ..results import exit_codes
from ..results.atomic import write_text
from ..results.folder import RunFolder, keep_newest
from ..results.records import Record, first_failing
from ..results.summary import summarise
from ..results.writing import fill
from .printing import print_summary
from .recording import Recording, open_recording
from .terminal import Terminal

if TYPE_CHECKING:
    from .playing import Plan, Settings


_MOST_ROWS_DRAWN: Final = 100_000
"""A run with a longer history is not played once more only for its picture; ``explain`` does it when asked."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A scenario that is over: its summary, its exit code with that of the writing, and its folder if it has one."""

    summary: dict[str, Any]
    exit_code: int
    folder: str | None


class Finish:
    """Prints and writes the plans of one call."""

    def __init__(self, terminal: Terminal, settings: Settings, workers: int) -> None:
        self._terminal = terminal
        self._settings = settings
        self._workers = workers
        self._recordings: dict[int, Recording] = {}
        self._began = time.monotonic()

    def open_folder(self, plan: Plan, *, many: bool) -> None:
        """Make the run folder before anything is played: who cannot write should know now, not in an hour. ``many``
        says that this call plays more than one run."""
        taken = [recording.folder.path for recording in self._recordings.values()]
        recording = open_recording(self._terminal, self._settings, plan, workers=self._workers, many=many, taken=taken)
        if recording is not None:
            self._recordings[id(plan)] = recording

    def record(self, plan: Plan, record: Record) -> None:
        """Keep what a run gave, whatever becomes of this process."""
        if id(plan) in self._recordings:
            self._recordings[id(plan)].add(record)

    def drop_folder(self, plan: Plan) -> None:
        """Remove the folder of a plan of which nothing was played."""
        recording = self._recordings.pop(id(plan), None)
        if recording is not None:
            recording.folder.discard()

    def end(self) -> None:
        """The call has come to its end."""
        for recording in self._recordings.values():
            recording.end()

    def history_path(self, plan: Plan, seed: str) -> str:
        """Where the history of a seed goes; empty when there is no folder."""
        recording = self._recordings.get(id(plan))
        return str(recording.history_path(seed)) if recording is not None else ""

    def finish(self, plan: Plan, *, interrupted: bool = False) -> Finished:
        """Print one plan and write its folder."""
        records = plan.in_order()
        again = None if interrupted else self._again_with_history(plan, records)
        other = _other_digests(plan, records, again)
        summary = summarise(plan.subject, records, asked=len(plan.seeds), interrupted=interrupted, other_digest=other)
        print_summary(self._terminal, summary, whole_story=self._settings.whole_story)
        recording = self._recordings.get(id(plan))
        folder = recording.folder if recording is not None else None
        written = folder is not None and self._write(folder, plan, summary, records)
        unwritten = [record.unwritten for record in (*records, *([again] if again else [])) if record.unwritten]
        if unwritten:
            self._terminal.note(f"the history of {plan.subject.scenario.name} could not be written: {unwritten[0]}")
        code = summary["exit_code"]
        if not written or unwritten:
            code = exit_codes.worst((code, exit_codes.NOT_WRITTEN))
        return Finished(summary, code, str(folder.path) if folder is not None else None)

    def _again_with_history(self, plan: Plan, records: list[Record]) -> Record | None:
        """Play the first failing seed again, this time keeping its history."""
        failed = first_failing(records)
        if failed is None or self._settings.history != "failed" or id(plan) not in self._recordings:
            return None
        path = self.history_path(plan, failed.seed_text)
        return executor_jobs.play(
            executor_jobs.Job(plan.subject.scenario, failed.seed_text, mutant=plan.subject.mutant, history_path=path)
        )

    def _write(self, folder: RunFolder, plan: Plan, summary: dict[str, Any], records: list[Record]) -> bool:
        try:
            fill(folder, plan.subject, summary, records)
            self._draw_failure(folder, plan, records)
            self._report(folder, summary)
            folder.finish(
                summary["exit_code"], wall_s=time.monotonic() - self._began, interrupted=summary["interrupted"]
            )
            if self._settings.keep:
                keep_newest(folder.path.parent, self._settings.keep, never=folder.path)
        except OSError as error:
            self._terminal.note(f"results could not be written to {folder.path}: {error.strerror or error}")
            return False
        if not self._settings.quiet:
            self._terminal.line(f"  folder: {folder.path}")
        return True

    def _draw_failure(self, folder: RunFolder, plan: Plan, records: list[Record]) -> None:
        """How the first failure came about, as a picture for the page and the repro, unless the run is a large one. A
        bug in it must not cost the results, so it is only told of."""
        failed = first_failing(records)
        small = failed is not None and 0 < failed.counts.get("rows", 0) <= _MOST_ROWS_DRAWN
        if failed is None or not small or self._settings.report == "never":
            return
        from ..report.space_time_svg import draw
        from ..search.explain import explain

        try:
            told = explain(plan.subject.scenario, failed.seed, mutant=plan.subject.mutant)
        except Exception as error:
            self._terminal.note(f"no picture of the failure: {type(error).__name__}: {error}")
            return
        write_text(folder.path / "repro" / "why.svg", draw(told.diagram))

    def _report(self, folder: RunFolder, summary: dict[str, Any]) -> None:
        """Make the page. A bug in it must not cost the results, so it is only told of."""
        wanted = self._settings.report
        if wanted == "never" or (wanted == "failed" and summary["passed"]):
            return
        from .. import report

        write_report = getattr(report, "write_report", None)
        if write_report is None:
            return
        try:
            write_report(folder.path)
        except OSError:
            raise
        except Exception as error:
            self._terminal.note(f"no report.html: {type(error).__name__}: {error}")


def _other_digests(plan: Plan, records: list[Record], again: Record | None) -> list[str]:
    """The seeds whose history differs from the recorded one, or from their own when played again."""
    other = [record.seed_text for record in records if plan.expected_digest and record.digest != plan.expected_digest]
    first = next((record for record in records if again and record.seed_text == again.seed_text), None)
    if again and first and again.digest != first.digest and first.seed_text not in other:
        other.append(first.seed_text)
    return other
