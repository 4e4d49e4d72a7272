"""The recorder: one digest however it is pumped, rows to those who take them, memory only if asked for."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.history.columns import History
from sim.history.recorder import CHUNK_ROWS, Chunk, HistoryRow, Recorder
from sim.vocabulary import kinds


def some_rows(count: int) -> list[HistoryRow]:
    """Rows of changing kinds, with values of every size."""
    usual = sorted(kinds.KIND_NAMES)
    return [(10**12 + at, usual[at % len(usual)], at << 31, -1, at, at // 20, -(at << 40), 2**63 - 1 - at)
            for at in range(count)]  # fmt: skip


def digest_of(rows: list[HistoryRow], *pumps: int) -> str:
    """Record all rows, pumping after so many of them."""
    recorder = Recorder({})
    for at, row in enumerate(rows):
        if at in pumps:
            recorder.pump()
        recorder.record(row)
    return recorder.finish()


def test_the_digest_is_over_canonical_little_endian_bytes() -> None:
    rows = some_rows(100)
    expected = hashlib.blake2b(b"".join(struct.pack("<8q", *row) for row in rows), digest_size=16).hexdigest()
    assert digest_of(rows) == expected
    assert History.from_rows(rows).digest() == expected


@given(st.lists(st.integers(0, 3 * CHUNK_ROWS), max_size=8), st.integers(0, 3 * CHUNK_ROWS))
@settings(max_examples=25, deadline=None)
def test_the_digest_does_not_depend_on_slices(pumps: list[int], count: int) -> None:
    rows = ROWS[:count]
    assert digest_of(rows, *pumps) == digest_of(rows)


ROWS = some_rows(3 * CHUNK_ROWS + 17)


def test_any_change_changes_the_digest() -> None:
    rows = some_rows(50)
    plain = digest_of(rows)
    for place in range(8):
        changed = [*rows[:20], tuple(value + (at == place) * -1 for at, value in enumerate(rows[20])), *rows[21:]]
        assert digest_of(changed) != plain  # type: ignore[arg-type]
    assert digest_of([*rows[:20], rows[21], rows[20], *rows[22:]]) != plain
    assert digest_of(rows[:-1]) != plain


def test_rows_go_to_those_who_take_their_kind_in_order() -> None:
    seen: list[tuple[str, HistoryRow]] = []
    takers = {
        kinds.SHOWN: [lambda row: seen.append(("first", row)), lambda row: seen.append(("second", row))],
        kinds.TICK: [lambda row: seen.append(("tick", row))],
    }
    recorder = Recorder(takers)
    rows = [row for row in ROWS if row[1] in (kinds.SHOWN, kinds.TICK, kinds.OPENED)]
    for row in rows:
        recorder.record(row)
    recorder.pump()
    recorder.finish()
    expected = [
        (name, row)
        for row in rows
        for name in {kinds.SHOWN: ("first", "second"), kinds.TICK: ("tick",)}.get(row[1], ())
    ]
    assert seen == expected and recorder.row_count == len(rows)


def test_record_stays_the_same_method_and_memory_is_let_go() -> None:
    chunks: list[Chunk] = []
    recorder = Recorder({}, sinks=[chunks.append])
    record = recorder.record
    for row in ROWS:
        record(row)
    recorder.pump()
    assert [len(chunk) for chunk in chunks] == [CHUNK_ROWS] * 3
    record(ROWS[0])
    recorder.finish()
    assert [len(chunk) for chunk in chunks] == [CHUNK_ROWS] * 3 + [18]
    assert recorder.finish() == digest_of([*ROWS, ROWS[0]]) and len(chunks) == 4
    with pytest.raises(ValueError, match="keeps no history"):
        _ = recorder.history


def test_a_kept_history_gives_its_rows_back() -> None:
    recorder = Recorder({}, keep=True)
    for row in ROWS:
        recorder.record(row)
        if row[5] % 100 == 0:
            recorder.pump()
    digest = recorder.finish()
    history = recorder.history
    assert list(history.rows()) == list(history) == ROWS and len(history) == len(ROWS)
    assert history.digest() == digest
    shown = history.of_kinds(kinds.SHOWN, kinds.TICK)
    assert list(shown) == [row for row in ROWS if row[1] in (kinds.SHOWN, kinds.TICK)]
    assert history["time_us"].tolist() == [row[0] for row in ROWS]
    assert len(history.where(history["operation"] < 3)) == sum(row[5] < 3 for row in ROWS)
    with pytest.raises(KeyError, match="no column 'when'"):
        _ = history["when"]


def test_an_empty_history() -> None:
    recorder = Recorder({}, keep=True)
    assert recorder.finish() == History.from_rows([]).digest() == hashlib.blake2b(digest_size=16).hexdigest()
    assert len(recorder.history) == 0 and list(recorder.history) == []


def test_a_row_that_does_not_fit_is_refused() -> None:
    recorder = Recorder({})
    recorder.record((2**63, kinds.SHOWN, 0, 0, 0, 0, 0, 0))
    with pytest.raises(OverflowError):
        recorder.finish()


def test_recording_and_judging_import_no_heavy_library() -> None:
    code = """if True:
        import sys
        import sim.checkers.catalogue, sim.checkers.judging, sim.history.recorder, sim.history.parquet
        assert not {"pandas", "pyarrow", "matplotlib", "simpy"} & set(sys.modules), sorted(sys.modules)
    """
    subprocess.run([sys.executable, "-c", code], check=True)
