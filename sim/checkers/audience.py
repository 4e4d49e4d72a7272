"""Whom the entries of a group's log are for: those who were in the group before or after them (FAN-2, STORE-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..vocabulary import kinds
from ..vocabulary.ids import is_group
from .verdict import HistoryRow, Take

END_OF_TIME: Final = 1 << 62
ALWAYS: Final = ((1, END_OF_TIME),)

Stays = tuple[tuple[int, int], ...]
"""The first and the last entry of each time that somebody was in a group."""


class Audience:
    """Follows who comes and goes. It judges nothing; what is asked about other chats, or about a history that does not
    say who there was on the first day, is for everybody."""

    __slots__ = ("_known", "_turns")

    def __init__(self) -> None:
        self._known = False
        self._turns: dict[tuple[int, int], list[int]] = {}
        """(chat, user) to the entries with which they came, went, came back, and so on."""

    def takers(self) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.FIRST_DAY: self._take_first_day,
            kinds.FIRST_MEMBER: self._take_first_member,
            kinds.MEMBER_JOINED: self._take_turn,
            kinds.MEMBER_LEFT: self._take_turn,
        }

    def _take_first_day(self, row: HistoryRow) -> None:
        self._known = True

    def _take_first_member(self, row: HistoryRow) -> None:
        self._turns[row[3], row[6]] = [1]

    def _take_turn(self, row: HistoryRow) -> None:
        turns = self._turns.setdefault((row[3], row[6]), [])
        if len(turns) % 2 == (row[1] == kinds.MEMBER_LEFT):
            turns.append(row[4])

    # -- what is for a user -----------------------------------------------------------------------------------------

    def stays(self, chat: int, user: int) -> Stays:
        """When a user was in a chat."""
        if not self._known or not is_group(chat):
            return ALWAYS
        turns = self._turns.get((chat, user), [])
        return tuple(zip(turns[::2], [*turns[1::2], END_OF_TIME], strict=False))

    def is_for(self, chat: int, user: int, number: int) -> bool:
        """Whether an entry is for a user."""
        return not is_group(chat) or any(came <= number <= went for came, went in self.stays(chat, user))

    def after(self, chat: int, user: int, number: int) -> int:
        """The next entry for a user."""
        return max(number + 1, last_behind(self.stays(chat, user), number, 1)) if is_group(chat) else number + 1

    def told(self, chat: int, user: int, number: int) -> str:
        """Why an entry is not for a user."""
        turns = self._turns.get((chat, user), [])
        before = [turn for turn in turns if turn < number]
        why = "who is not in the group"
        if before:
            why = f"who left with entry {before[-1]}"
        elif turns:
            why = f"who came only with entry {turns[0]}"
        return f"entry {number} is not for person {user}, {why}"


def newest(stays: Stays, through: int) -> int:
    """The newest entry for somebody in a log that reaches so far (0: none)."""
    return max((min(went, through) for came, went in stays if came <= through), default=0)


def first_before(stays: Stays, last: int, limit: int) -> int:
    """The first of so many entries for somebody, of which this is the last."""
    first = last + 1
    for came, went in reversed(stays):
        top = min(went, last)
        if top >= came:
            first = max(came, top - limit + 1)
            limit -= top - first + 1
            if not limit:
                break
    return first


def last_behind(stays: Stays, edge: int, limit: int) -> int:
    """The last of so many entries for somebody, that lie behind this one."""
    last = edge
    for came, went in stays:
        low = max(came, edge + 1)
        if went >= low:
            last = min(went, low + limit - 1)
            limit -= last - low + 1
            if not limit:
                break
    return last
