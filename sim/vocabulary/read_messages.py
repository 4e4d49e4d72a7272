"""Messages of reads: phone, connection server, data service, replicas of the store, and back (STORE-5)."""

from __future__ import annotations

from typing import Final

from .structs import Struct


class Side:
    """Which range of a log a read is about."""

    NEWEST: Final = 0
    """The newest page."""
    BEHIND: Final = 1
    """The page behind a sequence."""
    BEFORE: Final = 2
    """The page before a sequence."""


ANYBODY: Final = -1
"""In the place of a user: what is read is the log as it stands."""


class LogRow(Struct, frozen=True):
    """One entry of a conversation's log, as readers get it."""

    sequence: int
    sender: int
    message_id: int
    written_us: int
    body: int


class Fetch(Struct, frozen=True):
    """A phone asks for a range. ``read`` numbers what it asks; ``attempt`` how often it has asked that already."""

    device: int
    user: int
    conversation: int
    read: int
    side: int
    edge: int
    """The sequence that the page lies behind or before; 0 for the newest page."""
    limit: int
    at_least: int
    """The phone knows of this sequence: an answer that does not reach it is too old for it (STORE-4)."""
    attempt: int
    trace: int


class Fetched(Struct, frozen=True):
    """The answer: the rows in order, and how far the log was known to be on a quorum (of a group: no further than the
    reader may know)."""

    device: int
    conversation: int
    read: int
    query: int
    """The query of the data service that brought it."""
    through: int
    rows: tuple[LogRow, ...]
    trace: int


class ReadRange(Struct, frozen=True):
    """The data service asks one replica."""

    conversation: int
    side: int
    edge: int
    limit: int
    reader: int
    """Whose page it is: of a group's log, what is for this user and nothing else (STORE-6); or ``ANYBODY``."""
    with_rows: bool
    """Else a digest is enough: term and sequences (two logs that end in the same term are equal up to there)."""
    query: int
    replica: int
    trace: int


class RangeHeld(Struct, frozen=True):
    """What one replica holds of a conversation, and the rows of the range if they were asked for."""

    conversation: int
    query: int
    replica: int
    term: int
    known: int
    """The highest sequence of which it knows that a quorum has it."""
    held: int
    """The highest sequence in its log."""
    with_rows: bool
    rows: tuple[LogRow, ...]
    for_users: tuple[int, ...]
    """Of a group: the users whom every one of these rows is for (STORE-6)."""
    trace: int
