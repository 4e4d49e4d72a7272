"""Ids: how users, devices and conversations are numbered.

Users are 0..n-1 in the order of the workload. A device is an installation of a user; a reinstall makes a new one.
"""

from __future__ import annotations

from typing import Final

INSTALLATIONS_PER_USER: Final = 1024


def device_of(user: int, installation: int = 0) -> int:
    """The id of a user's n-th installation (0 for the first)."""
    return user * INSTALLATIONS_PER_USER + installation


def user_of(device: int) -> int:
    """The user whose installation this is."""
    return device // INSTALLATIONS_PER_USER


def installation_of(device: int) -> int:
    """Which installation of its user this is, from 0."""
    return device % INSTALLATIONS_PER_USER


def conversation_between(one: int, other: int) -> int:
    """The id of the one-to-one conversation of two users (below 2^31 each); fits a signed 64-bit column."""
    return (one << 31 | other) if one < other else (other << 31 | one)


def members_of(conversation: int) -> tuple[int, int]:
    """The two users of a one-to-one conversation, the lower one first."""
    return conversation >> 31, conversation & 0x7FFF_FFFF


def other_member(conversation: int, user: int) -> int:
    """The user on the other side of a one-to-one conversation."""
    low = conversation >> 31
    return (conversation & 0x7FFF_FFFF) if user == low else low
