"""Which faults can strike at the points that a run met, and which of them can be left out without losing an outcome.

Every fault is tied to a point: a message that is lost, late or repeated and a write that is refused to the point before
it; a crash (of a phone: a kill of its app) to the points on both sides of every effect; what hits a phone's connection
to the points where the phone, or a server that writes to it, does something.

Two prunings, both sound because the two runs are the same run:

- A crash after one effect and a crash before the next one are the same crash, when the same step of the same host did
  nothing in between: no row of the history, no entry of the event queue. What memory changed meanwhile is lost either
  way.
- A fault that strikes when the step is over (``FaultEngine.meet``) strikes at the same moment from every point of that
  step, when nothing else is due at that very time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from ..faults.schedule import Fault
from ..scenario.model import Scenario
from ..vocabulary.points import CONNECTION_SERVER, INBOX, PHONE, REGISTRY, STORE
from .exhaust_points import Met

_SECOND_US: Final = 1_000_000
_SERVERS: Final = (CONNECTION_SERVER, REGISTRY, STORE, INBOX)
KINDS: Final = (
    "message_lost",
    "message_late",
    "message_repeated",
    "write_refused",
    "crash",
    "app_killed",
    "reset",
    "half_open",
    "pause",
    "clock_step",
    "offline",
)
"""Kinds of faults that are counted through, in this order at one point."""
_WITHIN_STEP: Final = ("crash", "app_killed")
"""Kinds that strike before the next effect; what they leave out of a step is part of them."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How long and how far: beyond every timer that waits for it."""

    late_us: int
    """A message is later than anybody waits for it."""
    pause_us: int
    """A server stands still for longer than a lease lasts."""
    away_us: int
    """A phone is away for longer than a lease lasts and anything is repeated."""
    step_us: int
    """A wall clock is wrong by more than lies between two messages."""


def sizes_of(scenario: Scenario) -> Sizes:
    """Sizes that follow from the timers."""
    timers = scenario.protocol
    waits = (timers.resend_us, timers.call_again_us, timers.push_again_us, timers.answer_within_us)
    beyond_lease_us = timers.lease_us + timers.heartbeat_us
    return Sizes(
        late_us=max(waits) + _SECOND_US,
        pause_us=beyond_lease_us,
        away_us=beyond_lease_us + max(waits),
        step_us=10 * _SECOND_US,
    )


class Choice(NamedTuple):
    """A fault that could strike at a point of a run."""

    fault: Fault
    place: int
    """Where in the run: the number of the point met."""
    whom: str
    """Who is hit."""


class Choices:
    """The faults that can strike in a run."""

    def __init__(self, sizes: Sizes, kinds: Sequence[str] = KINDS, *, prune: bool = True) -> None:
        self.sizes = sizes
        self.kinds = tuple(kinds)
        self.prune = prune

    def after(self, met: Sequence[Met], last: Choice | None) -> Iterator[Choice]:
        """Every fault that can strike at the points met, after ``last`` (at the same point: of a later kind)."""
        once: dict[tuple[str, str, int, int], None] = {}
        for place in range(0 if last is None else last.place, len(met)):
            for choice in self.at(met, place):
                if last is not None and place == last.place and self.rank(choice) <= self.rank(last):
                    continue
                if not (self.prune and self.is_same_as_before(met, choice, once)):
                    yield choice

    def rank(self, choice: Choice) -> tuple[int, int]:
        """The order of kinds at one point."""
        return KINDS.index(choice.fault.kind), choice.fault.amount_us

    def is_same_as_before(
        self, met: Sequence[Met], choice: Choice, once: dict[tuple[str, str, int, int], None]
    ) -> bool:
        """Whether an earlier choice is the same run."""
        fault, here = choice.fault, met[choice.place]
        if fault.kind in _WITHIN_STEP:
            if choice.place == 0 or choice.whom != here.host:
                return False
            before = met[choice.place - 1]
            return (before.host, before.step, before.before) == (here.host, here.step, here.before)
        if fault.kind.startswith(("message", "write")):
            return False
        key = fault.kind, choice.whom, fault.amount_us, here.step
        if key in once and here.alone:
            return True
        once[key] = None
        return False

    def at(self, met: Sequence[Met], place: int) -> Iterator[Choice]:
        """Every fault at one point."""
        here = met[place]
        for kind in self.kinds:
            for amount_us, for_us in self.amounts(kind):
                for target, whom in self.targets(kind, here):
                    fault = Fault(
                        kind,
                        point=here.point,
                        nth=here.nth,
                        operation=here.operation,
                        device=here.device,
                        target=target,
                        amount_us=amount_us,
                        for_us=for_us,
                    )
                    yield Choice(fault, place, whom)

    def amounts(self, kind: str) -> tuple[tuple[int, int], ...]:
        """How much and how long (``by``, ``for``) of a kind."""
        sizes = self.sizes
        if kind in ("message_late", "message_repeated"):
            return ((sizes.late_us, 0),)
        if kind == "clock_step":
            return ((-sizes.step_us, 0), (sizes.step_us, 0))
        spans = {"pause": sizes.pause_us, "offline": sizes.away_us, "crash": _SECOND_US, "app_killed": _SECOND_US}
        return ((0, spans.get(kind, 0)),)

    def targets(self, kind: str, here: Met) -> Iterator[tuple[str, str]]:
        """Whom a kind hits at a point: the target to write (empty: who meets it), and who that is."""
        if kind.startswith("message"):
            if here.is_before and here.effect == "send" and (kind == "message_late" or not here.is_on_a_stream):
                yield "", here.host
        elif kind == "write_refused":
            if here.is_before and here.effect == "persist":
                yield "", here.host
        elif kind in ("crash", "pause"):
            if here.role in _SERVERS:
                yield "", here.host
        elif here.role == PHONE:
            yield "", here.host
        elif here.user >= 0 and kind != "clock_step":
            yield f"phone {here.user}", f"phone {here.user}"
