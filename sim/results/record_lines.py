"""A record as a line of a ledger, and back again; nothing is lost on the way."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Final

from ..checkers.verdict import Verdict
from ..faults.schedule import Fault
from ..statistics.histogram import Histogram
from ..statistics.timeline import Series
from .records import Injection, Record

_NO_FAULT: Final = Fault("")


def as_json(record: Record) -> dict[str, Any]:
    """A record as a JSON document."""
    return {name: write(getattr(record, name)) for name, write in _WRITERS.items()}


def from_json(document: Mapping[str, Any]) -> Record:
    """Read what ``as_json`` wrote. ``LookupError``, ``TypeError`` or ``ValueError`` for anything else."""
    try:
        values = {name: _READERS.get(name, _read_plain)(value) for name, value in document.items()}
    except AttributeError as error:
        raise TypeError(f"this is no record: {error}") from None
    return Record(**values)


def _same(value: Any) -> Any:
    return value


def _read_plain(value: Any) -> Any:
    """JSON knows no tuples, and no record has a list."""
    return tuple(value) if isinstance(value, list) else value


def _fields(value: Any) -> dict[str, Any]:
    return {declared.name: getattr(value, declared.name) for declared in dataclasses.fields(value)}


def _write_fault(fault: Fault | None) -> dict[str, Any] | None:
    """A fault without what is the default."""
    if fault is None:
        return None
    return {name: value for name, value in _fields(fault).items() if value != getattr(_NO_FAULT, name)}


def _read_fault(document: Mapping[str, Any] | None) -> Fault | None:
    return None if document is None else Fault(**document)


def _write_injection(one: Injection) -> dict[str, Any]:
    return {
        "fault": _write_fault(one.fault),
        "began_us": one.began_us,
        "ended_us": one.ended_us,
        "touched": one.touched,
        "origin": one.origin,
        "where": one.where,
        "explicit": _write_fault(one.explicit),
    }


def _read_injection(document: Mapping[str, Any]) -> Injection:
    from ..runner import Injected

    fault = Fault(**document["fault"])
    return Injected(**{**document, "fault": fault, "explicit": _read_fault(document["explicit"])})


def _write_histogram(times: Histogram | None) -> dict[str, Any] | None:
    """All that a histogram holds. Its sum is exact only inside, so what it shows of itself would not do."""
    return None if times is None else {name: getattr(times, name) for name in Histogram.__slots__}


def _read_histogram(document: Mapping[str, Any] | None) -> Histogram | None:
    if document is None:
        return None
    times = Histogram()
    for name in Histogram.__slots__:
        value = document[name]
        setattr(times, name, {int(key): count for key, count in value.items()} if isinstance(value, dict) else value)
    return times


def _read_verdict(document: Mapping[str, Any]) -> Verdict:
    return Verdict(**{**document, "story": tuple(document["story"]), "operations": tuple(document["operations"])})


def _read_series(document: Mapping[str, Any] | None) -> Series | None:
    if document is None:
        return None
    lists = {name: tuple(value) for name, value in document.items() if isinstance(value, list)}
    return Series(**{**document, **lists, "phases": tuple((at_us, phase) for at_us, phase in document["phases"])})


def _read_drawn(document: Mapping[str, Any]) -> dict[str, object]:
    return {path: _read_plain(value) for path, value in document.items()}


_WRITERS: Final[dict[str, Callable[[Any], Any]]] = {
    **{declared.name: _same for declared in dataclasses.fields(Record)},
    "verdicts": lambda verdicts: [_fields(verdict) for verdict in verdicts],
    "injected": lambda injected: [_write_injection(one) for one in injected],
    "delivery": _write_histogram,
    "times": lambda times: {name: _write_histogram(each) for name, each in times.items()},
    "timeline": lambda series: None if series is None else _fields(series),
}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "verdicts": lambda listed: tuple(map(_read_verdict, listed)),
    "injected": lambda listed: tuple(map(_read_injection, listed)),
    "drawn": _read_drawn,
    "delivery": _read_histogram,
    "times": lambda listed: {name: _read_histogram(each) for name, each in listed.items()},
    "timeline": _read_series,
}
