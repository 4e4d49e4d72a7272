"""V15: N identical reads during one 15 ms query (STORE-5).

Inputs: 1,000 readers of the same page within 10 ms, a query of 15 ms, 1 or 4 data services.
Outcome: 1 query when routed and coalesced, k without routing over k instances, N without coalescing.
Tolerance: none.
"""

from __future__ import annotations

import pytest
from reading_world import MILLISECOND, SECOND, ReadingWorld

READERS = 1_000


@pytest.mark.parametrize(
    ("services", "routing", "coalesce", "queries"),
    [
        (1, "by_conversation", True, 1),
        (4, "by_conversation", True, 1),
        (4, "spread", True, 4),
        (4, "by_conversation", False, READERS),
        (4, "spread", False, READERS),
    ],
)
def test_v15_coalescing(services: int, routing: str, coalesce: bool, queries: int) -> None:
    reading = ReadingWorld(services, query_us=15 * MILLISECOND, routing=routing, coalesce=coalesce, cores=1024)
    reading.ask(READERS, every_us=10)
    reading.wait(60 * SECOND)
    assert reading.queries() == queries
    assert len(reading.took_us) == READERS
    assert set(map(tuple, reading.pages.values())) == {tuple(range(191, 201))}
