"""The ledger of a hunt: a line per run, written as soon as it is over, so that a hunt that is killed can go on.

A line counts when it is whole: it ends in a line feed and begins with the hash of the rest. What a kill or a full disk
left at the end is cut off when the ledger is opened again; damage before that is told, and nothing is guessed.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from .outcome import Outcome, as_json, from_json

FILE = "ledger.jsonl"


class LedgerError(ValueError):
    """A ledger that cannot be read; says where and why."""


class Ledger:
    """Appends outcomes to a file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: BinaryIO | None = None

    def read(self) -> list[Outcome]:
        """All outcomes that are whole, in the order written; a torn end is cut off."""
        if not self.path.exists():
            return []
        raw = self.path.read_bytes()
        outcomes = []
        whole = 0
        for number, line in enumerate(_lines(raw), 1):
            outcome = _outcome_of(line)
            if outcome is None:
                if whole + len(line) < len(raw):
                    raise LedgerError(
                        f"{self.path}, line {number}: the line is damaged, and there are whole ones after it"
                    )
                break
            whole += len(line)
            outcomes.append(outcome)
        if whole < len(raw):
            with self.path.open("r+b") as file:
                file.truncate(whole)
        return outcomes

    def append(self, outcome: Outcome) -> None:
        """Write one outcome; once this returns, a kill of this process cannot take it back."""
        if self._file is None:
            self._file = self.path.open("ab", buffering=0)
        self._file.write(_line_of(as_json(outcome)))

    def sync(self) -> None:
        """Make what was appended survive a loss of power, too."""
        if self._file is not None:
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """Sync and close."""
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None


def _line_of(document: dict[str, Any]) -> bytes:
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    return _hash(text) + b" " + text + b"\n"


def _lines(raw: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(raw):
        end = raw.find(b"\n", start) + 1 or len(raw)
        yield raw[start:end]
        start = end


def _outcome_of(line: bytes) -> Outcome | None:
    said, space, text = line.removesuffix(b"\n").partition(b" ")
    if not line.endswith(b"\n") or not space or said != _hash(text):
        return None
    try:
        return from_json(json.loads(text))
    except (ValueError, KeyError, TypeError):
        return None


def _hash(text: bytes) -> bytes:
    return hashlib.blake2b(text, digest_size=6).hexdigest().encode()
