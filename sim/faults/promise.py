"""The promise: what the system must survive, and which written schedules go beyond it.

Replicated shards promise to survive the loss of at most f of their 2f + 1 replicas at a time, wherever those stand:
the loss of a zone or a region is within the promise when no shard has more than f replicas there. Clocks are promised
to drift at most ``MOST_DRIFT_PPM`` (CLOCK-1). A schedule beyond that is refused unless the scenario says
``beyond_promise: true``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from ..scenario.model import Scenario
from ..scenario.targets import PLACES, parse_target
from ..world.atlas import Atlas
from .clocks import MOST_DRIFT_PPM
from .kind import WITHOUT_FOR_US
from .schedule import Fault
from .targeting import choices_of, places_named

TAKES_A_REPLICA: Final = ("crash", "replica_loss", "unsynced_write_lost", "lost_disk", "torn_write")
TAKES_A_PLACE: Final = ("zone_loss", "region_loss")


class Shards(NamedTuple):
    """The shards of one role."""

    role: str
    number: int
    replicas: int


def shards_of(scenario: Scenario) -> tuple[Shards, ...]:
    """The replicated shards of a scenario."""
    topology = scenario.topology
    return (
        Shards("store", topology.store_shards, topology.store_replicas),
        Shards("inbox", topology.inbox_shards, topology.inbox_replicas),
        Shards("long_term_store", scenario.long_term_shards, topology.long_term_replicas),
        Shards("object_store", topology.object_stores, topology.object_store_replicas),
    )


def beyond_promise(
    faults: Sequence[Fault], shards: Sequence[Shards], catch_up_us: int, atlas: Atlas
) -> Iterator[tuple[int, str, str]]:
    """The place of every written fault that exceeds the promise, why, and what to write instead."""
    for place, fault in enumerate(faults):
        if fault.kind == "clock_drift" and abs(fault.factor) > MOST_DRIFT_PPM:
            yield place, f"clocks are promised to drift at most {MOST_DRIFT_PPM} parts per million (CLOCK-1)", ""
        if fault.for_good:
            yield place, "it never ends, and everything else is promised to come to rest only once it has (LIVE-1)", ""
        if fault.kind == "quorum_loss":
            yield (
                place,
                "takes more than f replicas of a shard, with writes that they had acknowledged (STORE-7)",
                "",
            )
        together = [other for other in faults[: place + 1] if _overlap(other, fault, catch_up_us)]
        for sort in shards:
            said = _too_many(fault, together, sort, atlas)
            if said:
                instead = "let replicas stand apart (regions.replicas), or " if fault.kind in TAKES_A_PLACE else ""
                yield place, said, instead


def survives(atlas: Atlas, shards: Sequence[Shards], kind: str) -> bool:
    """Whether the loss of any place of this kind, by itself, is within the promise."""
    fault = Fault(kind, at_us=0, target=f"{kind.removesuffix('_loss')} any")
    return not any(_too_many(fault, [fault], sort, atlas) for sort in shards)


def _too_many(fault: Fault, together: Sequence[Fault], sort: Shards, atlas: Atlas) -> str:
    """Whether a fault, with those that last as well, takes more than f replicas of a shard; in words."""
    promised = sort.replicas // 2
    for shard in range(sort.number):
        if not _taken(fault, sort, shard, atlas):
            continue
        taken = sum(_taken(other, sort, shard, atlas) for other in together)
        if taken > promised:
            return (
                f"takes replica {min(taken, sort.replicas)} of {sort.replicas} of a shard at the same time; "
                f"{promised} may be gone at once (STORE-7)"
            )
    return ""


def _taken(fault: Fault, sort: Shards, shard: int, atlas: Atlas) -> int:
    """How many replicas of a shard a fault at a time may take at most. One at a point takes whoever is there when it is
    met, which no schedule tells beforehand: it counts as none."""
    if fault.at_us is None or not fault.target:
        return 0
    if fault.kind in TAKES_A_PLACE:
        target = parse_target(fault.target)
        if target.role not in PLACES or atlas.is_one_place:
            return 0
        lost = choices_of(atlas, target.role) if target.drawn else (places_named(atlas, target),)
        return max(atlas.lost_replicas(shard, sort.replicas, each) for each in lost)
    if fault.kind not in TAKES_A_REPLICA:
        return 0
    target = parse_target(fault.target)
    # ``any`` and a part of all may be any shard.
    return int(target.role in (sort.role, "servers") and target.index in (None, shard))


def _overlap(one: Fault, other: Fault, catch_up_us: int) -> bool:
    """Whether both last at some time."""
    if one is other:
        return True
    return _begins(one) < _ends(other, catch_up_us) and _begins(other) < _ends(one, catch_up_us)


def _begins(fault: Fault) -> int:
    return fault.at_us or 0


def _ends(fault: Fault, catch_up_us: int) -> int:
    if fault.kind in TAKES_A_PLACE and not fault.for_us:
        return 1 << 62
    empty_disk = fault.kind in ("replica_loss", "lost_disk")
    return _begins(fault) + (fault.for_us or WITHOUT_FOR_US) + (catch_up_us if empty_disk else 0)
