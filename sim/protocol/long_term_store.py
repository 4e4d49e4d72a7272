"""The long-term store of the architecture ``update_queue``: it follows the sequencers' logs and holds nobody up (UQ-2).

One replicated log per shard, on a disk of its own. Durable: how far it has each sequencer's log. In memory: which
batches are being written, so that one that is repeated meanwhile is not written again.
"""

from __future__ import annotations

from typing import ClassVar

from ..vocabulary.archive import Archive, Archived, Kept
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, operation_of
from ..vocabulary.records import KeepEntries
from .dispatch import Dispatching, Durable
from .port import ServerPort, Timers


class LongTermState(Durable):
    """What one shard holds."""

    __slots__ = ("held",)
    TAKES: ClassVar[dict[type, str]] = {KeepEntries: "keep_entries"}

    def __init__(self) -> None:
        self.held: dict[int, int] = {}
        """Sequencer to the place in its log before which every entry is here."""

    def keep_entries(self, record: KeepEntries) -> tuple[int, tuple[Kept, ...]] | None:
        """UQ-2: what is not here yet, in the order of the log and without a hole. Returns where it begins, and it."""
        archive = record.archive
        held = self.held.get(archive.shard, 0)
        through = archive.first + len(archive.entries)
        if not archive.first <= held < through:
            return None
        self.held[archive.shard] = through
        return held, archive.entries[held - archive.first :]


class LongTermStore(Dispatching):
    """The leader of one shard."""

    __slots__ = ("durable", "port", "timers", "writing")
    TAKES: ClassVar[dict[type, str]] = {Archive: "on_archive"}
    durable: LongTermState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.writing: dict[int, int] = {}
        """Sequencer to how far its log is on its way to the disk."""

    def on_archive(self, source: Address, archive: Archive) -> None:
        """STORE-3 holds here too: what is new is written first; what is here already is answered at once."""
        through = archive.first + len(archive.entries)
        if through <= self.durable.held.get(archive.shard, 0):
            self.port.reached(HardCase.ARCHIVE_REPEATED, operation_of(archive.trace))
            self.answer(source, archive.shard, archive.trace)
        elif through > self.writing.get(archive.shard, 0):
            self.writing[archive.shard] = through
            self.port.persist(KeepEntries(archive, source, archive.trace), self.after_keep)

    def after_keep(self, record: KeepEntries) -> None:
        """STORE-3: durable on a quorum; only now the sequencer is told."""
        self.answer(record.asker, record.archive.shard, record.trace)

    def answer(self, to: Address, shard: int, trace: int) -> None:
        """Cumulative: a later answer says all that an earlier one said."""
        self.port.send(to, Archived(shard, self.durable.held.get(shard, 0), trace))

    def on_write_refused(self, record: KeepEntries) -> None:
        """A disk that refuses: nothing is answered, and the sequencer sends it again."""
        self.writing.pop(record.archive.shard, None)
