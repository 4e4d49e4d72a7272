"""What is said about presence: who wants to know whom, and how somebody is (PRES-A..C).

Nothing here names a date. How long ago and how much longer are spans of the registry's monotonic clock; ``asked_us`` is
the asking phone's own clock, which comes back with every answer, so that the phone can date the answer without trusting
anybody's wall clock (CLOCK-1) and whatever way the answer took.
"""

from __future__ import annotations

from typing import Final

from .structs import Struct

OFF: Final = "off"
LAZY: Final = "lazy"
EAGER: Final = "eager"
"""Who is told: nobody, those who have the chat open, or every contact of every change."""
NOT_KNOWN: Final = -1


class Shown:
    """What a phone shows of a contact."""

    NOTHING: Final = 0
    """The chat was closed, and nothing is shown any more."""
    ONLINE: Final = 1
    LAST_SEEN: Final = 2
    UNKNOWN: Final = 3


class WatchContacts(Struct, frozen=True):
    """A phone wants to know of these users for one life; it asks again with every heartbeat (PRES-B)."""

    device: int
    epoch: int
    contacts: tuple[int, ...]
    answered: bool
    """Tell how they are now, since a chat is open; otherwise only what changes (the eager variant)."""
    asked_us: int
    """The phone's monotonic clock when it asked."""
    trace: int


class UnwatchContacts(Struct, frozen=True):
    """The chat was closed: nothing more of these users."""

    device: int
    epoch: int
    contacts: tuple[int, ...]
    trace: int


class ContactState(Struct, frozen=True):
    """How one user is, for one device that watches."""

    device: int
    """The device that is told."""
    epoch: int
    contact: int
    life_us: int
    """How much longer "online" holds from the telling on (0: not online)."""
    seen_ago_us: int
    """How long before the telling the last heartbeat came (``NOT_KNOWN``: nobody knows)."""
    asked_us: int
    """The told phone's clock when it asked last ..."""
    held_us: int
    """... and how long before the telling that question came."""
    trace: int


class PresenceBatch(Struct, frozen=True):
    """All that one connection server's phones are told at a time (FAN-4)."""

    states: tuple[ContactState, ...]
    trace: int


class ContactStates(Struct, frozen=True):
    """One phone's part of a batch."""

    device: int
    epoch: int
    states: tuple[ContactState, ...]
    trace: int
