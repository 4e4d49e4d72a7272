"""Playing a gate: find the cases, play those that load, and write what CI reads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from ..executors.seeds import parse_seeds
from ..results import exit_codes
from ..results.atomic import write_text
from ..results.gate import Case
from ..results.origin import commit
from ..results.summary import Subject
from ..results.words import plural
from ..scenario.errors import Problem, ScenarioError
from .check import read_shard
from .playing import Plan, Playing, Settings
from .run import refuse_unknown_bug

if TYPE_CHECKING:
    from ..scenario.loading import Loaded

MOST_SAVED_OF_A_CASE: Final = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the options say about the gate itself."""

    folders: tuple[str, ...]
    seeds: str | None = None
    shard: str | None = None
    variants: tuple[str, ...] = ()
    sets: tuple[str, ...] = ()
    mutant: str | None = None
    junit_file: str | None = None
    summary_file: str | None = None
    annotations: bool | None = None
    save_folder: str | None = None


class Gate:
    """One call of ``check``."""

    def __init__(self, wanted: Wanted, options: Mapping[str, Any]) -> None:
        self._wanted = wanted
        self._settings = Settings(**options)
        self._to_stderr = self._settings.json_file == "-"
        self._unwritten = False
        self._saved_to: dict[Path, int] = {}

    def perform(self) -> int:
        """Play everything and write everything; the exit code."""
        wanted = self._wanted
        if wanted.mutant is not None:
            refuse_unknown_bug(wanted.mutant)
        cases = [case for file, key in _files(wanted.folders) for case in _cases(file, key, wanted)]
        played = [(case, plan) for case, plan in cases if plan is not None]
        codes = [case.exit_code for case, plan in cases if plan is None]
        if played:
            codes.append(self._play(played))
        code = exit_codes.worst(codes) if codes else exit_codes.PASSED
        everything = [case for case, _ in cases]
        code = self._write(everything, code)
        self._say(everything, code)
        return code

    def _play(self, played: Sequence[tuple[Case, Plan]]) -> int:
        playing = Playing([plan for _, plan in played], self._settings)
        playing.terminal.quiet = True
        code = playing.perform()
        finished = iter(playing.finished)
        for case, plan in played:
            if plan.records:
                case.summary = next(finished).summary
                case.records = plan.in_order()
                self._save(case, plan)
        return code

    def _save(self, case: Case, plan: Plan) -> None:
        """Every failing run as a scenario with explicit operations and faults."""
        from ..results.written_out import explicit_text

        folder = Path(self._wanted.save_folder or Path(self._settings.out) / "regressions")
        failing = [record for record in case.records if record.exit_code == exit_codes.CHECK_FAILED]
        for record in failing[:MOST_SAVED_OF_A_CASE]:
            checks = [verdict.check for verdict in record.failing]
            text = explicit_text(plan.subject.scenario, record.seed, record.injected, checks)
            path = self._free(folder / f"{plan.subject.folder_name}-{record.seed_text}.yaml")
            if text is None:
                self._note(f"{case.title} seed {record.seed_text} has too many operations to be written out")
            elif self._written(path, text):
                case.saved[record.seed_text] = str(path)
        if len(failing) > MOST_SAVED_OF_A_CASE:
            self._note(f"{case.title}: the first {MOST_SAVED_OF_A_CASE} of {len(failing)} failing runs are written out")

    def _free(self, path: Path) -> Path:
        """Another name where two files of the gate hold scenarios of the same name."""
        number = self._saved_to[path] = self._saved_to.get(path, 0) + 1
        return path if number == 1 else path.with_stem(f"{path.stem}-{number}")

    # -- what CI reads ----------------------------------------------------------------------------------------------

    def _write(self, cases: Sequence[Case], code: int) -> int:
        from ..results.annotations import workflow_commands
        from ..results.junit import junit_xml
        from ..results.step_summary import step_summary

        wanted = self._wanted
        about = f"part {wanted.shard}" if wanted.shard else ""
        if wanted.junit_file:
            self._written(Path(wanted.junit_file), junit_xml(cases))
        step_file = os.environ.get("GITHUB_STEP_SUMMARY", "")
        if wanted.summary_file:
            self._written(Path(wanted.summary_file), step_summary(cases, code, about=about))
        elif step_file:
            self._written(Path(step_file), step_summary(cases, code, about=about), _append)
        asked = wanted.annotations
        if asked or (asked is None and os.environ.get("GITHUB_ACTIONS") == "true"):
            for line in workflow_commands(cases):
                click.echo(line, err=self._to_stderr)
        return exit_codes.worst((code, exit_codes.NOT_WRITTEN)) if self._unwritten else code

    def _written(self, path: Path, text: str, write: Callable[[Path, str], None] = write_text) -> bool:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write(path, text)
        except OSError as error:
            self._note(f"{path} could not be written: {error.strerror or error}")
            self._unwritten = True
            return False
        return True

    def _say(self, cases: Sequence[Case], code: int) -> None:
        for case in cases:
            for problem in case.problems:
                click.echo(str(problem), err=True)
            for seed, path in case.saved.items():
                self._note(f"{case.title} seed {seed} is written out in {path}")
        passed = sum(case.exit_code == exit_codes.PASSED for case in cases)
        part = f" in part {self._wanted.shard}" if self._wanted.shard else ""
        text = f"{exit_codes.WORDS[code]}: {passed} of {plural(len(cases), 'scenario')}{part} passed"
        click.echo(text, err=self._to_stderr)

    def _note(self, text: str) -> None:
        click.echo(f"doubletick: {text}", err=True)


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(text)


def _files(folders: Sequence[str]) -> list[tuple[str, str]]:
    """Each file once, as a person would name it, and what its part hangs on: its path below the folder."""
    from ..scenario.finding import files_meant

    found: dict[str, str] = {}
    for given in folders:
        below = files_meant(given)
        if below is None:
            found.setdefault(given, Path(given).name)
            continue
        if not below:
            raise click.UsageError(f"there is no scenario file in the folder {given}")
        for path in below:
            found.setdefault(str(path), path.relative_to(given).as_posix())
    return list(found.items())


def in_shard(key: str, shard: str | None) -> bool:
    """Whether a case is in the part that is asked for: a hash of its name, so a new file moves no other."""
    if shard is None:
        return True
    place, parts = read_shard(shard)
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % parts == place - 1


def _cases(file: str, key: str, wanted: Wanted) -> list[tuple[Case, Plan | None]]:
    """The cases of one file that are in this part; one that does not load has no plan."""
    from ..scenario.loading import open_scenario

    name = Path(file).stem
    try:
        variants: list[str | None] = [None]
        if wanted.variants:
            known = open_scenario(file).variants
            every = "all" in wanted.variants
            variants = [None, *known] if every else [each for each in wanted.variants if each in known] or [None]
        chosen = [variant for variant in variants if in_shard(f"{key}|{variant or ''}", wanted.shard)]
        return [_case(file, open_scenario(file, sets=wanted.sets, variant=each), each, wanted) for each in chosen]
    except ScenarioError as error:
        if not in_shard(f"{key}|", wanted.shard):
            return []
        return [(Case(_shown(file), name, problems=error.problems), None)]


def _case(file: str, loaded: Loaded, variant: str | None, wanted: Wanted) -> tuple[Case, Plan | None]:
    here = commit()
    scenario = loaded.scenario
    subject = Subject(scenario, file, variant, wanted.sets, wanted.mutant, here.name, here.changed)
    case = Case(_shown(file), scenario.name, variant, lines=_lines(loaded))
    try:
        return case, Plan(subject, parse_seeds(wanted.seeds or scenario.seeds))
    except ValueError as error:
        case.problems = (Problem(case.file, case.lines.get("seeds", 1), 1, "seeds", str(error)),)
        return case, None


def _lines(loaded: Loaded) -> dict[str, int]:
    """Where the file itself (not what it extends) says what."""
    from ..scenario.nodes import Sequence as Listed
    from ..scenario.nodes import plain

    root = loaded.document
    own = root.mark.source
    lines = {key: entry.mark.line for key, entry in root.entries.items() if entry.mark.source is own}
    checks = root.get("checks")
    if isinstance(checks, Listed):
        lines |= {str(plain(item)): item.mark.line for item in checks.items if item.mark.source is own}
    return lines


def _shown(file: str) -> str:
    """From here, where that is possible: annotations name files of the checkout. A shipped name becomes its file."""
    from ..scenario.finding import find

    try:
        path = find(file)
    except ScenarioError:
        return file
    here = Path.cwd()
    absolute = path.absolute()
    return absolute.relative_to(here).as_posix() if absolute.is_relative_to(here) else str(path)
