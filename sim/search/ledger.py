"""The ledger of a search: a line for each entry, written as soon as it is known, so that a search that is killed can go
on.

A line counts when it is whole: it ends in a line feed and begins with the hash of the rest. What a kill or a full disk
left at the end is cut off when the ledger is opened again; damage before that is told, and nothing is guessed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

FILE = "ledger.jsonl"
_SYNC_EVERY_S: Final = 1.0

Entry = TypeVar("Entry")


class LedgerError(ValueError):
    """A ledger that cannot be read; says where and why."""


class Ledger(Generic[Entry]):
    """Appends entries to a file. ``as_json`` makes a JSON document of one, ``from_json`` reads it back; a document that
    is none raises ``ValueError``, ``LookupError`` or ``TypeError`` there."""

    def __init__(
        self, path: Path, as_json: Callable[[Entry], dict[str, Any]], from_json: Callable[[dict[str, Any]], Entry]
    ) -> None:
        self.path = path
        self._as_json = as_json
        self._from_json = from_json
        self._handle: int | None = None
        self._synced_s = 0.0

    def read(self) -> list[Entry]:
        """All entries that are whole, in the order written; a torn end is cut off."""
        if not self.path.exists():
            return []
        raw = self.path.read_bytes()
        entries = []
        whole = 0
        for number, line in enumerate(_lines(raw), 1):
            text = _text_of(line)
            try:
                entry = None if text is None else (self._from_json(json.loads(text)),)
            except (ValueError, LookupError, TypeError):
                entry = None
            if entry is None:
                if whole + len(line) < len(raw):
                    raise LedgerError(
                        f"{self.path}, line {number}: the line is damaged, and there are whole ones after it"
                    )
                break
            whole += len(line)
            entries.append(entry[0])
        if whole < len(raw):
            os.truncate(self.path, whole)
        return entries

    def append(self, entry: Entry) -> None:
        """Write one entry; once this returns, a kill of this process cannot take it back, and a second later at the
        latest, when there is more to write, no loss of power. ``OSError`` when the disk is full: then nothing of it
        stays."""
        if self._handle is None:
            self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        line = memoryview(_line_of(self._as_json(entry)))
        before = os.fstat(self._handle).st_size
        try:
            while line:
                line = line[os.write(self._handle, line) :]
        except OSError:
            # Half a line in the middle would be damage, were there room again for the next one.
            with contextlib.suppress(OSError):
                os.ftruncate(self._handle, before)
            raise
        if time.monotonic() - self._synced_s > _SYNC_EVERY_S:
            self.sync()

    def sync(self) -> None:
        """Make what was appended survive a loss of power, too."""
        if self._handle is not None:
            os.fsync(self._handle)
            self._synced_s = time.monotonic()

    def close(self) -> None:
        """Sync and close."""
        if self._handle is not None:
            handle, self._handle = self._handle, None
            try:
                os.fsync(handle)
            finally:
                os.close(handle)


def _line_of(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return _hash(text) + b" " + text + b"\n"


def _lines(raw: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        yield raw[start:end]
        start = end


def _text_of(line: bytes) -> bytes | None:
    """What a line says, if it is whole."""
    said, space, text = line.removesuffix(b"\n").partition(b" ")
    return text if line.endswith(b"\n") and space and said == _hash(text) else None


def _hash(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=6).hexdigest().encode()
