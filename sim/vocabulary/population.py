"""Who there is before anything happens: the devices of each user, and the members of each group.

What a real system would read from its directory on the first day. From then on the logs say what has changed.
"""

from __future__ import annotations

from typing import Protocol

from .ids import device_of, is_pair, members_of


class Population(Protocol):
    """The first day's directory: pure functions, the same whenever they are asked."""

    has_groups: bool
    """Whether there is any group."""

    def devices(self, user: int) -> tuple[int, ...]:
        """The devices that a user begins with, the phone first."""

    def members(self, conversation: int) -> tuple[int, ...]:
        """The users that a conversation begins with."""


class Plain:
    """One phone each, and no groups."""

    __slots__ = ()
    has_groups = False

    def devices(self, user: int) -> tuple[int, ...]:
        """The phone."""
        return (device_of(user),)

    def members(self, conversation: int) -> tuple[int, ...]:
        """Both users of a one-to-one conversation; a group that nobody has made has none."""
        return members_of(conversation) if is_pair(conversation) else ()


PLAIN = Plain()
