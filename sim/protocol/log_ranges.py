"""Ranges of a conversation's log, what one replica holds of it (STORE-5), and whom its entries are for (STORE-6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from ..vocabulary.messages import Append, Change
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


def own_page(
    side: int, edge: int, limit: int, known: int, held: int, stays: Sequence[tuple[int, int]]
) -> tuple[int, ...]:
    """STORE-6: the sequences of a page that is counted in the entries for one reader, oldest first. Of what ends beyond
    ``known``, all that may turn out to be the page."""
    if side == Side.BEHIND:
        behind = (each for came, went in stays for each in range(max(came, edge + 1), went + 1))
        return tuple(islice(behind, limit))
    top = held if side == Side.NEWEST else min(edge - 1, held)
    back = (each for came, went in reversed(stays) for each in range(min(went, top), came - 1, -1))
    return tuple(islice(back, limit + max(0, top - known)))[::-1]


class Membership:
    """Who was in a group when, as its log tells it (STORE-6). An entry is for those who were in it before or after."""

    __slots__ = ("turns",)

    def __init__(self, founders: Iterable[int], changes: Iterable[tuple[int, Change]] = ()) -> None:
        self.turns: dict[int, list[int]] = {user: [0] for user in founders}
        """User to the entries with which they came, went, came back, and so on (0: they were in it from the start)."""
        for sequence, change in changes:
            self.take(sequence, change)

    def take(self, sequence: int, change: Change) -> None:
        """A membership entry."""
        for user in dict.fromkeys((*change.added, *change.removed)):
            self.turns.setdefault(user, []).append(sequence)

    def members(self) -> tuple[int, ...]:
        """Who is in it behind all that was taken."""
        return tuple(user for user, turns in self.turns.items() if len(turns) % 2)

    def stays(self, user: int, through: int) -> list[tuple[int, int]]:
        """The first and the last entry of each time that a user was in it, of a log that ends with ``through``."""
        turns = self.turns.get(user, [])
        ends = [*turns[1::2], through]
        return [(max(1, came), min(went, through)) for came, went in zip(turns[::2], ends, strict=False)]

    def throughout(self, first: int, last: int) -> tuple[int, ...]:
        """Whom all entries from first to last are for, without a break."""
        return tuple(
            user for user in self.turns if any(came <= first and last <= went for came, went in self.stays(user, last))
        )


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
    membership: Membership | None = None
    """Of a group: who was in it when, by what this replica holds (STORE-6)."""

    @property
    def held(self) -> int:
        """The highest sequence in its log."""
        return self.reach + len(self.tail)

    def rows(self, first: int, last: int) -> tuple[LogRow, ...]:
        """The entries from first to last that it holds."""
        within = tuple(self.log[first - 1 : min(last, self.reach)])
        return within + tuple(row for row in self.tail if first <= row.sequence <= last)
