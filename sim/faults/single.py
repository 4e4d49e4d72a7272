"""Faults of one effect: this message is lost, late or repeated, this write is refused. The point says which.

They are what ``exhaust`` counts through, and what a story of a few lines is made of; a nemesis draws faults that last.
"""

from __future__ import annotations

from typing import Any, Final

from ..world.disks import DiskFault
from ..world.network import LinkCondition
from .cuts import mend_all
from .disks import add_to_disks, end_on_disks
from .kind import FaultKind, Running
from .links import OTHERS, SERVERS

LATE_US: Final = 5_000_000
"""How late a message is where a schedule does not say: later than anybody waits for it."""
_SENDERS: Final = (*SERVERS, *OTHERS)
_DISKS: Final = ("store", "inbox", "long_term_store", "object_store", "phone")


def next_message(world: Any, running: Running, hosts: list[Any]) -> LinkCondition:
    """A condition on the next message that these hosts send, and on no other."""
    waiting = [id(host) for host in hosts]

    def hits(source: Any, destination: Any) -> bool:
        if id(source) not in waiting:
            return False
        waiting.clear()
        return True

    condition = LinkCondition(running.number, running, hits)
    running.kept.append(condition)
    world.network.conditions.append(condition)
    return condition


def _begin_lost(world: Any, running: Running, hosts: list[Any]) -> None:
    next_message(world, running, hosts).loss = 1.0


def _begin_late(world: Any, running: Running, hosts: list[Any]) -> None:
    """On a phone's stream what comes behind it waits for it."""
    next_message(world, running, hosts).delay_us = running.fault.amount_us or LATE_US


def _begin_repeated(world: Any, running: Running, hosts: list[Any]) -> None:
    condition = next_message(world, running, hosts)
    condition.duplicates = 1.0
    condition.copy_us = running.fault.amount_us


def _begin_refused(world: Any, running: Running, hosts: list[Any]) -> None:
    add_to_disks(hosts, DiskFault(running, refuses_share=1.0, once=True))


KINDS: Final = (
    FaultKind(
        "message_lost",
        "the message at this point is lost on its way",
        _SENDERS,
        (),
        _begin_lost,
        mend_all,
        effect="send",
    ),
    FaultKind(
        "message_late",
        "the message at this point takes this much longer (5s); on a phone's stream all behind it wait",
        (*_SENDERS, "phone"),
        ("by",),
        _begin_late,
        mend_all,
        effect="send",
    ),
    FaultKind(
        "message_repeated",
        "the message at this point arrives twice, the copy this much later (a moment, if nothing is said)",
        _SENDERS,
        ("by",),
        _begin_repeated,
        mend_all,
        effect="send",
    ),
    FaultKind(
        "write_refused",
        "the disk refuses the write at this point, and says so",
        _DISKS,
        (),
        _begin_refused,
        end_on_disks,
        effect="persist",
    ),
)
