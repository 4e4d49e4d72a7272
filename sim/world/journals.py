"""Logs that remember what became durable when, so that a shard can be set back to what one old disk held.

Only worlds whose schedule goes that far beyond the promise have them (STORE-7).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from ..vocabulary.kinds import NONE, HardCase
from .replicas import ReplicatedLog
from .writes import Write

GIVEN: Final = ("authority", "tokens")
"""What a state is given from outside, where senders are sealed."""


class JournaledLog(ReplicatedLog):
    """A shard's log with all that it ever took in."""

    __slots__ = ("journal", "make_state")

    journal: list[tuple[int, Any]]
    """When it became durable, and the record."""
    make_state: Callable[[], Any]
    """An empty state, as on the first day."""

    def commit(self, write: Write) -> None:
        """A quorum has it."""
        if not write.dropped:
            self.note(write)
        super().commit(write)

    def take(self, write: Write) -> Any:
        """A new leader has it."""
        self.note(write)
        return super().take(write)

    def note(self, write: Write) -> None:
        """Remember a write, what rode with it first."""
        now = int(self.environment._now)
        if write.riders is not None:
            self.journal.extend((now, record) for record in write.riders.values())
        self.journal.append((now, write.record))

    def set_back(self, through_us: int) -> None:
        """From now on the shard holds what was durable at a time, and nothing else; writes in flight are lost."""
        self.lose_unsynced()
        kept = [noted for noted in self.journal if noted[0] <= through_us]
        if len(kept) < len(self.journal):
            self.world.facts.reached(HardCase.ACKNOWLEDGED_WRITES_LOST, self.host.number, NONE)
        self.journal = kept
        before, state = self.state, self.make_state()
        for name in GIVEN:
            if getattr(before, name, None) is not None:
                setattr(state, name, getattr(before, name))
        self.state = state
        for _, record in self.journal:
            state.apply(record)
        if self.views is not None:
            self.views.set_back()
