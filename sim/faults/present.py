"""What can happen in a scenario: the kinds of faults and the points that something in it meets. The nemesis draws no
others, so that a feature which is off leaves what it draws as it was."""

from __future__ import annotations

from functools import lru_cache

from ..scenario.model import Scenario
from ..vocabulary.encryption import SEALED
from ..vocabulary.points import (
    CATALOGUE,
    ONLY_IN_UPDATE_QUEUE,
    ONLY_WITH_CHANNELS,
    ONLY_WITH_ENCRYPTION,
    ONLY_WITH_MEDIA,
    ONLY_WITH_PRESENCE,
    ONLY_WITH_PUSH,
    ONLY_WITH_READS,
    ONLY_WITH_RETENTION,
    ONLY_WITH_SEALED,
)
from ..vocabulary.presence import OFF
from .kind import FaultKind


def has_retention(scenario: Scenario) -> bool:
    """Whether updates can expire (INBOX-6)."""
    return scenario.protocol.retention_us > 0 or scenario.protocol.inbox_cap > 0


def is_played(kind: FaultKind, scenario: Scenario) -> bool:
    """Whether a kind of fault can do anything in this scenario."""
    if kind.only_with == "push":
        return scenario.protocol.nudge_after_us > 0
    return kind.only_with != "channels" or scenario.has_channels


def points_met(scenario: Scenario) -> tuple[str, ...]:
    """The points that can be met in this scenario, in the order of the catalogue."""
    return _points(
        scenario.long_term_shards > 0,
        scenario.protocol.nudge_after_us > 0,
        has_retention(scenario),
        scenario.presence.kind != OFF,
        scenario.topology.data_services > 0,
        scenario.encryption.kind != OFF,
        scenario.has_media,
        scenario.has_channels,
        scenario.encryption.kind == SEALED,
    )


@lru_cache(maxsize=64)
def _points(
    update_queue: bool,
    push: bool,
    retention: bool,
    presence: bool,
    reads: bool,
    encryption: bool,
    media: bool,
    channels: bool,
    sealed: bool,
) -> tuple[str, ...]:
    played = (
        (update_queue, ONLY_IN_UPDATE_QUEUE),
        (push, ONLY_WITH_PUSH),
        (retention, ONLY_WITH_RETENTION),
        (presence, ONLY_WITH_PRESENCE),
        (reads, ONLY_WITH_READS),
        (encryption, ONLY_WITH_ENCRYPTION),
        (media, ONLY_WITH_MEDIA),
        (channels, ONLY_WITH_CHANNELS),
        (sealed, ONLY_WITH_SEALED),
    )
    absent = [points for there, points in played if not there]
    return tuple(point for point in CATALOGUE if not any(point in points for points in absent))
