"""Commands that are stopped in the middle, each in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sim.search.ledger import FILE

TOP = Path(__file__).parents[2]


def stopped_half_way(
    folder: Path,
    words: Sequence[str],
    is_time: Callable[[bytes], bool],
    by: signal.Signals = signal.SIGKILL,
) -> tuple[int, str]:
    """Run ``doubletick`` with these words, and signal its process group once the ledger below ``folder`` holds enough;
    its exit code and what it wrote on stderr."""
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *words],
        cwd=TOP,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        for _ in range(3000):
            ledgers = list(folder.rglob(FILE))
            if ledgers and is_time(ledgers[0].read_bytes()):
                break
            assert process.poll() is None, "it ended before it could be stopped"
            time.sleep(0.02)
        os.killpg(process.pid, by)
        _, told = process.communicate(timeout=60)
        return process.returncode, told
