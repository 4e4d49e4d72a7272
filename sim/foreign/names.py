"""Ids from elsewhere are any text; the checks count. Here every id has its number, and every number its id."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..vocabulary.ids import INSTALLATIONS_PER_USER, SLOTS_PER_USER, device_of
from .lines import BadLine, quoted

HOSTS_FROM: Final = 1_000_000_000_000
"""Hosts are numbered from here, above every role that the checks know: they are called just "host"."""
OPERATIONS_MOST: Final = 1 << 28
_DEVICES_MOST: Final = INSTALLATIONS_PER_USER // SLOTS_PER_USER
_NUMBERED: Final = re.compile(r"\b(message|person|device|chat|host) (\d+)")


class Names:
    """The numbers of users, devices, chats, messages and hosts, in the order in which they came up."""

    __slots__ = ("chats", "devices", "devices_of", "hosts", "messages", "users")

    def __init__(self) -> None:
        self.users: dict[str, int] = {}
        self.devices: dict[str, int] = {}
        self.devices_of: list[list[int]] = []
        """User's number -> the numbers of their devices."""
        self.chats: dict[str, int] = {}
        self.messages: dict[str, int] = {}
        self.hosts: dict[str, int] = {}

    def declare(self, device: str, user: str) -> int:
        """A device of a user. Raises ``BadLine``."""
        if device in self.devices:
            raise BadLine(f"the device {quoted(device)} was declared before")
        person = self.user(user)
        own = self.devices_of[person]
        if len(own) >= _DEVICES_MOST:
            raise BadLine(f"the user {quoted(user)} has more than {_DEVICES_MOST} devices")
        # The same slot as a phone, once more each: called installation 2, 3, ... of the phone.
        number = self.devices[device] = device_of(person, SLOTS_PER_USER * len(own))
        own.append(number)
        return number

    def user(self, name: str) -> int:
        """The number of a user."""
        number = self.users.get(name)
        if number is None:
            number = self.users[name] = len(self.users)
            self.devices_of.append([])
        return number

    def device(self, name: str) -> int:
        """The number of a device. Raises ``BadLine`` for one that was not declared."""
        number = self.devices.get(name)
        if number is None:
            raise BadLine(f"no event `device` has declared {quoted(name)}")
        return number

    def chat(self, name: str) -> int:
        """The number of a conversation."""
        return self.chats.setdefault(name, len(self.chats))

    def message(self, name: str) -> int:
        """The number of a message, new or known. Raises ``BadLine`` when there are too many."""
        number = self.messages.get(name)
        if number is None:
            number = self.messages[name] = len(self.messages)
            if number >= OPERATIONS_MOST:
                raise BadLine(f"more than {OPERATIONS_MOST:,} messages")
        return number

    def host(self, name: str) -> int:
        """The number of a server."""
        number = self.hosts.get(name)
        if number is None:
            number = self.hosts[name] = HOSTS_FROM + len(self.hosts)
        return number

    def legend(self, story: Sequence[str]) -> str:
        """What the numbers of a story stand for; empty when it has none."""
        found = dict.fromkeys((word, int(number)) for line in story for word, number in _NUMBERED.findall(line))
        named = [(word, number, self._name(word, number)) for word, number in found]
        return ", ".join(f"{word} {number} is {quoted(name)}" for word, number, name in named if name is not None)

    def _name(self, word: str, number: int) -> str | None:
        table = {"message": self.messages, "person": self.users, "device": self.devices, "chat": self.chats}
        if word == "host":
            return next((name for name, place in self.hosts.items() if place == HOSTS_FROM + number), None)
        return next((name for name, place in table[word].items() if place == number), None)
