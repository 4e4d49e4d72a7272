"""The trace that comes with the project is the published one, and its conversion is repeatable."""

from __future__ import annotations

import csv
import gzip
import hashlib
import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest

from sim.scenario.model import Scenario, Workload
from sim.workload.stream import WorkloadStream, open_workload

TRACES = Path(__file__).resolve().parents[2] / "scenarios" / "traces"
FILE = TRACES / "college_messages.csv.gz"


@pytest.fixture(scope="module")
def rows() -> list[tuple[str, ...]]:
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as text:
        return [tuple(row) for row in csv.reader(text)][1:]


@pytest.fixture(scope="module")
def stream() -> WorkloadStream:
    return open_workload(Scenario(workload=Workload(kind="trace", file="traces/college_messages.csv.gz")), 1)


def test_it_has_the_published_figures(rows: list[tuple[str, ...]]) -> None:
    senders = {row[0] for row in rows}
    people = senders | {row[1] for row in rows}
    assert len(rows) == 59_835
    assert len(people) == 1_899
    assert len(people - senders) == 549  # they never send
    assert len(rows) - len(set(rows)) == 1_235  # rows that repeat an earlier one
    assert len({int(row[2]) // 86_400 for row in rows}) == 193
    assert (int(rows[-1][2]) - int(rows[0][2])) // 86_400 == 193
    assert all(int(row[2]) % 60 == 0 for row in rows)


def test_every_row_is_played_in_order(rows: list[tuple[str, ...]], stream: WorkloadStream) -> None:
    shift = int(rows[0][2]) - 1
    played = [
        (stream.name_of(step.sender), stream.name_of(step.recipient), str(step.at_us // 1_000_000 + shift))
        for step in stream.operations()
    ]
    assert played == rows
    assert (stream.users, stream.total, stream.notes) == (1_899, 59_835, ())
    assert stream.duration_us == (int(rows[-1][2]) - shift) * 1_000_000


def test_people_answer_each_other(stream: WorkloadStream) -> None:
    answers = sum(step.reply_to >= 0 for step in stream.operations())
    assert 0.4 < answers / stream.total < 0.6


def test_gaps_between_one_persons_messages_are_heavy_tailed(stream: WorkloadStream) -> None:
    last: dict[int, int] = {}
    gaps: Counter[str] = Counter()
    for step in stream.operations():
        gap_s = (step.at_us - last.get(step.sender, step.at_us)) // 1_000_000
        gaps["within minutes"] += gap_s <= 600
        gaps["after a day"] += gap_s > 86_400
        last[step.sender] = step.at_us
    assert gaps["within minutes"] > 0.45 * stream.total
    assert gaps["after a day"] > 0.05 * stream.total


def test_the_readme_states_the_file(rows: list[tuple[str, ...]]) -> None:
    readme = (TRACES / "README.md").read_text(encoding="utf-8")
    data = FILE.read_bytes()
    assert hashlib.sha256(data).hexdigest() in readme
    assert hashlib.sha256(gzip.decompress(data)).hexdigest() in readme
    assert f"{len(data):,} bytes" in readme and f"{len(rows):,}" in readme
    assert data[4:8] == b"\0\0\0\0"  # no time in the header


def test_the_conversion_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    specification = importlib.util.spec_from_file_location("convert", TRACES / "convert_college_messages.py")
    assert specification is not None and specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    source = tmp_path / "source.csv.gz"
    source.write_bytes(gzip.compress(b"Source,Target,Timestamp\n1,2,4/15/04 2:56 PM\n3,4,10/26/04 12:05 AM\n"))
    targets = [tmp_path / "one.csv.gz", tmp_path / "two.csv.gz"]
    for target in targets:
        assert module.main([str(source), str(target)]) == 0
    assert targets[0].read_bytes() == targets[1].read_bytes()
    assert gzip.decompress(targets[0].read_bytes()) == b"sender,recipient,time\n1,2,1082040960\n3,4,1098749100\n"
    assert module.main([]) == 2
    assert re.search(r"INPUT OUTPUT", module.__doc__ or "")
