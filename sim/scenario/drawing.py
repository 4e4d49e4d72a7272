"""Values that are drawn per seed: ``for_seed`` puts one choice of each ``drawn`` path in its place.

Standard library only and fast: a search calls it once for every run.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..vocabulary.units import format_duration
from ..world.dice import Dice
from .model import Scenario
from .paths import drawable, rebuilt

_Plan = tuple[tuple[str, str, tuple[str, ...]], ...]


def for_seed(scenario: Scenario, seed: int) -> tuple[Scenario, dict[str, object]]:
    """The scenario that this seed plays, with nothing left to draw, and what was drawn: path to value (times in us).

    A path's choice hangs on the seed and the path alone, so adding a path to ``drawn`` moves no other. Raises
    ``KeyError`` when a path is none that may be drawn (a loaded scenario has been checked).
    """
    if not scenario.drawn:
        return scenario, {}
    dice = Dice(seed)
    drawn: dict[str, object] = {}
    tree: dict[str, Any] = {}
    for path, purpose, attributes in _plan(tuple(scenario.drawn)):
        choices = scenario.drawn[path]
        value = choices[dice.below(len(choices), purpose)]
        drawn[path] = value
        branch = tree
        for section in attributes[:-1]:
            branch = branch.setdefault(section, {})
        branch[attributes[-1]] = value
    resolved: Scenario = rebuilt(scenario, tree)
    return replace(resolved, drawn={}), drawn


def described(drawn: dict[str, object]) -> dict[str, str]:
    """What was drawn as people read it: ``{"protocol.heartbeat": "30s"}``."""
    return {path: _in_words(path, value) for path, value in drawn.items()}


def _in_words(path: str, value: object) -> str:
    if drawable()[path].unit == "duration" and isinstance(value, int):
        return format_duration(value)
    if drawable()[path].unit == "rate" and isinstance(value, float):
        return f"{value:g}/s"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@lru_cache(maxsize=64)
def _plan(paths: tuple[str, ...]) -> _Plan:
    known = drawable()
    return tuple((path, f"drawn {path}", known[path].attributes) for path in paths)
