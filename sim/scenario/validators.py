"""pydantic models made from the dataclasses of the model, so that a key is declared once.

Each field is read by the reader of its unit; what pydantic adds is that it goes through everything, knows the path of
each problem, refuses unknown keys, and writes the JSON Schema.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from functools import cache
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from ..vocabulary.metrics import known_metrics
from ..vocabulary.units import format_duration
from . import catalogues
from .fault_entries import FaultEntry
from .fields import default_of, is_written, key_of
from .model import Operation, Scenario
from .quantities import READERS, QuantityError, read_text, read_word

_CONFIG: Final = ConfigDict(extra="forbid", frozen=True, protected_namespaces=(), populate_by_name=False)

DURATION_PATTERN: Final = r"^([0-9]+(\.[0-9]+)? ?(us|µs|ms|s|min|m|h|d|w) ?)+$"
COUNT_PATTERN: Final = r"^[0-9][0-9_]*(\.[0-9]+)?[kKMG]$"
RATE_PATTERN: Final = r"^[0-9][0-9_]*(\.[0-9]+)? ?[kKMG]? ?/ ?(s|m|min|h)$"
SHARE_PATTERN: Final = r"^[0-9]+(\.[0-9]+)?%$"
NAME_PATTERN: Final = r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$"


@cache
def model_of(kind: type) -> type[BaseModel]:
    """The validator of a dataclass. Field names are the dataclass's, aliases are the keys of the file."""
    fields: dict[str, Any] = {}
    for declared in dataclasses.fields(kind):
        if is_written(declared):
            required = declared.metadata.get("required", False)
            information = Field(
                ... if required else None,
                alias=key_of(declared),
                description=declared.metadata["doc"],
                json_schema_extra=None if required else _shown_default(declared),
            )
            fields[declared.name] = (annotation_of(declared), information)
    documentation = (kind.__doc__ or "").split("\n")[0]
    return create_model(kind.__name__, __config__=_CONFIG, __doc__=documentation, **fields)


def annotation_of(declared: dataclasses.Field[Any]) -> Any:
    """The pydantic annotation of a field: how its value is read, and how editors are told."""
    metadata = declared.metadata
    unit = metadata["unit"]
    if unit == "section":
        return model_of(metadata["kind"])
    if unit == "list":
        return list[_item_annotation(metadata["of"])]  # type: ignore[misc]
    if unit == "mapping":
        return Annotated[Any, WithJsonSchema({"type": "object", "description": metadata["doc"]})]
    reader = READERS[unit]
    return Annotated[Any, PlainValidator(_guarded(lambda value: reader(value, metadata))), _schema(unit, metadata)]


def built(kind: type, validated: BaseModel) -> Any:
    """The dataclass that a validated model stands for; keys that were not given take the dataclass's defaults."""
    values: dict[str, Any] = {}
    for declared in dataclasses.fields(kind):
        if declared.name in validated.model_fields_set:
            values[declared.name] = _converted(declared.metadata, getattr(validated, declared.name))
    return kind(**values)


def _converted(metadata: Any, value: Any) -> Any:
    if metadata["unit"] == "section":
        return built(metadata["kind"], value)
    if metadata["unit"] == "list":
        kinds = {"fault": FaultEntry, "operation": Operation}
        kind = kinds.get(metadata["of"])
        return tuple(value if kind is None else (built(kind, item) for item in value))
    return value


def _item_annotation(of: str) -> Any:
    if of == "fault":
        return model_of(FaultEntry)
    if of == "operation":
        return model_of(Operation)
    if of == "text":
        return Annotated[Any, PlainValidator(_guarded(lambda value: read_text(value, {}))), _TEXT_SCHEMA]
    if of in ("count", "user"):
        limits = _WEIGHT if of == "count" else _USER
        reader = _guarded(lambda value: READERS["count"](value, limits))
        return Annotated[Any, PlainValidator(reader), _schema("count", limits)]
    known, what = _WORDS[of]
    reader = _guarded(lambda value: read_word(value, what, known()))
    return Annotated[Any, PlainValidator(reader), WithJsonSchema({"type": "string", "enum": list(known())})]


_TEXT_SCHEMA: Final = WithJsonSchema({"type": "string"})
_WEIGHT: Final = {"least": 1, "most": 10**9}
_USER: Final = {"least": 0, "most": 10**9}
_WORDS: Final[dict[str, tuple[Callable[[], Sequence[str]], str]]] = {
    "fault kind": (lambda: tuple(catalogues.fault_kinds()), "kind of fault"),
    "check": (catalogues.check_ids, "check"),
    "region": (catalogues.region_names, "region"),
    "hard case": (catalogues.hard_cases, "hard case"),
    "metric": (known_metrics, "metric"),
}


def _guarded(reader: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A reader whose complaint pydantic takes along with all the others."""

    def read(value: Any) -> Any:
        try:
            return reader(value)
        except QuantityError as problem:
            context = {"message": problem.message, "hint": problem.hint}
            raise PydanticCustomError("value", "{message}", context) from None

    return read


def _shown_default(declared: dataclasses.Field[Any]) -> dict[str, Any]:
    default = default_of(declared)
    unit = declared.metadata["unit"]
    if unit in ("section", "list", "mapping"):
        return {"default": {} if unit != "list" else []}
    if unit == "duration" and default is not None:
        return {"default": format_duration(default)}
    return {"default": default}


def _schema(unit: str, metadata: Any) -> WithJsonSchema:
    schema = _plain_schema(unit, metadata)
    if metadata.get("optional"):
        schema = {"anyOf": [schema, {"type": "null"}]}
    return WithJsonSchema(schema)


def _plain_schema(unit: str, metadata: Any) -> dict[str, Any]:
    if unit == "duration":
        pattern = DURATION_PATTERN.replace("^(", "^-?(", 1) if metadata.get("signed") else DURATION_PATTERN
        return {"type": "string", "pattern": pattern}
    if unit == "rate":
        return {"type": "string", "pattern": RATE_PATTERN}
    if unit == "choice":
        return {"type": "string", "enum": list(metadata["options"])}
    if unit == "flag":
        return {"type": "boolean"}
    if unit == "text":
        return _text_schema(metadata)
    bounds = {"minimum": metadata["least"], "maximum": metadata["most"]}
    if unit == "number":
        return {"type": "number", **bounds}
    if unit == "share":
        return {"anyOf": [{"type": "number", **bounds}, {"type": "string", "pattern": SHARE_PATTERN}]}
    return {"anyOf": [{"type": "integer", **bounds}, {"type": "string", "pattern": COUNT_PATTERN}]}


def _text_schema(metadata: Any) -> dict[str, Any]:
    if metadata.get("form") == "name":
        return {"type": "string", "pattern": NAME_PATTERN}
    if metadata.get("form") == "seeds":
        return {"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 0}]}
    return {"type": "string"}


def root_model() -> type[BaseModel]:
    """The validator of a whole scenario, less the keys that the loader takes out before it."""
    return model_of(Scenario)
