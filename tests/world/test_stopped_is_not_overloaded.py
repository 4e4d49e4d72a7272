"""A host that stands still for a while is not overloaded: nothing queues there that would grow by itself (LIVE-1)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sim.vocabulary.kinds import WaitKind
from sim.world.census import Census


def told(busy_until_us: int, paused_until_us: int) -> list[int]:
    """What the census says at 100 s of one host, where people wait 2 s for an answer."""
    host = SimpleNamespace(number=7, busy_until_us=busy_until_us, paused_until_us=paused_until_us)
    world: Any = SimpleNamespace(
        environment=SimpleNamespace(_now=100_000_000),
        timers=SimpleNamespace(answer_within_us=2_000_000),
        hosts=lambda: [host],
    )
    return [kind for _, _, kind, _ in Census(world).overloaded()]


def test_live_1_a_collection_is_no_overload() -> None:
    assert told(busy_until_us=104_000_000, paused_until_us=104_000_000) == []


def test_live_1_a_queue_beyond_everybodys_patience_is_one() -> None:
    assert told(busy_until_us=104_000_000, paused_until_us=0) == [WaitKind.OVERLOAD]
    assert told(busy_until_us=107_000_000, paused_until_us=104_000_000) == [WaitKind.OVERLOAD]
