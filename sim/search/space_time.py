"""What happened in one run, as a space-time diagram: lanes for phones and servers, arrows for messages, marks for what
became durable or was seen, bars for faults, and where it broke. Data only; ``sim/report`` draws it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

NEVER: Final = -1
"""The arrival of a message that was lost."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A machine or an app."""

    name: str
    role: str
    """``phone`` or a role of a server."""
    title: str
    """Its name for people."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """A message on its way."""

    sent_us: int
    arrived_us: int
    source: int
    """Place of the lane."""
    to: int
    kind: str
    operations: tuple[int, ...]
    """The messages of people that it is about."""
    is_copy: bool = False
    """The same message arrived before."""

    @property
    def is_lost(self) -> bool:
        """Whether it never arrived."""
        return self.arrived_us == NEVER


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened in one place."""

    at_us: int
    lane: int
    words: str
    sort: str
    """``record`` (became durable), ``seen`` (by a person), ``down`` or ``up``."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A fault."""

    began_us: int
    ended_us: int
    lanes: tuple[int, ...]
    words: str


@dataclass(frozen=True, slots=True)
class Broke:
    """Where a check failed."""

    check: str
    at_us: int
    lanes: tuple[int, ...]
    story: tuple[str, ...]


@dataclass(slots=True)
class SpaceTime:
    """One diagram."""

    title: str
    lanes: list[Lane]
    arrows: list[Arrow]
    marks: list[Mark]
    bars: list[Bar]
    broke: Broke | None = None
    operations: tuple[int, ...] = ()
    """The messages that it is about."""
    left_out: int = 0
    """Arrows that there was no room for."""
    words: list[str] = field(default_factory=list)
    """The same in words, a line per event."""
