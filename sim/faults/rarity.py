"""Which points are ordinary: met so often in every run that a fault there seldom meets anything new.

Everything else is rare, new points included: the nemesis strikes there first. The list comes from the coverage of 400
seeds of ``swarm`` (effects that the median run meets more than eight times).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

ORDINARY: Final[dict[str, frozenset[str]]] = {
    "phone.send": frozenset(("append", "acknowledge", "hello", "watch_contacts")),
    "phone.persist": frozenset(("compose", "apply_updates", "take_accepted", "raise_epoch")),
    "connection_server.send": frozenset(
        ("append", "updates", "acknowledge", "accepted", "drain", "claim", "release", "watch_contacts",
         "contact_states")
    ),
    "registry.send": frozenset(("route", "granted", "presence_batch")),
    "store.send": frozenset(("accepted", "enter", "enter_batch")),
    "store.persist": frozenset(("append_entry",)),
    "inbox.send": frozenset(
        ("updates", "updates_batch", "entered", "entered_batch", "receipt", "receipt_batch", "receipt_taken",
         "receipt_taken_batch", "look_up")
    ),
    "inbox.persist": frozenset(("move_cursor", "enter_entry", "enter_receipt", "together")),
}  # fmt: skip


def is_rare(point: str) -> bool:
    """Whether a point is met seldom, or only in some systems."""
    role, effect, kind = point.split()[1].split(".")
    return kind not in ORDINARY.get(f"{role}.{effect}", frozenset())


@lru_cache(maxsize=32)
def rare_of(points: tuple[str, ...]) -> tuple[str, ...]:
    """The rare ones among points, in their order."""
    return tuple(point for point in points if is_rare(point))
