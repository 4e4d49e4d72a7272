"""A run leaves nothing behind, even one that never comes to rest: hunts play thousands of them in one process."""

from __future__ import annotations

import gc

from sim import run
from sim.world.world import World


def worlds() -> int:
    """How many worlds there are in memory, whoever holds them."""
    gc.collect()
    return sum(isinstance(each, World) for each in gc.get_objects())


def test_what_is_still_under_way_is_freed_with_its_world() -> None:
    """Records and messages name hosts, and hosts hold records: the collector has to see both."""
    before = worlds()
    run("swarm_beyond", 1)
    assert worlds() == before
