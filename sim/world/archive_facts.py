"""Writing the history of the architecture ``update_queue``: what the sequencers' logs and the long-term store hold.

Made only for worlds that have a long-term store, so that others pay nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.store_state import Entry, StoreState
from ..vocabulary import kinds
from ..vocabulary import records as r
from ..vocabulary.kinds import QueueKind, Tier
from .facts import TierCounter

if TYPE_CHECKING:
    from .world import World


class ArchiveFacts:
    """Observes the records of sequencers and of the long-term store (UQ-2)."""

    __slots__ = ("facts", "first", "high", "pointer", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.facts = world.facts
        shards = len(world.stores)
        self.first = [0] * shards
        """Sequencer to the first entry that its log had when last looked at."""
        self.pointer = [0] * shards
        self.high = [0] * shards
        """Sequencer to the most entries that its pointer was ever behind."""
        self.facts.tiers[Tier.ARCHIVE] = TierCounter()
        self.facts.on_record.update(
            {
                r.AppendEntry: self.appended,
                r.FanOutMoved: self.moved,
                r.LaggardMoved: self.moved,
                r.ArchiveMoved: self.moved,
                r.KeepEntries: self.kept,
            }
        )

    def appended(self, state: StoreState, record: r.AppendEntry, change: Any) -> None:
        """An entry is durable in a sequencer's log: the long-term store is one more behind."""
        self.facts.appended(state, record, change)
        if isinstance(change, Entry):
            self.logged(state)

    def logged(self, state: StoreState) -> None:
        """One more entry, whatever it is."""
        self.facts.tiers[Tier.ARCHIVE].add(self.world.environment._now, 1)
        behind = state.end_position - state.archived
        if behind > self.high[state.shard]:
            self.high[state.shard] = behind
            self.facts.row(
                kinds.QUEUE_HIGH,
                self.world.stores[state.shard].number,
                number=QueueKind.ARCHIVE_BACKLOG,
                value=behind,
                extra=self.world.scenario.protocol.archive_backlog,
            )

    def moved(self, state: StoreState, record: Any, change: Any) -> None:
        """A pointer of a sequencer moved, and entries may have left its log."""
        shard = state.shard
        host = self.world.stores[shard].number
        before = self.pointer[shard]
        if state.archived != before:
            self.pointer[shard] = state.archived
            self.facts.row(kinds.STORAGE_POINTER, host, number=state.archived, value=before)
        left = state.first_position - self.first[shard]
        if left:
            self.first[shard] = state.first_position
            self.facts.row(kinds.LOG_TRIMMED, host, number=state.first_position, value=left)

    def kept(self, state: Any, record: r.KeepEntries, change: Any) -> None:
        """Entries are durable in the long-term store."""
        if change is None:
            return
        position, entries = change
        shard = record.archive.shard
        keeper = self.world.long_term_store_of(shard).number
        sequencer = self.world.stores[shard].number
        for entry in entries:
            if self.world.key_ring is not None:
                self.world.key_ring.archived(state, entry.append)
            self.facts.row(
                kinds.ARCHIVED,
                keeper,
                chat=entry.conversation,
                number=entry.sequence,
                operation=entry.append.body,
                value=position,
                extra=sequencer,
            )
            position += 1
        self.facts.tiers[Tier.ARCHIVE].add(self.world.environment._now, -len(entries))
