"""Writing a run as a log of events with ids of its own, as another system would: what is lost on the way is only what
no event of a log stands for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ..history.columns import History
from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from ..vocabulary.kinds import NONE
from .events import DEVICE, EVENTS, FLAG, HOST, IDS, WORD, Event, Field
from .log import FORMAT
from .rows import Row, opened_to_write, write_line

_BY_KIND: Final = {event.kind: name for name, event in EVENTS.items() if event.kind}
_PREFIX: Final = {"device": "device-", "user": "person-", "chat": "chat-", "message": "message-", "host": "host-"}
_OF_HOSTS: Final = frozenset({kinds.QueueKind.CONNECTIONS, kinds.QueueKind.ARCHIVE_BACKLOG})
_DUTIES: Final = frozenset(
    {kinds.WaitKind.OWED_RECEIPT, kinds.WaitKind.FAN_OUT, kinds.WaitKind.ARCHIVE, kinds.WaitKind.OVERLOAD}
)
_DEVICE_KINDS: Final = frozenset(
    event.kind for event in EVENTS.values() if event.kind and event.fields[0] == Field(
        "device", DEVICE, 2, meaning=event.fields[0].meaning)
)  # fmt: skip


def write_log(path: Path, history: History, scenario: Scenario, about: str, *, compressed: bool = False) -> None:
    """Write a history that is in memory. Raises ``OSError``."""
    with opened_to_write(path, compressed) as stream:
        header: dict[str, object] = {"format": FORMAT, "about": about, "records": list(EVENTS)}
        protocol = scenario.protocol
        header |= {"retention_us": protocol.retention_us, "inbox_cap": protocol.inbox_cap}
        header["screen_order"] = protocol.screen_order
        write_line(stream, header)
        for document in events_of(history.rows()):
            write_line(stream, document)


def events_of(rows: Iterator[Row]) -> Iterator[dict[str, object]]:
    """The events that rows stand for, each device declared before its first one."""
    declared: dict[int, bool] = {}
    for row in rows:
        yield from _declared(row, declared)
        if row[1] == kinds.COMPOSED:
            yield _composed(row)
        elif row[1] in _BY_KIND and not (row[1] == kinds.PHASE and row[4] < kinds.Phase.HEAL):
            name = _BY_KIND[row[1]]
            said = _event(row, name, EVENTS[name])
            if said is not None:
                yield said


def _declared(row: Row, declared: dict[int, bool]) -> Iterator[dict[str, object]]:
    kind, who = row[1], row[2]
    about_hosts = (kind == kinds.QUEUE_HIGH and row[4] in _OF_HOSTS) or (
        kind == kinds.STILL_WAITING and row[4] in _DUTIES
    )
    devices = [who] if (kind in _DEVICE_KINDS or kind == kinds.COMPOSED) and not about_hosts else []
    if kind == kinds.LOGGED:
        devices = [who]
    if kind == kinds.PHONE_LOST:
        devices.append(row[6])
    for device in devices:
        if device >= 0 and device not in declared:
            declared[device] = True
            yield {"at": row[0], "event": "device", "device": _id(DEVICE, device), "user": _id("user", user_of(device))}


def _composed(row: Row) -> dict[str, object]:
    time_us, _, device, chat, answers, operation, _, recipient = row
    document: dict[str, object] = {"at": time_us, "event": "send", "type": "invoke"}
    document |= {"message": _id("message", operation), "device": _id(DEVICE, device), "chat": _id("chat", chat)}
    if recipient != NONE:
        document["to"] = [_id("user", recipient)]
    if answers != NONE:
        document["answers"] = _id("message", answers)
    return document


def _event(row: Row, name: str, event: Event) -> dict[str, object] | None:
    """None for a row that no event can say (a code that has no word)."""
    document: dict[str, object] = {"at": row[0], "event": name}
    hosts = (name == "queue" and row[4] in _OF_HOSTS) or (name == "waiting" and row[4] in _DUTIES)
    for each in event.fields:
        if each.column < 0 or (each.column == 2 and len(event.fields) > 1 and each.type in (DEVICE, HOST)
                               and event.fields[1].type == HOST and event.fields[1].column == 2
                               and (each.type == HOST) != hosts):  # fmt: skip
            continue
        value = row[each.column]
        if value == NONE:
            continue
        said = _said(each, value)
        if said is None:
            return None
        document[each.name] = said
    if name == "logged":
        document["device"] = _id(DEVICE, row[2])
    return document


def _said(each: Field, value: int) -> Any:
    if each.type in IDS:
        return _id(each.type, value)
    if each.type == WORD:
        return next((word for word, code in each.words.items() if code == value), None)
    return bool(value) if each.type == FLAG else value


def _id(kind: str, number: int) -> str:
    return f"{_PREFIX[kind]}{number}"
