"""Writing a resolved scenario back as a file that loads to the same scenario."""

from __future__ import annotations

import dataclasses
import io
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from ..faults.schedule import Fault
from ..vocabulary.units import DAY_US, SECOND_US
from .fault_entries import KEYS
from .fields import is_written, key_of
from .layers import SCHEMA
from .misplaced import DRAWN_ONLY, is_a_trace
from .model import Operation, Scenario
from .paths import drawable
from .plain_values import resolve

Origin = Callable[[str], str]
"""From a dotted path to the comment that stands behind its value."""

_UNITS: Final = (
    ("d", DAY_US), ("h", 3600 * SECOND_US), ("m", 60 * SECOND_US), ("s", SECOND_US), ("ms", 1_000), ("us", 1),
)  # fmt: skip
_BARE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_./-]*( [A-Za-z0-9_./%-]+)*|-?[0-9]+(us|ms|s|m|h|d)")
"""Texts that need no quotes, whichever reader sees them."""
_SPANS_OF_FAULTS: Final = frozenset(("at", "for", "by"))
SCHEMA_FILE: Final = "../../sim/scenario/scenario.schema.json"
"""The schema, from where regressions stand."""
_WIDTH: Final = 1 << 30
"""Lines are never folded: a folded text is hard to compare."""


def to_yaml(scenario: Scenario, *, folder: Path | None = None, origin: Origin | None = None) -> str:
    """The scenario as a file, every value written out.

    ``folder`` is where the file will stand, if elsewhere: a trace is then named from there. ``origin`` gives the
    comment behind each value. ``source`` and ``folder`` of the scenario belong to a file and are not written.
    """
    document = _document(scenario, folder, origin)
    document.insert(0, "schema", SCHEMA)
    return _dumped(document)


def _document(scenario: Scenario, folder: Path | None, origin: Origin | None) -> CommentedMap:
    if folder is not None and scenario.workload.file:
        moved = os.path.relpath(Path(scenario.folder) / scenario.workload.file, folder)
        work = dataclasses.replace(scenario.workload, file=Path(moved).as_posix())
        scenario = dataclasses.replace(scenario, workload=work)
    document = _section(scenario, "", origin)
    if is_a_trace(scenario):
        for key in DRAWN_ONLY:
            del document["workload"][key]
    return document


def _dumped(document: CommentedMap) -> str:
    writer = YAML()
    writer.width = _WIDTH
    writer.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    writer.dump(document, stream)
    return stream.getvalue()


def to_short_yaml(scenario: Scenario, *, folder: Path | None = None) -> str:
    """The scenario as a file that says only what differs from the defaults, ready to be kept."""
    written = _document(scenario, folder, None)
    plain = _section(Scenario(), "", None)
    _leave_out(written, plain)
    written.insert(0, "schema", SCHEMA)
    return f"# yaml-language-server: $schema={SCHEMA_FILE}\n# $schema: {SCHEMA_FILE}\n{_dumped(written)}"


def _leave_out(written: CommentedMap, plain: CommentedMap) -> None:
    """Take away what the defaults say anyway."""
    for key in list(written):
        value, default = written[key], plain.get(key)
        if key not in plain:
            continue
        if isinstance(value, CommentedMap) and isinstance(default, CommentedMap) and default:
            _leave_out(value, default)
            if not value:
                del written[key]
        elif value == default:
            del written[key]


def write_duration(span_us: int) -> str:
    """A time span without any loss, in the largest unit that divides it: ``90s``, ``1500ms``, ``-2h``."""
    if span_us == 0:
        return "0s"
    unit, size = next((unit, size) for unit, size in _UNITS if span_us % size == 0)
    return f"{span_us // size}{unit}"


def write_fault(fault: Fault) -> dict[str, Any]:
    """A fault in the words of the file: only what differs from the default."""
    written: dict[str, Any] = {}
    defaults = {declared.name: declared.default for declared in dataclasses.fields(Fault)}
    for key, attribute in KEYS.items():
        value = getattr(fault, attribute)
        if value != defaults[attribute]:
            written[key] = write_duration(value) if key in _SPANS_OF_FAULTS else value
    return written


def _section(section: Any, prefix: str, origin: Origin | None) -> CommentedMap:
    written = CommentedMap()
    for declared in dataclasses.fields(section):
        if not is_written(declared):
            continue
        key, value = key_of(declared), getattr(section, declared.name)
        path = f"{prefix}{key}"
        if declared.metadata["unit"] == "section":
            written[key] = _section(value, f"{path}.", origin)
            continue
        if value is None and declared.metadata.get("optional") and origin is None:
            continue
        written[key] = _value(declared.metadata, value)
        if origin is not None:
            _comment(written, key, path, origin)
    return written


def _comment(written: CommentedMap, key: str, path: str, origin: Origin) -> None:
    """A comment behind the value, or behind each entry of a block."""
    value = written[key]
    if isinstance(value, CommentedMap) and not value.fa.flow_style():
        for below in value:
            value.yaml_add_eol_comment(origin(f"{path}.{below}"), below, column=0)
    elif isinstance(value, CommentedSeq) and not value.fa.flow_style():
        for place in range(len(value)):
            value.yaml_add_eol_comment(origin(f"{path}.{place}"), place, column=0)
    else:
        written.yaml_add_eol_comment(origin(path), key, column=0)


def _value(metadata: Mapping[str, Any], value: Any) -> Any:
    unit = metadata["unit"]
    if unit == "duration":
        return None if value is None else write_duration(value)
    if unit == "rate":
        return None if value is None else f"{value}/s"
    if unit == "list":
        return _listing(metadata["of"], value)
    if unit == "mapping":
        return _drawn(value)
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    bare = _BARE.fullmatch(value) is not None and isinstance(resolve(value), str)
    return value if bare else DoubleQuotedScalarString(value)


def _listing(of: str, values: Any) -> CommentedSeq:
    listed = CommentedSeq()
    for value in values:
        if of == "fault":
            listed.append(_flow(write_fault(value)))
        elif of == "operation":
            listed.append(_flow(_operation(value)))
        else:
            listed.append(_scalar(value))
    if of not in ("fault", "operation") or not listed:
        listed.fa.set_flow_style()
    return listed


def _operation(operation: Operation) -> dict[str, Any]:
    written: dict[str, Any] = {}
    for declared in dataclasses.fields(Operation):
        value = getattr(operation, declared.name)
        if declared.metadata.get("required") or value != declared.default:
            written[key_of(declared)] = _value(declared.metadata, value)
    return written


def _flow(values: dict[str, Any]) -> CommentedMap:
    flow = CommentedMap((key, _scalar(value)) for key, value in values.items())
    flow.fa.set_flow_style()
    return flow


def _drawn(drawn: Mapping[str, tuple[object, ...]]) -> CommentedMap:
    written = CommentedMap()
    for path, choices in drawn.items():
        place = drawable()[path]
        listed = CommentedSeq(_value(place.declared.metadata, choice) for choice in choices)
        listed.fa.set_flow_style()
        written[path] = listed
    if not written:
        written.fa.set_flow_style()
    return written
