"""Finding a scenario: a path to a file, or the name of one that is shipped."""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Final

from .errors import Problem, ScenarioError

SUFFIXES: Final = (".yaml", ".yml")
SHIPPED: Final = Path(__file__).resolve().parents[2] / "scenarios"
"""The shipped scenarios stand beside ``sim``: in a checkout as in an installed wheel."""
_SHIPPED_FOLDERS: Final = ("", "regressions")


@cache
def shipped() -> dict[str, Path]:
    """Every shipped scenario by its name (that of its file), sorted."""
    found: dict[str, Path] = {}
    for folder in _SHIPPED_FOLDERS:
        for path in sorted((SHIPPED / folder).glob("*.yaml")):
            found.setdefault(path.stem, path)
    return found


def find(name: str | Path) -> Path:
    """The file of a scenario that is given by a path or by the name of a shipped one.

    Raises ``ScenarioError`` with a "did you mean" when there is neither.
    """
    found = _in_folder(str(name), Path())
    if found is None:
        raise ScenarioError([Problem(str(name), 0, 0, "", *missing(str(name), Path()))])
    return found


def find_base(name: str, folder: Path) -> Path | None:
    """The file that ``extends: name`` means in a file of this folder: a path from there, or a shipped name.

    Only files that are called scenarios: what a stranger's scenario extends is quoted in messages.
    """
    found = _in_folder(name, folder)
    return found if found is not None and found.suffix in SUFFIXES else None


def missing(name: str, folder: Path) -> tuple[str, str]:
    """Message and hint for a scenario that is not there."""
    if os.path.isdir(folder / name):  # noqa: PTH112 - unlike Path, it answers for names that are too long
        return f"'{name}' is a folder, not a scenario file", "name a file in it"
    near = [*shipped(), *(path.name for path in _scenario_files(folder))] if len(name) < 200 else []
    close = get_close_matches(Path(name).stem, near, n=1) or get_close_matches(Path(name).name, near, n=1)
    hint = f"did you mean '{close[0]}'?" if close else "`doubletick scenarios` lists those that are shipped"
    shown = name if len(name) < 200 else f"{name[:200]}…"
    return f"there is no scenario or file {shown!r}", hint


def files_meant(name: str) -> tuple[Path, ...] | None:
    """The scenario files of a folder that is given by its name; None for a name that means a single scenario. A folder
    without any does not hide the shipped scenario of its name."""
    if not os.path.isdir(name):  # noqa: PTH112 - unlike Path, it answers for names that are too long
        return None
    below = files_below(Path(name))
    return None if not below and name in shipped() else below


def files_below(folder: Path) -> tuple[Path, ...]:
    """Every scenario file in a folder and its folders, sorted."""
    return tuple(sorted(path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}") if path.is_file()))


def _in_folder(name: str, folder: Path) -> Path | None:
    path = folder / name
    try:
        if path.exists() and not path.is_dir():
            return path
        if path.suffix not in SUFFIXES:
            for suffix in SUFFIXES:
                longer = path.with_name(path.name + suffix)
                if longer.is_file():
                    return longer
    except (OSError, ValueError):
        return None
    return shipped().get(name.removesuffix(".yaml"))


def _scenario_files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)[:200]
    except OSError:
        return []
