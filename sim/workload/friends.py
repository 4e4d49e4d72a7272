"""Who knows whom: a friendship graph without memory, and how much each person writes.

Nothing is stored per person. A chat is a *mirror*: the pair (s, c - s) modulo the number of people, for one drawn
centre c. Mirroring twice leads back, so friendship is mutual, and distinct centres give distinct friends.
"""

from __future__ import annotations

from math import gcd
from typing import Final

import numpy as np

from ..world.dice import Dice
from .draws import Flags, Units, Wholes

_GOLDEN_SHARE: Final = 0.6180339887498949
_EVEN_PART: Final = 0.03


class Friends:
    """The friendship graph of ``users`` people with ``partners`` chats each (at most one with everybody else)."""

    def __init__(self, users: int, partners: int, seed: int) -> None:
        dice = Dice(seed)
        self.users = users
        self.partners = min(partners, users - 1)
        self._centres = np.array(_distinct_centres(dice, users, self.partners), dtype=np.int64)
        self._stride = coprime_stride(users, _GOLDEN_SHARE)
        self._offset = dice.below(users, "workload busiest")

    def senders(self, draws: Units) -> Wholes:
        """Who writes, from one number in [0, 1) each.

        The cube gives a heavy tail and the even part bounds it, as in CollegeMsg: the busiest hundredth of the people
        begin a fifth of the talks, and nobody writes more than about 35 times what people write on average. The
        stride spreads the busy ones over all numbers, and so over all shards.
        """
        shares = draws * _EVEN_PART + draws * draws * draws * (1.0 - _EVEN_PART)
        ranks = (shares * self.users).astype(np.int64)
        result: Wholes = (ranks * self._stride + self._offset) % self.users
        return result

    def recipients(self, senders: Wholes, draws: Units) -> Wholes:
        """To which friend, from one number in [0, 1) each; the square makes some friends closer than others."""
        chats = (draws * draws * self.partners).astype(np.int64)
        friends: Wholes = (self._centres[chats] - senders) % self.users
        alone = friends == senders
        if alone.any():
            self._befriend(senders, friends, chats, alone)
        return friends

    def of(self, person: int) -> tuple[int, ...]:
        """Everybody with whom a person has a chat."""
        one = np.array([person] * self.partners, dtype=np.int64)
        places = (np.arange(self.partners, dtype=np.float64) + 0.5) / self.partners
        return tuple(dict.fromkeys(self.recipients(one, np.sqrt(places)).tolist()))

    def _befriend(self, senders: Wholes, friends: Wholes, chats: Wholes, alone: Flags) -> None:
        """Whoever is mirrored onto themself takes the next chat, which has another centre and so another friend."""
        if self.partners == 1:
            friends[alone] = (senders[alone] + 1) % self.users
        else:
            friends[alone] = (self._centres[(chats[alone] + 1) % self.partners] - senders[alone]) % self.users


def _distinct_centres(dice: Dice, users: int, count: int) -> list[int]:
    """Drawn centres of mirrors, all different; the first ones do not depend on how many are asked for."""
    taken: dict[int, None] = {}
    for chat in range(count):
        centre = dice.below(users, "workload friends", operation=chat)
        if users % 2 == 0 and chat == 0:
            centre |= 1  # an odd centre mirrors nobody onto themself when their number is even
        while centre in taken:
            centre = (centre + 1) % users
        taken[centre] = None
    return list(taken)


def coprime_stride(users: int, share: float) -> int:
    """A step near this share of all that visits everybody once before it comes back."""
    stride = max(1, int(users * share))
    while gcd(stride, users) != 1:
        stride += 1
    return stride
