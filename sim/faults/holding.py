"""Links that hold what passes and release it later: a hold, and clogging, one host's links after another's."""

from __future__ import annotations

from typing import Any, Final

from ..world.network import LinkCondition
from .cuts import add_condition, cut, ends_of, mend, mend_all
from .kind import FaultKind, Running
from .links import ENDS, OTHERS, SERVERS
from .targeting import end_test

BETWEEN_CLOGS_US: Final = 1_000_000
"""From one clogged host to the next, where the fault was given neither ``by`` nor a length."""


def _begin_hold(world: Any, running: Running, hosts: list[Any]) -> None:
    """Calls wait on the link and go on together at its end; connections are silent and speak again."""
    condition = add_condition(world, running, ends_of(world, running, hosts))
    condition.holds = True
    cut(world, condition)


def _begin_clogging(world: Any, running: Running, hosts: list[Any]) -> None:
    """Swizzled: the links of the targets clog one after another in a drawn order, and open again one after another in
    another one; what waits in a clogged link comes through when it opens."""
    dice = world.dice
    fault = running.fault
    gap_us = fault.amount_us or max(1, fault.for_us // (2 * max(1, len(hosts)))) if fault.for_us else fault.amount_us
    gap_us = gap_us or BETWEEN_CLOGS_US
    opens = sorted(range(len(hosts)), key=lambda turn: dice.bits("opens in turn", running.number, turn))
    clogs = sorted(range(len(hosts)), key=lambda turn: dice.bits("clogs in turn", running.number, turn))
    for turn, place in enumerate(clogs):
        clogs_us = turn * gap_us
        world.environment.call_after(clogs_us, _clog, (world, running, hosts[place], place))
        if fault.for_us:
            opens_us = max(clogs_us + 1, fault.for_us - (opens.index(place) + 1) * gap_us)
            world.environment.call_after(opens_us, _open, (world, running, place))


def _clog(due: tuple[Any, Running, Any, int]) -> None:
    """One host's links clog, if the fault still lasts."""
    world, running, host, place = due
    if running.ended_us >= 0:
        return
    is_peer = end_test(world, running.fault.peer, running) if running.fault.peer else lambda end: True
    condition = add_condition(world, running, (lambda end: end is host, is_peer), number=place)
    condition.holds = True
    cut(world, condition)


def _open(due: tuple[Any, Running, int]) -> None:
    """One host's links open again."""
    world, running, place = due
    clogged = [kept for kept in running.kept if isinstance(kept, LinkCondition) and kept.number == place]
    mend(world, running, clogged)


KINDS: Final = (
    FaultKind(
        "hold",
        "everything between the target and its peer is held, and released at the end",
        ENDS,
        ("for", "target", "peer", "for_good"),
        _begin_hold,
        mend_all,
    ),
    FaultKind(
        "clogging",
        "the links of the targets clog one after another, 'by' apart, and open again in another order",
        (*SERVERS, *OTHERS, "phone"),
        ("for", "target", "peer", "by"),
        _begin_clogging,
        mend_all,
    ),
)
