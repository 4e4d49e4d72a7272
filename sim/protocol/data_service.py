"""The data service: reads of ranges, by quorum, and once for all who ask for the same at the same time (STORE-5).

The first reader of a range starts a query, later ones join it. A query asks a quorum of replicas, one of them for the
rows and the others for a digest, and answers only what some replica knows to be on a quorum and what reaches as far
as anything that could have been on one when the query began (STORE-4). Queries are in memory only: a crash loses
them, and the phones ask again.

A page of a group's log that is not for its reader from the first entry to the last is read once more, for that reader
alone (STORE-6).
"""

from __future__ import annotations

from typing import Any, ClassVar, Protocol

from ..vocabulary.ids import is_group
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, trace_of
from ..vocabulary.read_messages import ANYBODY, Fetch, Fetched, LogRow, RangeHeld, ReadRange, Side
from ..vocabulary.structs import Struct
from .dispatch import Dispatching
from .log_ranges import bounds
from .port import DataServicePort

Reader = tuple[Address, Fetch]
Key = tuple[int, int, int, int, int]
"""Conversation, side, edge, limit, and whose page it is (``ANYBODY``): the same range."""


class ReadSettings(Protocol):
    """What a data service is told; the names and units of the scenario's ``store_reads``."""

    @property
    def coalesce(self) -> bool: ...
    @property
    def speculative_retry_us(self) -> int | None: ...
    @property
    def give_up_us(self) -> int: ...
    @property
    def doubt_us(self) -> int: ...


class Page(Struct, frozen=True):
    """What a query has found."""

    rows: tuple[LogRow, ...]
    for_users: tuple[int, ...]
    """Of a group: the users whom all of it is for."""


class Query:
    """One question to the replicas of a shard."""

    __slots__ = (
        "answers",
        "asked",
        "attempts",
        "doubted",
        "doubts",
        "key",
        "number",
        "quorum",
        "readers",
        "replicas",
        "starters",
    )

    def __init__(self, key: Key, number: int, replicas: tuple[Address, ...], readers: list[Reader]) -> None:
        self.key = key
        self.number = number
        self.replicas = replicas
        self.quorum = len(replicas) // 2 + 1
        self.readers = readers
        self.starters = len(readers)
        """Readers that were there before it began; the others joined."""
        self.asked: dict[int, bool] = {}
        """Replica to whether it was asked for rows."""
        self.answers: dict[int, RangeHeld] = {}
        """The newest answer of each replica."""
        self.attempts = 0
        self.doubted = False
        """A timer runs after which everybody is asked again."""
        self.doubts = 0


class DataService(Dispatching):
    """One host of the data service."""

    __slots__ = ("by_key", "port", "running", "settings", "turn")
    TAKES: ClassVar[dict[type, str]] = {Fetch: "on_fetch", RangeHeld: "on_range_held"}

    def __init__(self, port: DataServicePort, settings: ReadSettings) -> None:
        self.port = port
        self.settings = settings
        self.running: dict[int, Query] = {}
        self.by_key: dict[Key, Query] = {}
        """The query that a new reader of the same range may join."""
        self.turn = 0
        """Quorums take turns, so that every replica gets its share of the reads."""

    # -- readers --------------------------------------------------------------------------------------------

    def on_fetch(self, source: Address, fetch: Fetch) -> None:
        """STORE-5: the first reader of a range starts the query, later ones join."""
        self.join((fetch.conversation, fetch.side, fetch.edge, fetch.limit, ANYBODY), source, fetch)

    def join(self, key: Key, source: Address, fetch: Fetch) -> None:
        """STORE-5: the query that is under way, or else a new one."""
        query = self.by_key.get(key)
        if query is None:
            self.begin(key, [(source, fetch)])
        else:
            query.readers.append((source, fetch))

    def begin(self, key: Key, readers: list[Reader]) -> None:
        """A new query, to a quorum of the replicas whose turn it is."""
        port = self.port
        replicas = port.replicas_of(key[0])
        query = Query(key, port.begin_query(key[0]), replicas, readers)
        self.running[query.number] = query
        if self.settings.coalesce:
            self.by_key[key] = query
        first = self.turn % len(replicas)
        self.turn += 1
        order = [*range(first, len(replicas)), *range(first)]
        # Who died has closed its connections, and is asked last; who only stands still has not.
        order.sort(key=lambda replica: not port.is_connected(replicas[replica]))
        for place, replica in enumerate(order[: query.quorum]):
            self.ask(query, replica, with_rows=place == 0)
        if self.settings.speculative_retry_us is not None:
            port.set_timer(self.settings.speculative_retry_us, self.on_patience_over, query.number)
        port.set_timer(self.settings.give_up_us, self.on_give_up, query.number)

    # -- replicas -------------------------------------------------------------------------------------------

    def ask(self, query: Query, replica: int, *, with_rows: bool) -> None:
        """Ask one replica, for the rows or for a digest."""
        conversation, side, edge, limit, reader = query.key
        query.asked[replica] = with_rows
        query.attempts += 1
        trace = trace_of(query.number, query.attempts)
        message = ReadRange(conversation, side, edge, limit, reader, with_rows, query.number, replica, trace)
        self.port.send(query.replicas[replica], message)

    def ask_the_others(self, query: Query, *, with_rows: bool) -> None:
        """The replicas that this query has not asked yet."""
        for replica in range(len(query.replicas)):
            if replica not in query.asked:
                self.ask(query, replica, with_rows=with_rows)

    def on_patience_over(self, number: int) -> None:
        """The speculative retry: somebody stands still, so ask the others as well."""
        query = self.running.get(number)
        if query is not None:
            self.ask_the_others(query, with_rows=True)

    def on_give_up(self, number: int) -> None:
        """An answer is missing for too long: everybody is asked once more, the others included."""
        query = self.running.get(number)
        if query is not None:
            for replica in range(len(query.replicas)):
                self.ask(query, replica, with_rows=True)
            self.port.set_timer(self.settings.give_up_us, self.on_give_up, number)

    def on_range_held(self, source: Address, message: RangeHeld) -> None:
        """A replica says what it holds; an answer without rows that were asked for is no step back."""
        query = self.running.get(message.query)
        if query is None:
            return
        before = query.answers.get(message.replica)
        if before is None or message.with_rows or not before.with_rows or message.term > before.term:
            query.answers[message.replica] = message
        self.conclude(query)

    # -- the answer -----------------------------------------------------------------------------------------

    def conclude(self, query: Query) -> None:
        """STORE-4: answer when a quorum has answered and leaves no doubt; else ask on."""
        fresh = self.fresh(query)
        if len(fresh) < len(query.answers):
            self.port.reached(HardCase.STALE_REPLICA_REFUSED)
            self.doubt(query)
        if len(fresh) < query.quorum:
            return
        sure = self.surely_durable(fresh)
        if sure < self.possibly_durable(query, fresh):
            self.port.reached(HardCase.READ_IN_DOUBT)
            self.doubt(query)
            return
        page = self.page_through(query, fresh, sure)
        if page is not None:
            self.finish(query, sure, page)

    def fresh(self, query: Query) -> list[RangeHeld]:
        """STORE-4: the answers of the newest term; a replica that has not heard of it is refused."""
        term = max(answer.term for answer in query.answers.values())
        return [answer for answer in query.answers.values() if answer.term == term]

    def surely_durable(self, fresh: list[RangeHeld]) -> int:
        """STORE-4: up to here some replica knows that a quorum has the log; nobody reads beyond it."""
        return max(answer.known for answer in fresh)

    def possibly_durable(self, query: Query, fresh: list[RangeHeld]) -> int:
        """STORE-4: beyond this, no quorum can have had the log when the query began: too few of the replicas that
        answered hold more. To answer less would be to forget what may have been answered before."""
        silent = len(query.replicas) - len(fresh)
        held = sorted((answer.held for answer in fresh), reverse=True)
        return held[query.quorum - silent - 1]

    def doubt(self, query: Query) -> None:
        """An entry is on its way to its quorum, or a replica is behind: ask the others, and everybody again, soon at
        first and then less and less often."""
        self.ask_the_others(query, with_rows=False)
        if not query.doubted:
            query.doubted = True
            again_us = min(self.settings.doubt_us << min(query.doubts, 20), self.settings.give_up_us)
            query.doubts += 1
            self.port.set_timer(again_us, self.on_doubt_over, query.number)

    def on_doubt_over(self, number: int) -> None:
        """By now it may be known."""
        query = self.running.get(number)
        if query is not None:
            query.doubted = False
            for replica, with_rows in list(query.asked.items()):
                self.ask(query, replica, with_rows=with_rows)

    def page_through(self, query: Query, fresh: list[RangeHeld], sure: int) -> Page | None:
        """The rows of the range up to what is sure; None if the replica that was asked for rows lacks some, and
        another one has been asked."""
        _, side, edge, limit, reader = query.key
        first, last = bounds(side, edge, limit, sure) if reader == ANYBODY else (1, sure)
        for answer in fresh:
            if answer.with_rows and answer.held >= last:
                rows = tuple(row for row in answer.rows if first <= row.sequence <= last)
                if reader != ANYBODY:
                    rows = rows[:limit] if side == Side.BEHIND else rows[-limit:]
                return Page(rows, answer.for_users)
        if last < first:
            return Page((), ())
        best = max(fresh, key=lambda answer: answer.held)
        if not query.asked[best.replica]:
            self.ask(query, best.replica, with_rows=True)
        return None

    def finish(self, query: Query, sure: int, page: Page) -> None:
        """Answer everybody; who joined and knows of more than this query has found starts the next one (STORE-4); whom
        not all of it is for gets a page of their own (STORE-6)."""
        del self.running[query.number]
        if self.by_key.get(query.key) is query:
            del self.by_key[query.key]
        too_old: list[Reader] = []
        apart: list[Reader] = []
        for place, (source, fetch) in enumerate(query.readers):
            if place >= query.starters and sure < fetch.at_least:
                too_old.append((source, fetch))
            elif self.is_for(fetch.user, query, page):
                self.answer(source, fetch, query, sure, page.rows)
            else:
                apart.append((source, fetch))
        answered = len(query.readers) - len(too_old) - len(apart)
        self.port.end_query(query.key[0], query.number, answered)
        for source, fetch in apart:
            self.port.reached(HardCase.READ_BEYOND_A_STAY)
            self.join((*query.key[:4], fetch.user), source, fetch)
        if too_old:
            self.port.reached(HardCase.READ_TOO_OLD_FOR_A_JOINER)
            self.begin(query.key, too_old)

    def is_for(self, user: int, query: Query, page: Page) -> bool:
        """STORE-6: whether all of a page may be shown to a reader; the replica that gave it says so, from its log."""
        conversation, *_, reader = query.key
        return reader != ANYBODY or not page.rows or not is_group(conversation) or user in page.for_users

    def answer(self, source: Address, fetch: Fetch, query: Query, sure: int, rows: tuple[LogRow, ...]) -> None:
        """One reader's answer. STORE-6: who is no longer in a group does not learn how far its log reaches either."""
        through = sure
        if is_group(fetch.conversation):
            through = max(min(sure, fetch.at_least), rows[-1].sequence if rows else 0)
        fetched = Fetched(fetch.device, fetch.conversation, fetch.read, query.number, through, rows, fetch.trace)
        self.port.send(source, fetched)

    def on_write_refused(self, record: Any) -> None:
        """It writes nothing."""
