"""The phone's screen: the lists of its chats, drawn from the database (PHONE-4, PHONE-5), and what opening one reads.

The database knows which lines are *placed*: all that stood before them is here, or is known not to come. A list that
holds back shows those and only ever grows at its end. One that sorts in (``SORTED_IN``) shows every line at once, in
sequence order, and puts what comes late in above what it shows already: a visible jump. The database is the same.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Any

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import trace_of
from ..vocabulary.records import MarkRead
from ..vocabulary.screens import SORTED_IN
from .phone_state import FAILED, Chat, Line
from .port import PhonePort, Timers
from .uploads import Uploads


class PhoneScreen(Uploads):
    """The part of a phone that a person sees."""

    __slots__ = ("drawn", "on_screen")

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.drawn: dict[int, int] = {}
        """Conversation to the number of placed lines on the screen."""
        self.on_screen: dict[int, list[int]] | None = {} if timers.screen_order == SORTED_IN else None
        """Conversation to the sequences on the screen, in order, where lists sort in."""

    def on_start(self) -> None:
        """The app starts: PHONE-4, the screen is drawn from the database."""
        self.port.begin_redraw()
        for chat in self.durable.chats.values():
            self.draw(chat)
            for line in sorted(self.pending_lines(chat), key=lambda line: line.send_number):
                self.port.draw_pending(chat.conversation, line.body)
            for line in chat.lines.values():
                if line.own and line.tick:
                    self.port.draw_tick(chat.conversation, line.body, line.tick)
        self.draw_markers()
        self.port.end_redraw()

    def pending_lines(self, chat: Chat) -> Iterator[Line]:
        """Own lines that have no place on the screen."""
        yield from (line for line in chat.lines.values() if line.tick == FAILED)
        yield from chat.outbox.values()
        if self.on_screen is None:
            yield from (line for line in chat.held_lines() if line.own)

    # -- drawing --------------------------------------------------------------------------------------------

    def draw(self, chat: Chat) -> None:
        """PHONE-5: bring the screen up to the database, in the order of the list."""
        if self.on_screen is not None:
            self.sort_in(chat, self.on_screen.setdefault(chat.conversation, []))
            return
        drawn = self.drawn.get(chat.conversation, 0)
        placed = chat.placed
        while drawn < len(placed):
            line = placed[drawn]
            drawn += 1
            self.drawn[chat.conversation] = drawn
            self.draw_line(chat, line, 0)

    def sort_in(self, chat: Chat, on_screen: list[int]) -> None:
        """PHONE-5, the variant: whatever is here stands at its sequence; what it pushes down has jumped."""
        here = [*chat.placed[self.drawn.get(chat.conversation, 0) :], *chat.held_lines()]
        for line in sorted(here, key=lambda line: line.sequence):
            place = bisect_left(on_screen, line.sequence)
            below = len(on_screen) - place
            if below and on_screen[place] == line.sequence:
                continue
            on_screen.insert(place, line.sequence)
            if below:
                self.port.reached(HardCase.VISIBLE_JUMP, line.body)
            self.draw_line(chat, line, below)
        self.drawn[chat.conversation] = len(chat.placed)
        self.read_what_was_seen(chat)

    def draw_line(self, chat: Chat, line: Line, below: int) -> None:
        """One line takes its place, above so many others."""
        if line.own:
            self.port.place(chat.conversation, line.sequence, line.body, below)
        elif line.mine:
            self.port.show_copy(chat.conversation, line.sequence, line.body, below)
            self.port.draw_tick(chat.conversation, line.body, line.tick)
        else:
            self.port.show(chat.conversation, line.sequence, line.body, below)
        if line.content is not None:
            self.port.show_reference(chat.conversation, line.body, line.content.blob)

    def is_drawn(self, chat: Chat, line: Line) -> bool:
        """Whether a line stands on the screen: an own one always does, a copy of one once it has its place there."""
        if self.on_screen is not None:
            on_screen = self.on_screen.get(chat.conversation, ())
            place = bisect_left(on_screen, line.sequence)
            return line.own or (place < len(on_screen) and on_screen[place] == line.sequence)
        drawn = self.drawn.get(chat.conversation, 0)
        return line.own or (drawn > 0 and line.sequence <= chat.placed[drawn - 1].sequence)

    def known_through(self, conversation: int) -> int:
        """CHAN-1: what is on the screen is known, be it before it has its place."""
        known = super().known_through(conversation)
        if self.on_screen is None:
            return known
        on_screen = self.on_screen.get(conversation)
        return max(known, on_screen[-1]) if on_screen else known

    # -- reading --------------------------------------------------------------------------------------------

    def on_open(self, conversation: int) -> None:
        """PHONE-8: the person opened the chat; what the screen shows there is read. A watermark says "up to here", so
        it stops before what is held back: of that, the phone notes durably that it was seen."""
        chat = self.durable.chats.get(conversation)
        if chat is None:
            return
        drawn = self.drawn.get(conversation, 0)
        through = chat.placed[drawn - 1].sequence if drawn else 0
        seen = self.newly_seen(chat)
        fresh = bool(chat.unread) and chat.unread[0][0] <= through
        if fresh or seen:
            trace = trace_of(chat.unread[0][3] if fresh else seen[0].body)
            ids = tuple(line.message_id for line in seen)
            self.port.persist(MarkRead(conversation, through if fresh else 0, trace, ids), self.after_mark_read)

    def newly_seen(self, chat: Chat) -> list[Line]:
        """Lines of others that are held back, and stand on the screen all the same, seen for the first time."""
        if self.on_screen is None or not chat.held:
            return []
        known = chat.seen or {}
        return [line for line in chat.held_lines() if not line.mine and line.message_id not in known]

    def read_what_was_seen(self, chat: Chat) -> None:
        """PHONE-8: what was seen while it was held back is read as soon as it has its place."""
        if not chat.seen or not chat.unread or chat.unread[0][1] not in chat.seen:
            return
        through = 0
        for sequence, message_id, _, _ in chat.unread:
            if message_id not in chat.seen:
                break
            through = sequence
        self.port.persist(MarkRead(chat.conversation, through, trace_of(chat.unread[0][3])), self.after_mark_read)

    def after_mark_read(self, record: MarkRead) -> Any:
        """Durable: it is sent until it is confirmed; the phone's part."""
        raise NotImplementedError
