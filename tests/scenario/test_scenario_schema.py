"""The JSON Schema: fresh, legal, and of one mind with the validator."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from sim.scenario.finding import SHIPPED, files_below
from sim.scenario.paths import places
from sim.scenario.schema import COMMITTED, json_schema, schema_text

SCHEMA = json_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def test_the_committed_copy_is_fresh() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), (
        "run: python cli.py schema --out sim/scenario/scenario.schema.json"
    )


def test_it_is_a_legal_schema_without_tuple_types() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert "prefixItems" not in schema_text()


@pytest.mark.parametrize("path", files_below(SHIPPED), ids=lambda path: path.stem)
def test_shipped_scenarios_agree_with_it(path: Path) -> None:
    document = YAML(typ="safe", pure=True).load(path)
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    first = path.read_text(encoding="utf-8").splitlines()[0]
    marker, _, named = first.partition("$schema=")
    assert marker == "# yaml-language-server: "
    assert (path.parent / named).resolve() == COMMITTED


@pytest.mark.parametrize(
    "document",
    [
        {"protocol": {"page": 1}},
        {"protocol": {"paeg": 1}},
        {"protocol": {"heartbeat": 30}},
        {"protocol": {"heartbeat": "30"}},
        {"protocol": {"heartbeat": "-30s"}},
        {"workload": {"users": "500m"}},
        {"network": {"silent_connections": 5}},
        {"faults": [{"kind": "crush", "at": "3s"}]},
        {"faults": [{"kind": "crash"}]},
        {"faults": [{"kind": "crash", "at": "3s", "point": "after store.persist.append_entry"}]},
        {"drawn": {"protocol.page": [0]}},
        {"drawn": {"name": ["a"]}},
        {"variants": {"a": {"page": 1}}},
    ],
)
def test_what_it_refuses(document: dict[str, Any]) -> None:
    whole = document if document == {"protocol": {"page": 1}} else {"schema": "doubletick/1", **document}
    assert not VALIDATOR.is_valid(whole)


def test_every_key_is_documented() -> None:
    def at(path: str) -> dict[str, Any]:
        node: dict[str, Any] = SCHEMA
        for key in path.split("."):
            if "$ref" in node:
                node = SCHEMA["$defs"][node["$ref"].rpartition("/")[2]]
            node = node["properties"][key]
        return node

    for path in places():
        assert at(path).get("description"), path
    assert json.loads(schema_text()) == SCHEMA
