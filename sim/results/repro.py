"""What is needed to play one failing seed again, in the run folder's ``repro/``: scenario, seed, mutant, digest, and
the run with explicit operations and faults, which outlive a change of whatever drew them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from .atomic import write_json, write_text
from .folder import is_run_folder, real_folder
from .records import Record
from .summary import Subject
from .words import replay_command
from .written_out import explicit_text

SCHEMA_VERSION: Final = 1
FILE: Final = "repro.json"
REGRESSION_FILE: Final = "regression.yaml"


_REGRESSION: Final = f"""
`{REGRESSION_FILE}` holds the same run with explicit operations and faults, which outlives a change of whatever drew
them: keep it under scenarios/regressions, or make it small first with `doubletick shrink {FILE}`.
"""


@dataclass(frozen=True, slots=True)
class Repro:
    """A recorded run that can be played again."""

    given: str
    seed: str
    variant: str | None
    sets: tuple[str, ...]
    mutant: str | None
    digest: str
    commit: str
    checks: tuple[str, ...]
    scenario_text: str
    """The resolved scenario as YAML, with variant and ``--set`` in it."""
    folder: str
    """Where the scenario's trace was looked up."""
    explicit_text: str = ""
    """The run as a scenario of explicit operations and faults, which outlives generators; empty for a large one."""


def write_repro(folder: Path, subject: Subject, record: Record, scenario_text: str) -> Path:
    """Write ``repro/`` of one failing run and return its folder."""
    path = folder / "repro"
    path.mkdir(exist_ok=True)
    command = replay_command(
        subject.given, record.seed_text, variant=subject.variant, sets=subject.sets, mutant=subject.mutant
    )
    checks = [verdict.check for verdict in record.failing]
    explicit = explicit_text(subject.scenario, record.seed, record.injected, checks)
    if explicit is not None:
        write_text(path / REGRESSION_FILE, explicit)
    write_json(
        path / FILE,
        {
            "schema_version": SCHEMA_VERSION,
            "given": subject.given,
            "variant": subject.variant,
            "sets": list(subject.sets),
            "mutant": subject.mutant,
            "seed": record.seed_text,
            "seed_number": str(record.seed),
            "digest": record.digest,
            "commit": subject.commit or None,
            "changed": subject.changed,
            "checks": checks,
            "story": [line for verdict in record.failing[:1] for line in verdict.story],
            "replay": command,
            "folder": subject.scenario.folder,
            "faults": [dataclasses.asdict(one.fault) for one in record.injected],
            "scenario_text": scenario_text,
            "explicit_text": explicit,
        },
    )
    write_text(path / "README.md", _readme(subject, record, command, explicit is not None))
    return path


def find_repro(path: Path) -> Path | None:
    """The repro file that a path means: the file itself, a ``repro`` folder, a run folder or ``latest``."""
    if path.is_file() and path.suffix == ".json":
        return path
    folder = real_folder(path)
    if not folder.is_dir():
        return None
    for candidate in (folder / FILE, folder / "repro" / FILE):
        if candidate.is_file():
            return candidate
    return None


def why_no_repro(path: Path) -> str:
    """What to tell a person who asked to replay a folder that holds nothing to replay."""
    folder = real_folder(path)
    if is_run_folder(folder.resolve()):
        return f"{path} is a run folder without repro/: no check failed in it. Replay a seed of its scenario instead."
    return f"{path} is a folder, but no run folder and no repro folder."


def read_repro(path: Path) -> Repro:
    """Read a repro file; ``ValueError`` says what is wrong with one that cannot be read."""
    try:
        document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if document["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"{path} has schema_version {document['schema_version']}, not {SCHEMA_VERSION}")
        return Repro(
            given=document["given"],
            seed=document["seed"],
            variant=document["variant"],
            sets=tuple(document["sets"]),
            mutant=document["mutant"],
            digest=document["digest"],
            commit=document["commit"] or "",
            checks=tuple(document["checks"]),
            scenario_text=document["scenario_text"],
            folder=document["folder"],
            explicit_text=document.get("explicit_text") or "",
        )
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} is no repro file: {type(error).__name__}: {error}") from None


def _readme(subject: Subject, record: Record, command: str, has_regression: bool) -> str:
    failing = record.failing
    story = "\n".join(f"    {line}" for verdict in failing[:1] for line in verdict.story)
    at = f"commit {subject.commit[:12]}" + (" with changes" if subject.changed else "") if subject.commit else "unknown"
    return (
        f"# {subject.scenario.name}, seed {record.seed_text}: {', '.join(v.check for v in failing)}\n\n"
        f"{story}\n\nReplay it (code at: {at}):\n\n    {command}\n\n"
        f"or, from this folder alone:\n\n    doubletick replay {FILE}\n" + (_REGRESSION if has_regression else "")
    )
