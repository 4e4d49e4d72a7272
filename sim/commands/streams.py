"""The standard streams of a process of its own: what is closed or full must not take the command down with it.

A closed stdout refuses what is written to it, as a full disk does, so that a result that is lost is noticed. A closed
or full stderr swallows it: nobody listening is no reason to stop, nor to end with another exit code.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from typing import Final, TextIO

_NOT_WRITABLE: Final = (errno.ENOSPC, errno.EDQUOT, errno.EBADF, errno.EIO, errno.EFBIG, errno.EROFS)
_STREAMS: Final = ("stdin", "stdout", "stderr")


class Forgiving(io.TextIOWrapper):
    """A stream whose losses nobody minds."""

    def write(self, text: str) -> int:
        """Write what can be written."""
        with contextlib.suppress(OSError):
            return super().write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with contextlib.suppress(OSError):
            super().flush()


def steady_streams() -> None:
    """Put something in the place of streams that are closed, and forgive stderr."""
    _fill_low_numbers()
    if sys.stdout is None:
        # It can be read from only: a write fails as it would on a stream that is closed.
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115 - it stays open to the end
    elif hasattr(sys.stderr, "buffer"):
        sys.stderr = Forgiving(
            sys.stderr.buffer, encoding=sys.stderr.encoding, errors=sys.stderr.errors, line_buffering=True
        )


def _fill_low_numbers() -> None:
    """Files that are opened later must not get the number of a closed stream: child processes would write into them.
    These go on to child processes, which are no better off without streams."""
    for number in range(len(_STREAMS)):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)


def is_not_writable(error: OSError) -> bool:
    """Whether this says that something could not be written, for a reason that lies outside the program."""
    return error.errno in _NOT_WRITABLE


def close_quietly(stream: TextIO) -> None:
    """Let what is still written to a stream whose reader is gone vanish, also at exit."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
