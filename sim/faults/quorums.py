"""The loss of a quorum: more than f of a shard's disks at once, and acknowledged writes with them (beyond STORE-7)."""

from __future__ import annotations

from typing import Any, Final

from ..vocabulary import kinds
from ..vocabulary.kinds import Excess
from ..vocabulary.points import INBOX, LONG_TERM_STORE, OBJECT_STORE, STORE
from .kind import FaultKind, Running

EXCESS_OF: Final = {
    STORE: Excess.STORE_SET_BACK,
    INBOX: Excess.INBOX_SET_BACK,
    LONG_TERM_STORE: Excess.LONG_TERM_STORE_SET_BACK,
    OBJECT_STORE: Excess.OBJECT_STORE_SET_BACK,
}


def _begin_quorum_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    """The shard goes on from the disk that is left, and knows nothing of what that one lacks; without one it begins
    empty. Nobody leads meanwhile."""
    lacks_us = running.fault.amount_us
    for host in hosts:
        log = host.log
        through_us = world.environment._now - lacks_us if lacks_us else -1
        running.touched += 1
        for replica in range(log.replicas):
            log.replica_down(replica, running.number)
        before = _ends(log.state)
        log.set_back(through_us)
        world.facts.row(kinds.BEYOND, host.number, number=EXCESS_OF[host.role])
        after = _ends(log.state)
        for conversation, last in before.items():
            now_last = after.get(conversation, 0)
            if now_last < last:
                world.facts.row(
                    kinds.BEYOND,
                    host.number,
                    chat=conversation,
                    number=EXCESS_OF[host.role],
                    value=now_last,
                    extra=last,
                )


def _ends(state: Any) -> dict[int, int]:
    """Conversation to its last sequence, where the state has such."""
    logs = getattr(state, "conversations", None) or {}
    return {conversation: getattr(log, "last_sequence", 0) for conversation, log in logs.items()}


def _end_quorum_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    """The new disks hold what the one that was left did, and elect a leader."""
    for host in hosts:
        for replica in range(host.log.replicas):
            host.log.replica_up(replica, running.number)


KINDS: Final = (
    FaultKind(
        "quorum_loss",
        "the shard loses more than f disks, and what was acknowledged in the last 'by' (left out: everything)",
        ("store", "inbox", "long_term_store", "object_store"),
        ("for", "target", "by"),
        _begin_quorum_loss,
        _end_quorum_loss,
        weight=0,
    ),
)
