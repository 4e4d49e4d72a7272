"""LIVE-1: an inbox that catches up by a cursor of its own is slow, and the bound of settling allows for it (FAN-6)."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from sim.world.census import Census

WRITE_US, WAY_US, FAR_US, AGAIN_US = 30_000, 1_000, 20_000, 300_000
STEP_US = 2 * WRITE_US + 2 * (WAY_US + FAR_US) + AGAIN_US
"""One entry: a write at both ends, there and back, lost once."""


def bound_us(laggards: dict[int, int], rows: int = 1, unsent: int = 0) -> int:
    """Of a log of ten entries. ``rows``: how many entries one becomes."""
    state = SimpleNamespace(laggards=laggards, end_position=10, entry_at=lambda place: SimpleNamespace(append=place))
    log = SimpleNamespace(state=state, table=(1, WRITE_US))
    outbox = SimpleNamespace(outbox=range(unsent))
    phone = SimpleNamespace(to_write=(), state=SimpleNamespace(unlinking=(), chats={0: outbox}))
    ring = SimpleNamespace(rows_of=lambda _: rows, rows_per_row=rows, waiting=lambda _: 0)
    inboxes = [SimpleNamespace(log=SimpleNamespace(table=(WRITE_US,), state=SimpleNamespace(inboxes={})))]
    world: Any = SimpleNamespace(
        stores=[SimpleNamespace(log=log)],
        inboxes=inboxes,
        phones={0: phone},
        key_ring=ring if rows > 1 else None,
        server_table=(0, WAY_US),
        far_us=((0, FAR_US), (FAR_US, 0)),
        scenario=SimpleNamespace(protocol=SimpleNamespace(call_again_us=AGAIN_US)),
    )
    return Census(world).laggards_us()


def test_live_1_without_laggards_nothing_is_added() -> None:
    assert bound_us({}) == 0


def test_live_1_the_last_laggard_counts_entry_by_entry() -> None:
    assert bound_us({7: 9, 8: 4}) == 6 * STEP_US
    assert bound_us({8: 4}, unsent=2) == 8 * STEP_US, "and what is not in the log yet"


def test_live_1_sealed_receipts_are_entries_of_the_same_log() -> None:
    assert bound_us({8: 4}, rows=11) == 6 * 11 * STEP_US
