"""Writing files whole or not at all: under a temporary name, synced, then renamed over the old one."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """Give a temporary path beside ``path`` to write to; it takes the name when the block ends well, and is removed
    when it does not (an exception, Ctrl-C). A reader sees the old file or the new one, never half of one."""
    path = path.resolve()
    if path.exists() and not path.is_file():
        yield path  # a device or a pipe: written as it is, and never replaced
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole."""
    with whole_file(path) as part:
        part.write_bytes(content)


def write_text(path: Path, content: str) -> None:
    """Write a text file whole, UTF-8, lines ending in a bare line feed on every system."""
    write_bytes(path, content.encode())


def write_json(path: Path, document: Any) -> None:
    """Write a JSON document whole."""
    write_text(path, json_text(document))


def json_text(document: Any) -> str:
    """JSON as we write it everywhere: indented, in the order of the keys as built, no NaN (which is no JSON)."""
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _sync_folder(folder: Path) -> None:
    """Make the rename itself durable, where the system lets a folder be synced."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
