"""Reads of the conversation logs: the data service, and what a read costs a replica of the store."""

from __future__ import annotations

from dataclasses import dataclass

from .fields import choice, count, duration, flag, number, optional_duration


@dataclass(frozen=True, slots=True)
class StoreReads:
    """How logs are read. Nothing reads while there is no data service (``topology.data_services``)."""

    page: int = count(50, "entries in one page of a read", least=1, most=10_000)
    routing: str = choice(
        "by_conversation", ("by_conversation", "spread"), "which data service gets a read: one per conversation, or any"
    )
    coalesce: bool = flag(True, "concurrent reads of the same range join the query that is under way")
    speculative_retry_us: int | None = optional_duration("ask the other replicas after this time (default: never)")
    give_up_us: int = duration("5s", "a replica that has not answered by then is passed over", least="1ms")
    doubt_us: int = duration("2ms", "ask again after this time what no quorum can tell for sure yet", least="1us")
    query_us: int = duration("3ms", "median time in which a replica reads a range", least="1us")
    query_sigma: float = number(0.7, "spread of that time", most=3.0)
    cores: int = count(8, "ranges that one replica reads at a time", least=1, most=1024)
    shard_per_core: bool = flag(True, "each conversation belongs to one core (else any free one reads it)")
    collection_every_us: int = duration("0s", "mean time between two garbage collections of a replica (0s: never)")
    collection_us: int = duration("100ms", "median time for which a collection stops a replica", least="1us")
    collection_sigma: float = number(1.2, "spread of that time", most=3.0)
    collection_most_us: int = duration("10s", "longest collection", least="1us")
