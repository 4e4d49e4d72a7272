"""Messages of channels: who looks at one, and how far its log reaches (CHAN-1). What is in it is read, not sent."""

from __future__ import annotations

from .structs import Struct


class WatchChannel(Struct, frozen=True):
    """A phone has a channel on its screen; it says so again with every heartbeat."""

    device: int
    epoch: int
    conversation: int
    trace: int


class UnwatchChannel(Struct, frozen=True):
    """It was closed: no more hints."""

    device: int
    epoch: int
    conversation: int
    trace: int


class FollowChannel(Struct, frozen=True):
    """A connection server has viewers of a channel; it says so again before it is forgotten."""

    conversation: int
    trace: int


class ChannelNews(Struct, frozen=True):
    """How far a channel's log reaches: one message per connection server, however many look at it there."""

    conversation: int
    newest: int
    trace: int


class ChannelHint(Struct, frozen=True):
    """One viewer's part of the news."""

    device: int
    epoch: int
    conversation: int
    newest: int
    trace: int
