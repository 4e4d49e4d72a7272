"""Planted bugs of reads: the store's replicas, the data service, and the phone that asks."""

from __future__ import annotations

from ..protocol.data_service import DataService, Query
from ..protocol.log_ranges import Holdings
from ..protocol.phone import Phone
from ..protocol.phone_ranges import Read
from ..protocol.store_replica import StoreReplica
from ..vocabulary.read_messages import Fetched, LogRow
from .planted import Planted


class TellsWhatItHolds(StoreReplica):
    """Takes whatever is in its own log for durable."""

    def known(self, holdings: Holdings) -> int:
        return holdings.held


class ReadsBeforeQuorum(Planted):
    number = 65
    title = "a replica lets read what is in its own log, be it on a quorum or not"
    scenario = "mutants_reads"
    check = "CHAN-1"
    needs = "a leader that stands still before its entry is on a quorum"
    CLASSES = {"store_replica": TellsWhatItHolds}


class FirstAnswerWins(DataService):
    """Takes the first answer, whoever gives it."""

    def conclude(self, query: Query) -> None:
        answers = list(query.answers.values())
        rows = self.rows_through(query, answers, self.surely_durable(answers))
        if rows is not None:
            self.finish(query, self.surely_durable(answers), rows)


class ReadsOneReplica(Planted):
    number = 66
    title = "a read takes the answer of one replica, which may lag behind its quorum"
    scenario = "mutants_reads"
    check = "CHAN-1"
    also = ("LIVE-1",)
    needs = "a replica that stood still"
    CLASSES = {"data_service": FirstAnswerWins}


class AnswersEverybody(DataService):
    """Whoever has joined gets what the query has found, however old."""

    def finish(self, query: Query, sure: int, rows: tuple[LogRow, ...]) -> None:
        query.starters = len(query.readers)
        super().finish(query, sure, rows)


class ShowsWhatComes(Phone):
    """Shows a page without a look at what the screen has shown."""

    def on_fetched(self, message: Fetched) -> None:
        read: Read | None = self.reads.get(message.conversation)
        if read is not None and read.number == message.read:
            del self.reads[message.conversation]
            self.show_range(read, message)


class JoinsTooLate(Planted):
    number = 68
    title = "a reader that knows of more joins a query that began before, and is shown less than its screen had"
    scenario = "mutants_reads"
    check = "CHAN-1"
    needs = "a slow query, and a message meanwhile (the phone shows whatever comes)"
    CLASSES = {"data_service": AnswersEverybody, "phone": ShowsWhatComes}


PLANTED: tuple[type[Planted], ...] = (ReadsBeforeQuorum, ReadsOneReplica, JoinsTooLate)
