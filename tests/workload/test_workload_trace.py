"""Traces: what is written is what is played, in every format; what is wrong is named by line and column."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim.scenario.model import Scenario, Workload
from sim.workload.moments import epoch_us, iso_us, parser_of
from sim.workload.stream import WorkloadError, WorkloadStream, open_workload
from sim.workload.trace import trace_errors

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_S = 86_400
labels = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp")), min_size=1, max_size=6)
    .map(str.strip)
    .filter(bool)
)


def trace(folder: Path, content: str | bytes, name: str = "trace.csv", **keys: Any) -> WorkloadStream:
    data = content.encode() if isinstance(content, str) else content
    (folder / name).write_bytes(gzip.compress(data) if name.endswith(".gz") and content[:1] != b"!" else data)
    return open_workload(Scenario(folder=str(folder), workload=Workload(kind="trace", file=name, **keys)), 1)


def refused(folder: Path, content: str | bytes, **keys: Any) -> WorkloadError:
    with pytest.raises(WorkloadError) as caught:
        trace(folder, content, **keys)
    return caught.value


def as_time(time_format: str, microseconds: int) -> str:
    moment = EPOCH + timedelta(microseconds=microseconds)
    if time_format == "epoch":
        seconds, part = divmod(microseconds, 1_000_000)
        return f"{seconds}.{part:06d}" if part else str(seconds)
    return moment.isoformat() if time_format == "iso" else moment.strftime(time_format)


# a format and the finest step that it can write, in microseconds
FORMATS = {
    "epoch": 1,
    "iso": 1,
    "%Y-%m-%d %H:%M:%S.%f": 1,
    "%m/%d/%y %I:%M %p": 60_000_000,
    "%d.%m.%Y %H:%M:%S": 1_000_000,
    "%Y%m%dT%H%M%S": 1_000_000,
    "%d %b %Y %H:%M": 60_000_000,
    "%Y-%m-%dT%H:%M:%S%z": 1_000_000,
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(labels, labels, st.integers(0, 60 * DAY_S)), min_size=1, max_size=25),
    time_format=st.sampled_from(sorted(FORMATS)),
    zipped=st.booleans(),
    start=st.integers(10**9, 10**9 + 10**8),
    step=st.integers(1, 10**6),
)
def test_rows_written_are_the_operations_read(
    tmp_path: Path, rows: list[tuple[str, str, int]], time_format: str, zipped: bool, start: int, step: int
) -> None:
    grain = FORMATS[time_format]
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(("note", "to", "from", "when"))
    kept = []
    for sender, recipient, offset in rows:
        at_us = (start * 1_000_000 + offset * step) // grain * grain
        writer.writerow(("a note, with a comma", recipient, sender, as_time(time_format, at_us)))
        if sender != recipient:
            kept.append((at_us, sender, recipient))
    keys = {"sender_column": "from", "recipient_column": "to", "time_column": "when", "time_format": time_format}
    name = "trace.csv.gz" if zipped else "trace.csv"
    if not kept:
        assert "to themselves" in str(refused(tmp_path, written.getvalue(), name=name, **keys))
        return
    stream = trace(tmp_path, written.getvalue(), name=name, **keys)
    played = list(stream.operations())
    expected = sorted(kept, key=lambda row: row[0])
    shift = 1_000_000 - expected[0][0]
    assert [(s.at_us - shift, stream.name_of(s.sender), stream.name_of(s.recipient)) for s in played] == expected
    assert [step.operation for step in played] == list(range(len(kept)))
    assert stream.total == len(kept) and stream.duration_us == played[-1].at_us
    order = list(dict.fromkeys(label for _, sender, recipient in expected for label in (sender, recipient)))
    assert [stream.name_of(user) for user in range(stream.users)] == order
    assert len(stream.notes) == (len(kept) < len(rows))


def test_equal_rows_are_two_messages_and_ties_keep_their_order(tmp_path: Path) -> None:
    stream = trace(tmp_path, "sender,recipient,time\na,b,7\na,b,7\nc,a,7\na,b,7\n")
    played = list(stream.operations())
    assert [(step.operation, step.at_us, step.sender) for step in played] == [
        (0, 1_000_000, 0),
        (1, 1_000_000, 0),
        (2, 1_000_000, 2),
        (3, 1_000_000, 0),
    ]
    assert len({step.text for step in played}) == 4


def test_an_unsorted_file_is_played_by_time_and_people_are_numbered_as_they_appear(tmp_path: Path) -> None:
    stream = trace(tmp_path, "sender,recipient,time\nlate,b,9\nx,y,5\ny,x,5\n")
    assert [(s.at_us, stream.name_of(s.sender)) for s in stream.operations()] == [
        (1_000_000, "x"),
        (1_000_000, "y"),
        (5_000_000, "late"),
    ]
    assert [stream.name_of(user) for user in range(4)] == ["x", "y", "late", "b"]


def test_a_message_answers_the_others_latest_within_a_day(tmp_path: Path) -> None:
    rows = [("a", "b", 0), ("a", "b", 10), ("b", "a", 20), ("b", "a", 30), ("c", "a", 40), ("a", "c", 40 + DAY_S)]
    rows += [("c", "a", 41 + 2 * DAY_S)]
    text = "sender,recipient,time\n" + "".join(f"{a},{b},{at}\n" for a, b, at in rows)
    assert [step.reply_to for step in trace(tmp_path, text).operations()] == [-1, -1, 1, 1, -1, 4, -1]


def test_only_the_first_rows_are_read(tmp_path: Path) -> None:
    text = "sender,recipient,time\na,b,1\nb,b,2\nc,a,3\nthis is no row\n"
    stream = trace(tmp_path, text, first=3)
    assert stream.total == 2 and "1 row was skipped" in stream.notes[0]
    assert refused(tmp_path, text).line == 5
    assert "2 rows were skipped" in trace(tmp_path, HEADER + "a,b,1\nb,b,2\nb,b,3\n").notes[0]


def test_blank_lines_spaces_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    stream = trace(tmp_path, "\ufeffsender, recipient ,time\r\n\r\n a ,b, 7.25 \r\n\r\nb,a,8\r\n\r\n")
    assert [step.at_us for step in stream.operations()] == [1_000_000, 1_750_000]
    assert stream.users == 2


HEADER = "sender,recipient,time\n"


@pytest.mark.parametrize(
    ("content", "line", "column", "position", "words"),
    [
        ("", 0, "", 0, "is empty"),
        (HEADER, 0, "", 0, "holds no messages"),
        ("sender,to,time\na,b,1\n", 1, "recipient", 0, "there is no such column"),
        ("Sender,recipient,time\na,b,1\n", 1, "sender", 0, "did you mean 'Sender'"),
        ("sender;recipient;time\na;b;1\n", 1, "sender", 0, "not ';'"),
        ("sender,recipient,time,time\na,b,1,1\n", 1, "time", 18, "more than one"),
        (HEADER + "a,b,1\na,b\n", 3, "time", 4, "ends before"),
        (HEADER + "a,b,1\n\na\n", 4, "recipient", 2, "ends before"),
        (HEADER + "a,b,1,2\n", 2, "time", 5, "4 fields"),
        (HEADER + "a,b,1\n,b,1\n", 3, "sender", 1, "nobody"),
        (HEADER + "a, ,1\n", 2, "recipient", 3, "nobody"),
        (HEADER + "a,b,\n", 2, "time", 5, "no number of seconds"),
        (HEADER + '"a, jr.",b,noon\n', 2, "time", 12, "'noon'"),
        (HEADER + '"a\njr.",b,noon\n', 3, "time", 0, "'noon'"),
        (HEADER + "a,b,1e9\n", 2, "time", 5, "no number of seconds"),
        (HEADER + "a,b,nan\n", 2, "time", 5, "no number of seconds"),
        (HEADER + "a,b,1_000\n", 2, "time", 5, "no number of seconds"),
        (HEADER + "a,b,1082040960000\n", 2, "time", 5, "milliseconds"),
        ('"sender,recipient,time\na,b,1\n', 1, "", 0, "no CSV row"),
        (HEADER + '"a,2,100\n', 2, "", 0, "opened and not closed"),
        (HEADER + "a" * 200_000 + ",b,1\n", 2, "", 0, "no CSV row: field larger than"),
        (HEADER + "\n\n" + '"a,2,100\n', 4, "", 0, "no CSV row"),
        (HEADER + 'a,b,1\n"a,b,2\n', 3, "", 0, "no CSV row"),
        (HEADER + 'a,b,1\n"a"x,b,2\n', 3, "", 0, "no CSV row"),
        (HEADER.encode() + b"a,b,1\na,\xff,2\n", 3, "recipient", 3, "not UTF-8"),
        (HEADER.encode() + b"a,b,1\n" * 9_000 + b"\xe4,b,2\n", 9_002, "sender", 1, "not UTF-8"),
    ],
)
@pytest.mark.parametrize("name", ["trace.csv", "trace.csv.gz"])
def test_a_malformed_trace_is_refused_by_line_and_column(
    tmp_path: Path, content: str | bytes, line: int, column: str, position: int, words: str, name: str
) -> None:
    error = refused(tmp_path, content, name=name)
    assert words in str(error)
    assert (error.line, error.column, error.position) == (line, column, position)
    place = f":{line}:{position}" if position else f":{line}" if line else ""
    assert str(error).startswith(f"{tmp_path / name}{place}: ")
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.position, again.excerpt) == (str(error), error.position, error.excerpt)


def test_every_wrong_row_is_found_at_once_but_no_more_than_asked_for(tmp_path: Path) -> None:
    text = HEADER + "a,b,1\n1,2\n,b,3\nb,b,4\na,b,soon\na,b,c,d\na,b,7\n"
    (tmp_path / "t.csv").write_text(text)
    workload = Workload(kind="trace", file="t.csv")
    found = trace_errors(workload, str(tmp_path))
    assert [(each.line, each.column, each.position) for each in found] == [
        (3, "time", 4),
        (4, "sender", 1),
        (6, "time", 5),
        (7, "time", 5),
    ]
    assert [each.excerpt for each in found] == ["1,2", ",b,3", "a,b,soon", "a,b,c,d"]
    assert [each.line for each in trace_errors(workload, str(tmp_path), most=2)] == [3, 4]
    assert [each.line for each in trace_errors(replace(workload, first=2), str(tmp_path))] == [3]
    assert trace_errors(replace(workload, first=1), str(tmp_path)) == []
    assert trace_errors(replace(workload, file="no.csv"), str(tmp_path))[0].what == "no such file"
    assert "no time format" in trace_errors(replace(workload, time_format="x"), str(tmp_path))[0].what


def test_what_ends_the_reading_is_told_after_the_rows_before_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(HEADER + 'a,b,x\n"a,b,2\n')
    found = trace_errors(Workload(kind="trace", file="t.csv"), str(tmp_path))
    assert [each.line for each in found] == [2, 3] and "no CSV row" in found[1].what
    rows = (HEADER + "a,b,x\n" + "".join(f"a,b,{place * place}\n" for place in range(9_000))).encode()
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(rows, mtime=0)[:-2_000])
    found = trace_errors(Workload(kind="trace", file="t.csv.gz"), str(tmp_path))
    assert [each.line for each in found] == [2, 0] and "no whole gzip file" in found[1].what


def test_a_column_cannot_be_two(tmp_path: Path) -> None:
    error = refused(tmp_path, HEADER + "a,b,1\n", sender_column="time")
    assert (error.line, error.column) == (1, "time") and "used twice" in str(error)


@pytest.mark.parametrize(
    "content", [b"!no gzip at all", gzip.compress(HEADER.encode() + b"a,b,1\n" * 99, mtime=0)[:-12]]
)
def test_a_broken_gzip_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.csv.gz").write_bytes(content)
    workload = Workload(kind="trace", file="broken.csv.gz")
    with pytest.raises(WorkloadError, match="no whole gzip file"):
        open_workload(Scenario(folder=str(tmp_path), workload=workload), 1)


@pytest.mark.parametrize(
    ("file", "words"), [("", "needs its file"), ("nowhere.csv", "no such file"), (".", "no such file")]
)
def test_a_missing_file_is_refused(tmp_path: Path, file: str, words: str) -> None:
    with pytest.raises(WorkloadError, match=words):
        open_workload(Scenario(folder=str(tmp_path), workload=Workload(kind="trace", file=file)), 1)


@pytest.mark.parametrize("time_format", ["", "utc", "%Q", "%d %d", "%"])
def test_a_time_format_that_cannot_be_is_refused(tmp_path: Path, time_format: str) -> None:
    error = refused(tmp_path, HEADER + "a,b,1\n", time_format=time_format)
    assert "no time format" in str(error) and error.column == "time"


def test_a_changed_file_is_read_again(tmp_path: Path) -> None:
    assert trace(tmp_path, HEADER + "a,b,1\n").total == 1
    assert trace(tmp_path, HEADER + "a,b,1\nb,a,2\n").total == 2


moments = st.datetimes(datetime(1969, 1, 1), datetime(2068, 12, 31))
digits = st.text("0123456789/: APMapm-", max_size=20)


@settings(deadline=None)
@given(moment=moments, time_format=st.sampled_from([name for name in FORMATS if "%" in name]))
def test_the_quick_way_reads_what_strptime_reads(moment: datetime, time_format: str) -> None:
    text = moment.replace(tzinfo=UTC).strftime(time_format)
    expected = datetime.strptime(text, time_format)
    if expected.tzinfo is None:
        expected = expected.replace(tzinfo=UTC)
    assert parser_of(time_format)(text) == (expected - EPOCH) // timedelta(microseconds=1)


@settings(deadline=None)
@given(text=digits, time_format=st.sampled_from(["%m/%d/%y %I:%M %p", "%Y%m%d%H", "%Y-%m-%d", "%y%m%d %H:%M:%S"]))
def test_the_quick_way_refuses_what_strptime_refuses(text: str, time_format: str) -> None:
    try:
        expected = datetime.strptime(text.strip(), time_format).replace(tzinfo=UTC)
    except ValueError:
        with pytest.raises(ValueError, match="does not fit"):
            parser_of(time_format)(text)
    else:
        assert parser_of(time_format)(text) == (expected - EPOCH) // timedelta(microseconds=1)


@settings(deadline=None)
@given(st.integers(-60_000_000_000_000_000, 250_000_000_000_000_000))
def test_epoch_times_are_exact(microseconds: int) -> None:
    sign, (seconds, part) = "-" if microseconds < 0 else "", divmod(abs(microseconds), 1_000_000)
    assert epoch_us(f"{sign}{seconds}.{part:06d}") == microseconds
    assert epoch_us(f"{sign}{seconds}.{part:06d}999") == microseconds


@settings(deadline=None)
@given(moments, st.integers(-14 * 60, 14 * 60))
def test_iso_times_respect_their_zone(moment: datetime, zone_minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=zone_minutes)))
    assert iso_us(aware.isoformat()) == (aware - EPOCH) // timedelta(microseconds=1)
    assert iso_us(moment.isoformat()) == iso_us(moment.isoformat() + "Z")
