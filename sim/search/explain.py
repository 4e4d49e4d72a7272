"""Explaining a run: it is played once more in a world that keeps track of every message, and what concerns the failure,
or one message, becomes a space-time diagram and a story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..checkers.verdict import INVALID, Verdict
from ..mutants.blame import blaming
from ..results.words import meaning
from ..runner import Injected, Result, Run
from ..scenario.model import Scenario
from ..vocabulary.units import format_duration
from ..world.tracing import Flight, TracedWorld, Tracks, operations_of
from .explain_marks import Marks, lane_name, name_of_device
from .space_time import NEVER, Arrow, Bar, Broke, Lane, SpaceTime

MOST_ARROWS: Final = 140
MOST_OPERATIONS: Final = 6
"""So many messages are explained at once at most."""
_BEFORE_US: Final = 1_500_000
_AFTER_US: Final = 1_500_000
_REPEATS: Final = 3
"""Of the same message between the same two so many are drawn, and the last one."""
_ROLE_ORDER: Final = (
    "connection_server",
    "registry",
    "data_service",
    "store",
    "long_term_store",
    "inbox",
    "object_store",
    "push_gateway",
    "push_provider",
)
_AROUND: Final = frozenset(
    ("hello", "claim", "granted", "denied", "release", "drain", "updates", "fenced", "not_here", "sync", "acknowledge",
     "go_away", "retry_after", "look_up", "route", "nudge", "push", "register", "registered")
)  # fmt: skip
"""Messages about a device that make a failure understandable."""


_NEVER_CAME: Final = ("LOSS", "LIVE", "FLOW", "NUDGE")
"""Checks of what should have happened and did not."""


class NoSuchMessage(ValueError):
    """The run has no message of this number."""


class TracedRun(Run):
    """A run in a world that keeps tracks."""

    WORLD = TracedWorld


@dataclass(frozen=True, slots=True)
class Explained:
    """A run, and its diagram."""

    result: Result
    diagram: SpaceTime


def explain(
    scenario: Scenario,
    seed: int | str,
    *,
    mutant: str | None = None,
    message: int | None = None,
    check: str | None = None,
) -> Explained:
    """Play the run once more and explain what failed in it, or the life of one message."""
    with blaming(mutant):
        traced = TracedRun(scenario, seed, mutant, True, None, None, True, False)
        result = traced.play()
    assert isinstance(traced.world, TracedWorld) and result.history is not None
    verdict = None if message is not None else _failing(result, check)
    marks = Marks(result.history.rows())
    operations = (message,) if message is not None else _concerned(verdict, marks)
    if message is not None and message not in marks.composed:
        known = sorted(marks.composed)
        there = f"it has {known[0]} to {known[-1]}" if known else "it has none"
        raise NoSuchMessage(f"nobody composed a message {message} in this run; {there}")
    diagram = _Diagram(result, traced.world.tracks, marks, operations, verdict).make()
    return Explained(result, diagram)


def _failing(result: Result, check: str | None) -> Verdict | None:
    broken = [verdict for verdict in result.verdicts if verdict.outcome == INVALID]
    if check is not None:
        broken = [verdict for verdict in broken if verdict.check == check]
    broken.sort(key=lambda verdict: not verdict.fails)
    return broken[0] if broken else None


def _concerned(verdict: Verdict | None, marks: Marks) -> tuple[int, ...]:
    """The messages that a verdict is about; where it names none, those nearest to the moment, or the first few."""
    if verdict is not None and verdict.operations:
        return tuple(verdict.operations[:MOST_OPERATIONS])
    at_us = verdict.at_us if verdict is not None else 0
    nearest = sorted(marks.composed, key=lambda operation: (abs(marks.composed[operation] - at_us), operation))
    return tuple(sorted(nearest[: MOST_OPERATIONS // 2]))


class _Diagram:
    """The making of one diagram."""

    def __init__(
        self, result: Result, tracks: Tracks, marks: Marks, operations: tuple[int, ...], verdict: Verdict | None
    ) -> None:
        self.result = result
        self.tracks = tracks
        self.marks = marks
        self.operations = operations
        self.verdict = verdict
        self.devices = marks.devices_of(operations)
        self.people = [name_of_device(device) for device in self.devices]

    def make(self) -> SpaceTime:
        """Choose, place and tell."""
        chosen, left_out = self.flights()
        names = self.lane_names(chosen)
        lanes = [Lane(name, lane_name(name), name.replace("_", " ")) for name in names]
        place = {name: number for number, name in enumerate(names)}
        arrows = [arrow for flight in chosen for arrow in _arrows(flight, place)]
        arrows.sort(key=lambda arrow: (arrow.sent_us, arrow.arrived_us))
        times = [time for arrow in arrows for time in (arrow.sent_us, arrow.arrived_us) if time != NEVER]
        span = (min(times, default=0), max(times, default=0))
        shown = self.marks.of(self.operations, self.devices, place, span, self.tracks)
        diagram = SpaceTime(
            title=self.title(),
            lanes=lanes,
            arrows=arrows,
            marks=shown,
            bars=self.bars(place),
            broke=self.broke(place, span[1]),
            operations=self.operations,
            left_out=left_out,
        )
        diagram.words = in_words(diagram)
        return diagram

    def bars(self, place: dict[str, int]) -> list[Bar]:
        """The faults that hit somebody who is drawn, or everybody."""
        begun = [fault for fault in self.result.injected if fault.began_us >= 0]
        return [bar for bar, fault in ((_bar(fault, place), fault) for fault in begun) if bar.lanes or not fault.where]

    def title(self) -> str:
        """What is explained."""
        scenario, seed = self.result.scenario.name, self.result.seed_text
        bug = f", planted bug {self.result.mutant}" if self.result.mutant else ""
        if self.verdict is not None:
            about = f"{self.verdict.check} fails ({meaning(self.verdict.check)})"
        elif len(self.operations) == 1:
            about = f"the life of message {self.operations[0]}"
        else:
            about = "messages " + ", ".join(map(str, self.operations))
        return f"{about}: {scenario}, seed {seed}{bug}"

    def flights(self) -> tuple[list[Flight], int]:
        """What is drawn: all about the messages, then what is around them while there is room."""
        wanted = frozenset(self.operations)
        main = [flight for flight in self.tracks.flights if wanted.intersection(operations_of(flight.message))]
        kept = _without_repeats(main, self.operations)
        head = MOST_ARROWS - MOST_ARROWS // 5
        kept = kept if len(kept) <= MOST_ARROWS else [*kept[:head], *kept[head - MOST_ARROWS :]]
        chosen = {id(flight): flight for flight in kept}
        around = [flight for flight in self.around(kept) if id(flight) not in chosen]
        left_out = len(main) - len(kept) + max(0, len(around) - (MOST_ARROWS - len(kept)))
        for flight in around[: MOST_ARROWS - len(kept)]:
            chosen[id(flight)] = flight
        return [flight for flight in self.tracks.flights if id(flight) in chosen], left_out

    def around(self, main: Sequence[Flight]) -> list[Flight]:
        """Connections and acknowledgements of the devices concerned, near in time: to the break, or to the message."""
        if not main:
            return []
        begins, ends = main[0].sent_us - _BEFORE_US, main[-1].sent_us + _AFTER_US
        if self.verdict is not None and self.verdict.at_us >= 0:
            ends = max(min(ends, self.verdict.at_us + _AFTER_US), main[0].sent_us + _AFTER_US)
        devices = frozenset(self.devices)
        return [
            flight
            for flight in self.tracks.flights
            if begins <= flight.sent_us <= ends
            and flight.kind in _AROUND
            and getattr(flight.message, "device", None) in devices
        ]

    def lane_names(self, chosen: Sequence[Flight]) -> list[str]:
        """The sender's phone on the left, servers in the middle, the other phones on the right."""
        met: dict[str, bool] = {}
        for flight in chosen:
            met[flight.source] = met[flight.to] = True
        servers = [name for name in met if lane_name(name) != "phone"]
        servers.sort(key=_left_to_right)
        phones = [name for name in dict.fromkeys((*self.people, *met)) if lane_name(name) == "phone"]
        return [*phones[:1], *servers, *phones[1:]]

    def broke(self, place: dict[str, int], end_us: int) -> Broke | None:
        """Where the check failed: on the lanes that its story is about. What never came is missed at the end."""
        verdict = self.verdict
        if verdict is None:
            return None
        told = " ".join(verdict.story)
        lanes = tuple(
            number
            for name, number in place.items()
            if f"{name} of person" in told or name.replace("_", " ") in told or _phone_told(name, told)
        )
        begun_us = max((self.marks.composed.get(each, -1) for each in self.operations), default=-1)
        never_came = verdict.check.startswith(_NEVER_CAME) and verdict.at_us <= begun_us
        at_us = end_us + 1 if never_came or verdict.at_us > end_us else verdict.at_us
        return Broke(verdict.check, at_us, lanes, verdict.story)


def _left_to_right(name: str) -> tuple[int, str]:
    """Servers in the order in which a message meets them; others, such as single replicas that are read, behind."""
    role = lane_name(name)
    return (_ROLE_ORDER.index(role) if role in _ROLE_ORDER else len(_ROLE_ORDER)), name


def _without_repeats(flights: Sequence[Flight], operations: Sequence[int]) -> list[Flight]:
    """The first few of what is sent again and again about the same message, and the last."""
    alike: dict[tuple[Any, ...], list[Flight]] = {}
    for flight in flights:
        about = tuple(each for each in operations_of(flight.message) if each in operations)
        alike.setdefault((flight.source, flight.to, flight.kind, about), []).append(flight)
    kept = {
        id(flight): True
        for same in alike.values()
        for flight in (same if len(same) <= _REPEATS + 1 else (*same[:_REPEATS], same[-1]))
    }
    return [flight for flight in flights if id(flight) in kept]


def _phone_told(name: str, told: str) -> bool:
    sort, _, user = name.rpartition(" ")
    return sort == "phone" and f"phone of person {user} " in told


def _arrows(flight: Flight, place: dict[str, int]) -> list[Arrow]:
    ends = place[flight.source], place[flight.to]
    about = operations_of(flight.message)
    if not flight.arrivals_us:
        return [Arrow(flight.sent_us, NEVER, *ends, flight.kind, about)]
    return [
        Arrow(flight.sent_us, arrived_us, *ends, flight.kind, about, is_copy=number > 0)
        for number, arrived_us in enumerate(flight.arrivals_us)
    ]


def _bar(injected: Injected, place: dict[str, int]) -> Bar:
    names = injected.where.split(", ")
    lanes = tuple(number for name, number in place.items() if name in names)
    ended_us = injected.ended_us if injected.ended_us >= 0 else injected.began_us
    return Bar(injected.began_us, ended_us, lanes, fault_in_words(injected))


def fault_in_words(injected: Injected) -> str:
    """A fault as people say it."""
    fault = injected.fault
    words = fault.kind.replace("_", " ")
    if injected.where:
        words += f" of {injected.where.replace('_', ' ')}"
    if fault.point is not None:
        about = "" if fault.operation is None else f" for message {fault.operation}"
        words += f", {fault.point.replace('_', ' ').replace('.', ' ')}{about}"
    if injected.ended_us > injected.began_us:
        words += f", for {format_duration(injected.ended_us - injected.began_us)}"
    return words


def in_words(diagram: SpaceTime) -> list[str]:
    """The diagram as text, a line per event in order of time."""
    lines: list[tuple[int, int, str]] = []
    for number, arrow in enumerate(diagram.arrows):
        source, to = diagram.lanes[arrow.source].title, diagram.lanes[arrow.to].title
        about = f" (message {', '.join(map(str, arrow.operations))})" if arrow.operations else ""
        how = "never arrives" if arrow.is_lost else f"arrives after {format_duration(arrow.arrived_us - arrow.sent_us)}"
        again = ", once more" if arrow.is_copy else ""
        kind = arrow.kind.replace("_", " ")
        lines.append((arrow.sent_us, number, f"{source} → {to}: {kind}{about}, {how}{again}"))
    lines += [(mark.at_us, -1, f"{diagram.lanes[mark.lane].title}: {mark.words}") for mark in diagram.marks]
    lines += [(bar.began_us, -2, f"FAULT: {bar.words}") for bar in diagram.bars]
    if diagram.broke is not None and diagram.broke.at_us >= 0:
        lines.append((diagram.broke.at_us, 1 << 40, f"BROKEN: {diagram.broke.check}"))
    return [f"{_clock(at_us)}  {words}" for at_us, _, words in sorted(lines)]


def _clock(at_us: int) -> str:
    return f"{at_us / 1_000_000:12.6f}s"
