"""What people see: results on stdout, progress and notes on stderr. Colour only where it is wanted and understood."""

from __future__ import annotations

import contextlib
import io
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final, TextIO

from .streams import close_quietly

PLAIN_LINE_EVERY_S: Final = 10.0
"""Progress that no terminal shows is a line at most this often: logs are read by people."""
_PLAIN_WIDTH: Final = 140
_NARROWEST: Final = 60


def is_interactive(stream: TextIO) -> bool:
    """Whether somebody watches this stream on a terminal that can redraw a line."""
    return stream.isatty() and os.environ.get("TERM", "") != "dumb" and not os.environ.get("CI")


def wants_colour(stream: TextIO) -> bool:
    """``NO_COLOR`` forbids colour, ``FORCE_COLOR`` asks for it (and for nothing else), a terminal gets it."""
    if os.environ.get("NO_COLOR"):
        return False
    if stream is None:
        return False
    return bool(os.environ.get("FORCE_COLOR")) or (stream.isatty() and os.environ.get("TERM", "") != "dumb")


def _tell(text: str) -> None:
    """A line on stderr; nobody listening is no reason to stop."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.write(f"doubletick: {text}\n")
        sys.stderr.flush()


class Terminal:
    """Writes results. With ``json_on_stdout`` stdout is kept for the JSON document and people's text goes to stderr."""

    def __init__(self, *, quiet: bool = False, json_on_stdout: bool = False) -> None:
        self.quiet = quiet
        self.stream: TextIO = sys.stderr if json_on_stdout else sys.stdout
        self.failed = False
        """Something could not be written to stdout (a full disk, not a reader who went away)."""
        self._gone = False

    def line(self, text: str = "", style: str = "") -> None:
        """Write a line of results, unwrapped. ``style`` is a colour, or ``bold`` for none."""
        if style and wants_colour(self.stream):
            import click

            text = click.style(text, fg=None if style == "bold" else style, bold=True)
        self._write(text + "\n")

    def table(
        self,
        headings: Sequence[str],
        rows: Sequence[Sequence[Any]],
        *,
        right: Sequence[str] = (),
        wrap: Sequence[str] = (),
    ) -> None:
        """Write a table; the columns named in ``right`` hold numbers, those in ``wrap`` may break their lines where
        the terminal is narrow. Cells are plain text or rich's."""
        if not rows:
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
        for heading in headings:
            table.add_column(
                heading,
                justify="right" if heading in right else "left",
                overflow="fold",
                no_wrap=heading not in wrap,
                min_width=12 if heading in wrap else None,
            )
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else Text(str(cell)) for cell in row))
        colour = wants_colour(self.stream)
        paper = io.StringIO()
        console = Console(file=paper, width=self._width(), force_terminal=colour, no_color=not colour, highlight=False)
        console.print(table)
        self._write("\n".join("  " + text.rstrip() for text in paper.getvalue().splitlines()) + "\n")

    def note(self, text: str) -> None:
        """Tell something that is no result, on stderr."""
        _tell(text)

    def json(self, text: str) -> None:
        """Write the JSON document to stdout: nothing else goes there."""
        try:
            sys.stdout.write(text)
            sys.stdout.flush()
        except OSError as error:
            self.failed = True
            close_quietly(sys.stdout)
            self.note(f"the JSON document could not be written to stdout: {error.strerror}")

    def _write(self, text: str) -> None:
        if self._gone:
            return
        try:
            try:
                self.stream.write(text)
            except UnicodeEncodeError as error:
                self.stream.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))
            self.stream.flush()
        except BrokenPipeError:
            # The reader has seen enough (head, less): results still go to the folder and the exit code.
            self._gone = True
            close_quietly(self.stream)
        except OSError as error:
            self._gone = self.failed = True
            close_quietly(self.stream)
            self.note(f"results could not be written to stdout: {error.strerror}")

    def _width(self) -> int:
        if os.environ.get("COLUMNS", "").isdecimal():
            return max(_NARROWEST, int(os.environ["COLUMNS"]))
        if not self.stream.isatty():
            return _PLAIN_WIDTH
        try:
            columns = os.get_terminal_size(self.stream.fileno()).columns
            return max(_NARROWEST, columns) - 2 if columns else _PLAIN_WIDTH
        except (OSError, ValueError):
            return _PLAIN_WIDTH


class Progress:
    """How far it is, on stderr: a bar that redraws itself where somebody watches, else a line now and then."""

    def __init__(self, total: int, noun: str, *, quiet: bool = False) -> None:
        self._total = total
        self._noun = noun
        self._done = 0
        self._bad = 0
        self._began = self._told = time.monotonic()
        self._silent = quiet or total <= 0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Progress:
        if not self._silent and self._total > 1 and is_interactive(sys.stderr):
            self._start_bar()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def advance(self, *, bad: bool = False) -> None:
        """One more is done; ``bad`` if it did not pass."""
        self._done += 1
        self._bad += bad
        if self._bar is not None:
            self._bar.update(self._task, advance=1, bad=self._bad)
        elif not self._silent and time.monotonic() - self._told >= PLAIN_LINE_EVERY_S:
            self._told = time.monotonic()
            self.tell(
                f"{self._done:,} of {self._total:,} {self._noun}, {self._bad:,} not passed, "
                f"{self._told - self._began:.0f} s"
            )

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while results are printed, so that the two do not mix on one screen."""
        if self._bar is not None:
            self._bar.stop()
        yield
        if self._bar is not None and self._done < self._total:
            self._bar.start()

    def tell(self, text: str) -> None:
        """A line on stderr that leaves the bar intact."""
        if self._silent:
            return
        if self._bar is not None:
            self._bar.console.print(f"doubletick: {text}", markup=False, highlight=False, soft_wrap=True)
            return
        _tell(text)

    def _start_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn(self._noun),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[bad]} not passed"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=Console(file=sys.stderr, no_color=not wants_colour(sys.stderr)),
            transient=True,
        )
        self._task = self._bar.add_task(self._noun, total=self._total, bad=0)
        self._bar.start()
