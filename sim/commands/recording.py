"""The run folder of one plan while it is played. Where there is more than one run to lose, each record goes into a
ledger there as soon as it is in, so that what a kill leaves behind is whole, and ``--resume`` can go on."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..executors.seeds import format_seeds
from ..results.folder import RunFolder, find_unfinished
from ..results.record_lines import as_json, from_json
from ..results.records import Record
from ..search.ledger import FILE as LEDGER
from ..search.ledger import Ledger, LedgerError
from .terminal import Terminal

if TYPE_CHECKING:
    from .playing import Plan, Settings


class Recording:
    """A run folder, and its ledger if it has one."""

    def __init__(self, terminal: Terminal, folder: RunFolder, ledger: Ledger[Record] | None) -> None:
        self.folder = folder
        self._terminal = terminal
        self._ledger = ledger
        self._told = False

    def add(self, record: Record) -> None:
        """Make a record durable. A disk that is full costs no result, so it is only told of, and once."""
        if self._ledger is None:
            return
        try:
            self._ledger.append(record)
        except OSError as error:
            if not self._told:
                self._told = True
                self._terminal.note(f"{self._ledger.path} could not be written: {error.strerror or error}")

    def end(self) -> None:
        """The call has come to its end: where the folder has everything, nobody needs the ledger any more."""
        if self._ledger is None:
            return
        try:
            self._ledger.close()
            if self.folder.manifest["finished"] and not self.folder.manifest["interrupted"]:
                self._ledger.path.unlink(missing_ok=True)
        except OSError as error:
            self._terminal.note(f"{self._ledger.path}: {error.strerror or error}")

    def recall(self, plan: Plan, settings: Settings) -> None:
        """Give a plan the records that an earlier call has left."""
        if self._ledger is None:
            return
        places = {seed: place for place, seed in enumerate(plan.seeds)}
        for record in self._ledger.read():
            if record.seed_text in places and self._is_complete(record, settings.history):
                plan.records[places[record.seed_text]] = record
        self.folder.note(finished=False, interrupted=False, exit_code=None)
        if not settings.quiet:
            known = f"{len(plan.records):,} of {len(plan.seeds):,} runs are recorded"
            self._terminal.note(f"going on in {self.folder.path}, where {known}")

    def history_path(self, seed: str) -> Path:
        """Where the history of a seed goes."""
        return self.folder.path.absolute() / "history" / f"seed-{seed}.parquet"

    def _is_complete(self, record: Record, history: str) -> bool:
        """Whether everything that is asked for was written; if not, the run is played again."""
        return not record.unwritten and (history != "always" or self.history_path(record.seed_text).is_file())


def open_recording(
    terminal: Terminal, settings: Settings, plan: Plan, *, workers: int, many: bool, taken: Collection[Path]
) -> Recording | None:
    """Make the run folder of a plan, or find the one to go on in (none of those that are ``taken``). None, and a note,
    when it cannot be written to."""
    out, seeds = Path(settings.out), format_seeds(plan.seeds)
    try:
        found = find_unfinished(out, plan.subject, seeds, ledger=LEDGER, taken=taken) if settings.resume else None
        if settings.resume and found is None and not settings.quiet:
            terminal.note(
                f"there is no unfinished run of the same seeds, values and code below {out}: this one begins anew"
            )
        folder = found or RunFolder.create(out, plan.subject, seeds, argv=sys.argv, workers=workers, resumable=many)
        ledger = Ledger(folder.path / LEDGER, as_json, from_json) if many else None
        recording = Recording(terminal, folder, ledger)
        if found is not None:
            recording.recall(plan, settings)
        return recording
    except LedgerError as error:
        raise click.UsageError(f"{error}; start anew without --resume") from None
    except OSError as error:
        terminal.note(f"no run folder, results are only printed: {error}")
        return None
