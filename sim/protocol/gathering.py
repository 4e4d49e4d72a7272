"""RCPT-3: a group's receipts, gathered durably per message where its entry is, until everybody has read it.

Everybody means all recipients, less those who left at any time since (RCPT-1). The sender is told once per change of
tick, and the telling is owed in the same durable write.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ..vocabulary.kinds import UpdateKind
from ..vocabulary.messages import Append, Receipt, trace_of

NOBODY: Final = -1
"""Whom a gathered receipt is about, and whose inbox owes it: no single one's."""
_LEVEL_OF: Final = {UpdateKind.DELIVERED: 1, UpdateKind.READ: 2}


class Gathering:
    """One message of a group: who has it, and who has read it."""

    __slots__ = ("append", "levels", "sequence", "tick", "undelivered", "unread")

    def __init__(self, append: Append, sequence: int, users: Iterable[int]) -> None:
        self.append = append
        self.sequence = sequence
        self.levels: dict[int, int] = dict.fromkeys(users, 0)
        """Recipient user, unless they left: 0 nothing, 1 delivered, 2 read."""
        self.undelivered = self.unread = len(self.levels)
        self.tick = 0
        """The level that the sender has been told of, or is owed."""

    def take(self, user: int, update: int) -> None:
        """A user's first device has it (opened it). What they had, and users who are not waited for, change nothing."""
        before = self.levels.get(user)
        level = _LEVEL_OF[update]
        if before is None or level <= before:
            return
        self.levels[user] = level
        self.undelivered -= before == 0
        self.unread -= level == 2

    def leave(self, user: int) -> None:
        """A user left the group: nobody waits for them any more."""
        level = self.levels.pop(user, None)
        if level is not None:
            self.undelivered -= level == 0
            self.unread -= level < 2

    def change(self) -> Receipt | None:
        """The change of tick that the sender is owed now, if there is one. Without anybody left there is none."""
        level = 0 if not self.levels or self.undelivered else 1 if self.unread else 2
        if level <= self.tick:
            return None
        self.tick = level
        append = self.append
        update = UpdateKind.READ if level == 2 else UpdateKind.DELIVERED
        trace = trace_of(append.body)
        return Receipt(
            update, append.conversation, self.sequence, append.message_id, NOBODY, NOBODY, append.user, trace
        )

    def is_over(self) -> bool:
        """Whether no receipt can change anything any more."""
        return self.tick == 2 or not self.levels
