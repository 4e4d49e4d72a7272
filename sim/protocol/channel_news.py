"""The store's part in channels: it tells the connection servers that follow one how far the log reaches (CHAN-1).

It runs beside the store's leader. In memory only: who follows, until when. A new leader knows nobody, and hears of each
server when that renews what it follows; the answer tells what was missed meanwhile.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.channels import ChannelNews, FollowChannel
from ..vocabulary.ids import number_of
from ..vocabulary.messages import Address, trace_of
from .dispatch import Dispatching
from .port import ServerPort, Timers
from .store_state import StoreState


class ChannelNewsroom(Dispatching):
    """The followers of one shard's channels."""

    __slots__ = ("durable", "followers", "gathering", "port", "timers", "told")
    TAKES: ClassVar[dict[type, str]] = {FollowChannel: "on_follow"}
    durable: StoreState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.followers: dict[int, dict[Address, int]] = {}
        """Channel to each connection server that follows it, and when it is forgotten by this host's clock."""
        self.gathering: dict[int, bool] = {}
        """Channels whose news goes out in a moment."""
        self.told = 0

    def on_follow(self, source: Address, message: FollowChannel) -> None:
        """CHAN-1: told at once how far the log reaches, and of everything new while this holds."""
        followers = self.followers.setdefault(message.conversation, {})
        followers[source] = self.port.monotonic_us() + self.timers.follow_us
        self.tell(source, message.conversation)

    def on_entry(self, conversation: int) -> None:
        """CHAN-1: one more entry is durable; what comes within a moment is told together."""
        if conversation in self.followers and conversation not in self.gathering:
            self.gathering[conversation] = True
            self.port.set_timer(self.timers.hint_us, self.on_gathered, conversation)

    def on_gathered(self, conversation: int) -> None:
        """FAN-4: one message per connection server; who has not renewed is forgotten."""
        del self.gathering[conversation]
        now_us = self.port.monotonic_us()
        followers = self.followers[conversation]
        for server, until_us in list(followers.items()):
            if until_us <= now_us:
                del followers[server]
            else:
                self.tell(server, conversation)
        if not followers:
            del self.followers[conversation]

    def tell(self, server: Address, conversation: int) -> None:
        """How far the log reaches by now."""
        log = self.durable.conversations.get(conversation)
        self.told += 1
        newest = 0 if log is None else log.last_sequence
        self.port.channel_told("channel_news")
        self.port.send(server, ChannelNews(conversation, newest, trace_of(number_of(conversation), self.told)))

    def on_write_refused(self, record: Any) -> None:
        """It writes nothing."""
