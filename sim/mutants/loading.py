"""Finding a planted bug: by number, by class, or in a file from outside."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from .blame import files_of, told
from .planted import MutantError, Planted

__all__ = ["MutantError", "find_mutant"]


def find_mutant(wanted: str | int | type | None) -> Planted | None:
    """The planted bug that is meant, or None for the reference. Raises ``MutantError``."""
    if wanted is None:
        return None
    if isinstance(wanted, type):
        return _planted(wanted, wanted.__name__)
    text = str(wanted)
    if text.isdecimal():
        from .catalogue import by_number

        entry = by_number(int(text))
        if entry is None:
            raise MutantError(f"there is no planted bug {text}")
        return entry()
    path, colon, name = text.rpartition(":")
    if not colon or not path:
        raise MutantError(f"{text!r} names no planted bug (write its number, or FILE.py:Class)")
    return _planted(_load(Path(path), name), text)


def _planted(found: type, label: str) -> Planted:
    """One of a class, whose table of classes can be played."""
    if not issubclass(found, Planted):
        raise MutantError(f"{label} is no planted bug: it must be a subclass of sim.mutants.Planted")
    try:
        planted = found()
        planted.label = label
        planted.roles()
    except MutantError:
        raise
    except (Exception, SystemExit) as problem:
        said = told(problem, files_of(found), label) or f"{label} cannot be made: {_in_words(problem)}"
        raise MutantError(said) from problem
    return planted


def _load(path: Path, name: str) -> type:
    if not path.is_file():
        raise MutantError(f"there is no file {path}")
    spec = importlib.util.spec_from_file_location(f"planted_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise MutantError(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as problem:
        said = told(problem, frozenset((path.resolve(),)), name)
        raise MutantError(said or f"{path} cannot be loaded: {_in_words(problem)}") from problem
    found = getattr(module, name, None)
    if not isinstance(found, type):
        raise MutantError(f"{path} has no class {name}")
    return found


def _in_words(problem: BaseException) -> str:
    return f"{type(problem).__name__}: {problem}"
