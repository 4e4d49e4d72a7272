"""When Python's collector of cycles looks for garbage: seldom while a run makes many objects and few cycles, and not at
all for the last world of a process that is about to end.

A world is one large cycle. Walking it while it lives finds nothing, and walking it once more when it is over takes a
twentieth of the run; a process that ends has no use for the memory.
"""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

COLLECT_SELDOM: Final = (5_000_000, 20, 1_000)
"""Thresholds while a run is played or a long file is judged."""

_process_ends_with_command = False


@contextmanager
def seldom_collected() -> Iterator[None]:
    """The collector looks less often within. What is made within should be let go before it ends: what is still held
    then is walked for nothing."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*COLLECT_SELDOM)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def end_process_with_command() -> None:
    """Say, where a process is started for one command, that it ends with it: what is left is not looked at again."""
    global _process_ends_with_command
    _process_ends_with_command = True
    atexit.register(gc.freeze)


def leave_to_the_end() -> None:
    """One more run and this process ends, if it was said to end with its command: nothing needs to be collected after
    it. Does nothing in any other process, such as a notebook's."""
    if _process_ends_with_command:
        gc.set_threshold(*COLLECT_SELDOM)
