"""Keys that say something only of a drawn workload, given where a trace is played.

A trace brings its own people and messages. Whoever writes such a key beside ``kind: trace``, or on top of it, believes
that it does something. What a layer below says of a workload that was still drawn is no mistake: it is left out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Final

from .errors import Problem
from .model import Scenario, Workload
from .nodes import Mapping, Node, Scalar

TRACE: Final = "trace"
DRAWN_ONLY: Final = ("users", "messages")
"""Keys of ``workload`` that a trace has no use for."""
_KIND: Final = "workload.kind"
_HINT: Final = "leave it out; workload.first plays only the first so many rows"


def beside_a_trace(root: Mapping, pieces: Sequence[Mapping]) -> Iterator[Problem]:
    """A problem for each such key. ``pieces`` are the layers of the file that ``root`` was merged from, the undermost
    first; what is in none of them was set on top."""
    kind, drawn = _given(root, "kind"), root.get("drawn")
    if not isinstance(kind, Scalar) or kind.value != TRACE or (isinstance(drawn, Mapping) and drawn.get(_KIND)):
        return
    for key in DRAWN_ONLY:
        node = _given(root, key)
        if node is not None and _layer_of(node, key, pieces) >= _layer_of(kind, "kind", pieces):
            said = "a trace brings its own people and messages: this would change nothing"
            yield node.mark.problem(f"workload.{key}", said, _HINT)


def without_drawn_keys(scenario: Scenario) -> Scenario:
    """A scenario that plays a trace, with the defaults for what a trace has no use for."""
    if not is_a_trace(scenario):
        return scenario
    plain = Workload()
    work = dataclasses.replace(scenario.workload, users=plain.users, messages=plain.messages)
    return dataclasses.replace(scenario, workload=work)


def is_a_trace(scenario: Scenario) -> bool:
    """Whether a trace is played, in every seed."""
    return scenario.workload.kind == TRACE and _KIND not in scenario.drawn


def _given(layer: Mapping, key: str) -> Node | None:
    """What a layer says at this key of ``workload``."""
    work = layer.get("workload")
    return work.get(key) if isinstance(work, Mapping) else None


def _layer_of(node: Node, key: str, pieces: Sequence[Mapping]) -> int:
    return next((place for place, piece in enumerate(pieces) if _given(piece, key) is node), len(pieces))
