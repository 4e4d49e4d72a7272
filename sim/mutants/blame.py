"""Whose fault an exception is that comes out of a run with a planted bug in it.

What a planted bug from outside raises, or makes a machine of the protocol raise, is its author's, not doubletick's. Of
a shipped one it stays doubletick's own, but says which planted bug was in place.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from .planted import MutantError, Planted

_OURS: Final = Path(__file__).resolve().parents[1]
_MACHINES: Final = _OURS / "protocol"


@contextmanager
def blaming(wanted: str | int | type | None) -> Iterator[None]:
    """Let what is raised inside be blamed on the planted bug that is in place, if one is (see ``find_mutant``). A
    planted bug from outside is blamed with ``MutantError``."""
    try:
        yield
    except MutantError:
        raise
    except (Exception, SystemExit) as error:
        from .loading import find_mutant

        planted = find_mutant(wanted)
        if planted is None:
            raise
        said = _blamed(planted, error)
        if said:
            raise MutantError(said) from error
        error.add_note(f"{_in_words(error)} (with the planted bug {planted.label} in place)")
        raise


def told(error: BaseException, files: frozenset[Path], label: str) -> str:
    """What was raised, and by which line of these files; an empty text when none of them had a part in it."""
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.resolve() in files:
            where = f"{_shown(file)}:{line}: {frame.f_code.co_qualname}"
            return f"{where}, of the planted bug {label}, raised {_in_words(error)}"
    return ""


def files_of(*classes: type) -> frozenset[Path]:
    """The files from outside doubletick in which these classes are written, and what they are made from."""
    modules = [sys.modules.get(each.__module__) for kind in classes for each in kind.__mro__]
    named = [getattr(module, "__file__", None) for module in modules]
    files = [Path(file).resolve() for file in named if file]
    return frozenset(file for file in files if not file.is_relative_to(_OURS))


def _blamed(planted: Planted, error: BaseException) -> str:
    """Why a planted bug from outside is to blame; empty for a shipped one, and for what has nothing to do with it."""
    files = files_of(type(planted), *planted.CLASSES.values())
    if not files:
        return ""
    said = told(error, files, planted.label)
    if said or not isinstance(error, Exception):
        return said
    for frame, line in reversed(list(traceback.walk_tb(error.__traceback__))):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_MACHINES):
            where = f"{file.relative_to(_OURS.parent)}:{line}: {frame.f_code.co_qualname}"
            return f"{where} raised {_in_words(error)}, with the planted bug {planted.label} in place"
    return ""


def _in_words(error: BaseException) -> str:
    """The exception in one line."""
    said = " ".join(str(error).split())
    return f"{type(error).__name__}: {said}" if said else type(error).__name__


def _shown(file: Path) -> str:
    """The file as it is seen from here, if it is below here."""
    here = Path.cwd()
    return str(file.relative_to(here)) if file.is_relative_to(here) else str(file)
