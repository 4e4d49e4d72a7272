"""This machine's cores: the same tasks give the same answers on one worker or many, in whatever order they end.

Worker processes are started once and kept for all tasks (joblib's loky), short tasks travel in batches, and a task is
a pure function of what it is given, so nothing depends on who plays it. A worker that is killed takes down its pool;
the tasks that had begun there are suspects and are tried again one at a time, the others go on in a new pool.
"""

from __future__ import annotations

import os
import signal
import tempfile
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_MOST_IDLE_BREAKS: Final = 3
"""So many pools may die without a task having begun, before the rest is given up."""
_LOOK_EVERY_S: Final = 0.5
"""How long a worker may outlive the process that it works for."""


@dataclass(frozen=True, slots=True)
class Done(Generic[Answer]):
    """A task that is over: it has an answer, or a traceback, or was lost with its worker process (twice)."""

    index: int
    answer: Answer | None = None
    failure: str = ""
    lost: bool = False


def cores() -> int:
    """How many cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def workers_for(jobs: str, tasks: int) -> int:
    """Worker processes for ``--jobs`` (``auto`` or a number); never more than there are tasks, at least 1."""
    if jobs == "auto":
        wanted = cores()
    elif jobs.isdecimal() and int(jobs) >= 1:
        wanted = int(jobs)
    else:
        raise ValueError(f"{jobs!r} is no number of jobs (write a number from 1 on, or auto)")
    return max(1, min(wanted, tasks))


def stream(function: Callable[[Task], Answer], tasks: Sequence[Task], *, workers: int = 1) -> Iterator[Done[Answer]]:
    """Call a module-level function for every task and yield what is done, as it is done.

    ``index`` says which task it was, for callers that put answers in order. One worker runs in this process.
    Closing the generator, or Ctrl-C, ends the workers.
    """
    if workers <= 1 or len(tasks) <= 1:
        for index, task in enumerate(tasks):
            yield call(function, index, task)
        return
    with tempfile.TemporaryDirectory(prefix="doubletick-") as folder:
        yield from _parallel(function, tasks, workers, Path(folder))


def _parallel(
    function: Callable[[Task], Answer], tasks: Sequence[Task], workers: int, begun: Path
) -> Iterator[Done[Answer]]:
    """Play all tasks in pools; after a pool died, first its suspects one by one, then the rest in a new one."""
    waiting = dict(enumerate(tasks))
    idle_breaks = 0
    while waiting:
        try:
            for done in _pool(function, list(waiting.items()), workers, begun):
                del waiting[done.index]
                yield done
        except BrokenProcessPool:
            suspects = [index for index in waiting if (begun / str(index)).exists()]
            idle_breaks = 0 if suspects else idle_breaks + 1
            for index in suspects:
                yield _try_again(function, index, waiting.pop(index), workers, begun)
            if idle_breaks == _MOST_IDLE_BREAKS:
                yield from (Done(index, lost=True) for index in waiting)
                return


def _try_again(function: Callable[[Task], Answer], index: int, task: Task, workers: int, begun: Path) -> Done[Answer]:
    """One suspect alone in a fresh process; a second death and it is reported lost."""
    try:
        return next(iter(_pool(function, [(index, task)], workers, begun)))
    except BrokenProcessPool:
        return Done(index, lost=True)


def _pool(
    function: Callable[[Task], Answer], numbered: list[tuple[int, Task]], workers: int, begun: Path
) -> Iterator[Done[Answer]]:
    from joblib import Parallel, delayed, parallel_config  # type: ignore[import-untyped]

    # Ctrl-C and a closed stream leave tasks unused on purpose; joblib would tell people off for it.
    warnings.filterwarnings("ignore", message=".*tasks", category=UserWarning, module="joblib")
    # One thread of linear algebra per worker: there are as many workers as cores already.
    with parallel_config(backend="loky", inner_max_num_threads=1):
        pool = Parallel(
            n_jobs=workers,
            return_as="generator_unordered",
            batch_size="auto",
            initializer=_end_with_parent,
            initargs=(os.getpid(),),
        )
        answers = pool(delayed(_call_in_worker)(function, index, task, str(begun)) for index, task in numbered)
        try:
            yield from answers
        finally:
            answers.close()


def _end_with_parent(parent: int) -> None:
    """Called once in each worker process: whoever kills the parent (``kill -9``, out of memory) has killed its workers.
    They would wait for tasks otherwise, with the streams of the parent held open. Where a process keeps the number of
    a parent that is gone (Windows), nobody can tell."""
    if os.name == "posix":
        threading.Thread(target=_watch, args=(parent,), daemon=True, name="doubletick-parent").start()


def _watch(parent: int) -> None:
    never = threading.Event()
    while os.getppid() == parent:
        never.wait(_LOOK_EVERY_S)
    os._exit(1)


def _call_in_worker(function: Callable[[Any], Any], index: int, task: Any, begun: str) -> Done[Any]:
    # Ctrl-C in a terminal reaches every process of the group; only the parent decides what to keep.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Path(begun, str(index)).touch()
    return call(function, index, task)


def call(function: Callable[[Task], Answer], index: int, task: Task) -> Done[Answer]:
    """Call a function for one task; an exception becomes part of the answer."""
    try:
        return Done(index, answer=function(task))
    except Exception:
        return Done(index, failure=traceback.format_exc())
