"""The local executor: same answers on any number of workers, and what happens when a worker dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.executors.local import cores, stream, workers_for


def square(number: int) -> int:
    if number < 0:
        raise ValueError(f"{number} is negative")
    return number * number


def die(number: int) -> int:
    if number in (3, 7):
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_answers_are_the_same_on_one_worker_and_on_two() -> None:
    tasks = [4, -1, 3, 2]
    one, two = (sorted(stream(square, tasks, workers=workers), key=lambda done: done.index) for workers in (1, 2))
    assert [done.answer for done in one] == [16, None, 9, 4] == [done.answer for done in two]
    assert "ValueError: -1 is negative" in one[1].failure
    assert "ValueError: -1 is negative" in two[1].failure


def test_killed_workers_lose_their_own_tasks_only() -> None:
    done = {each.index: each for each in stream(die, range(12), workers=2)}
    assert sorted(done) == list(range(12))
    assert sorted(index for index, each in done.items() if each.lost) == [3, 7]
    assert all(each.answer == index for index, each in done.items() if not each.lost)


def test_one_worker_is_this_process() -> None:
    assert [done.answer for done in stream(_process, [0, 0], workers=1)] == [os.getpid()] * 2
    assert [done.answer for done in stream(_process, [0], workers=8)] == [os.getpid()]
    assert list(stream(square, [], workers=4)) == []


def test_closing_the_stream_ends_it() -> None:
    answers = stream(square, range(1000), workers=2)
    next(answers)
    answers.close()


PARENT = """
import os, sys, time
from sim.executors.local import stream

def first_second(number):
    print(os.getpid(), flush=True)
    time.sleep(0 if number < 2 else 60)
    return number

if __name__ == "__main__":
    for done in stream(first_second, range(4), workers=2):
        print("done", flush=True)
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere a process does not learn that its parent is gone")
def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    """Whoever reads what they share with it (a step of a build) gets to the end of it."""
    program = tmp_path / "parent.py"
    program.write_text(PARENT)
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment
    )
    assert process.stdout is not None
    workers = set()
    for line in process.stdout:
        if line.strip().isdecimal():
            workers.add(int(line))
        elif line.startswith("done") and len(workers) > 1:
            break
    process.kill()
    began = time.monotonic()
    process.stdout.read()
    assert time.monotonic() - began < 3.0


def test_jobs_are_read() -> None:
    assert workers_for("auto", 100) == cores()
    assert workers_for("3", 100) == 3
    assert workers_for("3", 2) == 2
    assert workers_for("auto", 0) == 1
    for text in ("0", "-1", "many", "1.5"):
        with pytest.raises(ValueError, match="auto"):
            workers_for(text, 1)


def _process(_: int) -> int:
    return os.getpid()
