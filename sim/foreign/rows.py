"""Rows: an exported run in full. What is judged from them is what the run itself was judged by.

The first line says what the history is of, each line after it is a row of eight integers as ``sim/vocabulary/kinds.py``
has them, and the last line has their number and digest, so that a file that lost its end is found out.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, cast

from ..history.columns import DIGEST_BYTES
from ..history.recorder import CHUNK_ROWS, FIELDS, encode
from ..scenario.errors import ScenarioError
from ..scenario.model import Scenario, Workload
from ..vocabulary.kinds import KIND_NAMES
from .lines import BadLine, quoted

if TYPE_CHECKING:
    from ..history.columns import History

FORMAT: Final = "doubletick-rows/1"
OPERATIONS_MOST: Final = 1 << 28
INTEGER_MOST: Final = 1 << 63
_USERS_OF_A_TRACE: Final = 50_000_000

Row = tuple[int, int, int, int, int, int, int, int]


def write_rows(
    path: Path, history: History, scenario: Scenario, notes: Mapping[str, object], *, compressed: bool = False
) -> None:
    """Write a history that is in memory. Raises ``OSError``."""
    with opened_to_write(path, compressed) as stream:
        write_line(stream, {"format": FORMAT, **notes, "scenario": _scenario_text(scenario)})
        for row in history.rows():
            stream.write(f"{list(row)}\n")
        write_line(stream, {"rows": len(history), "digest": history.digest()})


@contextmanager
def opened_to_write(path: Path, compressed: bool) -> Iterator[TextIOWrapper]:
    """A text file to write lines to. The bytes depend on nothing but the lines."""
    with path.open("wb") as raw:
        if not compressed:
            with TextIOWrapper(raw, encoding="utf-8", newline="\n") as stream:
                yield stream
            return
        squeezed = cast(IO[bytes], gzip.GzipFile("", "wb", 6, raw, mtime=0))
        with squeezed, TextIOWrapper(squeezed, encoding="utf-8", newline="\n") as stream:
            yield stream


def write_line(stream: TextIOWrapper, document: Mapping[str, object]) -> None:
    """One line of JSON."""
    stream.write(json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n")


def _scenario_text(scenario: Scenario) -> str:
    """All that the checks ask of a scenario. What a trace says is in the rows, so the file is not needed."""
    from ..scenario.writing import to_yaml

    if scenario.workload.kind == "trace":
        scenario = replace(scenario, workload=Workload(users=_USERS_OF_A_TRACE))
    return to_yaml(scenario)


def scenario_of(header: Mapping[str, Any], source: str) -> Scenario:
    """The scenario that the first line holds. Raises ``BadLine``."""
    from ..scenario.loading import load_text

    text = header.get("scenario")
    if not isinstance(text, str):
        raise BadLine("the first line holds no scenario")
    try:
        return load_text(text, source)
    except ScenarioError as error:
        raise BadLine(f"the scenario in the first line is refused: {str(error).splitlines()[0]}") from None


class RowReader:
    """Checks each line, hands the row on, and compares number and digest when the last line comes."""

    def __init__(self, take: Callable[[Row], None]) -> None:
        self.count = 0
        self.ended = False
        self._take = take
        self._time_us = 0
        self._waiting: list[Row] = []
        self._digest = hashlib.blake2b(digest_size=DIGEST_BYTES)

    def line(self, document: Any) -> None:
        """One line after the first. Raises ``BadLine``."""
        if self.ended:
            raise BadLine("there is a line behind the last one (which says how many rows there are)")
        if type(document) is list:
            self._row(document)
        elif type(document) is dict:
            self._end(document)
        else:
            raise BadLine(f"neither a row of {FIELDS} integers nor the last line: {quoted(document)}")

    def finish(self) -> None:
        """The file is over. Raises ``BadLine``."""
        if not self.ended:
            raise BadLine("the file is cut short: its last line, with the number of rows and their digest, is missing")

    def _row(self, document: list[Any]) -> None:
        if len(document) != FIELDS or any(type(value) is not int for value in document):
            raise BadLine(f"a row is {FIELDS} integers: {quoted(document)}")
        row: Row = tuple(document)
        if row[1] not in KIND_NAMES:
            raise BadLine(f"there is no kind of row {row[1]}")
        if row[0] < self._time_us:
            raise BadLine(f"time goes backwards: {row[0]} us after {self._time_us} us")
        if not -1 <= row[5] < OPERATIONS_MOST:
            raise BadLine(f"{row[5]} is no number of an operation")
        if min(row) < -INTEGER_MOST or max(row) >= INTEGER_MOST:
            raise BadLine("an integer has more than 64 bits")
        self._time_us = row[0]
        self.count += 1
        self._waiting.append(row)
        if len(self._waiting) >= CHUNK_ROWS:
            self._add_up()
        self._take(row)

    def _add_up(self) -> None:
        if self._waiting:
            self._digest.update(encode(self._waiting).tobytes())
            self._waiting.clear()

    def _end(self, document: dict[str, Any]) -> None:
        self._add_up()
        if document.keys() != {"rows", "digest"}:
            raise BadLine('the last line of rows is {"rows": NUMBER, "digest": TEXT}')
        if document["rows"] != self.count:
            raise BadLine(f"rows are missing or too many: the last line counts {quoted(document['rows'])}, "
                          f"there are {self.count}")  # fmt: skip
        if document["digest"] != self._digest.hexdigest():
            raise BadLine("the rows do not have the digest that they were written with: some were changed")
        self.ended = True
