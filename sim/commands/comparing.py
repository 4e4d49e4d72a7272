"""Carrying out ``compare``: play with progress, print the comparison, write its folder; Ctrl-C keeps what was done."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from ..executors.local import workers_for
from ..results import exit_codes
from ..results.folder import RunFolder, keep_newest
from ..results.records import Record
from ..statistics.stopping import Precision
from ..studies.comparing import Comparison, carry_out
from ..studies.document import document_of
from ..studies.folder import fill_folder, open_folder
from .documents import write_document
from .printing_comparison import print_comparison
from .terminal import Progress, Terminal


class Comparing:
    """One call of ``compare``."""

    def __init__(
        self,
        comparison: Comparison,
        *,
        jobs: str = "auto",
        out: str = "reports/runs",
        json_file: str | None = None,
        quiet: bool = False,
        report: str = "always",
        keep: int | None = None,
    ) -> None:
        self.comparison = comparison
        self.jobs = jobs
        self.out = Path(out)
        self.json_file = json_file
        self.quiet = quiet
        self.report = report
        self.keep = keep
        self.terminal = Terminal(quiet=quiet, json_on_stdout=json_file == "-")
        self.folder: RunFolder | None = None

    def perform(self, until: Precision | None) -> int:
        """Play everything, print and write it; return the exit code."""
        self._open_folder()
        try:
            self._play(until)
        except KeyboardInterrupt:
            self.comparison.interrupted = True
            self.terminal.note("interrupted: keeping what is done (Ctrl-C again gives up)")
            if not all(side.records for side in self.comparison.sides.values()):
                self.terminal.note("not one seed was played with every variant: there is nothing to compare")
                if self.folder is not None:
                    self.folder.discard()
                return exit_codes.INTERRUPTED
        document = document_of(self.comparison)
        print_comparison(self.terminal, document)
        codes = [document["exit_code"], exit_codes.PASSED if self._write(document) else exit_codes.NOT_WRITTEN]
        if self.comparison.interrupted:
            codes.append(exit_codes.INTERRUPTED)
        code = exit_codes.worst(codes)
        return self._write_json(document, code)

    def _open_folder(self) -> None:
        workers = workers_for(self.jobs, len(self.comparison.seeds) * len(self.comparison.sides))
        try:
            self.folder = open_folder(self.out, self.comparison, argv=sys.argv, workers=workers)
        except OSError as error:
            self.terminal.note(f"no run folder, results are only printed: {error}")

    def _play(self, until: Precision | None) -> None:
        total = len(self.comparison.seeds) * len(self.comparison.sides)
        with Progress(total, "runs", quiet=self.quiet) as progress:

            def on_record(name: str, record: Record) -> None:
                progress.advance(bad=record.exit_code != exit_codes.PASSED)

            carry_out(self.comparison, jobs=self.jobs, until=until, on_record=on_record)

    def _write(self, document: dict[str, Any]) -> bool:
        folder = self.folder
        if folder is None:
            return False
        try:
            fill_folder(folder, self.comparison, document)
            if self.report == "always" or (self.report == "failed" and not document["passed"]):
                self._report(folder)
            folder.finish(document["exit_code"], wall_s=document["wall_s"], interrupted=self.comparison.interrupted)
            if self.keep:
                keep_newest(folder.path.parent, self.keep, never=folder.path)
        except OSError as error:
            self.terminal.note(f"results could not be written to {folder.path}: {error.strerror or error}")
            return False
        if not self.quiet:
            self.terminal.line(f"  folder: {folder.path}")
        return True

    def _report(self, folder: RunFolder) -> None:
        """Make the page. A bug in it must not cost the results, so it is only told of."""
        from ..report import write_report

        try:
            write_report(folder.path)
        except OSError:
            raise
        except Exception as error:
            self.terminal.note(f"no report.html: {type(error).__name__}: {error}")

    def _write_json(self, document: dict[str, Any], code: int) -> int:
        folder = None if self.folder is None else str(self.folder.path)
        whole = {**document, "exit_code": code, "passed": code == exit_codes.PASSED, "folder": folder}
        return write_document(self.terminal, self.json_file, whole, code)
