"""A fault as the file writes it, and what is checked about it beyond the form of its values."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ..faults.kind import FaultKind
from ..faults.schedule import Fault
from ..vocabulary.ids import user_of
from ..vocabulary.pushes import PROVIDERS
from .architecture import least_long_term_stores
from .catalogues import fault_kinds, points, region_names
from .errors import did_you_mean, one_of, shortened
from .fields import count, flag, number, optional_count, optional_duration, optional_text, required, share, text
from .model import Scenario
from .paths import least
from .quantities import QuantityError
from .targets import PLACES, PUSH_ROLES, SERVER_ROLES, Target, parse_target

ALWAYS_TAKEN: Final = frozenset(("kind", "at", "point", "nth", "operation", "device", "number"))
"""Keys that every kind of fault takes; the catalogue names the others."""
ONLY_AT_POINTS: Final = ("nth", "operation", "device")
MAY_STEP_BACK: Final = frozenset(("clock_step", "clock_wrong"))
"""Kinds whose ``by`` may be negative."""
MAY_RUN_SLOW: Final = frozenset(("clock_drift",))
"""Kinds whose ``factor`` is a drift and may be negative; of others it says how many times slower."""
_EXAMPLES: Final = {"send": "accepted", "persist": "append_entry"}
_ALONE: Final = "registry"
"""The role that has one machine."""


@dataclass(frozen=True, slots=True)
class FaultEntry:
    """One entry of ``faults:``. Its keys are those of ``Fault`` in the words of the file."""

    kind: str = required(text("", "what happens"))
    at_us: int | None = optional_duration("when, from the start of the run")
    for_us: int | None = optional_duration("how long it lasts")
    point: str | None = optional_text("the named point of the protocol at which it fires, instead of a time")
    nth: int = count(1, "fires when the point is met this many times", least=1, most=10**12)
    operation: int | None = optional_count("only when this operation meets the point")
    device: int | None = optional_count("only when this device meets the point")
    target: str = text("", "who is hit: 'store 0', 'phone any', 'phones 10%', 'registry', 'servers'")
    peer: str = text("", "the other end of a link; left out: everybody")
    probability: float = share(1.0, "how probable it is, for each message or time")
    amount_us: int = field(
        default=0, metadata={**optional_duration("how much time, as the kind says", signed=True).metadata, "key": "by"}
    )
    factor: float = number(1.0, "how many times slower, or parts per million of drift", least=-1e6, most=1e6)
    for_good: bool = flag(False, "it never ends, not even when everything else heals (beyond the promise)")
    number: int | None = optional_count("its number, on which all draws about it hang (default: its place in the list)")


KEYS: Final = {declared.metadata.get("key") or declared.name.removesuffix("_us"): declared.name
               for declared in dataclasses.fields(FaultEntry)}  # fmt: skip
"""Key in the file to attribute of ``Fault``."""


class Finding(NamedTuple):
    """Something wrong with one entry: at which key (the entry itself if it lacks the key), and what."""

    key: str
    message: str
    hint: str = ""


def fault_of(entry: FaultEntry) -> Fault:
    """The fault that an entry writes down. Where a kind can only hit the registry, the target goes without saying."""
    values = {declared.name: getattr(entry, declared.name) for declared in dataclasses.fields(FaultEntry)}
    values["for_us"] = entry.for_us or 0
    kind = fault_kinds().get(entry.kind)
    if entry.point is None and not entry.target and kind is not None and kind.targets == (_ALONE,):
        values["target"] = _ALONE
    values["amount_us"] = entry.amount_us or 0
    return Fault(**values)


def findings(entry: FaultEntry, given: frozenset[str], scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with an entry. ``given`` are the keys that the file holds."""
    kind = fault_kinds().get(entry.kind)
    if kind is None:
        known = tuple(fault_kinds())
        hint = did_you_mean(entry.kind, known) or f"kinds are: {one_of(known, most=40)}"
        yield Finding("kind", f"there is no kind of fault {shortened(entry.kind)}", hint)
    yield from _trigger(entry, given, scenario)
    if kind is not None:
        yield from _effect(kind, entry)
        yield from _taken(kind, given)
        yield from _amounts(entry, kind, given)
    if kind is not None and entry.point in points() and "target" not in given:
        yield from _met_at(kind, str(entry.point))
    for key in ("target", "peer"):
        if key in given:
            yield from _selector(key, str(getattr(entry, key)), kind, scenario)
    if kind is not None and entry.point is None and "target" not in given and _needs_target(kind):
        yield Finding("", "a fault at a time needs a 'target'", f"it hits: {one_of(kind.targets)}")


def _trigger(entry: FaultEntry, given: frozenset[str], scenario: Scenario) -> Iterator[Finding]:
    if entry.at_us is not None and entry.point is not None:
        yield Finding("point", "a fault fires at a time or at a point, not both", "leave out 'at' or 'point'")
    if entry.at_us is None and entry.point is None:
        yield Finding("", "when does it fire?", "give 'at' (a time) or 'point' (a point of the protocol)")
    if entry.at_us is not None:
        yield from _hour(entry.at_us, scenario)
    if entry.point is None:
        for key in ONLY_AT_POINTS:
            if key in given:
                yield Finding(key, f"'{key}' belongs to a fault at a point", "give 'point', or leave it out")
    elif entry.point not in points():
        hint = did_you_mean(entry.point, points()) or "a point is such as 'after store.persist.append_entry'"
        yield Finding("point", f"there is no point {shortened(entry.point)}", hint)
    yield from _subjects(entry, scenario)


def _hour(at_us: int, scenario: Scenario) -> Iterator[Finding]:
    time = scenario.time
    if "time.warm_up" not in scenario.drawn and at_us < time.warm_up_us:
        yield Finding("at", "falls into the warm-up, which is free of faults", "see time.warm_up")
    if "time.chaos" not in scenario.drawn and at_us >= time.chaos_us and scenario.workload.kind != "trace":
        yield Finding("at", "comes when everything has healed already", "see time.chaos, when people stop writing")


def _subjects(entry: FaultEntry, scenario: Scenario) -> Iterator[Finding]:
    work = scenario.workload
    if work.kind == "trace":
        return
    yield from _operation_known(entry.operation, scenario)
    if entry.device is not None and user_of(entry.device) >= work.users:
        message = f"the device {entry.device} belongs to user {user_of(entry.device)}, whom nobody knows"
        yield Finding("device", message, f"users are 0 to {work.users - 1}")


def _operation_known(operation: int | None, scenario: Scenario) -> Iterator[Finding]:
    work = scenario.workload
    if operation is None:
        return
    if work.kind == "script":
        numbers = [place if step.number is None else step.number for place, step in enumerate(work.operations)]
        if operation not in numbers:
            hint = f"the workload has {one_of(tuple(map(str, numbers)), most=12)}" if numbers else "there are none"
            yield Finding("operation", f"there is no operation {operation}", hint)
    elif operation >= work.messages:
        yield Finding("operation", f"there is no operation {operation}", f"the workload has 0 to {work.messages - 1}")


def _effect(kind: FaultKind, entry: FaultEntry) -> Iterator[Finding]:
    """A fault of one message or one write strikes right before it."""
    if not kind.effect:
        return
    hint = f"give 'point', such as 'before store.{kind.effect}.{_EXAMPLES[kind.effect]}'"
    if entry.point is None:
        yield Finding("at" if entry.at_us is not None else "", f"'{kind.name}' hits one effect, at a point", hint)
    elif entry.point in points() and not (entry.point.startswith("before ") and f".{kind.effect}." in entry.point):
        yield Finding("point", f"'{kind.name}' hits what follows a point 'before ... {kind.effect} ...'", hint)


def _taken(kind: FaultKind, given: frozenset[str]) -> Iterator[Finding]:
    taken = sorted(ALWAYS_TAKEN | set(kind.keys))
    for key in KEYS:
        if key in given and key not in taken:
            yield Finding(key, f"a fault of kind '{kind.name}' takes no '{key}'", f"it takes: {one_of(taken)}")


def _amounts(entry: FaultEntry, kind: FaultKind, given: frozenset[str]) -> Iterator[Finding]:
    if (entry.amount_us or 0) < 0 and kind.name not in MAY_STEP_BACK:
        yield Finding("by", "is negative", f"only {one_of(sorted(MAY_STEP_BACK))} may go back in time")
    if "factor" in kind.keys and "factor" not in given:
        yield Finding("", f"a fault of kind '{kind.name}' needs 'factor'", "such as factor: 10")
    elif "factor" in given and kind.name not in MAY_RUN_SLOW and entry.factor <= 1:
        yield Finding("factor", f"a factor of {entry.factor:g} slows nothing", "write factor: 10 for ten times slower")
    if entry.for_good and entry.for_us is not None:
        yield Finding("for_good", "it lasts for a time or for good, not both", "leave out 'for' or 'for_good'")
    if "by" in kind.keys and not entry.amount_us and kind.name in MAY_STEP_BACK:
        yield Finding("by" if "by" in given else "", f"a fault of kind '{kind.name}' needs 'by'", "such as by: -2h")


def _met_at(kind: FaultKind, point: str) -> Iterator[Finding]:
    """A fault at a point without a target hits the host that is just there, so its kind must be able to."""
    role = point.split()[1].split(".")[0]
    if kind.targets and kind.targets != ("registry",) and role not in kind.targets:
        hint = f"give a 'target'; it hits: {one_of(kind.targets)}"
        yield Finding("point", f"a fault of kind '{kind.name}' cannot hit the {role} that meets this point", hint)


def _needs_target(kind: FaultKind) -> bool:
    return bool(kind.targets) and kind.targets != (_ALONE,) and "target" in kind.keys


def _selector(key: str, written: str, kind: FaultKind | None, scenario: Scenario) -> Iterator[Finding]:
    try:
        target = parse_target(written)
    except QuantityError as problem:
        yield Finding(key, problem.message, problem.hint)
        return
    if key == "target" and kind is not None and not _may_hit(kind, target):
        message = f"a fault of kind '{kind.name}' does not hit {_in_words(target)}"
        yield Finding(key, message, f"it hits: {one_of(kind.targets)}")
    if target.role in PLACES:
        yield from _placed(key, target, scenario)
        return
    many = _how_many(target.role, scenario)
    if many == 0:
        yield Finding(key, *_absent(target.role))
    elif target.index is not None and many is not None and target.index >= many:
        known = f"{target.role} 0 to {many - 1}" if many > 1 else f"only {target.role} 0"
        yield Finding(key, f"there is no {target.role} {target.index}", f"the topology has {known}")


def _placed(key: str, target: Target, scenario: Scenario) -> Iterator[Finding]:
    """A place must be one that the scenario uses in every seed."""
    regions = scenario.regions
    names = (regions.names or tuple(region_names()))[: least(scenario, "regions.number")]
    zones = least(scenario, "regions.zones")
    if len(names) * zones == 1:
        yield Finding(key, f"there is one place, and so no {target.role}", "see regions.number and regions.zones")
    elif target.region and target.region not in names:
        hint = did_you_mean(target.region, names) or f"regions in use are: {one_of(names)}"
        yield Finding(key, f"there is no region {shortened(target.region)}", hint)
    elif target.index is not None and target.index >= zones:
        yield Finding(key, f"there is no zone {target.index} in {target.region}", f"zones are 0 to {zones - 1}")


def _may_hit(kind: FaultKind, target: Target) -> bool:
    if target.role == "servers":
        return all(role in kind.targets for role in SERVER_ROLES)
    return target.role in kind.targets


def _in_words(target: Target) -> str:
    return "servers" if target.role == "servers" else f"a {target.role}"


def _absent(role: str) -> tuple[str, str]:
    """Why there is none of a role, and where that is said."""
    if role == "data_service":
        return "there is no data_service: nobody reads a log", "see topology.data_services"
    if role == "object_store":
        return "there is no object_store: media are off", "see media.share"
    return f"there is no {role}: nudges are off", "see protocol.nudge_after"


def _how_many(role: str, scenario: Scenario) -> int | None:
    """How many of a role there are in every seed; None where it cannot be known before the run."""
    if role == "connection_server":
        return least(scenario, "topology.connection_servers") + least(scenario, "topology.spare_connection_servers")
    if role == "store":
        return least(scenario, "topology.store_shards")
    if role == "inbox":
        return least(scenario, "topology.inbox_shards")
    if role == "long_term_store":
        return least_long_term_stores(scenario)
    if role == "object_store":
        drawn = any(scenario.drawn.get("media.share", ()))
        return least(scenario, "topology.object_stores") if scenario.has_media or drawn else 0
    if role in PUSH_ROLES and not least(scenario, "protocol.nudge_after"):
        return 0
    if role == "push_gateway":
        return least(scenario, "topology.push_gateways")
    if role == "push_provider":
        return PROVIDERS
    if role == "data_service":
        return least(scenario, "topology.data_services")
    if role == "phone":
        return None if scenario.workload.kind == "trace" else least(scenario, "workload.users")
    return None
