"""What a hunt keeps of one run: small, plain, and the same whoever played it, so that it can be a line of a ledger."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ..checkers.verdict import INVALID
from ..faults.schedule import Fault
from ..results import exit_codes
from ..runner import Result
from .coverage import Coverage

_FAULT_DEFAULTS: Final = {
    declared.name: declared.default
    for declared in dataclasses.fields(Fault)
    if declared.default is not dataclasses.MISSING
}


@dataclass(frozen=True, slots=True)
class Failure:
    """One check that was invalid in a run."""

    check: str
    violations: int
    at_us: int
    story: tuple[str, ...]
    counts: bool = True
    """Whether it fails the hunt; what a run may break beyond the promise is only told."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run of a hunt. ``again`` marks the second play of a run, whose digest must be that of the first."""

    place: int
    seed: str
    again: bool = False
    digest: str = ""
    error: str = ""
    error_code: int = exit_codes.PASSED
    failures: tuple[Failure, ...] = ()
    silent: tuple[str, ...] = ()
    """Required checks that judged nothing."""
    composed: int = 0
    shown: int = 0
    simulated_us: int = 0
    drawn: Mapping[str, int] = field(default_factory=dict)
    """Faults by kind."""
    struck: Mapping[str, int] = field(default_factory=dict)
    """Those of them that touched something."""
    idle_written: tuple[int, ...] = ()
    """Written faults, by their place in the scenario, that touched nothing."""
    reached: Mapping[str, int] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    """What the seed drew, in words."""
    faults: tuple[Fault, ...] = ()
    """The schedule that was played."""
    coverage: Coverage = field(default_factory=Coverage)

    @property
    def failed(self) -> bool:
        """Whether a check failed that counts."""
        return any(failure.counts for failure in self.failures)

    @property
    def bad(self) -> bool:
        """Whether a person should look at it."""
        return self.failed or bool(self.error)


def outcome_of(place: int, result: Result, options: Mapping[str, str]) -> Outcome:
    """Keep what a hunt needs of a runner's result."""
    drawn: dict[str, int] = {}
    struck: dict[str, int] = {}
    for one in result.injected:
        drawn[one.fault.kind] = drawn.get(one.fault.kind, 0) + 1
        if one.touched:
            struck[one.fault.kind] = struck.get(one.fault.kind, 0) + 1
    scenario = result.scenario
    return Outcome(
        place=place,
        seed=result.seed_text,
        digest=result.digest,
        failures=tuple(
            Failure(
                verdict.check,
                verdict.violations,
                verdict.at_us,
                verdict.story,
                counts=verdict.fails,
            )
            for verdict in result.verdicts
            if verdict.outcome == INVALID
        ),
        silent=tuple(
            verdict.check
            for verdict in result.verdicts
            if verdict.check in scenario.checks and not verdict.exercised and verdict.outcome != INVALID
        ),
        composed=result.counts["composed"],
        shown=result.counts["shown"],
        simulated_us=result.simulated_us,
        drawn=drawn,
        struck=struck,
        idle_written=tuple(
            number for number, one in enumerate(result.injected) if one.origin == "written" and not one.touched
        ),
        reached=dict(result.reached),
        options=dict(options),
        faults=tuple(one.fault for one in result.injected),
        coverage=Coverage.of(result),
    )


def as_json(outcome: Outcome) -> dict[str, Any]:
    """An outcome as a JSON document; values that are the default are left out."""
    document: dict[str, Any] = {}
    plain = Outcome(outcome.place, outcome.seed)
    for declared in dataclasses.fields(Outcome):
        value = getattr(outcome, declared.name)
        if declared.name in ("place", "seed") or value != getattr(plain, declared.name):
            write = _WRITERS.get(declared.name)
            document[declared.name] = value if write is None else write(value)
    return document


def from_json(document: Mapping[str, Any]) -> Outcome:
    """Read what ``as_json`` wrote. ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
    return Outcome(**{name: _READERS[name](value) if name in _READERS else value for name, value in document.items()})


def fault_as_json(fault: Fault) -> dict[str, Any]:
    """A fault as plain data, without what is the default."""
    values = {declared.name: getattr(fault, declared.name) for declared in dataclasses.fields(Fault)}
    return {name: value for name, value in values.items() if value != _FAULT_DEFAULTS.get(name, dataclasses.MISSING)}


_WRITERS: Final[dict[str, Callable[[Any], Any]]] = {
    "failures": lambda failures: [dataclasses.asdict(each) for each in failures],
    "faults": lambda faults: [fault_as_json(each) for each in faults],
    "coverage": lambda coverage: coverage.as_text(),
    "silent": list,
    "idle_written": list,
}
_READERS: Final[dict[str, Callable[[Any], Any]]] = {
    "failures": lambda listed: tuple(Failure(**{**each, "story": tuple(each["story"])}) for each in listed),
    "faults": lambda listed: tuple(Fault(**each) for each in listed),
    "coverage": lambda text: Coverage.from_text(text),
    "silent": tuple,
    "idle_written": tuple,
}
