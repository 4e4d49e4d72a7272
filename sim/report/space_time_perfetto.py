"""A space-time diagram as a Perfetto trace: a track for each lane, flows from send to arrival. Needs the extra
``trace``."""

from __future__ import annotations

import importlib
from typing import Any, Final

from ..search.space_time import SpaceTime
from ..vocabulary.units import MICROSECONDS

_NANOSECONDS: Final = 1_000
_SEQUENCE: Final = 1
_SHOWN_US: Final = MICROSECONDS["us"]
"""A send or an arrival takes no time; a slice that can be clicked takes a little."""


class NoPerfetto(RuntimeError):
    """The package ``perfetto`` is not there."""


def perfetto(diagram: SpaceTime) -> bytes:
    """The trace, as ui.perfetto.dev and trace_processor read it."""
    try:
        builder: Any = importlib.import_module("perfetto.trace_builder.proto_builder")
        protos: Any = importlib.import_module("perfetto.protos.perfetto.trace.perfetto_trace_pb2")
    except ImportError as missing:
        raise NoPerfetto("a Perfetto trace needs the extra 'trace': pip install 'doubletick[trace]'") from missing
    return bytes(_Trace(builder.TraceProtoBuilder(), protos.TrackEvent).of(diagram))


class _Trace:
    """The writing of one trace."""

    def __init__(self, builder: Any, event: Any) -> None:
        self.builder = builder
        self.event = event

    def of(self, diagram: SpaceTime) -> Any:
        """Tracks first, then events in order of time."""
        for place, name in enumerate((*(lane.title for lane in diagram.lanes), "faults")):
            track = self.builder.add_packet().track_descriptor
            track.uuid, track.name = place + 1, name
        begins, ends, instant = self.event.TYPE_SLICE_BEGIN, self.event.TYPE_SLICE_END, self.event.TYPE_INSTANT
        faults = len(diagram.lanes) + 1
        events: list[tuple[int, int, int, str, int, tuple[int, ...], tuple[int, ...]]] = []
        for flow, arrow in enumerate(diagram.arrows, 1):
            kind = arrow.kind.replace("_", " ")
            words = f"{kind} {','.join(map(str, arrow.operations))}".strip()
            sent, lost = f"send {words}", " (lost)" if arrow.is_lost else ""
            events.append((arrow.sent_us, 1, arrow.source + 1, sent + lost, begins, (flow,), ()))
            events.append((arrow.sent_us + _SHOWN_US, 0, arrow.source + 1, "", ends, (), ()))
            if not arrow.is_lost:
                events.append((arrow.arrived_us, 1, arrow.to + 1, f"receive {words}", begins, (), (flow,)))
                events.append((arrow.arrived_us + _SHOWN_US, 0, arrow.to + 1, "", ends, (), ()))
        for mark in diagram.marks:
            events.append((mark.at_us, 1, mark.lane + 1, mark.words, instant, (), ()))
        for bar in diagram.bars:
            events.append((bar.began_us, 1, faults, bar.words, begins, (), ()))
            events.append((max(bar.ended_us, bar.began_us + _SHOWN_US), 0, faults, "", ends, (), ()))
        if diagram.broke is not None:
            events.append((diagram.broke.at_us, 1, faults, f"{diagram.broke.check} broken", instant, (), ()))
        for event in sorted(events, key=lambda each: each[:2]):
            self.add(*event)
        return self.builder.serialize()

    def add(
        self, at_us: int, _: int, track: int, name: str, sort: int, flows: tuple[int, ...], ended: tuple[int, ...]
    ) -> None:
        """One event of a track."""
        packet = self.builder.add_packet()
        packet.timestamp = at_us * _NANOSECONDS
        packet.trusted_packet_sequence_id = _SEQUENCE
        event = packet.track_event
        event.type, event.track_uuid = sort, track
        if name:
            event.name = name
        event.flow_ids.extend(flows)
        event.terminating_flow_ids.extend(ended)
