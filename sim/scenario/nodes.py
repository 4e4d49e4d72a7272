"""A read YAML document: nodes that remember where they stand, also after files have been merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, TypeAlias

from .errors import Problem


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A text that nodes come from: a file, or the arguments of ``--set``."""

    name: str
    """What messages call it."""
    text: str
    folder: Path
    """Files that it names are looked up here."""
    lines: tuple[str, ...]
    first_line: int = 1
    """The line number of its first line."""
    path: Path | None = None
    """The file, if it is one."""

    def line(self, number: int) -> str:
        """The text of a line, empty beyond the end."""
        place = number - self.first_line
        return self.lines[place] if 0 <= place < len(self.lines) else ""


class Mark(NamedTuple):
    """A place in a source; line and column count from 1."""

    source: Source
    line: int
    column: int

    def problem(self, path: str, message: str, hint: str = "") -> Problem:
        """A problem at this place."""
        return Problem(self.source.name, self.line, self.column, path, message, hint, self.source.line(self.line))


@dataclass(slots=True, eq=False)
class Scalar:
    """A value without parts. ``text`` is as written, ``value`` as YAML 1.2 reads it."""

    mark: Mark
    text: str
    value: object


@dataclass(slots=True, eq=False)
class Sequence:
    """A list."""

    mark: Mark
    items: list[Node] = field(default_factory=list)


class Entry(NamedTuple):
    """One key of a mapping and its value."""

    mark: Mark
    """Where the key stands."""
    node: Node


@dataclass(slots=True, eq=False)
class Mapping:
    """Keys and values, in the order of the file."""

    mark: Mark
    entries: dict[str, Entry] = field(default_factory=dict)

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        entry = self.entries.get(key)
        return None if entry is None else entry.node


Node: TypeAlias = Scalar | Sequence | Mapping


def plain(node: Node) -> object:
    """The node as Python values: dict, list, str, int, float, bool, None."""
    if isinstance(node, Mapping):
        return {key: plain(entry.node) for key, entry in node.entries.items()}
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return node.value


def dotted(path: tuple[str | int, ...]) -> str:
    """A path as people write it: ``faults.2.target``."""
    return ".".join(str(part) for part in path)


def value_mark(root: Mapping, path: tuple[str | int, ...]) -> Mark:
    """Where the value at a path stands, or the nearest thing above it that the file holds."""
    node: Node = root
    for part in path:
        below = _child(node, part)
        if below is None:
            break
        node = below
    return node.mark


def key_mark(root: Mapping, path: tuple[str | int, ...]) -> Mark:
    """Where the key at a path stands, or the nearest thing above it that the file holds."""
    node: Node = root
    mark = root.mark
    for part in path:
        below = _child(node, part)
        if below is None:
            break
        mark = node.entries[str(part)].mark if isinstance(node, Mapping) else below.mark
        node = below
    return mark


def holds(root: Mapping, path: tuple[str | int, ...]) -> bool:
    """Whether the file says something at this path."""
    node: Node | None = root
    for part in path:
        if node is None:
            return False
        node = _child(node, part)
    return node is not None


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node, Mapping):
        return node.get(str(part))
    if isinstance(node, Sequence) and isinstance(part, int) and 0 <= part < len(node.items):
        return node.items[part]
    return None
