"""V13: three replicas, quorum reads to two of them, one of them stands still for up to 10 s (STORE-4, STORE-5).

Inputs: 300 reads of different pages over 5 s, one replica paused for 10 s, each of the three in turn; a query of 1 ms.
Outcome: two thirds of that partition's reads stall without a speculative retry, none with one after 20 ms.
Tolerance: none.
"""

from __future__ import annotations

import pytest
from reading_world import MILLISECOND, SECOND, ReadingWorld

from sim.vocabulary.read_messages import Side
from sim.world.pauses import stand_still

READS = 300


def reads_that_stall(paused: int, speculative_retry_us: int | None) -> tuple[ReadingWorld, int]:
    reading = ReadingWorld(entries=400, speculative_retry_us=speculative_retry_us, give_up_us=30 * SECOND)
    stand_still(reading.log, paused, reading.now_us + 10 * SECOND)
    reading.ask(READS, side=Side.BEHIND, every_us=5 * SECOND // READS, distinct=True)
    reading.wait(60 * SECOND)
    assert len(reading.took_us) == READS, "every read is answered in the end"
    return reading, reading.slower_than(SECOND)


@pytest.mark.parametrize("paused", [0, 1, 2])
def test_v13_two_thirds_of_the_reads_stall_without_a_speculative_retry(paused: int) -> None:
    reading, stalled = reads_that_stall(paused, None)
    assert stalled * 3 == READS * 2
    assert max(reading.took_us.values()) <= 10 * SECOND + 10 * MILLISECOND


@pytest.mark.parametrize("paused", [0, 1, 2])
def test_v13_almost_none_stalls_with_a_speculative_retry(paused: int) -> None:
    reading, stalled = reads_that_stall(paused, 20 * MILLISECOND)
    assert stalled == 0
    assert max(reading.took_us.values()) < 30 * MILLISECOND
