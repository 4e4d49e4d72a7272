"""Limits on raw bytes, applied before anything is built from them: size, encoding, characters.

A scenario may come from a stranger's pull request, so a file is looked at with ``stat`` and read only as far as the
limit; what is left to the parser is at most a mebibyte of printable UTF-8.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final

from .errors import Problem, ScenarioError
from .nodes import Mark, Source

MOST_BYTES: Final = 1 << 20

_LINE_END: Final = re.compile(r"\r\n|\r|\n")
# What YAML allows in a stream, less the C1 controls, which terminals act upon.
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")
_UTF_8_MARK: Final = b"\xef\xbb\xbf"
_OTHER_MARKS: Final = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read(path: Path, name: str | None = None) -> Source:
    """Read a scenario file within the limits; ``name`` is what messages call it (default: the path).

    Raises ``ScenarioError`` when there is no such file, it cannot be read, or it breaks a limit.
    """
    shown = str(path) if name is None else name
    try:
        found = path.stat()
        if stat.S_ISDIR(found.st_mode):
            raise _refused(shown, "is a folder, not a scenario file", "name a file in it")
        if not stat.S_ISREG(found.st_mode):
            raise _refused(shown, "is no ordinary file")
        if found.st_size > MOST_BYTES:
            raise _too_large(shown, found.st_size)
        with path.open("rb") as stream:
            # The file may have grown since stat: never read more than one byte beyond the limit.
            data = stream.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _refused(shown, "no such file") from None
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else str(problem)
        raise _refused(shown, f"cannot be read: {reason}") from None
    return decode(data, shown, path.absolute().parent, path.resolve())


def decode(data: bytes, name: str, folder: Path, path: Path | None = None) -> Source:
    """Bytes as a source of lines, or ``ScenarioError`` when they are too many or no printable UTF-8."""
    if len(data) > MOST_BYTES:
        raise _too_large(name, len(data))
    for mark, encoding in _OTHER_MARKS.items():
        if data.startswith(mark):
            raise _refused(name, f"is {encoding}, not UTF-8", "save it as UTF-8")
    body = data.removeprefix(_UTF_8_MARK)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        line, column = place_after(body[: problem.start].decode("utf-8"))
        message = f"byte 0x{body[problem.start]:02x} is not UTF-8"
        raise ScenarioError([Problem(name, line, column, "", message, "save it as UTF-8")]) from None
    return source_of(text, name, folder, path=path)


def source_of(text: str, name: str, folder: Path, *, first_line: int = 1, path: Path | None = None) -> Source:
    """A text as a source, or ``ScenarioError`` when it is too long or holds characters that are no text."""
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise _too_large(name, len(text.encode("utf-8", "surrogatepass")))
    bad = _UNPRINTABLE.search(text)
    source = Source(name, text, folder, tuple(_LINE_END.split(text)), first_line, path)
    if bad is not None:
        line, column = place_after(text[: bad.start()])
        message = f"character U+{ord(bad.group()):04X} is no text"
        hint = "is this a binary file?" if bad.group() == "\0" else ""
        place = Mark(source, line + first_line - 1, column)
        raise ScenarioError([Problem(name, place.line, column, "", message, hint)])
    return source


def holds_controls(text: str) -> bool:
    """Whether a text, escapes resolved, holds characters that no value may hold."""
    return _UNPRINTABLE.search(text) is not None


def place_after(before: str) -> tuple[int, int]:
    """The line and column that follow this text, from 1."""
    lines = _LINE_END.split(before)
    return len(lines), len(lines[-1]) + 1


def _too_large(name: str, size: int) -> ScenarioError:
    return _refused(name, f"is too large: {size:,} bytes, at most {MOST_BYTES:,} are read")


def _refused(name: str, message: str, hint: str = "") -> ScenarioError:
    return ScenarioError([Problem(name, 0, 0, "", message, hint)])
