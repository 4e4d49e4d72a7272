"""Field declarations of the scenario model: a default, a unit and a sentence of documentation in one place.

The plain dataclasses of ``model.py`` are all that a run needs; the loader builds its validator and the JSON Schema
from the metadata given here, so a key is declared once.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, field
from typing import Any

from ..vocabulary.units import parse_duration_us, parse_rate


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


def optional_duration(doc: str, *, signed: bool = False, least: str = "0us") -> Any:
    """A time span that may be left out (``None`` in the model); a signed one may be negative."""
    most = parse_duration_us("3650d")
    metadata = {"unit": "duration", "doc": doc, "optional": True, "most": most, "signed": signed}
    return field(default=None, metadata={**metadata, "least": -most if signed else parse_duration_us(least)})


def count(default: int, doc: str, *, least: int = 0, most: int = 10**9) -> Any:
    """A whole number; ``20k`` and ``1M`` in the file."""
    return field(default=default, metadata={"unit": "count", "doc": doc, "least": least, "most": most})


def optional_count(doc: str, *, least: int = 0, most: int = 10**15) -> Any:
    """A whole number that may be left out (``None`` in the model)."""
    metadata = {"unit": "count", "doc": doc, "optional": True, "least": least, "most": most}
    return field(default=None, metadata=metadata)


def rate(default: str, doc: str, *, least: float = 0.001, most: float = 1e9) -> Any:
    """So many a second; ``20k/s`` or ``30/m`` in the file."""
    return field(default=parse_rate(default), metadata={"unit": "rate", "doc": doc, "least": least, "most": most})


def optional_rate(doc: str, *, least: float = 0.001, most: float = 1e9) -> Any:
    """So many a second, or none (``None`` in the model); ``20k/s`` or ``30/m`` in the file."""
    metadata = {"unit": "rate", "doc": doc, "optional": True, "least": least, "most": most}
    return field(default=None, metadata=metadata)


def share(default: float, doc: str, *, most: float = 1.0) -> Any:
    """A part of one; ``0.5%`` or ``0.005`` in the file."""
    return field(default=default, metadata={"unit": "share", "doc": doc, "least": 0.0, "most": most})


def number(default: float, doc: str, *, least: float = 0.0, most: float = 1e12) -> Any:
    """A plain number without a unit."""
    return field(default=default, metadata={"unit": "number", "doc": doc, "least": least, "most": most})


def choice(default: str, options: tuple[str, ...], doc: str) -> Any:
    """One of a few words."""
    return field(default=default, metadata={"unit": "choice", "doc": doc, "options": options})


def text(default: str, doc: str, *, form: str = "free") -> Any:
    """Text: free, or of the form ``name`` (fit for a folder) or ``seeds`` (``1..20``)."""
    return field(default=default, metadata={"unit": "text", "doc": doc, "form": form})


def optional_text(doc: str) -> Any:
    """Free text that may be left out (``None`` in the model)."""
    return field(default=None, metadata={"unit": "text", "doc": doc, "form": "free", "optional": True})


def flag(default: bool, doc: str) -> Any:
    """true or false."""
    return field(default=default, metadata={"unit": "flag", "doc": doc})


def required(declared: Any) -> Any:
    """The same declaration without its default: the key must be given."""
    return field(metadata={**declared.metadata, "required": True})


def section(kind: type, doc: str) -> Any:
    """A nested mapping with its own keys."""
    return field(default_factory=kind, metadata={"unit": "section", "doc": doc, "kind": kind})


def listing(doc: str, *, of: str) -> Any:
    """A list; ``of`` names what it holds (``text``, ``fault``, ``operation``)."""
    return field(default=(), metadata={"unit": "list", "doc": doc, "of": of})


def mapping(doc: str, *, of: str) -> Any:
    """Free keys; ``of`` names what the values are."""
    return field(default_factory=dict, metadata={"unit": "mapping", "doc": doc, "of": of})


def key_of(declared: dataclasses.Field[Any]) -> str:
    """The key in the file of a field: its name, without the ``_us`` of a time span or the ``_per_s`` of a rate."""
    return str(declared.metadata.get("key") or declared.name.removesuffix("_us").removesuffix("_per_s"))


def is_written(declared: dataclasses.Field[Any]) -> bool:
    """Whether a field has a key in the file (``source`` and ``folder`` have none)."""
    return bool(declared.metadata.get("unit", "internal") != "internal")


def default_of(declared: dataclasses.Field[Any]) -> Any:
    """The default of a field, made afresh, or None when its key is required."""
    if declared.default is not MISSING:
        return declared.default
    return None if declared.default_factory is MISSING else declared.default_factory()
