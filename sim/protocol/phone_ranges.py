"""The phone's part in reading a log: it asks for a range, asks again until it is answered, and shows what came.

In memory only: a page that was asked for when the app died is asked for when the person looks again.
"""

from __future__ import annotations

from typing import ClassVar

from ..vocabulary.channels import ChannelHint
from ..vocabulary.messages import trace_of
from ..vocabulary.read_messages import Fetch, Fetched, Side
from .phone_expiry import PhoneExpiry
from .port import PhonePort, Timers


class Read:
    """One range that was asked for and has not come."""

    __slots__ = ("attempts", "conversation", "edge", "number", "side")

    def __init__(self, number: int, conversation: int, side: int, edge: int) -> None:
        self.number = number
        self.conversation = conversation
        self.side = side
        self.edge = edge
        self.attempts = 0


class PhoneRanges(PhoneExpiry):
    """The part of a phone that reads logs."""

    __slots__ = ("read_through", "reads", "reads_begun")
    TAKES: ClassVar[dict[type, str]] = {Fetched: "on_fetched", ChannelHint: "on_channel_hint"}

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.reads: dict[int, Read] = {}
        """Conversation to what was asked there: one range at a time."""
        self.reads_begun = 0
        self.read_through: dict[int, int] = {}
        """Conversation to the highest sequence that a read has shown or a server has told of."""

    def on_look(self, conversation: int) -> None:
        """STORE-5: the person opened the chat; the phone reads its newest page."""
        self.read(conversation, Side.NEWEST, 0)

    def read(self, conversation: int, side: int, edge: int) -> None:
        """Ask for a range, unless one of this conversation is on its way."""
        if conversation in self.reads:
            return
        self.reads_begun += 1
        read = self.reads[conversation] = Read(self.reads_begun, conversation, side, edge)
        self.port.read_asked(conversation, side, edge)
        self.send_read(read)

    def send_read(self, read: Read) -> None:
        """Up the present connection, if there is one; a new one begins with all that is open."""
        if self.connection is None or not self.durable.registered:
            return
        state = self.durable
        at_least = self.known_through(read.conversation)
        attempt = read.attempts
        read.attempts += 1
        trace = trace_of(state.device, read.number + attempt)
        page = self.port.read_page
        self.port.send_up(
            self.connection,
            Fetch(
                state.device,
                state.user,
                read.conversation,
                read.number,
                read.side,
                read.edge,
                page,
                at_least,
                attempt,
                trace,
            ),
        )
        self.port.set_timer(self.timers.resend_us, self.on_read_due, (read, state.epoch, read.attempts))

    def send_reads(self) -> None:
        """On a new connection: everything that is not answered."""
        for read in self.reads.values():
            self.send_read(read)

    def on_read_due(self, due: tuple[Read, int, int]) -> None:
        """Not answered in time on this connection: once more, elsewhere if there is a choice."""
        read, epoch, attempts = due
        if self.reads.get(read.conversation) is read and epoch == self.durable.epoch and attempts == read.attempts:
            self.send_read(read)

    def on_fetched(self, message: Fetched) -> None:
        """The range is here: show it. An answer to an earlier question is nobody's any more."""
        read = self.reads.get(message.conversation)
        if read is None or read.number != message.read:
            return
        del self.reads[message.conversation]
        if read.side == Side.NEWEST and message.through < self.known_through(read.conversation):
            # The screen has got ahead of the answer while it was on its way.
            self.read(read.conversation, read.side, read.edge)
        else:
            self.show_range(read, message)
            if self.channels is not None:
                self.channels.on_page(read.conversation, read.side)

    def on_channel_hint(self, message: ChannelHint) -> None:
        """CHAN-1: how far a channel reaches."""
        if self.channels is not None:
            self.channels.on_hint(message)

    def known_through(self, conversation: int) -> int:
        """The highest sequence of a conversation that this phone has shown or was told of."""
        chat = self.durable.chats.get(conversation)
        return max(0 if chat is None else chat.placed_through, self.read_through.get(conversation, 0))

    def show_range(self, read: Read, message: Fetched) -> None:
        """CHAN-1: as it came."""
        rows = message.rows
        through = rows[-1].sequence if rows else 0
        self.read_through[read.conversation] = max(self.read_through.get(read.conversation, 0), through)
        self.port.show_range(read.conversation, read.edge, message.query, rows)
