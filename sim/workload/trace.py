"""A workload replayed from a file: who wrote to whom and when, as CSV, gzip by its name."""

from __future__ import annotations

import csv
import gzip
import zlib
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Final, NoReturn, TextIO

from ..scenario.model import Workload
from ..vocabulary.units import DAY_US, SECOND_US
from .errors import WorkloadError, did_you_mean
from .moments import parser_of
from .operations import Operation

FIRST_AT_US: Final = SECOND_US
"""The first message of a trace is played at this time; all others keep their distance to it."""
ANSWERS_WITHIN_US: Final = DAY_US
"""A message answers the other person's latest one when that is no older."""
MOST_ERRORS: Final = 20
"""So many errors of one trace are told at once."""
_LONGEST_EXCERPT: Final = 1_000
_NO_ROW: Final = "is a double quote opened and not closed? Inside a field in quotes it is written twice"
_PACKAGED: Final = Path(__file__).resolve().parents[2] / "scenarios"


@dataclass(frozen=True, slots=True)
class Trace:
    """The messages of a file in time order, 16 bytes each; people are numbered by first appearance."""

    times: array[int]
    """Microseconds from the start of the run."""
    senders: array[int]
    recipients: array[int]
    labels: tuple[str, ...]
    skipped: int
    """Rows left out because somebody wrote to themself."""


class TraceStream:
    """The rows of a file as operations; see ``stream.WorkloadStream`` for the public names."""

    def __init__(self, workload: Workload, folder: str = "") -> None:
        self._trace = load_trace(workload, folder)
        self.users = len(self._trace.labels)
        self.total = len(self._trace.times)
        self.duration_us = self._trace.times[-1]
        skipped = self._trace.skipped
        self.notes: tuple[str, ...] = ()
        if skipped:
            rows = "1 row was" if skipped == 1 else f"{skipped:,} rows were"
            self.notes = (f"{workload.file}: {rows} skipped in which somebody writes to themself",)

    def present(self) -> range:
        """Everybody comes up at the start."""
        return range(self.users)

    def name_of(self, user: int) -> str:
        return self._trace.labels[user]

    def contacts(self, user: int) -> tuple[int, ...]:
        """Nobody is known before the first message."""
        return ()

    def operations(self) -> Iterator[Operation]:
        """Nobody knows what was written, so every text is its own, and answers are told by their time."""
        users = self.users
        latest: dict[int, int] = {}
        times = self._trace.times
        rows = zip(times, self._trace.senders, self._trace.recipients, strict=True)
        for operation, (at_us, sender, recipient) in enumerate(rows):
            answered = latest.get(recipient * users + sender, -1)
            if answered >= 0 and at_us - times[answered] > ANSWERS_WITHIN_US:
                answered = -1
            latest[sender * users + recipient] = operation
            yield Operation(at_us, operation, sender, recipient, operation, answered, False)


def load_trace(workload: Workload, folder: str = "") -> Trace:
    """Read the trace that a workload names, or raise ``WorkloadError`` with the line and column at fault.

    The file is looked up in the scenario's folder, then among the scenarios that come with the package. The last
    traces read are kept, so a sweep over seeds reads the file once.
    """
    path = _find(workload.file, folder)
    try:
        state = path.stat()
        columns = _columns_of(workload)
        return _load(str(path), (state.st_size, state.st_mtime_ns), columns, workload.time_format, workload.first)
    except OSError as error:
        raise _unreadable(path, error) from None


def trace_errors(workload: Workload, folder: str = "", *, most: int = MOST_ERRORS) -> list[WorkloadError]:
    """Read the whole trace that a workload names, and give what is wrong with it in the order of its lines, as many
    as ``most``. Wrong rows are all found; what is wrong with the file itself (no CSV, no UTF-8) ends the reading."""
    found: list[WorkloadError] = []
    path = Path(workload.file)
    try:
        path = _find(workload.file, folder)
        _Reader(str(path), _columns_of(workload), workload.time_format, workload.first, found, most).read()
    except WorkloadError as error:
        found.append(error)
    except OSError as error:
        found.append(_unreadable(path, error))
    return found


def _columns_of(workload: Workload) -> tuple[str, str, str]:
    return workload.sender_column, workload.recipient_column, workload.time_column


def _unreadable(path: Path, error: OSError) -> WorkloadError:
    return WorkloadError(f"cannot be read: {error.strerror or error}", file=str(path))


def _find(file: str, folder: str) -> Path:
    if not file:
        raise WorkloadError("a trace needs its file", hint="workload.file: traces/college_messages.csv.gz")
    places = [Path(folder) / file, _PACKAGED / file, _PACKAGED / "traces" / file]
    for place in places:
        if place.is_file():
            return place
    raise WorkloadError("no such file", file=str(places[0]), hint="a path is taken from the scenario's folder")


@lru_cache(maxsize=2)
def _load(file: str, _stamp: tuple[int, int], columns: tuple[str, str, str], time_format: str, first: int) -> Trace:
    """The stamp (size and time of change) is there for the cache alone: a changed file is read again."""
    return _Reader(file, columns, time_format, first).read()


class _Reader:
    """Reads one file; knows where it is when something is wrong. Wrong rows are put into ``found``, if there is room
    for one more after them, and raised else."""

    def __init__(
        self,
        file: str,
        columns: tuple[str, str, str],
        time_format: str,
        first: int,
        found: list[WorkloadError] | None = None,
        most: int = 1,
    ) -> None:
        self._file = file
        self._columns = columns
        self._first = first
        self._found = [] if found is None else found
        self._most = most
        try:
            self._moment = parser_of(time_format)
        except ValueError as error:
            raise WorkloadError(str(error), file=file, column=columns[2]) from None
        self._header: list[str] = []
        self._line = 0
        """The last line of the latest row."""
        self._text = ""
        """The latest line as it stands in the file."""
        self._times = array("q")
        self._senders = array("i")
        self._recipients = array("i")
        self._labels: dict[str, int] = {}
        self._skipped = 0

    def read(self) -> Trace:
        try:
            with self._open() as text:
                self._read_rows(text)
        except UnicodeDecodeError:
            self._fail_at_first_bad_bytes()
        except csv.Error as error:
            self._text = ""
            self._fail(f"is no CSV row: {error}", line=self._line + 1, hint=_NO_ROW)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise WorkloadError(
                f"is no whole gzip file: {error}", file=self._file, hint="the name ends in .gz, so it is unpacked"
            ) from None
        if self._found:
            raise self._found.pop()
        if not self._times:
            what = "holds no messages" if not self._skipped else "holds only messages of people to themselves"
            raise WorkloadError(what, file=self._file, hint="one message a row below the header")
        return self._in_order()

    def _open(self, encoding: str = "utf-8-sig") -> TextIO:
        if self._file.endswith(".gz"):
            return gzip.open(self._file, "rt", encoding=encoding, newline="")
        return Path(self._file).open(encoding=encoding, newline="")

    def _lines(self, text: TextIO) -> Iterator[str]:
        for line in text:
            self._text = line
            yield line

    def _read_rows(self, text: TextIO) -> None:
        rows = csv.reader(self._lines(text), strict=True)
        self._header = [name.strip() for name in next(rows, [])]
        self._line = rows.line_num
        places = self._places()
        left = self._first
        for row in rows:
            self._line = rows.line_num
            if not row:
                continue
            try:
                self._take(row, places)
            except WorkloadError as error:
                if len(self._found) + 1 >= self._most:
                    raise
                self._found.append(error)
            left -= 1
            if left == 0:
                break

    def _take(self, row: list[str], places: tuple[int, int, int]) -> None:
        sender_place, recipient_place, time_place = places
        if len(row) != len(self._header):
            self._fail_width(row)
        sender, recipient = row[sender_place].strip(), row[recipient_place].strip()
        try:
            at_us = self._moment(row[time_place])
        except ValueError as error:
            self._fail(str(error), column=self._columns[2])
        if sender == recipient or not sender or not recipient:
            self._judge_labels(sender, recipient)
            return
        labels = self._labels
        self._times.append(at_us)
        self._senders.append(labels.setdefault(sender, len(labels)))
        self._recipients.append(labels.setdefault(recipient, len(labels)))

    def _places(self) -> tuple[int, int, int]:
        """Where the three columns stand in a row."""
        if not any(self._header):
            raise WorkloadError("is empty", file=self._file, hint="the first row names the columns")
        for name in self._columns:
            if name not in self._header:
                odd = [mark for mark in (";", "\t", "|") if len(self._header) == 1 and mark in self._header[0]]
                hint = f"columns are parted by commas, not {odd[0]!r}" if odd else did_you_mean(name, self._header)
                self._fail("there is no such column", line=1, column=name, hint=hint)
            if self._header.count(name) > 1:
                self._fail("there is more than one such column", line=1, column=name, hint="name each its own")
            if self._columns.count(name) > 1:
                self._fail("is used twice", line=1, column=name, hint="sender, recipient and time are three columns")
        sender, recipient, time = (self._header.index(name) for name in self._columns)
        return sender, recipient, time

    def _judge_labels(self, sender: str, recipient: str) -> None:
        """Nobody is no person; a message to oneself has no other phone to reach, so it is left out and counted."""
        for label, column in ((sender, self._columns[0]), (recipient, self._columns[1])):
            if not label:
                self._fail("nobody is named", column=column, hint="who writes and who reads has a name or a number")
        self._skipped += 1

    def _in_order(self) -> Trace:
        """Sort by time where the file is not, ties in row order; number people by first appearance; begin at 1 s."""
        times, senders, recipients = self._times, self._senders, self._recipients
        labels = tuple(self._labels)
        if any(later < earlier for earlier, later in pairwise(times)):
            order = sorted(range(len(times)), key=times.__getitem__)
            numbers: dict[int, int] = {}
            for row in order:
                numbers.setdefault(senders[row], len(numbers))
                numbers.setdefault(recipients[row], len(numbers))
            labels = tuple(labels[old] for old in numbers)
            times = array("q", [times[row] for row in order])
            senders = array("i", [numbers[senders[row]] for row in order])
            recipients = array("i", [numbers[recipients[row]] for row in order])
        shift = FIRST_AT_US - times[0]
        return Trace(array("q", [at + shift for at in times]), senders, recipients, labels, self._skipped)

    def _fail(self, what: str, *, line: int = 0, column: str = "", hint: str = "", position: int = 0) -> NoReturn:
        line = line or self._line
        excerpt = self._text.rstrip("\r\n")[:_LONGEST_EXCERPT]
        place = self._header.index(column) if column in self._header else -1
        position = position or _position_of(self._text, place)
        raise WorkloadError(
            what, file=self._file, line=line, column=column, hint=hint, position=position, excerpt=excerpt
        ) from None

    def _fail_width(self, row: list[str]) -> NoReturn:
        if len(row) < len(self._header):
            self._fail(
                "the row ends before this column",
                column=self._header[len(row)],
                position=len(self._text.rstrip("\r\n")) + 1,
                hint=f"the header has {len(self._header)} columns",
            )
        self._fail(
            f"the row has {len(row)} fields where the header has {len(self._header)}",
            column=self._header[-1],
            hint="a field that holds a comma is put in double quotes",
        )

    def _fail_at_first_bad_bytes(self) -> NoReturn:
        """Text is decoded in blocks, so the line at fault is looked for afterwards."""
        with self._open("latin-1") as lines:
            for line, text in enumerate(lines, 1):
                content = text.encode("latin-1")
                try:
                    if line == 1:
                        self._header = next(csv.reader([content.decode("utf-8-sig")]))
                    content.decode("utf-8")
                except UnicodeDecodeError as error:
                    before = content[: error.start].decode("utf-8")
                    place = before.count(",")
                    column = self._header[place] if place < len(self._header) else ""
                    self._text = content.decode("utf-8", "replace")
                    position = len(before) + 1
                    hint = "save the file as UTF-8"
                    self._fail("the text is not UTF-8", line=line, column=column, hint=hint, position=position)
        raise WorkloadError("the text is not UTF-8", file=self._file)


def _position_of(line: str, place: int) -> int:
    """Where a field begins in a line, from 1; 0 for a field that is not there, or when the row goes over lines."""
    begins, quoted = [1], False
    for position, character in enumerate(line, 1):
        if character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            begins.append(position + 1)
    return begins[place] if not quoted and 0 <= place < len(begins) else 0
