"""Field declarations of the scenario model: a default, a unit and a sentence of documentation in one place.

The plain dataclasses of ``model.py`` are all that a run needs; the loader builds its validator and the JSON Schema
from the metadata given here, so a key is declared once.
"""

from __future__ import annotations

from dataclasses import field
from typing import Any

from ..vocabulary.units import parse_duration_us


def duration(default: str, doc: str, *, least: str = "0us", most: str = "3650d") -> Any:
    """A time span; integer microseconds in the model, ``90s`` or ``2h`` in the file."""
    return field(
        default=parse_duration_us(default),
        metadata={
            "unit": "duration",
            "doc": doc,
            "least": parse_duration_us(least),
            "most": parse_duration_us(most),
        },
    )


def optional_duration(doc: str) -> Any:
    """A time span that may be left out (``None`` in the model)."""
    return field(default=None, metadata={"unit": "duration", "doc": doc, "optional": True, "least": 0})


def count(default: int, doc: str, *, least: int = 0, most: int = 10**9) -> Any:
    """A whole number; ``20k`` and ``1M`` in the file."""
    return field(default=default, metadata={"unit": "count", "doc": doc, "least": least, "most": most})


def share(default: float, doc: str, *, most: float = 1.0) -> Any:
    """A part of one; ``0.5%`` or ``0.005`` in the file."""
    return field(default=default, metadata={"unit": "share", "doc": doc, "least": 0.0, "most": most})


def number(default: float, doc: str, *, least: float = 0.0, most: float = 1e12) -> Any:
    """A plain number without a unit."""
    return field(default=default, metadata={"unit": "number", "doc": doc, "least": least, "most": most})


def choice(default: str, options: tuple[str, ...], doc: str) -> Any:
    """One of a few words."""
    return field(default=default, metadata={"unit": "choice", "doc": doc, "options": options})


def text(default: str, doc: str) -> Any:
    """Free text."""
    return field(default=default, metadata={"unit": "text", "doc": doc})


def flag(default: bool, doc: str) -> Any:
    """true or false."""
    return field(default=default, metadata={"unit": "flag", "doc": doc})


def section(kind: type, doc: str) -> Any:
    """A nested mapping with its own keys."""
    return field(default_factory=kind, metadata={"unit": "section", "doc": doc, "kind": kind})


def listing(doc: str, *, of: str) -> Any:
    """A list; ``of`` names what it holds (``text``, ``fault``, ``operation``)."""
    return field(default=(), metadata={"unit": "list", "doc": doc, "of": of})


def mapping(doc: str, *, of: str) -> Any:
    """Free keys; ``of`` names what the values are."""
    return field(default_factory=dict, metadata={"unit": "mapping", "doc": doc, "of": of})
