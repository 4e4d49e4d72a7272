"""Ranges of a conversation's log, and what one replica holds of it (STORE-5)."""

from __future__ import annotations

from collections.abc import Sequence

from ..vocabulary.messages import Append
from ..vocabulary.read_messages import LogRow, Side
from ..vocabulary.structs import Struct


def bounds(side: int, edge: int, limit: int, through: int) -> tuple[int, int]:
    """First and last sequence of a page of a log that reaches ``through``; the last below the first is no entry."""
    if side == Side.NEWEST:
        return max(1, through - limit + 1), through
    if side == Side.BEHIND:
        return edge + 1, min(edge + limit, through)
    return max(1, edge - limit), min(edge - 1, through)


def row_of(append: Append, sequence: int) -> LogRow:
    """An entry as readers get it."""
    return LogRow(sequence, append.user, append.message_id, append.written_us, append.body)


class Holdings(Struct, frozen=True):
    """What a replica holds of one conversation."""

    term: int
    known: int
    """The highest sequence of which it knows that a quorum has it."""
    log: Sequence[LogRow]
    """The log; entry n stands at place n - 1."""
    reach: int
    """How many of these entries it holds."""
    tail: tuple[LogRow, ...]
    """Behind them: what it holds and of which nobody was told, since no quorum had it."""

    @property
    def held(self) -> int:
        """The highest sequence in its log."""
        return self.reach + len(self.tail)

    def rows(self, first: int, last: int) -> tuple[LogRow, ...]:
        """The entries from first to last that it holds."""
        within = tuple(self.log[first - 1 : min(last, self.reach)])
        return within + tuple(row for row in self.tail if first <= row.sequence <= last)
