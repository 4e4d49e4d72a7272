"""Where results come from: which commit of the code, and which versions of what matters to them."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import Final, NamedTuple

_GIT_PATIENCE_S: Final = 10


class Commit(NamedTuple):
    """A commit of this code; ``name`` is empty when the code lies in no repository of its own."""

    name: str
    changed: bool

    def __str__(self) -> str:
        if not self.name:
            return "no commit known"
        return self.name[:12] + (" with changes" if self.changed else "")


@lru_cache(maxsize=1)
def commit() -> Commit:
    """The commit of the code that runs, and whether files that git knows differ from it."""
    top = Path(__file__).resolve().parents[2]
    # An installed copy may lie inside a repository that is not ours, such as one with a virtual environment in it.
    if Path(_git(top, "rev-parse", "--show-toplevel") or "/").resolve() != top:
        return Commit("", False)
    name = _git(top, "rev-parse", "--verify", "HEAD")
    return Commit(name, bool(_git(top, "status", "--porcelain", "--untracked-files=no")) if name else False)


@lru_cache(maxsize=8)
def text_of_code(mutant: str | None = None) -> str:
    """A hash of the program text that plays, with that of a planted bug from outside (``FILE.py:Class``): it tells
    apart what no commit does."""
    top = Path(__file__).resolve().parents[1]
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(top.rglob("*.py")):
        digest.update(path.relative_to(top).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    file, colon, _ = (mutant or "").rpartition(":")
    if colon:
        digest.update(Path(file).read_bytes())
    return digest.hexdigest()


def _git(folder: Path, *words: str) -> str:
    try:
        answer = subprocess.run(
            ["git", "-C", str(folder), *words],
            capture_output=True,
            text=True,
            timeout=_GIT_PATIENCE_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return answer.stdout.strip() if answer.returncode == 0 else ""


def version() -> str:
    """The version of doubletick."""
    return _version_of("doubletick") or "0 (not installed)"


def versions() -> dict[str, str]:
    """Versions of what can change a result."""
    return {
        "doubletick": version(),
        "python": platform.python_version(),
        "implementation": platform.python_implementation(),
        "numpy": _version_of("numpy"),
        "simpy": _version_of("simpy"),
    }


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
