"""What no single value tells: values that cannot work together, whichever way they are drawn.

Only what cannot work is refused, and the message says why; what is merely unwise is somebody's experiment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice, product
from typing import Any, Final

from ..vocabulary.presence import OFF
from ..vocabulary.units import format_duration
from .errors import Problem, shortened
from .model import Scenario
from .nodes import Mapping, holds, value_mark
from .paths import get, least, places
from .presence import slowest_us
from .replications import refused

MOST_COMBINATIONS: Final = 4096


@dataclass(frozen=True, slots=True)
class Rule:
    """Some paths and what is wrong with their values (an empty text: nothing). The first path that the file gives
    takes the blame."""

    paths: tuple[str, ...]
    judge: Callable[..., str]
    kinds: frozenset[str] = frozenset(("synthetic", "trace", "script"))
    """The workloads to which it applies."""


def _span(span_us: int) -> str:
    return format_duration(span_us)


def _longer(what: str, than: str, why: str) -> Callable[[int, int], str]:
    def judge(span_us: int, than_us: int) -> str:
        if span_us > than_us:
            return ""
        return f"{what} of {_span(span_us)} is not longer than {than} of {_span(than_us)}: {why}"

    return judge


def _at_least(what: str, than: str) -> Callable[[int, int], str]:
    def judge(span_us: int, than_us: int) -> str:
        return "" if span_us >= than_us else f"{what} of {_span(span_us)} is shorter than {than} of {_span(than_us)}"

    return judge


def _dares(share: float, dares: bool) -> str:
    return "faults beyond the promise are drawn only where beyond_promise: true says so" if share and not dares else ""


def _fits(least: int, most: int) -> str:
    return "" if least <= most else f"at least {least} and at most {most} faults cannot both hold"


def _answered(answer_us: int, one_way_us: int) -> str:
    if answer_us > 2 * one_way_us:
        return ""
    trip = _span(2 * one_way_us)
    return f"an answer takes {trip} both ways, so within {_span(answer_us)} every connection would be given up"


def _begins(warm_up_us: int, chaos_us: int) -> str:
    if warm_up_us < chaos_us:
        return ""
    return f"a warm-up of {_span(warm_up_us)} leaves nothing of the {_span(chaos_us)} in which people write"


def _named_often_enough(number: int, names: tuple[str, ...], weights: tuple[int, ...]) -> str:
    if names and number > len(names):
        return f"{number} regions are in use, and {len(names)} are named"
    if len(dict.fromkeys(names)) < len(names):
        return "a region is named twice"
    if len(weights) > number:
        return f"{len(weights)} weights for {number} region{'s' * (number > 1)}"
    return ""


def _holds_all(each: int, servers: int, users: int) -> str:
    if servers * each >= users:
        return ""
    return f"{servers} connection servers of {each} connections cannot hold the phones of {users} people"


def _has_groups(groups: int, share: float) -> str:
    return "messages are said in groups, but there are none" if share and not groups else ""


def _sizes(least_members: int, most_members: int) -> str:
    if least_members <= most_members:
        return ""
    return f"groups of at least {least_members} and at most {most_members} members cannot both hold"


def _caps(cap: int, members: int, groups: int) -> str:
    if not groups or members <= cap:
        return ""
    return f"groups of up to {members} members are over the cap of {cap}: beyond it a conversation is a channel"


def _outlasts(kind: str, life_us: int, heartbeat_us: int, one_way_us: int, sigma: float) -> str:
    renewed_us = 2 * heartbeat_us + 4 * slowest_us(one_way_us, sigma)
    if kind == OFF or life_us > renewed_us:
        return ""
    return (
        f"a life of {_span(life_us)} is over before it is renewed: two heartbeats and the slowest question and answer"
        f" take {_span(renewed_us)}"
    )


def _has_readers(reads: bool, services: int) -> str:
    return "" if services or not reads else "chats are read through a data service, and there is none"


def _outlives(share: float, life_us: int, fresh_us: int, retention_us: int, chaos_us: int) -> str:
    row_us = retention_us or chaos_us
    if not share or life_us > fresh_us + row_us:
        return ""
    rows = f"the {_span(row_us)} that a row " + ("lives" if retention_us else "may live, as long as people write,")
    return (
        f"a blob's life of {_span(life_us)} does not cover a promise that is {_span(fresh_us)} old and {rows} together:"
        " a message could be shown that refers to nothing (MEDIA-A)"
    )


def _read_channels(channels: int, pushed: bool, services: int) -> str:
    if services or pushed or not channels:
        return ""
    return "channels are read through a data service, and there is none"


_WRITTEN: Final = frozenset(("synthetic", "script"))
_SYNTHETIC: Final = frozenset(("synthetic",))
RULES: Final = (
    Rule(
        ("protocol.server_patience", "protocol.heartbeat"),
        _longer("a patience", "the heartbeat", "the server would close every idle connection"),
    ),
    Rule(
        ("protocol.lease", "protocol.heartbeat"),
        _longer("a lease", "the heartbeat", "every lease would lapse before it is renewed"),
    ),
    Rule(("protocol.answer_within", "network.phone_one_way"), _answered),
    Rule(
        (
            "presence.kind",
            "presence.life",
            "protocol.heartbeat",
            "network.phone_one_way",
            "network.phone_sigma",
        ),
        _outlasts,
    ),
    Rule(("protocol.back_off_most", "protocol.back_off_first"), _at_least("a longest back-off", "the first one")),
    Rule(
        ("media.share", "protocol.blob_life", "protocol.blob_fresh", "protocol.retention", "time.chaos"),
        _outlives,
    ),
    Rule(("time.warm_up", "time.chaos"), _begins, _WRITTEN),
    Rule(("topology.connections_each", "topology.connection_servers", "workload.users"), _holds_all, _SYNTHETIC),
    Rule(("regions.number", "regions.names", "regions.weights"), _named_often_enough),
    Rule(("workload.groups", "workload.group_share"), _has_groups, _SYNTHETIC),
    Rule(("workload.group_least", "workload.group_most"), _sizes),
    Rule(("protocol.group_cap", "workload.group_most", "workload.groups"), _caps),
    Rule(("workload.history_reads", "topology.data_services"), _has_readers),
    Rule(("workload.channels.number", "workload.channels.pushed", "topology.data_services"), _read_channels),
    Rule(("store_reads.give_up", "store_reads.doubt"), _at_least("giving up on a replica", "asking again in doubt")),
    Rule(("replications.least", "replications.most", "replications.precision"), refused),
    Rule(("random_faults.least", "random_faults.most"), _fits),
    Rule(("random_faults.beyond_promise", "beyond_promise"), _dares),
    Rule(("random_faults.longest", "random_faults.shortest"), _at_least("a longest fault", "the shortest one")),
    Rule(("random_faults.longest_away", "random_faults.shortest"), _at_least("an absence", "the shortest fault")),
)


def cross_problems(scenario: Scenario, root: Mapping, wrong: frozenset[str]) -> Iterator[Problem]:
    """A problem for every rule that some seed would break. Paths in ``wrong`` have been told of already."""
    for rule in RULES:
        if scenario.workload.kind in rule.kinds and not wrong.intersection(rule.paths):
            yield from islice(_broken(rule, scenario, root), 1)
    yield from _fault_number_problems(scenario, root)
    if not any(path.startswith("workload") for path in wrong):
        yield from _workload_problems(scenario, root)


def _broken(rule: Rule, scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    choices = [scenario.drawn.get(path) or (get(scenario, path),) for path in rule.paths]
    for values in islice(product(*choices), MOST_COMBINATIONS):
        said = rule.judge(*values)
        if said:
            drawn = [f"{path} {_shown(path, value)}" for path, value in zip(rule.paths, values, strict=True)
                     if path in scenario.drawn]  # fmt: skip
            hint = f"when drawn: {', '.join(drawn)}" if drawn else ""
            path, where = _blamed(rule, scenario, root, values)
            yield value_mark(root, where).problem(path, said, hint)


def _blamed(
    rule: Rule, scenario: Scenario, root: Mapping, values: tuple[Any, ...]
) -> tuple[str, tuple[str | int, ...]]:
    for path, value in zip(rule.paths, values, strict=True):
        if path in scenario.drawn:
            return path, ("drawn", path, scenario.drawn[path].index(value))
        if holds(root, tuple(path.split("."))):
            return path, tuple(path.split("."))
    return rule.paths[0], tuple(rule.paths[0].split("."))


def _shown(path: str, value: Any) -> str:
    return _span(value) if places()[path].unit == "duration" else str(value)


def _workload_problems(scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    work = scenario.workload
    kinds = work.kind, *(str(kind) for kind in scenario.drawn.get("workload.kind", ()))
    for kind, key, given in (("script", "operations", bool(work.operations)), ("trace", "file", bool(work.file))):
        where: tuple[str | int, ...] = ("workload", key)
        if kind in kinds and not given:
            said = f"a workload of kind '{kind}' needs '{key}'"
            yield value_mark(root, ("workload", "kind")).problem("workload.kind", said)
        if kind not in kinds and given:
            hint = f"write kind: {kind}"
            said = f"belongs to a workload of kind '{kind}', this one is '{work.kind}'"
            yield value_mark(root, where).problem(f"workload.{key}", said, hint)
    if work.kind == "trace":
        yield from _column_problems(scenario, root)
    if work.kind == "script":
        yield from _script_problems(scenario, root)


def _column_problems(scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    """Sender, recipient and time stand in three columns of a trace; whichever key the file gives takes the blame."""
    work = scenario.workload
    columns = {key: getattr(work, key).strip() for key in ("sender_column", "recipient_column", "time_column")}
    given = sorted(columns, key=lambda key: not holds(root, ("workload", key)))
    for place, key in enumerate(given):
        for other in given[place + 1 :]:
            if columns[key] == columns[other]:
                said = f"is {shortened(columns[key])}, and so is {other}"
                hint = "sender, recipient and time are three columns of a trace"
                yield value_mark(root, ("workload", key)).problem(f"workload.{key}", said, hint)
                break


def _script_problems(scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    users = least(scenario, "workload.users")
    yield from _number_problems(scenario, root)
    before_us = 0
    for number, operation in enumerate(scenario.workload.operations):
        for key, said, hint in _operation_findings(scenario, number, users, before_us):
            where = ("workload", "operations", number, key)
            yield value_mark(root, where).problem(f"workload.operations.{number}.{key}", said, hint)
        before_us = operation.at_us


def _number_problems(scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    """Numbers, on which draws hang, are each given once."""
    taken: dict[int, int] = {}
    for place, operation in enumerate(scenario.workload.operations):
        number = place if operation.number is None else operation.number
        if number in taken:
            where = ("workload", "operations", place, "number")
            said = f"operation {taken[number]} of the list has the number {number} already"
            yield value_mark(root, where).problem(f"workload.operations.{place}.number", said, "give each its own")
        taken.setdefault(number, place)


def _fault_number_problems(scenario: Scenario, root: Mapping) -> Iterator[Problem]:
    """The same for faults: one without a number has that of its place."""
    taken: dict[int, int] = {}
    for place, fault in enumerate(scenario.faults):
        number = place if fault.number is None else fault.number
        if number in taken:
            said = f"fault {taken[number]} of the list has the number {number} already"
            yield value_mark(root, ("faults", place, "number")).problem(f"faults.{place}.number", said)
        taken.setdefault(number, place)


def _operation_findings(scenario: Scenario, number: int, users: int, before_us: int) -> Iterator[tuple[str, str, str]]:
    operation = scenario.workload.operations[number]
    for key in ("sender", "recipient", "adds", "removes"):
        user = getattr(operation, key)
        if user is not None and user >= users:
            yield key, f"there is no user {user}", f"users are 0 to {users - 1}; see workload.users"
    if sum(each is not None for each in (operation.recipient, operation.group, operation.channel)) != 1:
        said = "a step has a recipient, a group or a channel, one of these"
        yield "sender", said, "write recipient: 1, group: 0, or channel: 0"
    for key in ("adds", "removes"):
        if operation.group is None and getattr(operation, key) is not None:
            yield key, "only a group has members that come and go", "write group: 0 instead of a recipient"
    if operation.sender == operation.recipient:
        yield "recipient", "nobody writes to themselves", ""
    if operation.at_us < before_us:
        yield "at", f"comes before the operation above it, at {_span(before_us)}", "write them in order of time"
    chaos_us = least(scenario, "time.chaos")
    if operation.at_us >= chaos_us:
        yield "at", f"comes after people stop writing, at {_span(chaos_us)}", "see time.chaos"
    if operation.reply_to is not None:
        yield from _reply_findings(scenario, number, operation.reply_to)


def _reply_findings(scenario: Scenario, number: int, reply_to: int) -> Iterator[tuple[str, str, str]]:
    if reply_to >= number:
        yield "reply_to", f"operation {reply_to} is not before this one, which is operation {number}", ""
        return
    operation, answered = scenario.workload.operations[number], scenario.workload.operations[reply_to]
    if answered.opens:
        yield "reply_to", f"operation {reply_to} opens a chat: there is nothing to answer", ""
    chats = [
        (each.group, {each.sender, each.recipient} if each.group is None else None) for each in (operation, answered)
    ]
    if operation.number is None and chats[0] != chats[1]:
        yield "reply_to", f"operation {reply_to} is in another chat", ""
