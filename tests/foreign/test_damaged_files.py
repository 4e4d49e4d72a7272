"""Whatever is in a file, it is judged or refused with its line: exit 2, one sentence, never a traceback."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sim import run
from sim.commands import main
from sim.foreign.events import EVENTS
from sim.foreign.judging import judge_file
from sim.foreign.lines import LONGEST_LINE, HistoryError
from sim.foreign.rows import write_rows
from sim.foreign.writing import write_log
from sim.scenario.loading import load

RUN = run(load("two_phones"), 1, keep_history=True)
HEADER = json.dumps({"format": "doubletick-log/1", "records": list(EVENTS)})
DEVICES = [
    '{"at": 0, "event": "device", "device": "a", "user": "ann"}',
    '{"at": 0, "event": "device", "device": "b", "user": "bob"}',
]
SEND = '{"at": 5, "event": "send", "type": "invoke", "message": "m", "device": "a", "chat": "c", "to": ["bob"]}'


@cache
def exported() -> tuple[bytes, bytes]:
    """One run, as rows and as a log."""
    assert RUN.history is not None
    with TemporaryDirectory() as folder:
        rows, log = Path(folder, "rows"), Path(folder, "log")
        write_rows(rows, RUN.history, RUN.scenario, {})
        write_log(log, RUN.history, RUN.scenario, "")
        return rows.read_bytes(), log.read_bytes()


def another_end(row: str) -> str:
    """A row with another last number."""
    *before, last = json.loads(row)
    return json.dumps([*before, last + 1])


def refusal(tmp_path: Path, content: bytes) -> HistoryError:
    file = tmp_path / "history.jsonl"
    file.write_bytes(content)
    with pytest.raises(HistoryError) as caught:
        judge_file(file)
    assert str(caught.value).startswith(str(file))
    return caught.value


def log_of(*events: str) -> bytes:
    return "\n".join([HEADER, *DEVICES, *events]).encode()


BAD_EVENTS = {
    '{"at": 5, "event": "send"': "not JSON",
    "": "empty",
    "[1, 2]": "an event is an object",
    '{"at": 5}': "there is no event null",
    '{"at": 5, "event": "shwn"}': "did you mean 'shown'",
    '{"at": 5, "event": ["shown"]}': "there is no event",
    '{"at": "soon", "event": "cleared", "device": "a"}': "no ISO time",
    '{"at": -5, "event": "cleared", "device": "a"}': "no time in microseconds",
    '{"at": 1.5, "event": "cleared", "device": "a"}': "at is microseconds",
    '{"at": true, "event": "cleared", "device": "a"}': "at is microseconds",
    '{"at": "2024-01-01T00:00:00Z", "event": "cleared", "device": "a"}': "times were microseconds",
    '{"event": "cleared", "device": "a"}': "at is microseconds",
    '{"at": 99999999999999999999999, "event": "cleared", "device": "a"}': "no time in microseconds",
    '{"at": NaN, "event": "cleared", "device": "a"}': "NaN is no JSON number",
    '{"at": 5, "event": "cleared", "device": "x"}': "declared",
    '{"at": 5, "event": "cleared", "device": 7}': "device is an id",
    '{"at": 5, "event": "cleared", "device": ""}': "device is an id",
    '{"at": 5, "event": "cleared"}': "device is missing",
    '{"at": 5, "event": "cleared", "device": "a", "devise": 1}': "did you mean 'device'",
    '{"at": 5, "event": "opened", "device": "a", "chat": null}': "chat is null",
    '{"at": 5, "event": "cursor", "device": "a", "update": -1}': "count from 0",
    '{"at": 5, "event": "cursor", "device": "a", "update": "1"}': "count from 0",
    '{"at": 5, "event": "tick", "device": "a", "message": "m", "tick": "blue"}': "tick is one of",
    '{"at": 5, "event": "shown", "device": "a", "message": "m", "redraw": 1}': "true or false",
    '{"at": 5, "event": "device", "device": "a", "user": "eve"}': "declared before",
    '{"at": 5, "event": "send", "type": "ok", "message": "m"}': "not sent before",
    '{"at": 5, "event": "send", "type": "done", "message": "m"}': "type is one of",
    '{"at": 5, "event": "send", "type": "invoke", "message": "m", "device": "a"}': "chat is missing",
    '{"at": 5, "event": "logged", "message": "m", "sequence": 1}': "its chat must be named",
    '{"at": 5, "event": "waiting", "what": "outbox", "count": 1}': "device or host is missing",
}


@pytest.mark.parametrize("event", BAD_EVENTS)
def test_a_bad_event_is_refused_with_its_line(tmp_path: Path, event: str) -> None:
    error = refusal(tmp_path, log_of(event, SEND))
    assert error.line == 4 and BAD_EVENTS[event] in error.message


@pytest.mark.parametrize(
    ("event", "says"),
    [
        (SEND, "was sent before"),
        ('{"at": 4, "event": "cleared", "device": "a"}', "backwards"),
        (SEND.replace('"to": ["bob"]', '"to": "bob"').replace('"m"', '"n"'), "to is a list of ids"),
    ],
)
def test_what_contradicts_a_line_before_is_refused(tmp_path: Path, event: str, says: str) -> None:
    error = refusal(tmp_path, log_of(SEND, event))
    assert error.line == 5 and says in error.message


def test_an_answer_is_heard_once(tmp_path: Path) -> None:
    said = '{"at": 6, "event": "send", "type": "%s", "message": "m"}'
    judge = tmp_path / "late.jsonl"
    judge.write_bytes(log_of(SEND, said % "unknown", said % "ok"))
    judge_file(judge)
    assert "was said before" in refusal(tmp_path, log_of(SEND, said % "ok", said % "fail")).message


BAD_FILES = {
    "nothing": b"",
    "binary junk": bytes(range(256)) * 20,
    "no header": DEVICES[0].encode(),
    "another format": b'{"format": "jepsen/9"}',
    "a list": b"[]",
    "nothing recorded": b'{"format": "doubletick-log/1"}',
    "records what there is not": b'{"format": "doubletick-log/1", "records": ["showed"]}',
    "unknown key": b'{"format": "doubletick-log/1", "records": [], "record": 1}',
    "bad cap": b'{"format": "doubletick-log/1", "records": [], "inbox_cap": -4}',
    "no scenario": b'{"format": "doubletick-rows/1"}',
    "a bad scenario": b'{"format": "doubletick-rows/1", "scenario": "schema: doubletick/1\\nprotocl: {}"}',
    "a deep nest": b"[" * 200_000,
    "a huge number": b'{"format": ' + b"9" * 10_000 + b"}",
    "a lone surrogate": HEADER.encode() + b'\n{"at": 0, "event": "device", "device": "\xed\xa0\x80", "user": "u"}',
    "a huge line": HEADER.encode() + b'\n{"at": "' + b"x" * LONGEST_LINE + b'"}',
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_history_is_refused(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    refusal(tmp_path, BAD_FILES[name])
    assert main(["judge", str(tmp_path / "history.jsonl")]) == 2
    told = capsys.readouterr()
    assert "Traceback" not in told.err and len(told.err) < 1_000 and not told.out


@pytest.mark.parametrize("part", [0.1, 0.5, 0.99])
def test_a_gzip_file_that_is_cut_short_is_refused(tmp_path: Path, part: float) -> None:
    whole = gzip.compress(exported()[0])
    assert "cut short" in refusal(tmp_path, whole[: int(len(whole) * part)]).message


def test_a_gzip_file_with_a_flipped_bit_is_refused(tmp_path: Path) -> None:
    whole = bytearray(gzip.compress(exported()[0]))
    whole[len(whole) // 2] ^= 16
    refusal(tmp_path, bytes(whole))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[:-1], "cut short"),
        (lambda lines: [*lines[:40], *lines[41:]], "missing or too many"),
        (lambda lines: [*lines, "[]"], "behind the last one"),
        (lambda lines: [*lines[:40], lines[40][:-1] + ", 9]", *lines[41:]], "a row is 8 integers"),
        (lambda lines: [*lines[:40], "[true, 1, 1, 1, 1, 1, 1, 1]", *lines[41:]], "a row is 8 integers"),
        (lambda lines: [*lines[:40], "[999999999, 3999, 1, 1, 1, 1, 1, 1]", *lines[41:]], "no kind of row"),
        (lambda lines: [*lines[:40], lines[5], *lines[41:]], "backwards"),
        (lambda lines: [*lines[:40], '"junk"', *lines[41:]], "neither a row"),
        (lambda lines: [*lines[:40], another_end(lines[40]), *lines[41:]], "digest"),
        (lambda lines: [*lines[:40], f"[999999999, 1, 1, 1, 1, {1 << 40}, 1, 1]", *lines[41:]], "no number of an"),
        (lambda lines: [*lines[:40], f"[{1 << 70}, 1, 1, 1, 1, 1, 1, 1]", *lines[41:]], "more than 64 bits"),
    ],
)
def test_rows_that_were_tampered_with_are_refused(tmp_path: Path, change, says: str) -> None:  # type: ignore[no-untyped-def]
    lines = exported()[0].decode().splitlines()
    assert says in refusal(tmp_path, "\n".join(change(lines)).encode()).message


@given(st.integers(0, 1), st.floats(0, 1), st.binary(min_size=1, max_size=12), st.integers(0, 30))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_random_damage_is_refused_or_judged(tmp_path: Path, which: int, where: float, junk: bytes, cut: int) -> None:
    content = exported()[which]
    place = int(where * len(content))
    file = tmp_path / "history.jsonl"
    file.write_bytes(content[:place] + junk + content[place + cut :])
    try:
        judge_file(file)
    except HistoryError as error:
        assert error.line


@given(st.lists(st.tuples(*[st.integers(0, 20)] * 8), min_size=1, max_size=30))
def test_rows_that_no_world_writes_never_break_the_judge(rows: list[tuple[int, ...]]) -> None:
    from sim.foreign.judging import _Rows
    from sim.foreign.lines import BadLine
    from sim.foreign.rows import _scenario_text

    header = {"scenario": _scenario_text(RUN.scenario)}
    judge = _Rows(header, "<rows>", None)
    for row in sorted(rows):
        try:
            judge.read(list(row))
        except BadLine:
            return
    with pytest.raises(BadLine):
        judge.finish()
