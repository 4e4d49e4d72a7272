"""Changing a schedule a little: what a guided hunt makes of a run that covered something new.

Every change is a draw of (the hunt's seed, the place of the new run), so a hunt is the same whoever plays it. A fault
that stays keeps its number, and with it every draw that hangs on it; a new one gets a number of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from ..faults.nemesis import Nemesis
from ..faults.promise import TAKES_A_PLACE
from ..faults.schedule import Fault
from ..scenario.model import Scenario
from ..world.dice import Dice

MOST_CHANGES: Final = 3
MOST_FAULTS: Final = 40
_FIRST_NEW: Final = 10_000
"""Numbers of faults that no schedule had before; far from those of the nemesis."""
_SOON_US: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Material:
    """What a changed schedule is made from."""

    faults: tuple[Fault, ...]
    """The parent's."""
    other: tuple[Fault, ...]
    """Those of another run that covered something new."""
    points: Sequence[str]
    """Points that few runs have met so far."""
    operations: int
    duration_us: int


class Mutator:
    """Changes schedules for one scenario, as one seed plays it."""

    def __init__(self, scenario: Scenario, dice: Dice, place: int) -> None:
        self.scenario = scenario
        self.dice = dice
        self.place = place

    def schedule(self, material: Material) -> tuple[Fault, ...]:
        """A schedule near the parent's."""
        nemesis = Nemesis(
            self.scenario, self.dice.bits("nemesis", self.place), material.operations, material.duration_us
        )
        faults = [
            fault if fault.number is not None else replace(fault, number=number)
            for number, fault in enumerate(material.faults)
        ]
        for step in range(1 + self._below(MOST_CHANGES, "changes")):
            change = _CHANGES[self._below(len(_CHANGES), "change", step)]
            change(self, faults, material, nemesis, step)
        return tuple(self._promised(faults, nemesis)[:MOST_FAULTS])

    def options(self, drawn: Mapping[str, tuple[object, ...]]) -> dict[str, object]:
        """Now and then another choice for some of the drawn options."""
        paths = list(drawn)
        if not paths or not self.dice.chance(0.4, "other options", self.place):
            return {}
        chosen: dict[str, object] = {}
        for step in range(1 + self._below(2, "options")):
            path = paths[self._below(len(paths), "option", step)]
            choices = drawn[path]
            chosen[path] = choices[self._below(len(choices), "choice", step)]
        return chosen

    def _promised(self, faults: list[Fault], nemesis: Nemesis) -> list[Fault]:
        """Without what this system, with its options, does not promise to survive: a place too many at a time."""
        if self.scenario.random_faults.beyond_promise:
            return faults
        kinds = {kind.name for kind in nemesis.kinds}
        places = [fault for fault in faults if fault.kind in TAKES_A_PLACE]
        dropped = places if not set(TAKES_A_PLACE) & kinds else places[1:]
        return [fault for fault in faults if fault not in dropped]

    # -- the changes ------------------------------------------------------------------------------------------------

    def other_moment(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """A fault strikes earlier or later: another time, or another n-th time at its point."""
        number = self._pick(faults, step)
        if number is None:
            return
        fault = faults[number]
        if fault.point is not None:
            nth = 1 + self._below(2 * fault.nth + 1, "n-th", step)
            faults[number] = replace(fault, nth=nth)
        else:
            faults[number] = replace(fault, at_us=self._moment_us(material, step))

    def other_length(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """A fault lasts up to eight times as long, or as short."""
        number = self._pick(faults, step)
        if number is not None and faults[number].for_us:
            factor = 2.0 ** (self._below(7, "length", step) - 3)
            faults[number] = replace(faults[number], for_us=max(1_000, int(faults[number].for_us * factor)))

    def one_less(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """A fault is left out."""
        number = self._pick(faults, step)
        if number is not None and len(faults) > 1:
            del faults[number]

    def one_more(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """A fault as the nemesis draws it."""
        self._add(faults, nemesis.fault(step), step)

    def at_rare_point(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """A fault at a point that few runs have met."""
        known = [point for point in material.points if point in nemesis.points]
        if known:
            point = known[self._below(len(known), "rare point", step)]
            fault = nemesis.at_point(step, point)
            if fault is not None:
                self._add(faults, replace(fault, nth=1 + self._below(3, "rare n-th", step), operation=None), step)

    def soon_after(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """Another fault within seconds of one that there is."""
        number = self._pick(faults, step)
        if number is None:
            return
        at_us = faults[number].at_us
        fault = nemesis.at_time(step)
        if at_us is not None:
            fault = replace(fault, at_us=at_us + self._below(_SOON_US, "soon", step))
        self._add(faults, fault, step)

    def from_both(self, faults: list[Fault], material: Material, nemesis: Nemesis, step: int) -> None:
        """Some faults of another run besides."""
        for number, fault in enumerate(material.other):
            if self.dice.chance(0.3, "taken over", self.place, step, number):
                self._add(faults, fault, MOST_CHANGES * (1 + number) + step)

    # -- drawing ----------------------------------------------------------------------------------------------------

    def _add(self, faults: list[Fault], fault: Fault, step: int) -> None:
        faults.append(replace(fault, number=_FIRST_NEW + self.place * 1_000 + len(faults) + 100 * step))

    def _pick(self, faults: Sequence[Fault], step: int) -> int | None:
        return self._below(len(faults), "which fault", step) if faults else None

    def _moment_us(self, material: Material, step: int) -> int:
        warm_up_us = self.scenario.time.warm_up_us
        return warm_up_us + self._below(max(1, material.duration_us - warm_up_us), "moment", step)

    def _below(self, limit: int, purpose: str, step: int = 0) -> int:
        return self.dice.below(limit, purpose, self.place, step)


_Change = Callable[[Mutator, list[Fault], Material, Nemesis, int], None]
_CHANGES: Final[tuple[_Change, ...]] = (
    Mutator.other_moment,
    Mutator.other_moment,
    Mutator.other_length,
    Mutator.one_less,
    Mutator.one_more,
    Mutator.at_rare_point,
    Mutator.at_rare_point,
    Mutator.soon_after,
    Mutator.from_both,
)
