"""Planted bugs of lists that sort in (PHONE-5)."""

from __future__ import annotations

from ..protocol.phone import Phone
from ..protocol.phone_state import Chat, Line
from .planted import Planted


class AppendsWhateverComes(Phone):
    """Shows at once and sorts nothing in."""

    def draw_line(self, chat: Chat, line: Line, below: int) -> None:
        super().draw_line(chat, line, 0)


class NothingIsSortedIn(Planted):
    number = 137
    title = "messages are shown at once, and each at the end"
    scenario = "mutants_sorted_in"
    check = "ORDER-1"
    also = ("ORDER-2", "ORDER-3", "ORDER-4")
    needs = "an own message whose acceptance comes late"
    CLASSES = {"phone": AppendsWhateverComes}


class NeverSeen(Phone):
    """Forgets what was seen before it had its place."""

    def newly_seen(self, chat: Chat) -> list[Line]:
        return []


class SeenIsForgotten(Planted):
    number = 138
    title = "what is read before it has its place is never told to be read"
    scenario = "mutants_sorted_in"
    check = "TICK-3"
    needs = "a chat that is opened while a message in it waits for an own one"
    CLASSES = {"phone": NeverSeen}


PLANTED: tuple[type[Planted], ...] = (NothingIsSortedIn, SeenIsForgotten)
