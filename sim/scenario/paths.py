"""The dotted paths of a scenario: from a key in the file to the attributes of the model. Standard library only."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from .fields import is_written, key_of
from .model import Scenario

DRAWABLE_UNITS: Final = frozenset(("duration", "count", "rate", "share", "number", "choice", "flag"))
_MACHINES: Final = ("topology", "regions", "network", "storage", "store_reads", "push")
_DRAWABLE_SECTIONS: Final = frozenset(
    ("time", *_MACHINES, "protocol", "workload", "presence", "encryption", "media", "random_faults")
)


class Place(NamedTuple):
    """Where the value of a path lives in the model, and what it may be."""

    path: str
    attributes: tuple[str, ...]
    """Attribute names from the scenario down: ``("protocol", "heartbeat_us")``."""
    declared: dataclasses.Field[Any]

    @property
    def unit(self) -> str:
        """The unit of the field: duration, count, share, ..."""
        return str(self.declared.metadata["unit"])


@cache
def places() -> dict[str, Place]:
    """Every path of a scenario file, sections included, in the order of the model."""
    return {place.path: place for place in _walk(Scenario, (), ())}


@cache
def drawable() -> dict[str, Place]:
    """The paths whose values may be drawn per seed."""
    return {path: place for path, place in places().items() if _is_drawable(place)}


def get(scenario: Scenario, path: str) -> Any:
    """The value at a path; ``KeyError`` when there is no such path."""
    value: Any = scenario
    for attribute in places()[path].attributes:
        value = getattr(value, attribute)
    return value


def least(scenario: Scenario, path: str) -> int:
    """The least value that the whole number at a path takes in any seed."""
    choices: Any = scenario.drawn.get(path) or (get(scenario, path),)
    return int(min(choices))


def rebuilt(value: Any, tree: dict[str, Any]) -> Any:
    """A dataclass with a tree of replacements: attribute to value, or to a tree for the section of that name."""
    changes = {
        attribute: rebuilt(getattr(value, attribute), below) if isinstance(below, dict) else below
        for attribute, below in tree.items()
    }
    return dataclasses.replace(value, **changes)


def _walk(kind: type, keys: tuple[str, ...], attributes: tuple[str, ...]) -> Iterator[Place]:
    for declared in dataclasses.fields(kind):
        if not is_written(declared):
            continue
        here = (*keys, key_of(declared))
        below = (*attributes, declared.name)
        yield Place(".".join(here), below, declared)
        if declared.metadata["unit"] == "section":
            yield from _walk(declared.metadata["kind"], here, below)


def _is_drawable(place: Place) -> bool:
    if place.path.partition(".")[0] not in _DRAWABLE_SECTIONS or len(place.attributes) < 2:
        return False
    return place.unit in DRAWABLE_UNITS or place.path == "random_faults.kinds"
