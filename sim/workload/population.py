"""Who there is on the first day: linked devices and groups, drawn without memory, or as a script says.

Everything is a pure function of the seed and the number of the user or group; what is asked for is kept, since the
same questions come again and again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ..scenario.model import Operation as WrittenOperation
from ..scenario.model import Workload
from ..vocabulary.ids import device_of, is_channel, is_group, members_of, number_of
from ..vocabulary.population import PLAIN, Population
from ..world.dice import Dice
from .friends import coprime_stride

_GOLDEN_SHARE: Final = 0.6180339887498949


class DrawnPopulation:
    """Linked devices and groups of a workload under one seed."""

    __slots__ = ("_devices", "_dice", "_members", "_users", "_workload", "has_groups")

    def __init__(self, workload: Workload, users: int, seed: int) -> None:
        self._workload = workload
        self._users = users
        channels = workload.channels
        self.has_groups = workload.groups > 0 or (channels.number > 0 and channels.pushed)
        self._dice = Dice(seed)
        self._devices: dict[int, tuple[int, ...]] = {}
        self._members: dict[int, tuple[int, ...]] = {}

    def devices(self, user: int) -> tuple[int, ...]:
        """The phone, and the linked devices that this user has."""
        known = self._devices.get(user)
        if known is None:
            workload, dice = self._workload, self._dice
            linked = 0
            if workload.linked_share and dice.chance(workload.linked_share, "has linked devices", user):
                linked = 1 + dice.below(workload.linked_most, "linked devices", user)
            known = self._devices[user] = tuple(device_of(user, slot) for slot in range(linked + 1))
        return known

    def members(self, conversation: int) -> tuple[int, ...]:
        """Both users of a one-to-one conversation; of a group, as many as its drawn size, spread over all users."""
        if not is_group(conversation):
            return self.authors(number_of(conversation)) if is_channel(conversation) else members_of(conversation)
        known = self._members.get(conversation)
        if known is None:
            known = self._members[conversation] = self.draw_members(number_of(conversation))
        return known

    def draw_members(self, group: int) -> tuple[int, ...]:
        """The members of a group on the first day."""
        workload, dice, users = self._workload, self._dice, self._users
        if group >= workload.groups:
            return self.followers(group - workload.groups) if workload.channels.pushed else ()
        most = max(workload.group_least, workload.group_most)
        size = workload.group_least + dice.below(most - workload.group_least + 1, "group size", group)
        first = dice.below(users, "group's first member", group)
        stride = coprime_stride(users, _GOLDEN_SHARE * (0.5 + dice.unit("group's spread", group)))
        return tuple((first + place * stride) % users for place in range(min(size, users)))

    def authors(self, channel: int) -> tuple[int, ...]:
        """Who writes in a channel."""
        dice, users = self._dice, self._users
        first = dice.below(users, "channel's first author", channel)
        return tuple((first + place) % users for place in range(min(self._workload.channels.authors, users)))

    def reads(self, channel: int, user: int) -> bool:
        """Whether somebody reads a channel."""
        return self._dice.chance(self._workload.channels.readers, "reads a channel", channel, user)

    def followers(self, channel: int) -> tuple[int, ...]:
        """Its authors and its readers: the members, where channels are pushed."""
        channels = self._workload.channels
        if channel >= channels.number:
            return ()
        authors = self.authors(channel)
        readers = (user for user in range(self._users) if self.reads(channel, user))
        return tuple(dict.fromkeys((*authors, *readers)))


class ScriptPopulation(DrawnPopulation):
    """A script's groups begin with everybody in it but those whom its first step about them adds."""

    __slots__ = ("_written",)

    def __init__(self, workload: Workload, users: int, seed: int, written: Sequence[WrittenOperation]) -> None:
        super().__init__(workload, users, seed)
        self._written = written
        self.has_groups = True

    def draw_members(self, group: int) -> tuple[int, ...]:
        """See the class."""
        first: dict[int, bool] = {}
        for step in self._written:
            if step.group == group:
                if step.adds is not None:
                    first.setdefault(step.adds, True)
                if step.removes is not None:
                    first.setdefault(step.removes, False)
        return tuple(user for user in range(self._users) if not first.get(user, False))


def population_of(workload: Workload, users: int, seed: int) -> Population:
    """The population of a workload; the plain one where it has neither linked devices nor groups."""
    if (
        workload.kind == "script"
        and workload.people != "drawn"
        and any(step.group is not None for step in workload.operations)
    ):
        return ScriptPopulation(workload, users, seed, workload.operations)
    if workload.linked_share or workload.groups or workload.channels.number:
        return DrawnPopulation(workload, users, seed)
    return PLAIN
