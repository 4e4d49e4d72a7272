"""The folder of a search that can be killed and go on: made before anything is played, found by what it is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..results.folder import RunFolder, is_run_folder, read_manifest, scenario_hash
from ..results.origin import text_of_code
from ..results.summary import Subject


def open_folder(
    out: Path,
    subject: Subject,
    study: str,
    plan: Mapping[str, Any],
    seeds: str,
    *,
    argv: Sequence[str] = (),
    workers: int = 1,
) -> RunFolder:
    """Make the folder. ``plan`` is what, besides the scenario and the code, makes two searches the same."""
    folder = RunFolder.create(out, subject, seeds, argv=argv, workers=workers, study=study)
    folder.note(**{study: dict(plan)}, code=text_of_code(subject.mutant))
    return folder


def find_folder(out: Path, subject: Subject, study: str, plan: Mapping[str, Any]) -> RunFolder | None:
    """The newest folder below ``out`` of a search for the same: what it holds was played by this very code."""
    parent = out / f"{subject.folder_name}--{study}"
    if not parent.is_dir():
        return None
    for path in sorted(filter(is_run_folder, parent.iterdir()), reverse=True):
        if _is_same(read_manifest(path), subject, study, plan):
            return RunFolder.reopen(path)
    return None


def _is_same(manifest: Mapping[str, Any], subject: Subject, study: str, plan: Mapping[str, Any]) -> bool:
    return (
        manifest.get(study) == dict(plan)
        and manifest["scenario_hash"] == scenario_hash(subject)
        and manifest["mutant"] == subject.mutant
        and manifest.get("code") == text_of_code(subject.mutant)
    )
