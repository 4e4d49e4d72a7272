"""What a run beyond the promise may break, and what it may not: durability and liveness are excused, safety is not.

Excused is what rests on what the run took away: a verdict that is invalid then says why, and fails no build. What is
not in these tables must hold whatever happens.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ..vocabulary.kinds import Excess
from .verdict import INVALID, Verdict

DURABILITY: Final = ("LOSS-1", "LOSS-2", "QUEUE-1", "FLOW-1")
"""What any scenario beyond the promise may break, whatever its schedule came to."""
LIVENESS: Final = ("LIVE-1", "TICK-3", "QUEUE-3", "UNREAD-1")
"""What must have happened by the end."""
LOG_SET_BACK: Final = "the log of that chat lost acknowledged entries"
INBOX_SET_BACK: Final = "the inbox of that device lost acknowledged rows"

EXCUSED: Final[dict[int, tuple[str, tuple[str, ...]]]] = {
    Excess.STORE_SET_BACK: ("a store lost acknowledged writes", (*LIVENESS, "TICK-1", "QUEUE-2")),
    Excess.INBOX_SET_BACK: (
        "an inbox lost acknowledged writes",
        (*LIVENESS, "TICK-1", "QUEUE-2", "ROUTE-1", "NUDGE-1"),
    ),
    Excess.LONG_TERM_STORE_SET_BACK: ("the long-term store lost acknowledged writes", LIVENESS),
    Excess.OBJECT_STORE_SET_BACK: ("an object store lost acknowledged writes", (*LIVENESS, "MEDIA-1")),
    Excess.NOT_HEALED: ("something stays broken to the end", (*LIVENESS, "PRES-2", "NUDGE-1")),
    Excess.CLOCK: ("a clock drifts more than is promised", ("LIVE-1", "PRES-1", "PRES-2", "NUDGE-1")),
}
"""How a run may go beyond the promise, in words, and the checks that rest on what it took away."""


def told_beyond(verdict: Verdict, excess: Iterable[int]) -> Verdict:
    """The verdict of a scenario that may go beyond the promise, whose run did so in these ways (``Excess``)."""
    if verdict.outcome != INVALID or verdict.beyond:
        return verdict
    reasons = [EXCUSED[way][0] for way in excess if verdict.check in EXCUSED[way][1]]
    if not reasons and verdict.check in DURABILITY:
        reasons = [EXCUSED[way][0] for way in excess] or ["more may be gone at once than is promised"]
    return replace(verdict, beyond="; ".join(reasons)) if reasons else verdict
