"""Performing a hunt: the folder and its ledger, playing, stopping, and what people see of it."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..executors.local import stream, workers_for
from ..executors.seeds import parse_seeds
from ..results import exit_codes
from ..results.folder import RunFolder
from ..results.summary import Subject
from ..search.hunt import WAVE, Hunt, Planner, Play, RandomPlan
from ..search.hunt_folder import STUDY, fill_folder, ledger_in
from ..search.hunt_table import table_of
from ..search.ledger import Ledger, LedgerError
from ..search.outcome import Outcome
from ..search.study_folder import find_folder, open_folder
from .documents import write_document
from .hunt import RUNS_BY_DEFAULT, read_time
from .printing_hunt import print_hunt
from .terminal import Progress, Terminal

if TYPE_CHECKING:
    from ..executors.cluster import Cluster

_MOST_TOLD: Final = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say."""

    variant: str | None = None
    seeds: str | None = None
    seed_from: str | None = None
    runs: int | None = None
    time_text: str | None = None
    stop_after_failures: int | None = None
    guided: bool = False
    cases: tuple[str, ...] = ()
    resume: bool = False
    cluster: str | None = None
    sets: tuple[str, ...] = ()
    mutant: str | None = None
    jobs: str = "auto"
    out: str = "reports/runs"
    json_file: str | None = None
    quiet: bool = False

    def numbered_seeds(self) -> tuple[Iterator[str], int | None]:
        """The seeds, and how many there are (None: until the time is over)."""
        if self.seeds and self.seed_from:
            raise click.UsageError("--seeds and --seed-from exclude each other.")
        if self.seeds:
            listed = parse_seeds(self.seeds)[: self.runs]
            return iter(listed), len(listed)
        runs = self.runs or (None if self.time_text else RUNS_BY_DEFAULT)
        numbers = itertools.count(1) if runs is None else iter(range(1, runs + 1))
        prefix = f"{self.seed_from}." if self.seed_from else ""
        return (f"{prefix}{number}" for number in numbers), runs

    @property
    def plan(self) -> dict[str, Any]:
        """What makes two hunts the same, so that one can go on where the other ended. A random one may be given more
        seeds; what a guided one plays hangs on all of them."""
        seeds = {"seeds": self.seeds, "seed_from": self.seed_from} if self.guided else {}
        return {"guided": self.guided, **seeds}


class Hunting:
    """One call of ``hunt``."""

    def __init__(self, given: str, wanted: Wanted) -> None:
        self.wanted = wanted
        self.terminal = Terminal(quiet=wanted.quiet, json_on_stdout=wanted.json_file == "-")
        self.subject = _subject(given, wanted)
        scenario = self.subject.scenario
        self.required = tuple(dict.fromkeys((*scenario.must_reach, *scenario.hunt.must_reach, *_cases(wanted.cases))))
        seeds, total = wanted.numbered_seeds()
        self.hunt = Hunt(
            scenario, self._planner(seeds, total), mutant=wanted.mutant, stop_after=wanted.stop_after_failures
        )
        self.total = total
        self.cluster = self._connect()
        self.workers = self.cluster.workers if self.cluster is not None else workers_for(wanted.jobs, total or WAVE)
        self.folder: RunFolder | None = None
        self.ledger: Ledger[Outcome] | None = None
        self.interrupted = False
        self.began = time.monotonic()

    def perform(self) -> int:
        """Play, print, write; return the exit code."""
        unwritten = not self._open()
        try:
            self._play()
        except KeyboardInterrupt:
            self.interrupted = True
            self.terminal.note("interrupted: keeping what is done (Ctrl-C again gives up)")
        except OSError as error:
            unwritten = True
            self.terminal.note(f"the ledger could not be written: {error.strerror or error}")
        document = self._document()
        written = self._write(document) and not unwritten
        print_hunt(self.terminal, document)
        if self.folder is not None and not self.wanted.quiet:
            self.terminal.note(f"{time.monotonic() - self.began:.1f} s; folder: {self.folder.path}")
        code = exit_codes.INTERRUPTED if self.interrupted else document["exit_code"]
        if not written:
            code = exit_codes.worst((code, exit_codes.NOT_WRITTEN))
        return self._write_json(document, code)

    def _planner(self, seeds: Iterator[str], total: int | None) -> Planner:
        if self.wanted.guided:
            from ..search.guided import GuidedPlan

            return GuidedPlan(self.subject.scenario, seeds, total, seed=self.wanted.seed_from or "1")
        return RandomPlan(seeds, total)

    def _connect(self) -> Cluster | None:
        """The cluster, if one is asked for."""
        if self.wanted.cluster is None:
            return None
        from ..executors.cluster import Cluster, ClusterError

        try:
            return Cluster(self.wanted.cluster)
        except ClusterError as error:
            raise click.UsageError(str(error)) from None

    def _player(self) -> Play:
        return self.cluster.stream if self.cluster is not None else partial(stream, workers=self.workers)

    def _open(self) -> bool:
        """Make or find the folder; False when it cannot be written to, and results are only printed."""
        wanted, out = self.wanted, Path(self.wanted.out)
        try:
            folder = find_folder(out, self.subject, STUDY, wanted.plan) if wanted.resume else None
            if wanted.resume and folder is None:
                self.terminal.note(f"there is no hunt for the same below {out}: this one begins anew")
            if folder is None:
                seeds = wanted.seeds or wanted.seed_from or f"1..{self.total or ''}"
                folder = open_folder(out, self.subject, STUDY, wanted.plan, seeds, argv=sys.argv, workers=self.workers)
            self.folder = folder
            self.ledger = ledger_in(folder)
            known = self.ledger.read()
        except LedgerError as error:
            raise click.UsageError(f"{error}; start anew without --resume") from None
        except OSError as error:
            self.terminal.note(f"no folder, results are only printed: {error}")
            self.ledger = None
            return False
        self.hunt.known = {(each.place, each.again): each for each in known}
        if known:
            self.terminal.note(f"going on in {folder.path}, where {len(known):,} plays are recorded")
        return True

    def _play(self) -> None:
        limit_s = read_time(self.wanted.time_text) / 1e6 if self.wanted.time_text else None
        told = 0
        with Progress(self.total or 0, "runs", quiet=self.wanted.quiet) as progress:
            outcomes = self.hunt.play(
                self._player(), lambda: limit_s is not None and time.monotonic() - self.began > limit_s
            )
            try:
                for outcome in outcomes:
                    if self.ledger is not None:
                        self.ledger.append(outcome)
                    if not outcome.again:
                        progress.advance(bad=outcome.bad)
                    if outcome.bad and told < _MOST_TOLD:
                        told += 1
                        progress.tell(_told(self.subject, outcome))
            finally:
                outcomes.close()
                if self.ledger is not None:
                    self.ledger.close()
                if self.cluster is not None:
                    self.cluster.close()

    def _document(self) -> dict[str, Any]:
        return table_of(self.subject, self.hunt, required=self.required, guided=self.wanted.guided)

    def _write(self, document: dict[str, Any]) -> bool:
        if self.folder is None:
            return False
        try:
            fill_folder(self.folder, self.subject, self.hunt, document)
            self.folder.finish(
                document["exit_code"], wall_s=time.monotonic() - self.began, interrupted=self.interrupted
            )
        except OSError as error:
            self.terminal.note(f"results could not be written to {self.folder.path}: {error.strerror or error}")
            return False
        return True

    def _write_json(self, document: dict[str, Any], code: int) -> int:
        document = {
            **document,
            "exit_code": code,
            "interrupted": self.interrupted,
            "folder": str(self.folder.path) if self.folder is not None else None,
            "wall_s": round(time.monotonic() - self.began, 3),
        }
        return write_document(self.terminal, self.wanted.json_file, document, code)


def _subject(given: str, wanted: Wanted) -> Subject:
    from .run import plan

    (only,) = plan(
        [given], variants=[wanted.variant] if wanted.variant else [], seeds="1", sets=wanted.sets, mutant=wanted.mutant
    )
    return only.subject


def _cases(cases: tuple[str, ...]) -> tuple[str, ...]:
    from ..scenario.catalogues import hard_cases
    from ..scenario.errors import did_you_mean

    for case in cases:
        if case not in hard_cases():
            hint = did_you_mean(case, hard_cases()) or f"they are: {', '.join(hard_cases())}"
            raise click.BadParameter(f"there is no hard case {case!r}; {hint}", param_hint="'--must-reach'")
    return cases


def _told(subject: Subject, outcome: Outcome) -> str:
    what = (
        ", ".join(failure.check for failure in outcome.failures if failure.counts)
        or outcome.error.strip().splitlines()[-1]
    )
    return f"{subject.scenario.name} seed {outcome.seed} failed: {what}"
