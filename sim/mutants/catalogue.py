"""All planted bugs, by number. Up to 48 the numbers are those of the published list that they come from; those from 101
on are this project's own."""

from __future__ import annotations

from typing import Final

from . import (
    channels,
    connections,
    encryption,
    gateways,
    groups,
    inbox,
    lists,
    media,
    outbox,
    phone,
    presence,
    pushes,
    queue,
    reads,
    recipients,
    retention,
    routing,
    screens,
    store,
)
from .planted import Planted

_FAMILIES: Final = (
    store,
    recipients,
    inbox,
    phone,
    outbox,
    screens,
    lists,
    routing,
    connections,
    groups,
    encryption,
    presence,
    pushes,
    gateways,
    queue,
    retention,
    reads,
    media,
    channels,
)
MUTANTS: Final[tuple[type[Planted], ...]] = tuple(
    sorted((planted for family in _FAMILIES for planted in family.PLANTED), key=lambda planted: planted.number)
)


def by_number(number: int) -> type[Planted] | None:
    """The planted bug of a number."""
    return next((planted for planted in MUTANTS if planted.number == number), None)
