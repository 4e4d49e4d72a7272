"""Reads of logs, where there is a data service: the replicas' read sides, the routes to the services, the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..vocabulary import kinds
from .dice import mix
from .replica_views import ReplicaViews
from .store_replicas import Collections, ReplicaHost

if TYPE_CHECKING:
    from .world import World


class Reading:
    """What a run has only if logs are read in it."""

    __slots__ = ("began_us", "collections", "queries", "routing", "services", "spread_key", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.services = world.data_services
        self.routing = world.scenario.store_reads.routing
        self.spread_key = world.dice.key("data service")
        self.queries = 0
        self.began_us: dict[int, int] = {}
        """Query under way to when it began; one that died with its host stays."""
        self.collections = Collections(world)
        self.make_readers()

    def make_readers(self) -> None:
        """Every replica of the store can be read from."""
        for shard in self.world.stores:
            log = shard.log
            log.views = ReplicaViews(log)
            log.readers = tuple(ReplicaHost(self.world, shard, replica) for replica in range(log.replicas))
            for reader in log.readers:
                reader.start()
        if self.world.scenario.store_reads.collection_every_us:
            self.collections.begin()

    def data_service_of(self, fetch: Any) -> Any:
        """By conversation, so that equal reads meet; or anywhere. A repeat goes to the next one."""
        if self.routing == "by_conversation":
            place = mix(0x52454144, fetch.conversation) + fetch.attempt
        else:
            place = mix(self.spread_key, fetch.trace)
        return self.services[place % len(self.services)]

    def query_began(self, host: Any, conversation: int) -> int:
        """A query has begun; its number is no other's."""
        self.queries += 1
        self.began_us[self.queries] = self.world.environment._now
        self.world.facts.row(kinds.QUERY_BEGAN, host.number, chat=conversation, number=self.queries)
        return self.queries

    def query_answered(self, host: Any, conversation: int, query: int, readers: int) -> None:
        """A query has its answer."""
        self.world.tally["reads_joined"] += max(0, readers - 1)
        took_us = self.world.environment._now - self.began_us.pop(query)
        self.world.facts.row(
            kinds.QUERY_ANSWERED, host.number, chat=conversation, number=query, value=readers, extra=took_us
        )

    def longest_us(self) -> int:
        """How long a read may take once nothing fails any more."""
        reads = self.world.scenario.store_reads
        longest = reads.collection_most_us if reads.collection_every_us else 0
        pages = 2 if self.world.population.has_groups else 1  # STORE-6: the second for that reader alone
        return pages * (3 * reads.give_up_us + 2 * longest)
