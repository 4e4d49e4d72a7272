"""Histories in files: what is written is read back, and what is wrong with a file is told."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from history_language import history

from sim.checkers.judging import judge
from sim.history.columns import COLUMN_NAMES, History
from sim.history.parquet import (
    GROUP_ROWS,
    About,
    HistoryFileError,
    ParquetSink,
    read_about,
    read_history,
    read_rows,
    write_history,
)
from sim.history.recorder import HistoryRow, Recorder
from sim.scenario.model import Scenario

TEXT = """
    a sends 1 to b; b sends 2 to a answering 1; b reads a; a writes 3 to b; accept 3
    kill b; b shows 1 again; drawn b; heal; end
"""
ABOUT = About("two people", "17", {"commit": "1234abcd", "variant": "ü"})


def write(path: Path, rows: list[HistoryRow]) -> str:
    """Stream rows into a file, as a run does; return the digest that the recorder gives."""
    with ParquetSink(path, ABOUT) as sink:
        recorder = Recorder({}, sinks=[sink.write])
        for row in rows:
            recorder.record(row)
            recorder.pump()
        return recorder.finish()


def test_a_file_gives_the_same_rows_digest_and_verdicts(tmp_path: Path) -> None:
    rows = history(TEXT)
    digest = write(tmp_path / "history.parquet", rows)
    again, about = read_history(tmp_path / "history.parquet")
    assert about == About(ABOUT.scenario, ABOUT.seed, ABOUT.notes, digest, len(rows))
    assert about == read_about(tmp_path / "history.parquet")
    assert list(again) == rows == list(read_rows(tmp_path / "history.parquet"))
    assert again.digest() == digest
    verdicts = judge(rows, Scenario())
    assert judge(again, Scenario()) == verdicts == judge(read_rows(tmp_path / "history.parquet"), Scenario())
    assert {verdict.outcome for verdict in verdicts} == {"valid", "invalid", "unknown"}


def test_many_row_groups(tmp_path: Path) -> None:
    rows = [(at, 2, at % 7, at << 20, -1, at, 0, -1) for at in range(2 * GROUP_ROWS + 5)]
    digest = write(tmp_path / "history.parquet", rows)
    assert pq.ParquetFile(tmp_path / "history.parquet").num_row_groups >= 3
    again, about = read_history(tmp_path / "history.parquet")
    assert list(again) == rows and about.digest == digest
    # Half a history, written from memory.
    half = again.where(again["time_us"] < GROUP_ROWS)
    assert write_history(tmp_path / "half.parquet", half, ABOUT).rows == GROUP_ROWS
    assert read_history(tmp_path / "half.parquet")[0].digest() == half.digest()


def test_an_empty_history(tmp_path: Path) -> None:
    about = write_history(tmp_path / "empty.parquet", History.from_rows([]), ABOUT)
    again, read = read_history(tmp_path / "empty.parquet")
    assert len(again) == 0 and read == about and about.digest == History.from_rows([]).digest()


def test_a_run_that_fails_leaves_no_file(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), ParquetSink(tmp_path / "history.parquet", ABOUT):
        raise RuntimeError("the run failed")
    assert list(tmp_path.iterdir()) == []


def test_a_file_has_its_name_only_when_it_is_complete(tmp_path: Path) -> None:
    sink = ParquetSink(tmp_path / "history.parquet", ABOUT)
    assert [path.name for path in tmp_path.iterdir()] == ["history.parquet.part"]
    sink.close()
    assert [path.name for path in tmp_path.iterdir()] == ["history.parquet"]


def reading_fails(path: Path, words: str) -> None:
    with pytest.raises(HistoryFileError, match=words) as error:
        read_history(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(HistoryFileError, match=words):
        list(read_rows(path))


def test_what_is_wrong_with_a_file(tmp_path: Path) -> None:
    reading_fails(tmp_path / "nothing.parquet", "no such file")
    reading_fails(tmp_path, "not a Parquet file")
    (tmp_path / "text.parquet").write_text("who,what\n1,2\n")
    reading_fails(tmp_path / "text.parquet", "not a Parquet file")
    (tmp_path / "empty.parquet").write_bytes(b"")
    reading_fails(tmp_path / "empty.parquet", "not a Parquet file")
    pq.write_table(pa.table({"who": [1]}), tmp_path / "foreign.parquet")
    reading_fails(tmp_path / "foreign.parquet", "not a history")


def test_every_cut_and_many_flips_are_found(tmp_path: Path) -> None:
    write(tmp_path / "history.parquet", history(TEXT))
    whole = (tmp_path / "history.parquet").read_bytes()
    damaged = tmp_path / "damaged.parquet"
    rows = list(read_rows(tmp_path / "history.parquet"))
    for length in range(0, len(whole), 101):
        damaged.write_bytes(whole[:length])
        with pytest.raises(HistoryFileError):
            read_history(damaged)
    for place in range(4, len(whole), 37):
        damaged.write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        try:
            again, _ = read_history(damaged)
        except HistoryFileError:
            continue
        assert list(again) == rows  # What the flip hit does not matter, such as a statistic.


def rewritten(path: Path, schema: pa.Schema, metadata: dict[str, str]) -> Path:
    """The file with another schema or other metadata."""
    columns = {name: [1] for name in schema.names}
    pq.write_table(pa.table(columns, schema=schema.with_metadata(metadata)), path)
    return path


def test_another_format_other_columns_and_broken_metadata(tmp_path: Path) -> None:
    right = pa.schema([pa.field(name, pa.int64(), nullable=False) for name in COLUMN_NAMES])
    wrong = pa.schema([pa.field(name, pa.int32()) for name in COLUMN_NAMES])
    stated = {"doubletick.format": "doubletick-history/1", "doubletick.scenario": "x", "doubletick.seed": "1"}
    path = tmp_path / "history.parquet"
    reading_fails(rewritten(path, right, {"doubletick.format": "doubletick-history/9"}), "reads 'doubletick-history/1'")
    reading_fails(rewritten(path, wrong, stated), "its columns are not those")
    reading_fails(rewritten(path, right, stated), "its metadata is damaged")
    whole = {**stated, "doubletick.digest": "00", "doubletick.rows": "1"}
    reading_fails(rewritten(path, right, whole), "do not have the digest")
    reading_fails(rewritten(path, right, {**whole, "doubletick.rows": "many"}), "its metadata is damaged")
