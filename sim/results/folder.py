"""A run folder, ``<out>/<scenario>/<UTC time>-<hash>/``: made at the start, complete when its manifest says so.

The manifest is written first, with ``finished: false``, and last, so that a folder is complete or can be told to be
partial. Every file in it is whole (``atomic.py``). ``latest`` beside it points to the newest finished one.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, Final

from .atomic import write_json, write_text
from .origin import text_of_code, versions
from .summary import Subject

SCHEMA_VERSION: Final = 1
LATEST: Final = "latest"
_NAME = re.compile(r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{8}(-[0-9]+)?")
_NAME_STAMP: Final = len("20260101T000000Z")
_MOST_OF_ONE_SECOND: Final = 1000


class RunFolder:
    """The folder of one subject's runs."""

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest

    @classmethod
    def create(
        cls,
        out: Path,
        subject: Subject,
        seeds: str,
        *,
        argv: Sequence[str] = (),
        workers: int = 1,
        study: str = "",
        resumable: bool = False,
    ) -> RunFolder:
        """Make the folder and its first manifest; ``OSError`` when that cannot be done. A study of several variants has
        a folder of its own beside those of the runs. One that a later call may go on in says which program text
        played (``code``)."""
        now = time.gmtime()
        manifest = {
            "schema_version": SCHEMA_VERSION,
            "finished": False,
            "interrupted": False,
            "exit_code": None,
            "scenario": subject.scenario.name,
            "given": subject.given,
            "source": subject.scenario.source,
            "variant": subject.variant,
            "study": study or None,
            "sets": list(subject.sets),
            "mutant": subject.mutant,
            "seeds": seeds,
            "scenario_hash": scenario_hash(subject),
            "commit": subject.commit or None,
            "changed": subject.changed,
            "versions": versions(),
            "code": text_of_code(subject.mutant) if resumable else None,
            "platform": platform.platform(),
            "workers": workers,
            "argv": list(argv),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", now),
            "ended": None,
            "wall_s": None,
        }
        name = f"{subject.folder_name}--{study}" if study else subject.folder_name
        path = _new_folder(out / name, time.strftime("%Y%m%dT%H%M%SZ", now), _hash8(manifest))
        folder = cls(path, manifest)
        folder._write_manifest()
        return folder

    @classmethod
    def reopen(cls, path: Path) -> RunFolder:
        """A folder that an earlier call made, to go on in it."""
        return cls(path, read_manifest(path))

    def note(self, **said: Any) -> None:
        """Write more into the manifest."""
        self.manifest.update(said)
        self._write_manifest()

    def finish(self, exit_code: int, *, wall_s: float, interrupted: bool = False) -> None:
        """Say that everything is written, and point ``latest`` here."""
        self.manifest.update(
            finished=True,
            interrupted=interrupted,
            exit_code=exit_code,
            ended=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            wall_s=round(wall_s, 3),
        )
        self._write_manifest()
        point_latest(self.path)

    def discard(self) -> None:
        """Remove a folder in which nothing was played."""
        shutil.rmtree(self.path, ignore_errors=True)
        with contextlib.suppress(OSError):
            self.path.parent.rmdir()

    def _write_manifest(self) -> None:
        write_json(self.path / "manifest.json", self.manifest)


def scenario_hash(subject: Subject) -> str:
    """A hash of all that a scenario says, without where its file lies."""
    said = repr(dataclasses.replace(subject.scenario, source="", folder=""))
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def point_latest(folder: Path) -> None:
    """Let ``latest`` beside a run folder name it: a link, or a small text file where links cannot be made."""
    latest = folder.parent / LATEST
    part = folder.parent / f".{LATEST}.{os.getpid()}.part"
    try:
        part.unlink(missing_ok=True)
        part.symlink_to(folder.name, target_is_directory=True)
        part.replace(latest)
    except (OSError, NotImplementedError):
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        write_text(latest, folder.name + "\n")


def real_folder(path: Path) -> Path:
    """Follow ``latest`` where it is a text file."""
    if path.name == LATEST and path.is_file():
        return path.parent / path.read_text(encoding="utf-8").strip()
    return path


def is_run_folder(path: Path) -> bool:
    """Whether this is a folder that a run wrote, judged by its name and its manifest."""
    return bool(_NAME.fullmatch(path.name)) and not path.is_symlink() and (path / "manifest.json").is_file()


def keep_newest(parent: Path, number: int, *, never: Path) -> list[Path]:
    """Remove all but the newest run folders of one scenario; ``never`` stays in any case. Return what was removed."""
    folders = sorted((path for path in parent.iterdir() if is_run_folder(path)), key=_age, reverse=True)
    old = [path for path in folders[max(1, number) :] if path != never]
    for path in old:
        shutil.rmtree(path)
    return old


def find_unfinished(
    out: Path, subject: Subject, seeds: str, *, ledger: str, taken: Collection[Path] = ()
) -> RunFolder | None:
    """The newest folder below ``out`` of the same runs by this very code, of a call that did not come to its end: its
    ledger (the name of a file) is still there. ``OSError`` when that cannot be looked up."""
    parent = out / subject.folder_name
    if not parent.is_dir():
        return None
    wanted = {
        "scenario_hash": scenario_hash(subject),
        "variant": subject.variant,
        "sets": list(subject.sets),
        "mutant": subject.mutant,
        "seeds": seeds,
        "versions": versions(),
        "code": text_of_code(subject.mutant),
    }
    for path in sorted(filter(is_run_folder, parent.iterdir()), key=_age, reverse=True):
        if path not in taken and (path / ledger).is_file():
            folder = RunFolder.reopen(path)
            if all(folder.manifest.get(key) == value for key, value in wanted.items()):
                return folder
    return None


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder."""
    document: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return document


def _age(folder: Path) -> tuple[str, int]:
    """Order by the time in the name (copies keep it), within a second by when the manifest was written."""
    return folder.name[:_NAME_STAMP], (folder / "manifest.json").stat().st_mtime_ns


def _hash8(manifest: dict[str, Any]) -> str:
    said = [manifest[key] for key in ("scenario_hash", "seeds", "mutant", "commit", "changed", "versions")]
    return hashlib.blake2b(json.dumps(said).encode(), digest_size=4).hexdigest()


def _new_folder(parent: Path, stamp: str, hash8: str) -> Path:
    """Make a folder that nobody has: two runs of one second get different names."""
    parent.mkdir(parents=True, exist_ok=True)
    for number in range(_MOST_OF_ONE_SECOND):
        path = parent / (f"{stamp}-{hash8}" + (f"-{number}" if number else ""))
        with contextlib.suppress(FileExistsError):
            path.mkdir()
            return path
    raise FileExistsError(f"{parent} has {_MOST_OF_ONE_SECOND} folders of this second")
