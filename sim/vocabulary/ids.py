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
