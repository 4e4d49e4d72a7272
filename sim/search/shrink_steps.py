"""What a failing run can do without, in the order in which it is tried: faults, messages, people and devices, servers,
then whatever differs from the defaults."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from ..faults.kind import WITHOUT_FOR_US
from ..faults.schedule import Fault
from ..scenario.fields import default_of
from ..scenario.model import Operation, Scenario
from ..scenario.paths import Place, get, places, rebuilt
from ..vocabulary.ids import group_numbered
from ..workload.population import population_of
from .fewest import fewest
from .shrink_trial import Trials

Step = Callable[[Trials], None]

_SERVERS: Final = (
    "topology.connection_servers",
    "topology.spare_connection_servers",
    "topology.store_shards",
    "topology.inbox_shards",
    "topology.long_term_shards",
    "topology.push_gateways",
    "topology.store_replicas",
    "topology.inbox_replicas",
    "topology.long_term_replicas",
    "regions.number",
    "regions.zones",
    "regions.registry_nodes",
)
_MACHINES: Final = frozenset(_SERVERS)
_NOT_OPTIONS: Final = ("workload.operations", "workload.present", "workload.people", "workload.users", "workload.kind")
_OPTION_SECTIONS: Final = ("network", "storage", "protocol", "push", "presence", "regions", "workload", "topology")
_ROUND_TO_US: Final = (1_000_000, 100_000, 10_000)
_SECOND_US: Final = 1_000_000
_BIG_PARTS: Final = 4
"""What goes in halves and quarters goes first: every later candidate is the cheaper to play."""
_FIRST_AT_US: Final = 3_000_000
"""Everybody is there by then."""


def with_operations(scenario: Scenario, steps: Sequence[Operation]) -> Scenario:
    """The scenario with only these steps, whose answers to steps that are gone answer nothing."""
    before = scenario.workload.operations
    place_of = {step.number: place for place, step in enumerate(steps)}
    left = []
    for step in steps:
        answered = None if step.reply_to is None else place_of.get(before[step.reply_to].number)
        left.append(replace(step, reply_to=answered))
    return replace(scenario, workload=replace(scenario.workload, operations=tuple(left)))


def fewest_faults(trials: Trials, most_parts: int | None = None) -> None:
    """Faults that are not needed."""
    before = trials.best.faults
    fewest(before, lambda left: _tried(trials, replace(trials.best, faults=left)), most_parts)
    _tell_gone(trials, "faults", len(before), len(trials.best.faults))


def fewest_messages(trials: Trials, most_parts: int | None = None) -> None:
    """Messages that are not needed."""
    before = trials.best.workload.operations
    fewest(
        [step.number for step in before],
        lambda left: _tried(
            trials, with_operations(trials.best, [s for s in trials.best.workload.operations if s.number in left])
        ),
        most_parts,
    )
    _tell_gone(trials, "messages", len(before), len(trials.best.workload.operations))


def fewest_people(trials: Trials, most_parts: int | None = None) -> None:
    """People whom no message names, linked devices, and those drawn contacts that nobody needs."""
    work = trials.best.workload
    named = people_named(trials.best)
    if work.linked_share:
        if trials.accepts(_work(trials.best, linked_share=0.0)):
            trials.tell("linked devices: none")
        elif trials.best.workload.linked_most > 1:
            trials.accepts(_work(trials.best, linked_most=1))
    if not any(step.group is not None for step in work.operations) and work.groups:
        trials.accepts(_work(trials.best, groups=0))
    if work.people == "drawn" and not trials.best.workload.groups and not trials.best.workload.linked_share:
        trials.accepts(_work(trials.best, people="counted"))
    everybody = tuple(work.present or range(work.users))
    others = [user for user in everybody if user not in named]
    kept = fewest(
        others,
        lambda left: _tried(trials, _work(trials.best, present=tuple(sorted((*named, *left))))),
        most_parts,
    )
    _tell_gone(trials, "people", len(everybody), len(named) + len(kept))
    highest = max((*named, *kept), default=1) + 1
    if trials.best.workload.people != "drawn" and highest < trials.best.workload.users:
        trials.accepts(_work(trials.best, users=max(2, highest)))


def fewest_servers(trials: Trials) -> None:
    """Machines that are not needed."""
    before = machines(trials.best)
    for path in _SERVERS:
        value = get(trials.best, path)
        if value is None or (path.startswith("topology.long_term") and not trials.best.long_term_shards):
            continue
        least = places()[path].declared.metadata.get("least") or 0
        for fewer in dict.fromkeys((least, *(range(least + 1, min(value, least + 4))))):
            if fewer < value and trials.accepts(_with(trials.best, {path: fewer})):
                break
    _tell_gone(trials, "machines", before, machines(trials.best))


def default_options(trials: Trials) -> None:
    """Delays, sizes and windows back to what they are by default."""
    paths = options_changed(trials.best)
    kept = fewest(
        paths,
        lambda left: _tried(
            trials, _with(trials.best, {path: _default(places()[path]) for path in paths if path not in left})
        ),
    )
    if len(kept) < len(paths):
        trials.tell(f"options other than the defaults: {len(paths)} → {len(kept)}")


def plainer_faults(trials: Trials) -> None:
    """Faults as short and as plain as they may be, one after the other."""
    for place in range(len(trials.best.faults)):
        for change in _plainer(trials.best.faults[place]):
            faults = list(trials.best.faults)
            faults[place] = replace(faults[place], **change)
            if trials.accepts(replace(trials.best, faults=tuple(faults))) and "for_us" in change:
                break


def sooner(trials: Trials) -> None:
    """Round times, and no waiting before and after what happens."""
    for to_us in _ROUND_TO_US:
        if trials.accepts(_timed(trials.best, partial(_round, to_us=to_us))):
            break
    wait_us = min(_times(trials.best), default=0) - _FIRST_AT_US
    for earlier_us in (wait_us, wait_us // 2):
        earlier_us -= earlier_us % _SECOND_US
        if earlier_us > 0 and trials.accepts(_timed(trials.best, (-earlier_us).__add__)):
            trials.tell(f"time before the first message: {earlier_us // _SECOND_US} s less")
            break
    _end_with_the_last(trials)


def _end_with_the_last(trials: Trials) -> None:
    best = trials.best
    end_us = (max(_times(best), default=0) // _SECOND_US + 1) * _SECOND_US
    if (best.workload.lasts_us or 0) > end_us:
        trials.accepts(replace(_work(best, lasts_us=end_us), time=replace(best.time, chaos_us=end_us + _SECOND_US)))


def _times(scenario: Scenario) -> list[int]:
    written = [step.at_us for step in scenario.workload.operations]
    return written + [fault.at_us for fault in scenario.faults if fault.at_us is not None]


def _timed(scenario: Scenario, change: Callable[[int], int]) -> Scenario:
    """With every time changed, in the same order."""
    steps = tuple(replace(step, at_us=change(step.at_us)) for step in scenario.workload.operations)
    faults = tuple(
        fault if fault.at_us is None else replace(fault, at_us=change(fault.at_us)) for fault in scenario.faults
    )
    return replace(_work(scenario, operations=steps), faults=faults)


def _round(span_us: int, to_us: int) -> int:
    return max(to_us, (span_us + to_us // 2) // to_us * to_us)


def _plainer(fault: Fault) -> Iterable[dict[str, Any]]:
    """Changes to one fault, the boldest first."""
    if fault.probability < 1.0:
        yield {"probability": 1.0}
    if fault.peer:
        yield {"peer": ""}
    if fault.for_us > WITHOUT_FOR_US:
        for span_us in (1_000_000, 3_000_000, 10_000_000, 30_000_000):
            if span_us < fault.for_us:
                yield {"for_us": span_us}
    for to_us in _ROUND_TO_US:
        if fault.for_us % to_us:
            yield {"for_us": _round(fault.for_us, to_us)}


def people_named(scenario: Scenario) -> tuple[int, ...]:
    """Everybody whom a message names, or who is in a group of one, in order."""
    work = scenario.workload
    population = population_of(work, work.users, int(scenario.seeds))
    named: dict[int, bool] = {}
    for step in work.operations:
        for user in (step.sender, step.recipient, step.adds, step.removes):
            if user is not None:
                named[user] = True
        if step.group is not None:
            named.update(dict.fromkeys(population.members(group_numbered(step.group)), True))
    for fault in scenario.faults:
        words = fault.target.split()
        if len(words) == 2 and words[0] == "phone" and words[1].isdecimal():
            named[int(words[1])] = True
    return tuple(sorted(named))


def machines(scenario: Scenario) -> int:
    """How many servers there are, a shard counted once."""
    topology = scenario.topology
    shards = topology.store_shards + topology.inbox_shards + scenario.long_term_shards
    return topology.connection_servers + topology.spare_connection_servers + shards


def options_changed(scenario: Scenario) -> tuple[str, ...]:
    """The paths of values that differ from their defaults, apart from workload, machines and faults."""
    return tuple(
        path
        for path, place in places().items()
        if path.partition(".")[0] in _OPTION_SECTIONS
        and place.unit not in ("section", "mapping", "list")
        and path not in _MACHINES
        and path not in _NOT_OPTIONS
        and path != "workload.lasts"
        and get(scenario, path) != _default(place)
    )


def _default(place: Place) -> Any:
    return default_of(place.declared)


def _with(scenario: Scenario, values: dict[str, Any]) -> Scenario:
    tree: dict[str, Any] = {}
    for path, value in values.items():
        branch = tree
        *sections, last = places()[path].attributes
        for section in sections:
            branch = branch.setdefault(section, {})
        branch[last] = value
    changed: Scenario = rebuilt(scenario, tree)
    return changed


def _work(scenario: Scenario, **changes: Any) -> Scenario:
    return replace(scenario, workload=replace(scenario.workload, **changes))


def _tried(trials: Trials, candidate: Scenario) -> bool:
    """For searches that keep what they have found: what was tried before is no news."""
    return candidate == trials.best or trials.accepts(candidate)


def _tell_gone(trials: Trials, what: str, before: int, after: int) -> None:
    if after < before:
        trials.tell(f"{what}: {before} → {after}")


STEPS: Final[tuple[Step, ...]] = (
    *(partial(step, most_parts=_BIG_PARTS) for step in (fewest_faults, fewest_messages, fewest_people)),
    fewest_faults,
    fewest_messages,
    fewest_faults,
    fewest_servers,
    default_options,
    fewest_people,
    plainer_faults,
    sooner,
)
