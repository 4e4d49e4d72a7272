"""Which chat a person has on the screen, and for how long: who wants to know of whom (PRES-B).

Whoever writes or reads has that chat open, and closes it after a drawn time; another chat takes its place. When people
stop writing, each of them opens one more chat and keeps looking, so that the settled state can be judged.
"""

from __future__ import annotations

from ..vocabulary.ids import is_pair, other_member
from ..world.phones import PhoneHost
from ..world.world import World


class Looking:
    """The open chats of one run."""

    __slots__ = ("presence", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.presence = world.scenario.presence

    def look(self, phone: PhoneHost, conversation: int) -> None:
        """A person opens a chat, or goes on looking at it; a group shows how nobody is."""
        world = self.world
        if world.healed or not phone.app_runs:
            return
        phone.looks += 1
        if not is_pair(conversation):
            phone.look_away()
            return
        phone.look_at(conversation, other_member(conversation, phone.user))
        presence = self.presence
        stays_us = world.dice.lognormal_us(
            presence.chat_open_us, presence.chat_open_sigma, "keeps a chat open", phone.device, phone.looks
        )
        world.environment.call_after(stays_us, self.close, (phone, phone.looks))

    def close(self, due: tuple[PhoneHost, int]) -> None:
        """The person has seen enough, unless they have looked again since then."""
        phone, looks = due
        if phone.looks == looks:
            phone.look_away()

    def left(self, phone: PhoneHost) -> None:
        """The phone was put away."""
        phone.looks += 1
        phone.look_away()

    def heal(self) -> None:
        """Everybody who is there opens one of their chats and keeps looking to the end."""
        for phone in list(self.world.phones.values()):
            chats = [conversation for conversation in phone.state.chats if is_pair(conversation)]
            if chats and phone.told_up:
                phone.looks += 1
                conversation = chats[self.world.dice.below(len(chats), "looks to the end", phone.device)]
                phone.look_at(conversation, other_member(conversation, phone.user))
