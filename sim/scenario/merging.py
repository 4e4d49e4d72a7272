"""Putting layers of a scenario on each other: maps merge, lists replace, ``faults+:`` appends, positions stay.

A layer is a mapping of the file's keys. A later layer that gives a value of its own to a path which an earlier layer
draws per seed takes it out of ``drawn``: whoever sets a value wants that value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .errors import Problem, shortened
from .nodes import Entry, Mapping, Mark, Node, Scalar, Sequence

APPENDS: Final = "+"
DRAWN: Final = "drawn"
_MOST_PARTS: Final = 8
"""A dotted key is not split further: no path of a scenario is longer, and depth stays bounded."""


def merge(base: Mapping, over: Mapping) -> Mapping:
    """A new mapping: ``base`` with ``over`` on it. Neither is changed."""
    merged = _merged(base, over)
    pinned = _pinned(base, over)
    drawn = merged.get(DRAWN)
    if pinned and isinstance(drawn, Mapping):
        kept = {path: entry for path, entry in drawn.entries.items() if path not in pinned}
        merged.entries[DRAWN] = Entry(merged.entries[DRAWN].mark, Mapping(drawn.mark, kept))
    return merged


def settled(layer: Mapping) -> Mapping:
    """The mapping with every ``key+:`` that found nothing to append to turned into ``key:``."""
    return _merged(Mapping(layer.mark), layer, keep_appending=False)


def spread(layer: Mapping, problems: list[Problem], path: str) -> Mapping:
    """A layer whose dotted keys (``protocol.page: 10``) are written out as nested mappings."""
    root = Mapping(layer.mark)
    # A copy, since an alias may stand for the same mapping elsewhere and this one is changed.
    for key, entry in copied(layer).entries.items():
        parts = split_path(key)
        parent = root
        for part in parts[:-1]:
            below = parent.get(part)
            if not isinstance(below, Mapping):
                below = Mapping(entry.mark)
                parent.entries[part] = Entry(entry.mark, below)
            parent = below
        _enter_once(parent, parts[-1], entry, problems, f"{path}.{key}")
    return root


def split_path(path: str) -> tuple[str, ...]:
    """The keys of a dotted path; what follows ``drawn.`` is itself one key."""
    first, dot, rest = path.partition(".")
    if first == DRAWN and dot:
        return (DRAWN, rest)
    return tuple(path.split(".", _MOST_PARTS))


def set_at(root: Mapping, parts: tuple[str, ...], mark: Mark, node: Node) -> str:
    """Put a node at a path, changing ``root``; list places are numbers. A sentence why it cannot, or nothing."""
    parent: Node = root
    for place, part in enumerate(parts[:-1]):
        below = _below(parent, part)
        if below is None and isinstance(parent, Sequence):
            return f"{'.'.join(parts[:place])} has no place {shortened(part)}: it holds {len(parent.items)}"
        if not isinstance(below, Mapping | Sequence):
            below = Mapping(mark)
            _put(parent, part, mark, below)
        parent = below
    last = parts[-1]
    if not isinstance(parent, Mapping):
        assert isinstance(parent, Sequence)
        if _below(parent, last) is None:
            return f"{'.'.join(parts[:-1])} has no place {shortened(last)}: it holds {len(parent.items)}"
        _put(parent, last, mark, node)
        return ""
    merged = _merged(parent, Mapping(mark, {last: Entry(mark, node)}))
    parent.entries = merged.entries
    return ""


def copied(node: Mapping) -> Mapping:
    """A copy whose collections may be changed; scalars are shared, they never change."""
    copy = _copied(node)
    assert isinstance(copy, Mapping)
    return copy


def _merged(base: Mapping, over: Mapping, *, keep_appending: bool = True) -> Mapping:
    result = Mapping(over.mark, dict(base.entries))
    for key, entry in over.entries.items():
        before = result.get(key)
        if isinstance(before, Mapping) and isinstance(entry.node, Mapping):
            node: Node = _merged(before, entry.node, keep_appending=keep_appending)
            result.entries[key] = Entry(entry.mark, node)
        elif key.endswith(APPENDS) and isinstance(entry.node, Sequence):
            _append(result, key, entry, keep_appending)
        elif isinstance(entry.node, Mapping) and not keep_appending:
            result.entries[key] = Entry(entry.mark, settled(entry.node))
        else:
            result.entries[key] = entry
            result.entries.pop(key + APPENDS, None)
    return result


def _append(result: Mapping, key: str, entry: Entry, keep_appending: bool) -> None:
    assert isinstance(entry.node, Sequence)
    name = key.removesuffix(APPENDS)
    target = name if isinstance(result.get(name), Sequence) or not keep_appending else key
    before = result.get(target)
    earlier = before.items if isinstance(before, Sequence) else []
    mark = result.entries[target].mark if target in result.entries else entry.mark
    result.entries[target] = Entry(mark, Sequence(entry.node.mark, [*earlier, *entry.node.items]))


def _pinned(base: Mapping, over: Mapping) -> frozenset[str]:
    earlier, later = base.get(DRAWN), over.get(DRAWN)
    if not isinstance(earlier, Mapping):
        return frozenset()
    again = frozenset(later.entries) if isinstance(later, Mapping) else frozenset()
    given = frozenset(_leaves(over, ""))
    return frozenset(path for path in earlier.entries if path in given and path not in again)


def _leaves(mapping: Mapping, prefix: str) -> Iterator[str]:
    for key, entry in mapping.entries.items():
        if isinstance(entry.node, Mapping):
            yield from _leaves(entry.node, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"


def _enter_once(parent: Mapping, key: str, entry: Entry, problems: list[Problem], path: str) -> None:
    before = parent.entries.get(key)
    if before is None:
        parent.entries[key] = entry
    elif isinstance(before.node, Mapping) and isinstance(entry.node, Mapping):
        for below, deeper in entry.node.entries.items():
            _enter_once(before.node, below, deeper, problems, f"{path}.{below}")
    else:
        problems.append(entry.mark.problem(path, f"given before, on line {before.mark.line}"))


def _below(parent: Node, part: str) -> Node | None:
    if isinstance(parent, Mapping):
        return parent.get(part)
    if isinstance(parent, Sequence) and part.isdecimal() and len(part) < 6 and int(part) < len(parent.items):
        return parent.items[int(part)]
    return None


def _put(parent: Node, part: str, mark: Mark, node: Node) -> None:
    if isinstance(parent, Mapping):
        parent.entries[part] = Entry(mark, node)
    elif isinstance(parent, Sequence):
        parent.items[int(part)] = node


def _copied(node: Node) -> Node:
    if isinstance(node, Mapping):
        return Mapping(node.mark, {key: Entry(entry.mark, _copied(entry.node)) for key, entry in node.entries.items()})
    if isinstance(node, Sequence):
        return Sequence(node.mark, [_copied(item) for item in node.items])
    assert isinstance(node, Scalar)
    return node
