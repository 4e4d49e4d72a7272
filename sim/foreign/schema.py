"""The JSON Schema of a log's lines, made from the table of events."""

from __future__ import annotations

import json
from typing import Any, Final

from ..vocabulary.screens import HELD_BACK, SORTED_IN
from .events import ALWAYS, COUNT, DEVICES, EVENTS, FLAG, USERS, WORD, Field
from .log import COUNT_MOST, FORMAT, LONGEST_ID

_ID: Final = {"type": "string", "minLength": 1, "maxLength": LONGEST_ID}


def schema() -> dict[str, Any]:
    """The schema of one line: the first, or an event."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One line of a doubletick log (JSON Lines)",
        "oneOf": [_header(), *(_event(name) for name in EVENTS)],
    }


def schema_text() -> str:
    """As it is shipped."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _header() -> dict[str, Any]:
    return {
        "title": "the first line",
        "type": "object",
        "properties": {
            "format": {"const": FORMAT},
            "records": {
                "type": "array",
                "items": {"enum": list(EVENTS)},
                "description": f"the events that the log records in full; {' and '.join(ALWAYS)} always are",
            },
            "about": {"type": "string", "description": "what the log is of"},
            "retention_us": _count("updates expire after this time (0: never)"),
            "inbox_cap": _count("updates that an inbox holds at most (0: any number)"),
            "screen_order": {
                "enum": [HELD_BACK, SORTED_IN],
                "description": f"{SORTED_IN}: late messages are put in above others (default: {HELD_BACK})",
            },
        },
        "required": ["format", "records"],
        "additionalProperties": False,
    }


def _event(name: str) -> dict[str, Any]:
    event = EVENTS[name]
    needed = [each.name for each in event.fields if each.needed]
    found: dict[str, Any] = {
        "title": name,
        "description": event.meaning,
        "type": "object",
        "properties": {
            "at": {
                "anyOf": [{"type": "integer", "minimum": 0}, {"type": "string"}],
                "description": "when: microseconds, or an ISO time; the same in every line, and never before the last",
            },
            "event": {"const": name},
            **{each.name: _field(each) for each in event.fields},
        },
        "required": ["at", "event", *needed],
        "additionalProperties": False,
    }
    return found


def _field(each: Field) -> dict[str, Any]:
    if each.type == WORD:
        said: dict[str, Any] = {"enum": list(each.words)}
    elif each.type == COUNT:
        said = _count("")
    elif each.type == FLAG:
        said = {"type": "boolean"}
    elif each.type in (USERS, DEVICES):
        said = {"type": "array", "items": _ID}
    else:
        said = dict(_ID)
    said.pop("description", None)
    return {**said, "description": each.meaning} if each.meaning else said


def _count(meaning: str) -> dict[str, Any]:
    return {"type": "integer", "minimum": 0, "maximum": COUNT_MOST, "description": meaning}
