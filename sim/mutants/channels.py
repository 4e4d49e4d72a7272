"""Planted bugs of channels: the phone that reads on, the connection server that follows, the new connection."""

from __future__ import annotations

from ..protocol.channel_desk import ChannelDesk
from ..protocol.channel_reader import ChannelReader
from .planted import Planted


class JumpsToTheNewest(ChannelReader):
    """Reads the entry that the hint names, whatever lies before it."""

    def edge_behind(self, through: int) -> int:
        return self.newest - 1


class LeavesAHole(Planted):
    number = 110
    title = "a viewer is shown the newest entry of a channel, and not those that came with it"
    scenario = "mutants_channels"
    check = "CHAN-1"
    needs = "two entries between two hints"
    CLASSES = {"channel_reader": JumpsToTheNewest}


class FollowsOnce(ChannelDesk):
    """Says once that it has viewers, and relies on the store to remember."""

    def on_follow_due(self, conversation: int) -> None:
        return


class IsForgotten(Planted):
    number = 111
    title = "a connection server does not renew what it follows, and its viewers hear of nothing new"
    scenario = "mutants_channels"
    check = "CHAN-1"
    also = ("LIVE-1",)
    needs = "nothing; a fail-over of the store brings it on at once"
    CLASSES = {"channel_desk": FollowsOnce}


class SaysItOnce(ChannelReader):
    """Says what is on the screen on the connection on which it was opened, and not on a later one."""

    def on_online(self) -> None:
        return


class LosesHintsOnReconnect(Planted):
    number = 112
    title = "a phone with a channel open does not say so on its next connection"
    scenario = "mutants_channels"
    check = "CHAN-1"
    also = ("LIVE-1",)
    needs = "a connection that breaks under a viewer, and no heartbeat since"
    CLASSES = {"channel_reader": SaysItOnce}


PLANTED: tuple[type[Planted], ...] = (LeavesAHole, IsForgotten, LosesHintsOnReconnect)
