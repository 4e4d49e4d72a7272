"""The fewest of a list with which something still happens: delta debugging, by taking ever smaller parts away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def fewest(
    items: Sequence[Item], holds: Callable[[tuple[Item, ...]], bool], most_parts: int | None = None
) -> tuple[Item, ...]:
    """A part of ``items`` for which ``holds`` is true and from which no single one can be taken away, in their order.

    ``holds`` is taken to be true of all of them. The parts that are left out begin with everything, then halves, and
    get smaller; a part that can go is gone for good. With ``most_parts`` the search ends sooner: where none of so many
    parts can go.
    """
    kept = tuple(items)
    if not kept or holds(()):
        return ()
    parts = 2
    while len(kept) > 1:
        size = -(-len(kept) // parts)
        gone = False
        start = 0
        while start < len(kept):
            rest = kept[:start] + kept[start + size :]
            if rest and holds(rest):
                kept, gone = rest, True
            else:
                start += size
        if gone:
            parts = max(2, -(-len(kept) // size))
        elif size == 1 or parts == most_parts:
            break
        else:
            parts = min(len(kept), 2 * parts, most_parts or len(kept))
    return kept
