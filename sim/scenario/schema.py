"""The JSON Schema of scenario files, made from the same declarations as the validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from pydantic import TypeAdapter

from . import catalogues
from .answer import Answer
from .layers import MOST_VARIANTS, RESERVED, SCHEMA, VARIANT_PATTERN
from .paths import Place, drawable
from .validators import annotation_of, model_of, root_model

COMMITTED: Final = Path(__file__).with_name("scenario.schema.json")
"""The copy that editors read; a test holds it against ``json_schema()``."""
DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_APPENDABLE: Final = ("tags", "faults", "checks", "must_reach")


def json_schema() -> dict[str, Any]:
    """The schema (2020-12) as plain data, with documentation for editors and no tuple types."""
    schema: dict[str, Any] = root_model().model_json_schema(by_alias=True, mode="validation")
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    _name_what_is_known(definitions)
    properties: dict[str, Any] = schema["properties"]
    properties["drawn"] = _drawn(properties["drawn"]["description"])
    for key in _APPENDABLE:
        added = {each: value for each, value in properties[key].items() if each != "default"}
        properties[f"{key}+"] = {**added, "description": f"entries to append to the {key} of the layer below"}
    definitions["Overrides"] = {
        "type": "object",
        "description": "changed values; keys may be dotted paths, such as protocol.page",
        "properties": dict(properties),
        "patternProperties": {r"^[a-z_]+\.[a-z_.+]+$": True},
        "additionalProperties": False,
    }
    properties = {**_head(), **properties, "answer": _answer()}
    _untitle(properties)
    _untitle(definitions)
    return {
        "$schema": DIALECT,
        "title": "doubletick scenario",
        "description": "Everything that, with a seed, determines a run.",
        "type": "object",
        "properties": properties,
        "required": ["schema"],
        "additionalProperties": False,
        "$defs": dict(sorted(definitions.items())),
    }


def schema_text() -> str:
    """The schema as the committed file holds it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _head() -> dict[str, Any]:
    return {
        "schema": {"const": SCHEMA, "description": "the version of this form; the first key of the file"},
        "extends": {
            "type": "string",
            "description": "the scenario that this one builds on: a file beside it, or a shipped name",
        },
        "variants": {
            "type": "object",
            "description": "named changes; each variant is played on the same luck",
            "maxProperties": MOST_VARIANTS,
            "propertyNames": {"pattern": f"^{VARIANT_PATTERN}$", "not": {"enum": list(RESERVED)}},
            "additionalProperties": {"$ref": "#/$defs/Overrides"},
        },
    }


def _answer() -> dict[str, Any]:
    schema: dict[str, Any] = model_of(Answer).model_json_schema(by_alias=True, mode="validation")
    return {**schema, "description": "how the question is answered by comparing the variants"}


def _name_what_is_known(definitions: dict[str, Any]) -> None:
    fault = definitions["FaultEntry"]
    kinds = catalogues.fault_kinds()
    documentation = "; ".join(f"{kind.name}: {kind.doc}" for kind in kinds.values())
    fault["properties"]["kind"].update(enum=list(kinds), description=f"what happens: {documentation}")
    fault["properties"]["point"]["anyOf"][0] = {"type": "string", "enum": list(catalogues.points())}
    fault["oneOf"] = [{"required": ["at"]}, {"required": ["point"]}]


def _drawn(description: str) -> dict[str, Any]:
    properties = {}
    for path, place in drawable().items():
        item = _value_schema(place)
        properties[path] = {
            "type": "array",
            "minItems": 1,
            "items": item,
            "description": place.declared.metadata["doc"],
        }
    return {
        "type": "object",
        "description": description,
        "properties": properties,
        "additionalProperties": False,
        "default": {},
    }


def _value_schema(place: Place) -> dict[str, Any]:
    return TypeAdapter(annotation_of(place.declared)).json_schema()


def _untitle(schema: Any) -> None:
    """Drop the titles that pydantic makes up from attribute names: the keys say it better."""
    if isinstance(schema, dict):
        if isinstance(schema.get("title"), str):
            schema.pop("title")
        for below in schema.values():
            _untitle(below)
    elif isinstance(schema, list):
        for below in schema:
            _untitle(below)
