"""What a log must record before a check can say anything about it. Without that the verdict is unknown: neither a false
alarm nor false comfort."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Final

from ..checkers.verdict import UNKNOWN, Verdict

_END: Final = ("phase", "reachable")
_TRUTH: Final = ("logged", "delivered", "opened", "shown", "refused")

NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "LOSS-1": ("shown", *_END),
    "LOSS-2": _END,
    "DUP-1": ("shown",),
    "ORDER-1": ("shown", "logged"),
    "ORDER-2": ("shown",),
    "ORDER-3": ("shown",),
    "ORDER-4": ("shown",),
    "GHOST-1": ("shown",),
    "TICK-1": ("tick", *_TRUTH),
    "TICK-2": ("tick",),
    "TICK-3": ("tick", *_TRUTH, *_END),
    "QUEUE-1": ("appended", "acknowledged", "trimmed", "cursor", "inbox", "lost"),
    "QUEUE-2": ("appended", "acknowledged", "cursor"),
    "QUEUE-3": ("appended", "cursor", "trimmed", "inbox", *_END),
    "ROUTE-1": ("served", "lookup", "connection", "phase"),
    "UNREAD-1": ("shown", "logged", "read", "read stored", "badge", *_END),
    "LIVE-1": ("waiting", *_END),
    "BOUND-1": ("queue",),
    "FLOW-1": (
        *("logged", "refused", "tick", "shown", "delivered", "appended", "trimmed", "cursor", "lost"),
        *("waiting", "in outbox", "held back", "area", *_END),
    ),
}
"""Check -> events. A check that is not here is never judged from a log: what it asks has no event."""

RECIPIENTS: Final = frozenset({"LOSS-1", "GHOST-1", "TICK-1", "TICK-3", "FLOW-1", "UNREAD-1"})
"""Checks that must know whom every message was for."""
EXPIRY: Final = frozenset({"LOSS-1", "TICK-3", "QUEUE-1", "FLOW-1"})
"""Checks that, where updates expire, must know who was told."""


def lacking(check: str, records: Collection[str], *, recipients: bool, expires: bool) -> str:
    """Why a check cannot be judged, in words; empty when it can."""
    if check not in NEEDS:
        return "a log has no events for what this check asks (an exported run has)"
    missing = [event for event in NEEDS[check] if event not in records]
    if expires and check in EXPIRY:
        missing += [event for event in ("expired", "marker", "trimmed", "appended") if event not in records]
    if missing:
        return f"the log does not record: {', '.join(dict.fromkeys(missing))}"
    if not recipients and check in RECIPIENTS:
        return "the log does not say of every message whom it was for (`to`, `recipients`, or `owed`)"
    return ""


def told_apart(
    verdicts: Sequence[Verdict], records: Collection[str], *, recipients: bool, expires: bool
) -> tuple[Verdict, ...]:
    """The verdicts, unknown where the data is not there."""
    told = []
    for verdict in verdicts:
        reason = lacking(verdict.check, records, recipients=recipients, expires=expires)
        told.append(Verdict(verdict.check, UNKNOWN, 0, 0, (reason,)) if reason else replace(verdict))
    return tuple(told)
