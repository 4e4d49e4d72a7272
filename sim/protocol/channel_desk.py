"""The connection server's part in channels: it follows what its phones look at, and passes on how far that reaches.

One server follows a channel once, however many look at it (CHAN-1). In memory only: a crash loses it with the
connections, and the phones say again what they look at on the next one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from ..vocabulary.channels import ChannelHint, ChannelNews, FollowChannel, UnwatchChannel, WatchChannel
from ..vocabulary.ids import number_of
from ..vocabulary.messages import Address, trace_of
from .dispatch import Dispatching
from .port import Connection, ConnectionServerPort, Timers

if TYPE_CHECKING:
    from .connection_server import ConnectionServer


class Channel:
    """What a server knows of a channel that is looked at."""

    __slots__ = ("follows", "newest", "viewers")

    def __init__(self) -> None:
        self.newest = 0
        self.follows = 0
        self.viewers: dict[int, int] = {}
        """Device to the epoch of the connection on which it said that it looks."""


class ChannelDesk(Dispatching):
    """The channels that one host's phones look at."""

    __slots__ = ("channels", "port", "server", "timers")
    TAKES: ClassVar[dict[type, str]] = {
        WatchChannel: "on_watch",
        UnwatchChannel: "on_unwatch",
        ChannelNews: "on_news",
    }

    def __init__(self, port: ConnectionServerPort, timers: Timers, server: ConnectionServer) -> None:
        self.port = port
        self.timers = timers
        self.server = server
        self.channels: dict[int, Channel] = {}

    # -- phones ---------------------------------------------------------------------------------------------

    def on_watch(self, connection: Connection, message: WatchChannel) -> None:
        """CHAN-1: the first viewer makes the server follow; whoever comes later is told what is known."""
        session = self.server.sessions.get(message.device)
        if session is None or session.connection is not connection:
            return
        channel = self.channels.get(message.conversation)
        if channel is None:
            channel = self.channels[message.conversation] = Channel()
            self.follow(message.conversation)
        channel.viewers[message.device] = message.epoch
        if channel.newest:
            self.hint(message.device, message.conversation, channel)

    def on_unwatch(self, connection: Connection, message: UnwatchChannel) -> None:
        """It is closed there; a repeat that was overtaken by another connection closes nothing."""
        channel = self.channels.get(message.conversation)
        if channel is not None and channel.viewers.get(message.device) == message.epoch:
            del channel.viewers[message.device]

    # -- the store ------------------------------------------------------------------------------------------

    def follow(self, conversation: int) -> None:
        """CHAN-1: renewed twice before the store forgets it; each renewal is answered, so that a hint that was lost is
        made up for."""
        channel = self.channels[conversation]
        trace = trace_of(number_of(conversation), channel.follows)
        channel.follows += 1
        self.port.send(self.port.store_of(conversation), FollowChannel(conversation, trace))
        self.port.set_timer(self.timers.follow_us // 3, self.on_follow_due, conversation)

    def on_follow_due(self, conversation: int) -> None:
        """Again, for as long as somebody looks."""
        channel = self.channels[conversation]
        for device in [device for device in channel.viewers if not self.is_here(device, channel)]:
            del channel.viewers[device]
        if channel.viewers:
            self.follow(conversation)
        else:
            del self.channels[conversation]

    def on_news(self, source: Address, message: ChannelNews) -> None:
        """FAN-4: split here, among those who look; older news than what is known is no news."""
        channel = self.channels.get(message.conversation)
        if channel is None or message.newest <= channel.newest:
            return
        channel.newest = message.newest
        for device in channel.viewers:
            if self.is_here(device, channel):
                self.hint(device, message.conversation, channel)

    def is_here(self, device: int, channel: Channel) -> bool:
        """Whether a viewer's connection still stands."""
        session = self.server.sessions.get(device)
        return session is not None and session.epoch == channel.viewers[device]

    def hint(self, device: int, conversation: int, channel: Channel) -> None:
        """CHAN-1: a sequence and no message: the phone reads what it lacks."""
        session = self.server.sessions[device]
        hint = ChannelHint(device, session.epoch, conversation, channel.newest, trace_of(device, channel.newest))
        self.port.channel_told("channel_hints")
        self.port.send_down(session.connection, hint)

    def on_write_refused(self, record: Any) -> None:
        """It writes nothing."""
