"""Written operations."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.model import Operation, Scenario, Workload
from sim.workload.stream import WorkloadError, WorkloadStream, open_workload


def script(*steps: Operation) -> WorkloadStream:
    return open_workload(Scenario(source="chat.yaml", workload=Workload(kind="script", operations=steps)), 1)


def test_a_short_talk() -> None:
    stream = script(
        Operation(1_000, 0, 1, "hello"),
        Operation(2_000, 1, 0, opens=True),
        Operation(3_000, 1, 0, "hello", reply_to=0),
        Operation(3_500, 1, 4, "news"),
    )
    assert [tuple(step) for step in stream.operations()] == [
        (1_000, 0, 0, 1, 0, -1, False, -1, None, -1),
        (2_000, 1, 1, 0, -1, -1, True, -1, None, -1),
        (3_000, 2, 1, 0, 0, 0, False, -1, None, -1),
        (3_500, 3, 1, 4, 1, -1, False, -1, None, -1),
    ]
    assert (stream.users, stream.total, stream.duration_us) == (5, 3, 3_500)
    assert stream.name_of(4) == "person 4"


def test_an_empty_script_is_a_silent_run() -> None:
    stream = script()
    assert (stream.users, stream.total, stream.duration_us, list(stream.operations())) == (2, 0, 0, [])


@settings(deadline=None)
@given(st.lists(st.integers(0, 5), max_size=30))
def test_steps_are_played_by_time_and_ties_keep_their_order(times: list[int]) -> None:
    stream = script(*(Operation(at_us, 0, 1, f"text {place}") for place, at_us in enumerate(times)))
    played = list(stream.operations())
    assert [step.at_us for step in played] == sorted(times)
    assert [step.operation for step in played] == list(range(len(times)))
    expected = [place for _, place in sorted((at_us, place) for place, at_us in enumerate(times))]
    senders = script(*(Operation(at_us, place + 1, 0) for place, at_us in enumerate(times)))
    assert [step.sender - 1 for step in senders.operations()] == expected


def test_an_answer_finds_its_message_when_the_script_is_not_sorted() -> None:
    stream = script(Operation(9, 1, 0, "yes", reply_to=1), Operation(4, 0, 1, "well?"))
    assert [(step.at_us, step.reply_to) for step in stream.operations()] == [(4, -1), (9, 0)]


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Operation(-1, 0, 1), "before the start"),
        (Operation(1, 0, -1), "no user"),
        (Operation(1, 10**12, 1), "no user"),
        (Operation(1, 1, 1), "themself"),
        (Operation(9, 1, 0, reply_to=7), "no such operation"),
        (Operation(9, 1, 0, reply_to=-1), "no such operation"),
        (Operation(9, 1, 0, reply_to=1), "opens a chat"),
        (Operation(9, 1, 2, reply_to=0), "another chat"),
        (Operation(9, 1, 0, reply_to=2), "not earlier"),
        (Operation(4, 1, 0, reply_to=0), "not earlier"),
        (Operation(9, 1, 0, reply_to=0, opens=True), "answers nothing"),
    ],
)
def test_what_cannot_be_played_is_refused_by_place(step: Operation, words: str) -> None:
    with pytest.raises(WorkloadError, match=words) as caught:
        script(Operation(5, 0, 1), Operation(6, 0, 1, opens=True), step)
    assert caught.value.column == "workload.operations[2]"
    assert caught.value.file == "chat.yaml"


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(WorkloadError, match="synthetic, trace or script"):
        open_workload(Scenario(workload=Workload(kind="telepathy")), 1)


def test_errors_cross_process_borders_whole() -> None:
    error = WorkloadError("is odd", file="a.csv", line=7, column="time", hint="make it even")
    copy = pickle.loads(pickle.dumps(error))
    assert str(copy) == str(error) == "a.csv:7: column 'time': is odd (make it even)"
    assert (copy.file, copy.line, copy.column, copy.hint) == ("a.csv", 7, "time", "make it even")
