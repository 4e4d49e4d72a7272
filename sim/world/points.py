"""Points while a run goes: every effect that crosses a port is met by name, and a fault may wait for it there.

Ports with points are made only for runs whose schedule names some, or that count coverage; others pay nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.port import Crashed
from ..vocabulary.ids import seat_of
from ..vocabulary.kinds import NONE
from ..vocabulary.messages import ATTEMPT_BITS, kind_of, operation_of
from ..vocabulary.points import PHONE
from .connections import Connection
from .ports import PhonePort, PlacedServerPort, ServerPort

if TYPE_CHECKING:
    from .hosts import Life, ServerHost
    from .phones import PhoneHost
    from .world import World


class Trigger:
    """A fault that waits at a point for the n-th time that an operation or a device meets it there."""

    __slots__ = ("by_device", "by_subject", "device", "fire", "left", "met_by", "operation", "subject")

    def __init__(self, nth: int, operation: int | None, device: int | None, fire: Callable[[Any], None]) -> None:
        self.left = nth
        self.operation = operation
        self.device = device
        self.fire = fire
        """Called with the host where it was met."""
        self.subject = self.met_by = NONE
        """Who met it the n-th time: the operation (or device) that the effect was about, and the device."""
        self.by_subject: dict[int, int] = {}
        self.by_device: dict[int, int] = {}
        """How often each of them has met it: its n-th time there names the same moment, whatever else is taken away."""

    def count(self, subject: int, device: int) -> bool:
        """Met once more; whether this was the time that is waited for."""
        self.subject, self.met_by = subject, device
        self.by_subject[subject] = self.by_subject.get(subject, 0) + 1
        self.by_device[device] = self.by_device.get(device, 0) + 1
        self.left -= 1
        return self.left == 0


def _first_of(at_host: int | None, about: int | None) -> int:
    """The device where a point was met, or that the effect is about."""
    return at_host if at_host is not None else NONE if about is None else about


class Effect:
    """One effect of one role, with one sort of message or record: the points around it, and how often they were met."""

    __slots__ = ("after", "before", "begun", "done", "is_quiet")

    def __init__(self, name: str) -> None:
        self.before = "before " + name
        self.after = "after " + name
        self.is_quiet = False
        """Nobody waits at these points, nobody watches, and nothing is counted: the effect goes as if they were not
        there. A run meets thousands of them for each that a fault waits at."""
        self.begun = 0
        """How often the point before it was met ..."""
        self.done = 0
        """... and the one after it, in a run that counts coverage: where a host dies in between, it is not."""


class EffectsOf(dict[type, Effect]):
    """The class of a message or record to one effect of one role with it."""

    __slots__ = ("points", "role_and_effect")

    def __init__(self, points: Points, role: str, effect: str) -> None:
        super().__init__()
        self.points = points
        self.role_and_effect = f"{role}.{effect}"

    def __missing__(self, sort: type) -> Effect:
        effect = self[sort] = Effect(f"{self.role_and_effect}.{kind_of(sort)}")
        effect.is_quiet = self.points.is_quiet(effect)
        return effect


class Points:
    """All triggers of a run, and (if it counts coverage) how often each point was met."""

    __slots__ = ("_watcher", "counting", "effects", "last", "pairs", "phone_persists", "triggers", "world")

    def __init__(self, world: World, counting: bool) -> None:
        self.world = world
        self.counting = counting
        self.triggers: dict[str, list[Trigger]] = {}
        self.pairs: defaultdict[tuple[str, str], int] = defaultdict(int)
        """How often the second point, of one operation, was met right after the first, of another, at the same host."""
        self.last: dict[Any, list[Any]] = {}
        """Host to the point and operation that it met last."""
        self._watcher: Callable[[str, Any, Any], None] | None = None
        self.effects: dict[tuple[str, str], EffectsOf] = {}
        """(role, effect) to the points around it."""
        self.phone_persists = self.around(PHONE, "persist")

    def around(self, role: str, effect: str) -> EffectsOf:
        """The points before and after an effect."""
        key = (role, effect)
        if key not in self.effects:
            self.effects[key] = EffectsOf(self, role, effect)
        return self.effects[key]

    @property
    def watcher(self) -> Callable[[str, Any, Any], None] | None:
        """Called with each point, host and item, before any fault strikes there."""
        return self._watcher

    @watcher.setter
    def watcher(self, watcher: Callable[[str, Any, Any], None] | None) -> None:
        self._watcher = watcher
        self.note_who_waits()

    def is_quiet(self, effect: Effect) -> bool:
        """Whether the points around an effect matter to nobody at present."""
        waited = effect.before in self.triggers or effect.after in self.triggers
        return not (waited or self.counting or self._watcher is not None)

    def note_who_waits(self) -> None:
        """Who waits where has changed."""
        for effects in self.effects.values():
            for effect in effects.values():
                effect.is_quiet = self.is_quiet(effect)

    def met(self) -> dict[str, int]:
        """How often each point was met in a run that counts coverage."""
        met: dict[str, int] = {}
        if self.counting:
            for effects in self.effects.values():
                for effect in effects.values():
                    met[effect.before] = met.get(effect.before, 0) + effect.begun
                    met[effect.after] = met.get(effect.after, 0) + effect.done
        return {point: times for point, times in met.items() if times}

    def wait(self, point: str, trigger: Trigger) -> None:
        """Let a trigger wait at a point."""
        self.triggers.setdefault(point, []).append(trigger)
        self.note_who_waits()

    def forget_triggers(self) -> None:
        """Nobody waits at any point any more."""
        self.triggers.clear()
        self.note_who_waits()

    def meet(self, point: str, host: Any, item: Any, life: Life) -> None:
        """A point is met by a message or record; whoever waits there is told. If that killed the host, the machine's
        step ends here."""
        if self.watcher is not None:
            self.watcher(point, host, item)
        waiting = self.triggers.get(point)
        if not waiting:
            return
        operation = operation_of(item.trace)
        device, at_host = getattr(item, "device", None), getattr(host, "device", None)
        for trigger in list(waiting):
            if trigger.operation is not None and trigger.operation != operation:
                continue
            if trigger.device is not None and trigger.device not in (device, at_host):
                continue
            if trigger.count(operation, _first_of(at_host, device)):
                waiting.remove(trigger)
                trigger.fire(host)
        if not waiting:
            self.triggers.pop(point, None)
            self.note_who_waits()
        if not life.alive:
            raise Crashed

    def count(self, effect: Effect, host: Any, item: Any) -> None:
        """Coverage: an effect is done; and who came before whom at a host, told by what is done after it."""
        effect.done += 1
        operation = item.trace >> ATTEMPT_BITS
        last = self.last.get(host)
        if last is None:
            self.last[host] = [effect.after, operation]
            return
        if last[1] != operation:
            self.pairs[last[0], effect.after] += 1
            last[1] = operation
        last[0] = effect.after

    def persisted(self, effect: Effect, host: Any, record: Any, life: Life) -> None:
        """A record is durable, and the machine that wrote it has not been told."""
        if self.counting:
            self.count(effect, host, record)
        if effect.after in self.triggers or self.watcher is not None:
            self.meet(effect.after, host, record, life)

    def after_persist(self, device: int, record: Any, life: Life) -> None:
        """A phone's record is durable, and the phone has not been told."""
        effect = self.phone_persists[record.__class__]
        if not effect.is_quiet:
            self.persisted(effect, self.world.phones[seat_of(device)], record, life)

    def port_class(self) -> type[ServerPort]:
        """The class of a server's port that meets points."""
        return PointServerPort if self.world.geography is None else PlacedPointServerPort

    def phone_port(self, phone: PhoneHost) -> PhonePort:
        """A port that meets points."""
        return PointPhonePort(phone)


class PointServerPort(ServerPort):
    """A server's port where points count."""

    __slots__ = ("persists", "points", "send_on", "sends")

    def __init__(self, host: ServerHost) -> None:
        super().__init__(host)
        assert host.world.points is not None
        self.points = host.world.points
        self.sends = self.points.around(host.role, "send")
        self.persists = self.points.around(host.role, "persist")
        self.send_on = super().send
        """What a port without points does."""

    def send(self, to: Any, message: Any) -> None:
        """Call another server."""
        points = self.points
        effect = self.sends[message.__class__]
        if effect.is_quiet:
            self.send_on(to, message)
            return
        effect.begun += 1
        if effect.before in points.triggers or points.watcher is not None:
            points.meet(effect.before, self.host, message, self.life)
        self.send_on(to, message)
        if points.counting:
            points.count(effect, self.host, message)
        if effect.after in points.triggers or points.watcher is not None:
            points.meet(effect.after, self.host, message, self.life)

    def send_down(self, connection: Connection, message: Any) -> None:
        """Write to a phone's connection."""
        points = self.points
        effect = self.sends[message.__class__]
        if effect.is_quiet:
            connection.send_down(message)
            return
        effect.begun += 1
        if effect.before in points.triggers or points.watcher is not None:
            points.meet(effect.before, self.host, message, self.life)
        connection.send_down(message)
        if points.counting:
            points.count(effect, self.host, message)
        if effect.after in points.triggers or points.watcher is not None:
            points.meet(effect.after, self.host, message, self.life)

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the shard's log; the point after it is met when the record is durable."""
        points = self.points
        effect = self.persists[record.__class__]
        effect.begun += 1
        if not effect.is_quiet and (effect.before in points.triggers or points.watcher is not None):
            points.meet(effect.before, self.host, record, self.life)
        self.log.write(record, then, self.life)

    def persisted(self, record: Any) -> None:
        """A record is durable, and the machine that wrote it has not been told."""
        effect = self.persists[record.__class__]
        if not effect.is_quiet:
            self.points.persisted(effect, self.host, record, self.life)


class PlacedPointServerPort(PointServerPort, PlacedServerPort):
    """A server's port where points and places count."""

    __slots__ = ()


class PointPhonePort(PhonePort):
    """A phone's port where points count."""

    __slots__ = ("points", "sends")

    def __init__(self, phone: PhoneHost) -> None:
        super().__init__(phone)
        assert phone.world.points is not None
        self.points = phone.world.points
        self.sends = self.points.around(PHONE, "send")

    def send_up(self, connection: Connection, message: Any) -> None:
        """Write to the connection."""
        points = self.points
        effect = self.sends[message.__class__]
        if effect.is_quiet:
            connection.send_up(message)
            return
        effect.begun += 1
        if effect.before in points.triggers or points.watcher is not None:
            points.meet(effect.before, self.phone, message, self.life)
        connection.send_up(message)
        if points.counting:
            points.count(effect, self.phone, message)
        if effect.after in points.triggers or points.watcher is not None:
            points.meet(effect.after, self.phone, message, self.life)

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the database; the point after it is met when the record is durable."""
        points = self.points
        effect = points.phone_persists[record.__class__]
        effect.begun += 1
        if not effect.is_quiet and (effect.before in points.triggers or points.watcher is not None):
            points.meet(effect.before, self.phone, record, self.life)
        self.disk.write(record, then, self.life)
