"""The phone's part in channels: it says what it looks at, hears how far that reaches, and reads what it lacks (CHAN-1).

In memory only. Opening reads the newest page; from there on each page begins behind the last, so that what a viewer is
shown is contiguous, however many hints were lost or came together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..vocabulary.channels import ChannelHint, UnwatchChannel, WatchChannel
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import trace_of
from ..vocabulary.read_messages import Side
from .phone_link import ONLINE
from .port import Connection

if TYPE_CHECKING:
    from .phone import Phone

NOTHING: Final = -1


class ChannelReader:
    """The part of a phone that shows a channel."""

    __slots__ = ("beating", "looks_at", "newest", "phone", "said", "shown_page")

    def __init__(self, phone: Phone) -> None:
        self.phone = phone
        self.looks_at = NOTHING
        self.newest = 0
        """How far the channel reaches that is on the screen, as far as this phone was told."""
        self.shown_page = False
        """Whether its newest page has come since it was opened: only then is there something to go on from."""
        self.beating: Connection | None = None
        """The connection with whose next heartbeat it is said again."""
        self.said = 0

    # -- the person -----------------------------------------------------------------------------------------

    def on_open(self, conversation: int) -> None:
        """CHAN-1: the newest page, and hints from now on."""
        if conversation == self.looks_at:
            return
        self.on_close()
        self.looks_at = conversation
        self.newest = 0
        self.shown_page = False
        self.watch()
        self.phone.read(conversation, Side.NEWEST, 0)

    def on_close(self) -> None:
        """No more hints; one that is on its way finds nobody looking."""
        conversation, self.looks_at = self.looks_at, NOTHING
        phone = self.phone
        if conversation != NOTHING and phone.connection is not None and phone.link == ONLINE:
            state = phone.durable
            self.said += 1
            trace = trace_of(state.device, self.said)
            phone.port.send_up(phone.connection, UnwatchChannel(state.device, state.epoch, conversation, trace))

    # -- the server -----------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Say what is on the screen, and again with the next heartbeat: a server knows only what was said on its own
        connections."""
        phone = self.phone
        connection = phone.connection
        if self.looks_at == NOTHING or connection is None or phone.link != ONLINE:
            return
        state = phone.durable
        self.said += 1
        message = WatchChannel(state.device, state.epoch, self.looks_at, trace_of(state.device, self.said))
        phone.port.send_up(connection, message)
        if self.beating is not connection:
            self.beating = connection
            phone.port.with_heartbeat(connection, self.on_heartbeat, connection)

    def on_online(self) -> None:
        """A new connection: its server may know nothing of an earlier one."""
        self.watch()

    def on_heartbeat(self, connection: Connection) -> None:
        """Said again."""
        if self.beating is connection:
            self.beating = None
            if self.phone.connection is connection:
                self.watch()

    def on_hint(self, message: ChannelHint) -> None:
        """CHAN-1: there is more; or one says what is here already, and is no news."""
        if message.conversation != self.looks_at or message.epoch != self.phone.durable.epoch:
            return
        if message.newest > self.newest:
            self.newest = message.newest
            self.go_on()

    # -- reading --------------------------------------------------------------------------------------------

    def on_page(self, conversation: int, side: int) -> None:
        """A page is on the screen."""
        if conversation == self.looks_at:
            self.shown_page = self.shown_page or side == Side.NEWEST
            self.go_on()

    def go_on(self) -> None:
        """CHAN-1: contiguous: what lies behind the last entry shown, page by page, until the newest is here."""
        conversation = self.looks_at
        phone = self.phone
        if conversation in phone.reads:
            return
        if not self.shown_page:
            phone.read(conversation, Side.NEWEST, 0)
            return
        through = phone.read_through.get(conversation, 0)
        if through < self.newest:
            if self.newest - through > phone.port.read_page:
                phone.port.reached(HardCase.VIEWER_PAGES_BEHIND)
            phone.read(conversation, Side.BEHIND, self.edge_behind(through))

    def edge_behind(self, through: int) -> int:
        """CHAN-1: where the next page begins: behind what is shown."""
        return through
