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
        before = log.state
        log.set_back(through_us)
        world.facts.row(kinds.BEYOND, host.number, number=EXCESS_OF[host.role])
        _write_what_is_lost(world, host, before, log.state)


def _write_what_is_lost(world: Any, host: Any, before: Any, now: Any) -> None:
    """Which conversations and inboxes are shorter than what was acknowledged."""
    number = EXCESS_OF[host.role]
    if host.role == STORE:
        for conversation, log in before.conversations.items():
            there = now.conversations.get(conversation)
            last = 0 if there is None else there.last_sequence
            if last < log.last_sequence:
                world.facts.row(
                    kinds.BEYOND, host.number, chat=conversation, number=number, value=last, extra=log.last_sequence
                )
    if host.role == INBOX:
        for device, inbox in before.inboxes.items():
            left = now.inboxes.get(device)
            head = 0 if left is None else left.head
            if head < inbox.head:
                world.facts.row(kinds.BEYOND, device, number=number, value=head, extra=inbox.head)


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
