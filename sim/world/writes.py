"""A record on its way into a shard's replicated log."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .hosts import Life

Then = Callable[[Any], None]
LOST: Final = 1 << 62
"""The time at which a replica that does not get a write has it."""


class Write:
    """A record in flight."""

    __slots__ = ("dropped", "life", "record", "riders", "then", "times")

    times: list[int]
    """When each replica has synced it; never changed in place, since the log's own clock may share it."""

    def __init__(self, record: Any, then: Then, life: Life) -> None:
        self.record = record
        self.then = then
        self.life = life
        self.riders: dict[Any, Any] | None = None
        self.dropped = False
