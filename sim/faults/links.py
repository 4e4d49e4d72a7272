"""Faults of links: loss, delay, duplication, reordering, partition."""

from __future__ import annotations

from typing import Any, Final

from .cuts import add_condition, cut, ends_of, mend_all
from .kind import FaultKind, Running

SERVERS: Final = ("connection_server", "store", "inbox", "registry")
PLACES: Final = ("zone", "region")
OTHERS: Final = ("long_term_store", "push_gateway", "data_service", "object_store")
ENDS: Final = (*SERVERS, "phone", *PLACES, *OTHERS)
"""Whom faults of links may hit."""


def _begin_loss(world: Any, running: Running, hosts: list[Any]) -> None:
    add_condition(world, running, ends_of(world, running, hosts)).loss = running.fault.probability


def _begin_delay(world: Any, running: Running, hosts: list[Any]) -> None:
    condition = add_condition(world, running, ends_of(world, running, hosts))
    condition.delay_us = running.fault.amount_us or 200_000
    condition.jitter_us = condition.delay_us


def _begin_duplication(world: Any, running: Running, hosts: list[Any]) -> None:
    add_condition(world, running, ends_of(world, running, hosts)).duplicates = running.fault.probability


def _begin_reordering(world: Any, running: Running, hosts: list[Any]) -> None:
    add_condition(world, running, ends_of(world, running, hosts)).jitter_us = running.fault.amount_us or 100_000


def _begin_partition(world: Any, running: Running, hosts: list[Any]) -> None:
    """Calls across it are lost; phones' connections across it fall silent."""
    one_way = running.fault.kind == "one_way_partition"
    condition = add_condition(world, running, ends_of(world, running, hosts), one_way=one_way)
    condition.blocks = True
    cut(world, condition)


KINDS: Final = (
    FaultKind(
        "loss",
        "messages between the target and its peer are lost with this probability (phones: sent again, so delayed)",
        ENDS,
        ("for", "target", "peer", "probability", "for_good"),
        _begin_loss,
        mend_all,
    ),
    FaultKind(
        "delay",
        "messages take this much longer, and up to as much again at random",
        ENDS,
        ("for", "target", "peer", "by"),
        _begin_delay,
        mend_all,
    ),
    FaultKind(
        "duplication",
        "calls between servers arrive twice with this probability, the copy later",
        (*SERVERS, *PLACES, *OTHERS),
        ("for", "target", "peer", "probability"),
        _begin_duplication,
        mend_all,
    ),
    FaultKind(
        "reordering",
        "calls between servers take up to this much longer at random, and so overtake each other",
        (*SERVERS, *PLACES, *OTHERS),
        ("for", "target", "peer", "by"),
        _begin_reordering,
        mend_all,
    ),
    FaultKind(
        "partition",
        "nothing passes between the target and its peer",
        ENDS,
        ("for", "target", "peer", "for_good"),
        _begin_partition,
        mend_all,
    ),
    FaultKind(
        "one_way_partition",
        "nothing passes from the target to its peer",
        ENDS,
        ("for", "target", "peer", "for_good"),
        _begin_partition,
        mend_all,
    ),
)
