"""What a kind of fault is, and what a running one remembers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from .schedule import Fault

WITHOUT_FOR_US: Final = 1_000_000
"""How long a fault lasts that needs a length and was given none."""


DELAYING: Final = ("delay", "reordering", "message_late", "message_repeated")
"""Kinds after which a message may still come when all faults are over."""


@dataclass(slots=True)
class Running:
    """A fault that has begun: whom it hit, and how much it touched."""

    fault: Fault
    number: int
    """Its place in the schedule."""
    origin: str
    """``written`` or ``drawn``."""
    began_us: int = -1
    ended_us: int = -1
    touched: int = 0
    """Effects that would have gone otherwise: messages, connections, hosts, writes, as the kind says."""
    where: str = ""
    """Who was hit, in words."""
    kept: list[Any] = field(default_factory=list)
    """What has to be undone when it ends."""
    hit: tuple[Any, ...] = ()
    """The hosts that were hit."""
    trigger: Any = None
    """Its trigger, if it waits at a point."""

    @property
    def span_us(self) -> int:
        """How long it lasts."""
        return self.fault.for_us or WITHOUT_FOR_US


Act = Callable[[Any, Running, list[Any]], None]
"""``(world, running, hosts hit)``."""


def nothing(world: Any, running: Running, hosts: list[Any]) -> None:
    """For kinds that are over as soon as they have begun."""


@dataclass(frozen=True, slots=True)
class FaultKind:
    """One kind."""

    name: str
    doc: str
    targets: tuple[str, ...]
    """Roles that it can hit."""
    keys: tuple[str, ...]
    """Keys of the file that it takes."""
    begin: Act
    end: Act = nothing
    lasts: bool = True
    """Whether it has an end of its own (``for``)."""
    weight: int = 4
    """How often the nemesis draws it, against the others; 0: only where faults may be for good."""
    for_good: bool = False
    """Whether it outlasts the heal."""
    only_with: str = ""
    """``push`` or ``channels``: it touches something only where nudges are on (PUSH-1), or where there are channels."""
    effect: str = ""
    """``send`` or ``persist``: it hits one effect of this sort, the one before which it strikes. Nobody draws it."""
