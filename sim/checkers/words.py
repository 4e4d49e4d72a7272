"""How a witness is told: who, what and when, for a reader who does not know the code."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..vocabulary.ids import SLOTS_PER_USER, installation_of, is_channel, is_group, number_of, slot_of, user_of
from ..vocabulary.kinds import NONE
from ..vocabulary.points import ROLES
from ..vocabulary.units import format_duration

if TYPE_CHECKING:
    from .messages import Message

TICK_WORDS: Final = {1: "first tick (accepted)", 2: "second tick (delivered)", 3: "blue ticks (read)", 4: "failed mark"}

HOSTS_PER_ROLE: Final = 1_000_000
"""A host's number in the history is its role's place in ROLES times this, plus its index."""


def phone(device: int) -> str:
    """Name a device by its person."""
    slot, reinstalls = slot_of(device), installation_of(device) // SLOTS_PER_USER
    which = f"linked device {slot}" if slot else "phone"
    if reinstalls:
        which = f"installation {reinstalls + 1} of the {which}"
    return f"{which} of person {user_of(device)} (device {device})"


def host(number: int) -> str:
    """Name a server by its role and its place in the topology."""
    role, index = divmod(number, HOSTS_PER_ROLE)
    name = ROLES[role].replace("_", " ") if 0 <= role < len(ROLES) else "host"
    return f"{name} {index}"


def when(time_us: int) -> str:
    """Say when something happened."""
    return "at a time that is not recorded" if time_us < 0 else f"at {format_duration(time_us)}"


def chat_named(chat: int) -> str:
    """Name a conversation: a group or channel by its number, two people by the id of their chat."""
    if is_group(chat):
        return f"group {number_of(chat)}"
    return f"channel {number_of(chat)}" if is_channel(chat) else f"chat {chat}"


def addressed(message: Message, operation: int) -> str:
    """Name a message by its number in the workload, its writer and whom it is for."""
    to = f"to person {message.recipient}" if message.recipient != NONE else f"in {chat_named(message.chat)}"
    return f"message {operation} of person {message.user} {to}"


def written(message: Message, operation: int) -> str:
    """Say what a message is, when it was written and what became of it."""
    line = f"{addressed(message, operation)}: written {when(message.composed_at_us)}"
    if message.logged:
        return f"{line}, in the log as entry {message.sequence} {when(message.logged_at_us)}"
    if message.refused_at_us >= 0:
        return f"{line}, finally refused {when(message.refused_at_us)}"
    return f"{line}, not in the log"


def known(message: Message | None, operation: int) -> str:
    """As ``written``, for a message that may be unknown or long over."""
    return written(message, operation) if message is not None else f"message {operation}"
