"""Planted bugs of the architecture ``update_queue``: the archiver, its pointer, the long-term store (UQ-2, INBOX-3)."""

from __future__ import annotations

from ..protocol.archiver import Archiver
from ..protocol.long_term_store import LongTermState, LongTermStore
from ..protocol.store_state import StoreState
from ..vocabulary.archive import Archive, Archived, Kept
from ..vocabulary.messages import Address
from ..vocabulary.records import ArchiveMoved, KeepEntries
from .planted import Planted


class SkipsTheTrimmed(Archiver):
    """Goes on with what the log still has."""

    def send_next(self, attempt: int) -> None:
        self.held_through = max(self.held_through, self.durable.first_position)
        super().send_next(attempt)


class LeavesHoles(LongTermState):
    """Takes a batch that does not begin where the last one ended."""

    def keep_entries(self, record: KeepEntries) -> tuple[int, tuple[Kept, ...]] | None:
        shard = record.archive.shard
        self.held[shard] = max(self.held.get(shard, 0), record.archive.first)
        return super().keep_entries(record)


class TrimsForQueuesAlone(StoreState):
    """An entry may go when all its inboxes have it."""

    def needed(self) -> int:
        return min(min(self.laggards.values(), default=self.fan_out), self.fan_out)


class TrimsUnarchived(Planted):
    number = 101
    title = "the sequencer trims what the long-term store does not hold yet"
    scenario = "mutants_queue"
    check = "QUEUE-1"
    also = ("QUEUE-3", "FLOW-1")
    needs = "nothing; a slow long-term store makes it a loss"
    CLASSES = {"store_state": TrimsForQueuesAlone, "archiver": SkipsTheTrimmed, "long_term_state": LeavesHoles}


class CountsWhatItSent(SkipsTheTrimmed):
    """The pointer moves with the batch, not with the answer."""

    def send_next(self, attempt: int) -> None:
        super().send_next(attempt)
        archive = self.under_way
        if archive is not None:
            through = archive.first + len(archive.entries)
            self.port.ride(ArchiveMoved, ArchiveMoved(through, archive.trace))


class PointerMovesWhenSent(Planted):
    number = 102
    title = 'the pointer "written to storage" moves when a batch is sent, not when it is durable there'
    scenario = "mutants_queue"
    check = "QUEUE-1"
    also = ("QUEUE-3", "FLOW-1", "LIVE-1")
    needs = "a slow long-term store; a crash of the sequencer makes it a loss"
    CLASSES = {"archiver": CountsWhatItSent, "long_term_state": LeavesHoles}


class MovesEitherWay(StoreState):
    """The pointer is what the last answer said."""

    def move_archive(self, record: ArchiveMoved) -> None:
        self.archived = record.position
        self.trim()


class BelievesLateAnswers(SkipsTheTrimmed):
    """Takes the newest answer for the truest."""

    def on_archived(self, source: Address, message: Archived) -> None:
        self.held_through = min(self.held_through, message.through - 1)
        super().on_archived(source, message)


class LateAnswerMovesPointerBack(Planted):
    number = 103
    title = "a late answer of the long-term store moves the pointer back"
    scenario = "mutants_queue"
    check = "QUEUE-2"
    also = ("LOSS-2", "QUEUE-1", "LIVE-1")
    needs = "answers repeated or reordered"
    CLASSES = {"store_state": MovesEitherWay, "archiver": BelievesLateAnswers}


class NeverFull(StoreState):
    """Takes whatever comes, however far the long-term store is behind."""

    def is_full(self) -> bool:
        return False


class BacklogIgnored(Planted):
    number = 104
    title = "the sequencer's backlog has no bound"
    scenario = "mutants_queue"
    check = "BOUND-1"
    needs = "a long-term store that stalls"
    CLASSES = {"store_state": NeverFull}


class KeepsAgain(LongTermState):
    """Takes every batch as new."""

    def keep_entries(self, record: KeepEntries) -> tuple[int, tuple[Kept, ...]] | None:
        archive = record.archive
        self.held[archive.shard] = max(self.held.get(archive.shard, 0), archive.first + len(archive.entries))
        return archive.first, archive.entries


class WritesWhateverComes(LongTermStore):
    """Writes a repeated batch like a new one."""

    def on_archive(self, source: Address, archive: Archive) -> None:
        self.port.persist(KeepEntries(archive, source, archive.trace), self.after_keep)


class ArchivesTwice(Planted):
    number = 105
    title = "the long-term store keeps a repeated batch a second time"
    scenario = "mutants_queue"
    check = "FLOW-1"
    needs = "a batch repeated"
    CLASSES = {"long_term_state": KeepsAgain, "long_term_store": WritesWhateverComes}


class AnswersFirst(LongTermStore):
    """Tells the sequencer, then writes."""

    def on_archive(self, source: Address, archive: Archive) -> None:
        through = archive.first + len(archive.entries)
        self.port.send(source, Archived(archive.shard, through, archive.trace))
        super().on_archive(source, archive)

    def after_keep(self, record: KeepEntries) -> None:
        """Said already."""


class ArchiveAnsweredBeforePersist(Planted):
    number = 106
    title = "the long-term store answers before its write is durable"
    scenario = "mutants_queue"
    check = "QUEUE-3"
    also = ("QUEUE-1", "LIVE-1", "FLOW-1", "LOSS-2", "BOUND-1")
    needs = "a crash of the long-term store between the two"
    CLASSES = {"long_term_store": AnswersFirst}


PLANTED: tuple[type[Planted], ...] = (
    TrimsUnarchived,
    PointerMovesWhenSent,
    LateAnswerMovesPointerBack,
    BacklogIgnored,
    ArchivesTwice,
    ArchiveAnsweredBeforePersist,
)
