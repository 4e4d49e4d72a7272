"""What is said in channels: a part of the synthetic messages is diverted into them, written by their authors.

Each diverted message has its own draws, keyed by its operation alone, so how much goes into channels moves nothing of
what is left.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..scenario.model import Workload
from ..vocabulary.ids import channel_numbered
from ..vocabulary.population import Population
from ..world.dice import Dice
from .operations import Operation


class ChannelTalks:
    """Diverts operations into channels, or into the groups of all their readers if channels are pushed."""

    def __init__(self, workload: Workload, population: Population, seed: int) -> None:
        self.groups = workload.groups
        self.channels = workload.channels
        self.population = population
        self.dice = Dice(seed)

    def divert(self, operations: Iterator[Operation]) -> Iterator[Operation]:
        """The same operations, some of them in channels."""
        share = self.channels.share
        for operation in operations:
            if self.dice.chance(share, "in a channel", operation.operation):
                yield self.in_channel(operation)
            else:
                yield operation

    def in_channel(self, operation: Operation) -> Operation:
        """One operation, said in a channel by one of its authors."""
        dice, number = self.dice, operation.operation
        draw = dice.unit("which channel", number)
        channel = int(draw * draw * self.channels.number)
        authors = self.population.members(channel_numbered(channel))
        sender = authors[dice.below(len(authors), "which author", number)]
        said = operation._replace(sender=sender, recipient=-1, reply_to=-1, group=-1, change=None)
        if self.channels.pushed:
            return said._replace(group=self.groups + channel)
        return said._replace(channel=channel)
