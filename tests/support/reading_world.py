"""A small world with a store that is read: a test asks data services, and is told when each answer came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sim.scenario.model import Network, Scenario, Storage, Topology
from sim.scenario.store_reads import StoreReads
from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.messages import Append, Change, trace_of
from sim.vocabulary.population import PLAIN, Population
from sim.vocabulary.read_messages import Fetch, Fetched, Side
from sim.world.roles import REFERENCE
from sim.world.world import World

CHAT = conversation_between(0, 1)
MILLISECOND, SECOND = 1_000, 1_000_000
QUICK = StoreReads(query_us=MILLISECOND, query_sigma=0.0, page=10)
"""Every read takes a replica one millisecond."""


class ReadingWorld:
    """One store shard with three replicas, and some data services. It stands in for the connection servers."""

    number = -1
    role = "test"
    salt = 0

    def __init__(
        self,
        services: int = 1,
        entries: int = 200,
        seed: int = 1,
        store: StoreReads = QUICK,
        population: Population = PLAIN,
        chat: int = CHAT,
        **reads: Any,
    ) -> None:
        self.scenario = Scenario(
            topology=Topology(1, 0, 10, 1, 3, 1, 1, data_services=services),
            network=Network(message_service_us=1),
            storage=Storage(server_sigma=0.0),
            store_reads=replace(store, **reads),
        )
        self.rows: list[tuple[int, ...]] = []
        self.world = World(self.scenario, seed, self.rows.append, REFERENCE, population=population)
        self.chat = chat
        self.log = self.world.stores[0].log
        self.asked_us: dict[int, int] = {}
        self.took_us: dict[int, int] = {}
        self.pages: dict[int, list[int]] = {}
        self.sent = 0
        self.append(entries)

    @property
    def now_us(self) -> int:
        return int(self.world.environment._now)

    def wait(self, span_us: int) -> None:
        self.world.environment.run_until(self.now_us + span_us)

    def append(self, count: int, wait_us: int = SECOND, change: Change | None = None) -> None:
        """So many entries more, and time to become durable."""
        store = self.world.stores[0]
        for _ in range(count):
            self.sent += 1
            message = Append(0, 0, self.chat, self.sent, 5000 + self.sent, 0, self.sent, trace_of(self.sent), change)
            store.guard(store.handlers[Append], self, message)
        if wait_us:
            self.wait(wait_us)

    def ask(
        self, reads: int, *, side: int = Side.NEWEST, edge: int = 0, every_us: int = 0, distinct: bool = False
    ) -> None:
        """So many readers ask, one every so often; for the same page, or each for another."""
        first = len(self.asked_us)
        for number in range(first, first + reads):
            page = edge + (number if distinct else 0)
            message = Fetch(number, 0, CHAT, 1, side, page, self.scenario.store_reads.page, 0, 0, trace_of(number))
            self.world.environment.call_after((number - first) * every_us, self.send, message)

    def ask_as(self, *users: int) -> dict[int, list[int]]:
        """These users ask for the newest page at the same time; what each of them is shown."""
        for user in users:
            page = self.scenario.store_reads.page
            self.send(Fetch(user, user, self.chat, 1, Side.NEWEST, 0, page, 0, 0, trace_of(user)))
        self.pages.clear()
        self.wait(5 * SECOND)
        return self.pages

    def send(self, message: Fetch) -> None:
        self.asked_us[message.device] = self.now_us
        assert self.world.reading is not None
        self.world.reading.data_service_of(message).deliver((self, message))

    def deliver(self, item: tuple[Any, Any]) -> None:
        """An answer came (the store's answers to the appends come here too)."""
        message = item[1]
        if isinstance(message, Fetched):
            self.took_us[message.device] = self.now_us - self.asked_us[message.device]
            self.pages[message.device] = [row.sequence for row in message.rows]

    def queries(self) -> int:
        """How many queries were begun."""
        return sum(row[1] == kinds.QUERY_BEGAN for row in self.rows)

    def slower_than(self, span_us: int) -> int:
        """How many reads took longer than this."""
        return sum(took_us > span_us for took_us in self.took_us.values())
