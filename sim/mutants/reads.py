"""Planted bugs of reads: the store's replicas, the data service, and the phone that asks."""

from __future__ import annotations

from ..protocol.data_service import DataService, Page, Query
from ..protocol.log_ranges import Holdings
from ..protocol.phone import Phone
from ..protocol.phone_ranges import Read
from ..protocol.store_replica import StoreReplica
from ..vocabulary.read_messages import Fetched
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
        page = self.page_through(query, answers, self.surely_durable(answers))
        if page is not None:
            self.finish(query, self.surely_durable(answers), page)


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

    def finish(self, query: Query, sure: int, page: Page) -> None:
        query.starters = len(query.readers)
        super().finish(query, sure, page)


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


class AsksForNoMembership(DataService):
    """Whoever asks for a page of a group's log gets it."""

    def is_for(self, user: int, query: Query, page: Page) -> bool:
        return True


class StrangersRead(Planted):
    number = 160
    title = "a page of a group's log is for whoever asks, also for those who have left or came later"
    scenario = "mutants_reads_groups"
    check = "CHAN-1"
    needs = "somebody who leaves a group and opens its chat again, or who comes and does"
    CLASSES = {"data_service": AsksForNoMembership}


PLANTED: tuple[type[Planted], ...] = (ReadsBeforeQuorum, ReadsOneReplica, JoinsTooLate, StrangersRead)
