"""Who looks at channels, when, and for how long (CHAN-1).

A reader opens a channel, keeps it open for a drawn time, and comes back after another; in a rush they all open channel
0 at once. When people stop writing, whoever has one open keeps looking, and some open one more, so that the settled
state can be judged. Every draw hangs on (person, channel, turn).
"""

from __future__ import annotations

from typing import Final

from ..scenario.channels import Channels
from ..vocabulary.ids import channel_numbered
from ..world.hosts import NEVER_US
from ..world.phones import PhoneHost
from ..world.world import World
from .population import DrawnPopulation

Turn = tuple[int, int, int]
"""Person, channel, and how often they have opened it."""
LOOKS_TO_THE_END: Final = 0.5
RUSH_TURN: Final = 1 << 20
"""Turns from here on began with the rush."""


class ChannelReaders:
    """The readers of one run."""

    __slots__ = ("channels", "opened", "population", "world")

    def __init__(self, world: World, channels: Channels, population: DrawnPopulation) -> None:
        self.world = world
        self.channels = channels
        self.population = population
        self.opened: dict[int, Turn] = {}
        """Person to the turn that brought what is on their screen."""

    def begin(self) -> None:
        """Everybody's first look, and the rush."""
        environment, dice, channels = self.world.environment, self.world.dice, self.channels
        for channel in range(channels.number):
            for user in range(self.world.users):
                if self.population.reads(channel, user):
                    first_us = dice.below(channels.every_us, "first looks at a channel", user, channel)
                    environment.call_at(first_us, self.open, (user, channel, 0))
        if channels.rush_at_us is not None:
            for user in range(self.world.users):
                if self.population.reads(0, user):
                    at_us = channels.rush_at_us + dice.below(channels.rush_us, "rushes to a channel", user)
                    environment.call_at(at_us, self.open, (user, 0, RUSH_TURN))

    def open(self, turn: Turn) -> None:
        """The person opens the channel, if they have their phone at hand."""
        user, channel, number = turn
        world, channels = self.world, self.channels
        if world.healed:
            return
        phone = world.phone(user)
        stays_us = world.dice.lognormal_us(
            channels.open_us, channels.open_sigma, "keeps a channel open", user, channel, number
        )
        if phone.app_runs and not phone.stays_away:
            phone.want(world.environment._now + stays_us)
            self.opened[user] = turn
            phone.open_channel(channel_numbered(channel))
        world.environment.call_after(stays_us, self.close, turn)

    def rush(self, user: int, reason: int) -> bool:
        """A fault, by its place in the schedule, brings the person to channel 0, if they read it. Whether they look."""
        turn = (user, 0, RUSH_TURN + 1 + reason)
        if self.population.reads(0, user):
            self.open(turn)
        return self.opened.get(user) == turn

    def close(self, turn: Turn) -> None:
        """The person has seen enough, unless another channel has taken its place; and comes back another time."""
        user, channel, number = turn
        world, channels = self.world, self.channels
        if world.healed:
            return
        if self.opened.get(user) == turn:
            del self.opened[user]
            world.phone(user).close_channel()
        after_us = world.dice.lognormal_us(
            channels.every_us, channels.every_sigma, "comes back to a channel", user, channel, number
        )
        if number < RUSH_TURN:
            world.environment.call_after(after_us, self.open, (user, channel, number + 1))

    def restarted(self, phone: PhoneHost) -> None:
        """The app died under somebody who was looking: they open the channel again."""
        turn = self.opened.get(phone.user)
        if turn is not None and phone is self.world.phone(phone.user) and phone.app_runs:
            phone.open_channel(channel_numbered(turn[1]))

    def left(self, phone: PhoneHost) -> None:
        """The phone was put away."""
        self.opened.pop(phone.user, None)
        phone.close_channel()

    def heal(self) -> None:
        """Whoever looks goes on looking to the end, and some of the others open a channel and do so too."""
        world = self.world
        for phone in list(world.phones.values()):
            if not phone.told_up or phone is not world.phone(phone.user):
                continue
            channel = world.dice.below(self.channels.number, "which channel to the end", phone.user)
            chance = world.dice.chance(LOOKS_TO_THE_END, "looks at a channel to the end", phone.user)
            if phone.user not in self.opened and chance and self.population.reads(channel, phone.user):
                self.opened[phone.user] = (phone.user, channel, NEVER_US)
                phone.open_channel(channel_numbered(channel))
