"""What the nemesis draws beyond the promise: quorums lost with acknowledged writes, faults that never end, clocks that
run far too fast. Safety must hold all the same; what need not is told and excused (``sim/checkers/beyond.py``)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..scenario.targets import PLACES
from ..vocabulary.points import INBOX, LONG_TERM_STORE, OBJECT_STORE, STORE
from .clocks import MOST_DRIFT_PPM
from .promise import TAKES_A_PLACE
from .schedule import Fault

if TYPE_CHECKING:
    from .nemesis import Nemesis

_KEEP: Final = (STORE, STORE, INBOX, INBOX, LONG_TERM_STORE, OBJECT_STORE)
"""Who loses a quorum; the two that people meet first are drawn more often."""
_STAYS: Final = ("partition", "partition", "one_way_partition", "hold", "loss", "refusing_disk", "full_disk")
_MOST_DRIFT_BEYOND_PPM: Final = 300_000


def beyond(nemesis: Nemesis, place: int) -> Fault | None:
    """A fault beyond the promise, of the kinds that the scenario allows; None where there is none of those drawn."""
    draw = _SORTS[nemesis.dice.below(len(_SORTS), "sort beyond", place)]
    fault = draw(nemesis, place)
    return fault if fault is not None and fault.kind in nemesis.allowed else None


def _quorum(nemesis: Nemesis, place: int) -> Fault | None:
    """A shard lost more than it can bear: a moment's acknowledged writes, a minute's, or everything; often right
    where one has just become durable."""
    dice = nemesis.dice
    roles = [role for role in _KEEP if role in nemesis.hosts]
    role = roles[dice.below(len(roles), "role beyond", place)]
    lacks_us = 0
    if dice.chance(0.8, "something is left", place):
        lacks_us = int(1_000 * 60_000 ** dice.unit("lacks", place))
    points = [point for point in nemesis.points if point.split()[1].startswith(f"{role}.")]
    if points and dice.chance(0.5, "beyond at a point", place):
        point = points[dice.below(len(points), "point beyond", place)]
        nth = 1 + dice.below(40, "n-th beyond", place)
        return Fault("quorum_loss", point=point, nth=nth, for_us=nemesis.span_us(place), amount_us=lacks_us)
    at_us = nemesis.moment_us(place)
    return Fault("quorum_loss", at_us=at_us, for_us=nemesis.span_us(place), target=f"{role} any", amount_us=lacks_us)


def _stays(nemesis: Nemesis, place: int) -> Fault | None:
    """A fault that never ends."""
    dice = nemesis.dice
    name = _STAYS[dice.below(len(_STAYS), "what stays", place)]
    kind = nemesis.kind_named(name)
    roles = [role for role in nemesis.roles(kind) if role not in PLACES]
    role = roles[dice.below(len(roles), "where it stays", place)]
    return Fault(
        name,
        at_us=nemesis.moment_us(place),
        target=nemesis.target(kind, role, place),
        peer=nemesis.peer(place) if "peer" in kind.keys else "",
        probability=nemesis.share(place) if "probability" in kind.keys else 1.0,
        for_good=True,
    )


def _gone(nemesis: Nemesis, place: int) -> Fault | None:
    """One more replica of the same shard is gone for good, until there is no quorum; or a connection server, even if it
    is the only one."""
    role = (STORE, INBOX, "connection_server")[nemesis.dice.below(3, "who is gone", place)]
    return Fault("gone", at_us=nemesis.moment_us(place), target=f"{role} 0")


def _place(nemesis: Nemesis, place: int) -> Fault | None:
    """A zone or a region is lost, with however many replicas, for a while or for good."""
    if nemesis.atlas.is_one_place:
        return None
    kind = TAKES_A_PLACE[nemesis.dice.below(len(TAKES_A_PLACE), "which place", place)]
    stays = nemesis.dice.chance(0.3, "place stays lost", place)
    return Fault(
        kind,
        at_us=nemesis.moment_us(place),
        for_us=0 if stays else nemesis.span_us(place),
        target=f"{kind.removesuffix('_loss')} any",
        for_good=stays,
    )


def _clock(nemesis: Nemesis, place: int) -> Fault | None:
    """A clock far beyond the declared rate (CLOCK-1)."""
    dice = nemesis.dice
    kind = nemesis.kind_named("clock_drift")
    roles = nemesis.roles(kind)
    role = roles[dice.below(len(roles), "whose clock", place)]
    drift = MOST_DRIFT_PPM + 1 + dice.below(_MOST_DRIFT_BEYOND_PPM, "drift beyond", place)
    return Fault(
        "clock_drift",
        at_us=nemesis.moment_us(place),
        for_us=nemesis.span_us(place),
        target=nemesis.target(kind, role, place),
        factor=float(-drift if dice.chance(0.5, "drifts behind", place) else drift),
    )


_SORTS: Final[tuple[Callable[[Nemesis, int], Fault | None], ...]] = (
    _quorum,
    _quorum,
    _quorum,
    _stays,
    _stays,
    _gone,
    _place,
    _clock,
)
