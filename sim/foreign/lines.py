"""Reading a file line by line, plain or gzip: every way in which it can be damaged is told with its line.

A line is JSON in UTF-8 and at most ``LONGEST_LINE`` bytes; memory holds one line at a time.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final, NoReturn, cast

LONGEST_LINE: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_MOST_QUOTED: Final = 60


class HistoryError(Exception):
    """A file that cannot be judged; the message names the file and, where there is one, the line."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(file, line, message)
        self.file = file
        self.line = line
        self.message = message

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: " if self.line else f"{self.file}: "
        return place + self.message


class BadLine(ValueError):
    """What is wrong with a line, said by whoever does not know its number."""


def read_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Every line's number (from 1) and what its JSON says. Raises ``HistoryError``."""
    file = str(path)
    number = 0
    try:
        with _opened(path) as stream:
            while raw := stream.readline(LONGEST_LINE + 1):
                number += 1
                if len(raw) > LONGEST_LINE:
                    raise BadLine(f"the line is longer than {LONGEST_LINE:,} bytes")
                yield number, _parsed(raw)
    except BadLine as error:
        raise HistoryError(file, number, str(error)) from None
    except EOFError:
        raise HistoryError(file, number + 1, "the gzip file is cut short here") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise HistoryError(file, number + 1, f"the gzip file is damaged here: {error}") from None
    except OSError as error:
        raise HistoryError(file, 0, error.strerror or str(error)) from None
    if not number:
        raise HistoryError(file, 0, "the file is empty")


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as stream:
        start = stream.read(2)
    return cast(IO[bytes], gzip.open(path, "rb")) if start == _GZIP else path.open("rb")


def _parsed(raw: bytes) -> Any:
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_no_constant)
    except UnicodeDecodeError as error:
        raise BadLine(f"not UTF-8 text (byte {error.start + 1} of the line)") from None
    except json.JSONDecodeError as error:
        if not raw.strip():
            raise BadLine("the line is empty") from None
        raise BadLine(f"not JSON: {error.msg} (column {error.colno})") from None
    except RecursionError:
        raise BadLine("not a line of a history: it is nested too deeply") from None
    except ValueError as error:
        raise BadLine(f"not JSON: {_cut(str(error))}") from None


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def quoted(value: object) -> str:
    """A value of the file, cut to a length that fits into a sentence."""
    return _cut(json.dumps(value, ensure_ascii=True))


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_QUOTED else text[: _MOST_QUOTED - 1] + "…"
