"""Where each value of a scenario comes from: a file and line, ``--set``, or the default."""

from __future__ import annotations

import collections.abc
from pathlib import Path

from .loading import Loaded, open_scenario
from .merging import split_path
from .nodes import Mapping, Node, Sequence
from .writing import to_yaml


def explain(name_or_path: str | Path, *, sets: collections.abc.Sequence[str] = (), variant: str | None = None) -> str:
    """The resolved scenario as YAML, with a comment behind each value that says where it comes from.

    Raises ``ScenarioError`` as ``load`` does.
    """
    loaded = open_scenario(name_or_path, sets=sets, variant=variant)
    return to_yaml(loaded.scenario, origin=lambda path: origin(loaded, path))


def origin(loaded: Loaded, path: str) -> str:
    """``default``, ``scenarios/commute.yaml:12``, or ``--set``."""
    node: Node | None = loaded.document
    for part in split_path(path):
        if isinstance(node, Mapping):
            node = node.get(part)
        else:
            node = node.items[int(part)] if isinstance(node, Sequence) and part.isdecimal() else None
    if node is None:
        return "file name" if path == "name" else "default"
    source, line, _ = node.mark
    return source.name if source.path is None and source.name.startswith("--") else f"{source.name}:{line}"
