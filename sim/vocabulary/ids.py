"""Ids: how users, devices and conversations are numbered.

Users are 0..n-1 in the order of the workload. A device is an installation of a user, and sits in one of the user's
*slots*: slot 0 is the phone, the others are linked devices. A reinstall makes a new device in the same slot.

One-to-one conversations are pairs of users; groups and channels have numbers of their own, above all pairs.
"""

from __future__ import annotations

from typing import Final

INSTALLATIONS_PER_USER: Final = 1024
SLOTS_PER_USER: Final = 8
"""Slots of a user; an installation's number is its slot plus this many for each reinstall."""
LINKED_MOST: Final = 4
"""Linked devices that a user may have beside the phone (WhatsApp multi-device: one phone and four)."""
GROUP_BIT: Final = 1 << 62
CHANNEL_BIT: Final = 1 << 61
_NUMBER_MASK: Final = CHANNEL_BIT - 1


def device_of(user: int, installation: int = 0) -> int:
    """The id of a user's installation with this number (0: the phone as it was first installed)."""
    return user * INSTALLATIONS_PER_USER + installation


def user_of(device: int) -> int:
    """The user whose installation this is."""
    return device // INSTALLATIONS_PER_USER


def installation_of(device: int) -> int:
    """The number of this installation among its user's."""
    return device % INSTALLATIONS_PER_USER


def slot_of(device: int) -> int:
    """The slot in which the device sits: 0 is the phone, others are linked devices."""
    return device % SLOTS_PER_USER


def seat_of(device: int) -> int:
    """The first device that sat in this one's slot: it names the slot for good."""
    return device - device % INSTALLATIONS_PER_USER + device % SLOTS_PER_USER


def reinstalled(device: int) -> int:
    """The device that a reinstall puts in this one's slot (PHONE-10)."""
    return device + SLOTS_PER_USER


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


def group_numbered(number: int) -> int:
    """The conversation id of a group."""
    return GROUP_BIT | number


def channel_numbered(number: int) -> int:
    """The conversation id of a channel."""
    return GROUP_BIT | CHANNEL_BIT | number


def is_pair(conversation: int) -> bool:
    """Whether this is a one-to-one conversation."""
    return conversation < CHANNEL_BIT


def is_group(conversation: int) -> bool:
    """Whether this is a group, whose entries are fanned out to many."""
    return conversation >> 61 == 2


def is_channel(conversation: int) -> bool:
    """Whether this is a channel, which is pulled (CHAN-1)."""
    return conversation >> 61 == 3


def number_of(conversation: int) -> int:
    """The number of a group or channel."""
    return conversation & _NUMBER_MASK
