"""How fast ``judge`` reads: a million records, as rows and as a log.

    python -m benchmarks.judging [RECORDS]

A run of ``commute`` is played once and written again and again, each copy later and with people and messages
of its own, until there are so many records. Time and peak memory are those of a process of its own; on a busy
machine it is its processor time that tells.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sim import run
from sim.foreign.rows import write_rows
from sim.foreign.writing import write_log
from sim.history.columns import History
from sim.scenario.loading import load
from sim.vocabulary import kinds
from sim.vocabulary.ids import INSTALLATIONS_PER_USER

_CHILD = """
import resource, sys, time
from pathlib import Path
from sim.foreign.judging import judge_file
began, spent = time.perf_counter(), time.process_time()
judged = judge_file(Path(sys.argv[1]))
took, spent = time.perf_counter() - began, time.process_time() - spent
broken = [verdict.check for verdict in judged.verdicts if verdict.outcome == "invalid"]
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(f"{judged.lines:>9,} records {took:6.1f} s (processor {spent:.1f} s) {peak:7.0f} MiB,", end=" ")
print("invalid:", ", ".join(broken) or "none")
"""


def repeated(history: History, records: int) -> History:
    """Copies of the calm part of a history, one after the other, with the operations and people of each shifted.
    Phases and areas, which count over a whole run, are left out."""
    calm = history.where(~np.isin(history["kind"], [kinds.PHASE, kinds.REACHABLE, kinds.AREA]))
    table = np.stack([calm[name] for name in kinds.Row._fields], axis=1)
    messages = int(calm["operation"].max()) + 1
    span_us = int(calm["time_us"].max()) + 1
    return History.from_chunks(list(_copies(table, messages, span_us, -(-records // len(table)))))


def _copies(table: np.ndarray, messages: int, span_us: int, copies: int) -> Iterator[np.ndarray]:
    for copy in range(copies):
        part = table.copy()
        part[:, 0] += copy * span_us
        part[part[:, 5] >= 0, 5] += copy * messages
        replies = (part[:, 1] == kinds.COMPOSED) & (part[:, 4] >= 0)
        part[replies, 4] += copy * messages
        people = 1_000_000 * copy
        devices = part[:, 2] >= 0
        part[devices, 2] += people * INSTALLATIONS_PER_USER
        part[part[:, 3] >= 0, 3] += people << 31 | people
        for kind, column in ((kinds.COMPOSED, 6), (kinds.COMPOSED, 7), (kinds.LOGGED, 6), (kinds.OWED, 6)):
            part[(part[:, 1] == kind) & (part[:, column] >= 0), column] += people
        yield part


def main(records: int) -> None:
    result = run(load("commute"), 1, faults=(), keep_history=True)
    assert result.history is not None
    history = repeated(result.history, records)
    with tempfile.TemporaryDirectory() as folder:
        rows, log = Path(folder) / "rows.jsonl", Path(folder) / "log.jsonl"
        write_rows(rows, history, result.scenario, {})
        write_log(log, history, result.scenario, "commute")
        for name, file in (("rows", rows), ("log", log)):
            print(f"{name:5}{file.stat().st_size / 1e6:7.0f} MB", end=" ", flush=True)
            subprocess.run([sys.executable, "-c", _CHILD, str(file)], check=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
