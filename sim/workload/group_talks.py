"""What is said in groups: a part of the synthetic messages is diverted into them, and now and then members change.

Each diverted message has its own draws, keyed by its operation alone, so how much goes into groups moves nothing of
what is left between two. Only the newest message of each group is remembered, for replies.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ..scenario.model import Workload
from ..vocabulary.ids import group_numbered
from ..vocabulary.messages import Change
from ..vocabulary.population import Population
from ..world.dice import Dice
from .operations import Operation

REPLIES_WITHIN: Final = 4096
"""A reply in a group answers a message that is at most so many operations old."""


class GroupTalks:
    """Diverts operations into groups."""

    def __init__(self, workload: Workload, population: Population, users: int, seed: int) -> None:
        self.workload = workload
        self.population = population
        self.users = users
        self.dice = Dice(seed)
        self.newest: dict[int, int] = {}
        """Group to its newest message."""

    def divert(self, operations: Iterator[Operation]) -> Iterator[Operation]:
        """The same operations, some of them in groups."""
        share = self.workload.group_share
        for operation in operations:
            if self.dice.chance(share, "in a group", operation.operation):
                yield self.in_group(operation)
            else:
                yield operation

    def in_group(self, operation: Operation) -> Operation:
        """One operation, said in a group by one of those who were in it on the first day."""
        dice, number = self.dice, operation.operation
        # The square makes some groups busier than others.
        draw = dice.unit("which group", number)
        group = int(draw * draw * self.workload.groups)
        members = self.population.members(group_numbered(group))
        sender = members[dice.below(len(members), "who speaks", number)]
        change = self.change_of(group, number, members)
        answers = self.newest.get(group, -1)
        replies = change is None and dice.chance(self.workload.reply_share, "replies in a group", number)
        if not replies or number - answers > REPLIES_WITHIN:
            answers = -1
        self.newest[group] = number
        return operation._replace(sender=sender, recipient=-1, reply_to=answers, group=group, change=change)

    def change_of(self, group: int, number: int, members: tuple[int, ...]) -> Change | None:
        """Now and then somebody is brought in or taken out, and may come back later."""
        dice, share = self.dice, self.workload.membership_share
        if not share or not dice.chance(share, "members change", number):
            return None
        if dice.chance(0.5, "somebody comes", number):
            return Change((dice.below(self.users, "who comes", number),), ())
        return Change((), (members[dice.below(len(members), "who goes", number)],))
