"""Playing a schedule: faults begin at their time or at their point, end after their time, and all end at heal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, Excess
from ..world.points import Trigger
from ..world.world import World
from .catalogue import CODES, KINDS
from .explicit import explicit
from .kind import DELAYING, Running
from .schedule import Fault
from .targeting import hosts_of

Made = TypeVar("Made")
AT_ONCE: Final = ("crash", "app_killed", "battery_dead", "fail_over", "unsynced_write_lost", "quorum_loss")
"""Kinds that, met at a point of the host they hit, strike before the next effect; others follow the step."""


SHORT_BY_NATURE: Final = ("crash", "pause", "stalled_disk")
"""Kinds that are given a length when the schedule gives none; others then last until heal, or to the end."""


class FaultEngine:
    """The faults of one run."""

    def __init__(self, world: World, written: Sequence[Fault], drawn: Sequence[Fault]) -> None:
        self.world = world
        self.runnings = [
            Running(
                fault,
                place if fault.number is None else fault.number,
                "written" if place < len(written) else "drawn",
            )
            for place, fault in enumerate((*written, *drawn))
        ]
        self.under_way: dict[int, tuple[Running, list[Any]]] = {}

    def install(self) -> None:
        """Put every fault in its place: the event queue, or a point."""
        world = self.world
        for running in self.runnings:
            fault = running.fault
            if fault.point is None:
                world.environment.call_at(max(world.environment._now, fault.at_us or 0), self.begin, (running, None))
            else:
                assert world.points is not None
                trigger = running.trigger = Trigger(
                    fault.nth, fault.operation, fault.device, partial(self.meet, running)
                )
                world.points.wait(fault.point, trigger)

    def meet(self, running: Running, host: Any) -> None:
        """The point was met at this host."""
        kind = running.fault.kind
        if not running.fault.target and (kind in AT_ONCE or KINDS[kind].effect):
            self.begin((running, host))
        else:
            self.world.environment.call_at(self.world.environment._now, self.begin, (running, host))

    def begin(self, due: tuple[Running, Any]) -> None:
        """The fault strikes."""
        running, met_at = due
        world = self.world
        if world.healed:
            return
        fault = running.fault
        kind = KINDS[fault.kind]
        if fault.target:
            hosts = hosts_of(world, fault.target, running)
        elif met_at is not None:
            hosts = [met_at]
        else:
            hosts = [world.registry] if kind.targets == ("registry",) else []
        running.began_us = world.environment._now
        running.where = ", ".join(str(host) for host in hosts[:4]) + (f" and {len(hosts) - 4} more" * (len(hosts) > 4))
        first = hosts[0] if hosts else None
        who = getattr(first, "number", getattr(first, "device", NONE))
        running.hit = tuple(hosts)
        world.facts.row(
            kinds.FAULT_BEGAN,
            who,
            number=running.number,
            operation=NONE,
            value=CODES[fault.kind],
            extra=NONE if running.trigger is None else running.trigger.subject,
        )
        kind.begin(world, running, hosts)
        self.under_way[running.number] = (running, hosts)
        if fault.for_us or fault.kind in SHORT_BY_NATURE:
            world.environment.call_after(running.span_us, self.end, running.number)
        elif kind.effect:
            world.environment.call_at(world.environment._now, self.end, running.number)
        elif not kind.lasts:
            self.end(running.number)

    def end(self, number: int) -> None:
        """The fault is over."""
        running, hosts = self.under_way.pop(number, (None, []))
        if running is None:
            return
        running.ended_us = self.world.environment._now
        KINDS[running.fault.kind].end(self.world, running, hosts)
        self.world.facts.row(
            kinds.FAULT_ENDED, NONE, number=number, value=CODES[running.fault.kind], extra=running.touched
        )

    def longest_delay_us(self) -> int:
        """How late a message may be that a fault delays."""
        return max((each.fault.amount_us for each in self.runnings if each.fault.kind in DELAYING), default=0)

    def heal(self) -> None:
        """Everything that can end ends now; what keeps a phone away to the end does not."""
        world = self.world
        if world.points is not None:
            world.points.forget_triggers()
        for number in list(self.under_way):
            running, _ = self.under_way[number]
            if running.fault.for_good:
                world.facts.row(kinds.BEYOND, NONE, number=Excess.NOT_HEALED)
                world.facts.reached(kinds.HardCase.BROKEN_FOR_GOOD, NONE, NONE)
                continue
            if KINDS[running.fault.kind].for_good or (running.fault.kind == "offline" and not running.fault.for_us):
                continue
            self.end(number)
        for host in world.hosts():
            if host.log is not None:
                for replica in range(host.log.replicas):
                    if not host.log.voting[replica]:
                        host.log.replica_up(replica)
                self.look_for_quorum(host)
            elif not host.up:
                world.restart(host)

    def look_for_quorum(self, host: Any) -> None:
        """Whether a shard stays without a quorum, which only schedules beyond the promise bring about."""
        log = host.log
        stays = [any(reason >= 0 for reason in reasons) for reasons in log.away]
        if stays.count(False) < log.quorum:
            self.world.facts.reached(kinds.HardCase.NO_QUORUM_AT_HEAL, host.number, NONE)

    def injected(self, make: Callable[..., Made]) -> tuple[Made, ...]:
        """What became of each fault, in the order of the schedule."""
        acted_on = self.world.texts
        return tuple(
            make(
                each.fault,
                each.began_us,
                each.ended_us,
                each.touched,
                each.origin,
                each.where,
                explicit(each, acted_on),
            )
            for each in self.runnings
        )
