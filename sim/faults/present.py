"""What can happen in a scenario: the kinds of faults and the points that something in it meets. The nemesis draws no
others, so that a feature which is off leaves what it draws as it was."""

from __future__ import annotations

from functools import lru_cache

from ..scenario.model import Scenario
from ..vocabulary.points import CATALOGUE, ONLY_IN_UPDATE_QUEUE, ONLY_WITH_PUSH
from .kind import FaultKind


def is_played(kind: FaultKind, scenario: Scenario) -> bool:
    """Whether a kind of fault can do anything in this scenario."""
    return scenario.protocol.nudge_after_us > 0 or not kind.only_with_push


def points_met(scenario: Scenario) -> tuple[str, ...]:
    """The points that can be met in this scenario, in the order of the catalogue."""
    return _points(scenario.long_term_shards > 0, scenario.protocol.nudge_after_us > 0)


@lru_cache(maxsize=8)
def _points(update_queue: bool, push: bool) -> tuple[str, ...]:
    absent = (frozenset() if update_queue else ONLY_IN_UPDATE_QUEUE) | (frozenset() if push else ONLY_WITH_PUSH)
    return tuple(point for point in CATALOGUE if point not in absent)
