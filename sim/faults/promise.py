"""The promise: what the system must survive, and which written schedules go beyond it.

Replicated shards promise to survive the loss of at most f of their 2f + 1 replicas at a time; clocks are promised to
drift at most ``MOST_DRIFT_PPM`` (CLOCK-1). A schedule beyond that is refused unless the scenario says
``beyond_promise: true``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from .kind import WITHOUT_FOR_US
from .schedule import Fault

MOST_DRIFT_PPM: Final = 500
"""The declared rate r of CLOCK-1: more than ten times what a bad quartz does."""
TAKES_A_REPLICA: Final = ("crash", "replica_loss", "unsynced_write_lost")


def beyond_promise(faults: Sequence[Fault], replicas: dict[str, int], catch_up_us: int) -> Iterator[tuple[int, str]]:
    """The place of every written fault that exceeds the promise, and why. ``replicas`` is the number by role."""
    for place, fault in enumerate(faults):
        if fault.kind == "clock_drift" and abs(fault.factor) > MOST_DRIFT_PPM:
            yield place, f"clocks are promised to drift at most {MOST_DRIFT_PPM} parts per million (CLOCK-1)"
        for role, number in replicas.items():
            others = [
                other
                for other in faults[: place + 1]
                if _hits(other, role) and _hits(fault, role) and _overlap(other, fault, catch_up_us)
            ]
            promised = number // 2
            if len(others) > promised:
                yield (
                    place,
                    (
                        f"takes replica {len(others)} of {number} of a shard at the same time; "
                        f"{promised} may be gone at once (STORE-7)"
                    ),
                )


def _hits(fault: Fault, role: str) -> bool:
    """Whether a fault at a time takes a replica of a shard of this role. Different shards by number are told apart
    only by ``_overlap``; ``any`` and all of a role may be the same shard."""
    words = fault.target.split()
    return fault.kind in TAKES_A_REPLICA and fault.at_us is not None and bool(words) and words[0].startswith(role)


def _overlap(one: Fault, other: Fault, catch_up_us: int) -> bool:
    """Whether both keep a replica of the same shard away at the same time."""
    if one is other:
        return True
    numbered = one.target.split()[-1].isdecimal() and other.target.split()[-1].isdecimal()
    same = one.target == other.target or not numbered
    return same and _begins(one) < _ends(other, catch_up_us) and _begins(other) < _ends(one, catch_up_us)


def _begins(fault: Fault) -> int:
    return fault.at_us or 0


def _ends(fault: Fault, catch_up_us: int) -> int:
    return _begins(fault) + (fault.for_us or WITHOUT_FOR_US) + (catch_up_us if fault.kind == "replica_loss" else 0)
