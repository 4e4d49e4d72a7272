"""Which roles a scenario's architecture has, and how many of those that only one of them has."""

from __future__ import annotations

from ..vocabulary.architectures import STORE_THEN_INBOX
from ..vocabulary.points import DATA_SERVICE, LONG_TERM_STORE, OBJECT_STORE, PUSH_GATEWAY, ROLES
from .model import Scenario
from .paths import least


def least_long_term_stores(scenario: Scenario) -> int:
    """How many hosts ``long_term_store`` names in every seed; in store_then_inbox those are the stores."""
    stores = least(scenario, "topology.store_shards")
    drawn = scenario.drawn.get("protocol.architecture", (scenario.protocol.architecture,))
    counts = [count for count in _long_term_counts(scenario) if count is not None]
    if not counts or drawn == (STORE_THEN_INBOX,):
        return stores
    return min(stores, *counts) if STORE_THEN_INBOX in drawn else min(counts)


def _long_term_counts(scenario: Scenario) -> tuple[int | None, ...]:
    drawn = scenario.drawn.get("topology.long_term_shards")
    return (scenario.topology.long_term_shards,) if drawn is None else drawn  # type: ignore[return-value]


def roles_present(scenario: Scenario) -> tuple[str, ...]:
    """The roles that have a host, and the push providers, which faults hit like hosts."""
    push = scenario.protocol.nudge_after_us > 0
    there = {
        LONG_TERM_STORE: scenario.long_term_shards > 0,
        PUSH_GATEWAY: push,
        DATA_SERVICE: scenario.topology.data_services > 0,
        OBJECT_STORE: scenario.has_media,
    }
    present = tuple(role for role in ROLES if there.get(role, True))
    return (*present, "push_provider") if push else present
