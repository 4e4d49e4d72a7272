"""What a sequencer and the long-term store say to each other (UQ-2)."""

from __future__ import annotations

from .messages import Append
from .structs import Struct


class Kept(Struct, frozen=True):
    """One entry of a sequencer's log, as the long-term store keeps it."""

    conversation: int
    sequence: int
    append: Append


class Archive(Struct, frozen=True):
    """UQ-2: entries of a sequencer's log in order, the first of them at the position ``first``."""

    shard: int
    """The sequencer."""
    first: int
    entries: tuple[Kept, ...]
    trace: int


class Archived(Struct, frozen=True):
    """UQ-2: the long-term store durably holds every entry of this sequencer's log before ``through``."""

    shard: int
    through: int
    trace: int
