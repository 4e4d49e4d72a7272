"""The archiver of the architecture ``update_queue``: takes a sequencer's log to the long-term store (UQ-2).

It runs beside the sequencer's leader and reads its log, as the fan-out does; neither waits for the other. Durable: the
pointer "written to storage" (INBOX-3), in ``StoreState``; it rides on the shard's next record, and a crash before that
sends the last batch again. A log that is full has no next record, so there the pointer gets a write of its own. In
memory: the batch on its way. One is on its way at a time, so what comes in meanwhile
goes together in the next: the slower the long-term store, the larger the batches.
"""

from __future__ import annotations

from typing import ClassVar

from ..vocabulary.archive import Archive, Archived, Kept
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, trace_of
from ..vocabulary.records import ArchiveMoved
from .dispatch import Dispatching
from .port import ServerPort, Timers
from .store_state import StoreState


class Archiver(Dispatching):
    """The archiver of one sequencer."""

    __slots__ = ("durable", "held_through", "port", "timers", "under_way", "writing")
    TAKES: ClassVar[dict[type, str]] = {Archived: "on_archived"}
    durable: StoreState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.held_through = self.durable.archived
        """The long-term store holds every entry before it; the durable trace of that may still ride."""
        self.under_way: Archive | None = None
        self.writing = 0
        """How far a write of the pointer's own, under way, will move it."""

    def on_start(self) -> None:
        """Begin again at the durable pointer."""
        self.on_log_grown()

    def on_log_grown(self) -> None:
        """UQ-2: driven from the log, and never in its way."""
        if self.under_way is None:
            self.send_next(0)

    def send_next(self, attempt: int) -> None:
        """The next batch: all that has come since, up to the largest batch."""
        state = self.durable
        first = self.held_through
        end = min(state.end_position, first + self.timers.archive_batch)
        if first >= end:
            self.under_way = None
            return
        entries = tuple(self.kept(position) for position in range(first, end))
        archive = Archive(self.port.shard, first, entries, trace_of(entries[0].append.body, attempt))
        self.under_way = archive
        self.port.send(self.port.long_term_store(), archive)
        self.port.set_timer(self.timers.call_again_us, self.on_archive_due, (archive, attempt + 1))

    def kept(self, position: int) -> Kept:
        """One entry of the log, as the long-term store keeps it."""
        entry = self.durable.entry_at(position)
        return Kept(entry.conversation, entry.sequence, entry.append)

    def on_archive_due(self, due: tuple[Archive, int]) -> None:
        """Not answered in time: again, with what has come since."""
        archive, attempt = due
        if self.under_way is archive:
            self.send_next(attempt)

    def on_archived(self, source: Address, message: Archived) -> None:
        """INBOX-3: the pointer only moves forward, whatever answer comes late."""
        if message.through <= self.held_through:
            return
        self.held_through = message.through
        if self.durable.fan_out > message.through:
            self.port.reached(HardCase.DELIVERED_BEFORE_ARCHIVED)
        record = ArchiveMoved(message.through, message.trace)
        if self.durable.is_full():
            self.write_pointer(record)
        else:
            self.port.ride(ArchiveMoved, record)
        self.send_next(0)

    # -- the pointer when nothing carries it --------------------------------------------------------------------

    def make_room(self, trace: int) -> None:
        """UQ-2: the log is full. What is known of the long-term store must not wait for the append that it refuses."""
        if self.held_through > self.durable.archived:
            self.write_pointer(ArchiveMoved(self.held_through, trace))

    def write_pointer(self, record: ArchiveMoved) -> None:
        """A write of its own, unless one under way goes as far."""
        if record.position > self.writing:
            self.writing = record.position
            self.port.persist(record, self.after_moved)

    def after_moved(self, record: ArchiveMoved) -> None:
        """There is room again; phones whose messages were refused send them again (PHONE-1)."""

    def on_write_refused(self, record: ArchiveMoved) -> None:
        """A disk that refuses: the next append that finds the log full asks again."""
        self.writing = 0
