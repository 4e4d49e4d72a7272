"""A space-time diagram for other tools: Mermaid for pages, ShiViz for its viewer, Chrome for its
tracer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from ..search.space_time import Arrow, SpaceTime

_NO_WORD: Final = re.compile(r"[^A-Za-z0-9_]+")
SHIVIZ_PATTERN: Final = r"(?<host>\S*) (?<clock>{.*})\n(?<event>.*)"
"""What ShiViz has to be told about the lines."""


def story(diagram: SpaceTime) -> str:
    """Words alone: what is wrong, then every event in order of time."""
    told = [diagram.title]
    if diagram.broke is not None:
        told += [f"  {line}" for line in diagram.broke.story]
    told += ["", *diagram.words]
    if diagram.left_out:
        told.append(f"({diagram.left_out:,} more messages are left out)")
    return "\n".join(told) + "\n"


def mermaid(diagram: SpaceTime) -> str:
    """A sequence diagram in Mermaid."""
    lines = ["sequenceDiagram", f"    %% {diagram.title}"]
    for lane in diagram.lanes:
        sort = "actor" if lane.role == "phone" else "participant"
        lines.append(f"    {sort} {_word(lane.name)} as {lane.title}")
    events: list[tuple[int, int, str]] = []
    for number, arrow in enumerate(diagram.arrows):
        sign = "--x" if arrow.is_lost else "->>"
        source, to = _word(diagram.lanes[arrow.source].name), _word(diagram.lanes[arrow.to].name)
        events.append((arrow.sent_us, number, f"    {source}{sign}{to}: {_said(arrow)}"))
    for mark in diagram.marks:
        where = _word(diagram.lanes[mark.lane].name)
        events.append((mark.at_us, 1 << 40, f"    Note over {where}: {_plain(mark.words)}"))
    for bar in diagram.bars:
        where = ",".join(_word(diagram.lanes[lane].name) for lane in bar.lanes[:2]) or _word(diagram.lanes[0].name)
        events.append((bar.began_us, -1, f"    Note over {where}: FAULT {_plain(bar.words)}"))
    if diagram.broke is not None:
        where = _word(diagram.lanes[diagram.broke.lanes[0] if diagram.broke.lanes else 0].name)
        events.append((diagram.broke.at_us, 1 << 41, f"    Note over {where}: BROKEN {diagram.broke.check}"))
    return "\n".join([*lines, *(line for _, _, line in sorted(events))]) + "\n"


def shiviz(diagram: SpaceTime) -> str:
    """Lines for ShiViz: each host's events with vector clocks, which follow from who told whom."""
    clocks: list[dict[str, int]] = [{} for _ in diagram.lanes]
    carried: dict[int, dict[str, int]] = {}
    events: list[tuple[int, int, int, Callable[[], object]]] = []
    lines: list[str] = []

    def happen(lane: int, words: str, heard: dict[str, int] | None = None) -> dict[str, int]:
        clock, name = clocks[lane], _word(diagram.lanes[lane].name)
        for other, count in (heard or {}).items():
            clock[other] = max(clock.get(other, 0), count)
        clock[name] = clock.get(name, 0) + 1
        lines.extend((f"{name} {json.dumps(clock, sort_keys=True)}", words))
        return dict(clock)

    def send(number: int, arrow: Arrow) -> None:
        carried[number] = happen(arrow.source, f"send {_said(arrow)} to {diagram.lanes[arrow.to].title}")

    def receive(number: int, arrow: Arrow) -> None:
        happen(arrow.to, f"receive {_said(arrow)} from {diagram.lanes[arrow.source].title}", carried[number])

    for number, arrow in enumerate(diagram.arrows):
        events.append((arrow.sent_us, 0, number, partial(send, number, arrow)))
        if not arrow.is_lost:
            events.append((arrow.arrived_us, 1, number, partial(receive, number, arrow)))
    for number, mark in enumerate(diagram.marks):
        events.append((mark.at_us, 2, number, partial(happen, mark.lane, mark.words)))
    for _, _, _, act in sorted(events, key=lambda event: event[:3]):
        act()
    return f"{SHIVIZ_PATTERN}\n\n" + "\n".join(lines) + "\n"


def chrome(diagram: SpaceTime) -> str:
    """Chrome's trace format, which ``chrome://tracing`` and Perfetto's page read: a process for each lane, messages as
    flows from slice to slice, faults as slices of a process of their own."""
    faults = len(diagram.lanes)
    events: list[dict[str, Any]] = [
        {"ph": "M", "name": "process_name", "pid": place, "tid": 0, "args": {"name": name}}
        for place, name in enumerate((*(lane.title for lane in diagram.lanes), "faults"))
    ]
    for number, arrow in enumerate(diagram.arrows):
        about = {"messages": list(arrow.operations), "to": diagram.lanes[arrow.to].title, "lost": arrow.is_lost}
        name = _said(arrow)
        events.append(_slice(f"send {name}", arrow.source, arrow.sent_us, 1, about))
        if arrow.is_lost:
            continue
        flow = {"cat": "message", "name": name, "id": number, "tid": 0}
        events.append(_slice(f"receive {name}", arrow.to, arrow.arrived_us, 1, about))
        events.append({"ph": "s", **flow, "pid": arrow.source, "ts": arrow.sent_us})
        events.append({"ph": "f", "bp": "e", **flow, "pid": arrow.to, "ts": arrow.arrived_us})
    for mark in diagram.marks:
        events.append({"ph": "i", "s": "p", "name": mark.words, "pid": mark.lane, "tid": 0, "ts": mark.at_us})
    for bar in diagram.bars:
        events.append(_slice(bar.words, faults, bar.began_us, max(1, bar.ended_us - bar.began_us), {}))
    if diagram.broke is not None:
        words = f"{diagram.broke.check} broken"
        events.append({"ph": "i", "s": "g", "name": words, "pid": faults, "tid": 0, "ts": diagram.broke.at_us})
    document = {"displayTimeUnit": "ms", "otherData": {"title": diagram.title}, "traceEvents": events}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _slice(name: str, place: int, at_us: int, span_us: int, about: dict[str, Any]) -> dict[str, Any]:
    return {"ph": "X", "name": name, "cat": "run", "pid": place, "tid": 0, "ts": at_us, "dur": span_us, "args": about}


def _said(arrow: Arrow) -> str:
    about = f" {','.join(map(str, arrow.operations))}" if arrow.operations else ""
    return arrow.kind.replace("_", " ") + about + (" (again)" if arrow.is_copy else "")


def _word(name: str) -> str:
    return _NO_WORD.sub("_", name)


def _plain(words: str) -> str:
    """Mermaid takes these two for signs of its own."""
    return words.replace(";", ",").replace("#", "no. ")
