"""Points while a run goes: every effect that crosses a port is met by name, and a fault may wait for it there.

Ports with points are made only for runs whose schedule names some, or that count coverage; others pay nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..protocol.port import Crashed
from ..vocabulary.ids import user_of
from ..vocabulary.messages import operation_of
from ..vocabulary.points import PHONE
from .connections import Connection
from .ports import PhonePort, ServerPort

if TYPE_CHECKING:
    from .hosts import Life, ServerHost
    from .phones import PhoneHost
    from .world import World


class Trigger:
    """A fault that waits at a point for the n-th time that an operation or a device meets it there."""

    __slots__ = ("device", "fire", "left", "operation")

    def __init__(self, nth: int, operation: int | None, device: int | None, fire: Callable[[Any], None]) -> None:
        self.left = nth
        self.operation = operation
        self.device = device
        self.fire = fire
        """Called with the host where it was met."""


class Points:
    """All triggers of a run, and how often each point was met."""

    __slots__ = ("met", "triggers", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.triggers: dict[str, list[Trigger]] = {}
        self.met: dict[str, int] = {}

    def wait(self, point: str, trigger: Trigger) -> None:
        """Let a trigger wait at a point."""
        self.triggers.setdefault(point, []).append(trigger)

    def meet(self, point: str, host: Any, item: Any) -> None:
        """A point is met by a message or record; whoever waits there is told."""
        self.met[point] = self.met.get(point, 0) + 1
        waiting = self.triggers.get(point)
        if not waiting:
            return
        operation = operation_of(item.trace)
        device = getattr(item, "device", None)
        for trigger in list(waiting):
            if trigger.operation is not None and trigger.operation != operation:
                continue
            if trigger.device is not None and trigger.device not in (device, getattr(host, "device", None)):
                continue
            trigger.left -= 1
            if trigger.left == 0:
                waiting.remove(trigger)
                trigger.fire(host)

    def pass_by(self, point: str, host: Any, item: Any, life: Life) -> None:
        """Meet a point inside a machine's step: if that killed the host, the step ends here."""
        self.meet(point, host, item)
        if not life.alive:
            raise Crashed

    def after_persist(self, device: int, record: Any, life: Life) -> None:
        """A phone's record is durable, and the phone has not been told."""
        phone = self.world.phones[user_of(device)]
        self.pass_by(f"after {PHONE}.persist.{record.kind}", phone, record, life)

    def after_persist_of_server(self, host: ServerHost, record: Any) -> None:
        """A server's record is durable, and the server has not been told."""
        self.pass_by(f"after {host.role}.persist.{record.kind}", host, record, host.life)

    def server_port(self, host: ServerHost) -> ServerPort:
        """A port that meets points."""
        return PointServerPort(host)

    def phone_port(self, phone: PhoneHost) -> PhonePort:
        """A port that meets points."""
        return PointPhonePort(phone)


class PointServerPort(ServerPort):
    """A server's port where points count."""

    __slots__ = ()

    def _around(self, effect: str, item: Any, act: Callable[[], None]) -> None:
        points = self.world.points
        assert points is not None
        name = f"{self.host.role}.{effect}.{item.kind}"
        points.pass_by("before " + name, self.host, item, self.life)
        act()
        points.pass_by("after " + name, self.host, item, self.life)

    def send(self, to: Any, message: Any) -> None:
        """Call another server."""
        self._around("send", message, lambda: ServerPort.send(self, to, message))

    def send_down(self, connection: Connection, message: Any) -> None:
        """Write to a phone's connection."""
        self._around("send", message, lambda: ServerPort.send_down(self, connection, message))

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the shard's log; the point after it is met when the record is durable."""
        points = self.world.points
        assert points is not None
        points.pass_by(f"before {self.host.role}.persist.{record.kind}", self.host, record, self.life)
        ServerPort.persist(self, record, then)


class PointPhonePort(PhonePort):
    """A phone's port where points count."""

    __slots__ = ()

    def send_up(self, connection: Connection, message: Any) -> None:
        """Write to the connection."""
        points = self.world.points
        assert points is not None
        name = f"{PHONE}.send.{message.kind}"
        points.pass_by("before " + name, self.phone, message, self.life)
        PhonePort.send_up(self, connection, message)
        points.pass_by("after " + name, self.phone, message, self.life)

    def persist(self, record: Any, then: Callable[[Any], None]) -> None:
        """Write to the database; the point after it is met when the record is durable."""
        points = self.world.points
        assert points is not None
        points.pass_by(f"before {PHONE}.persist.{record.kind}", self.phone, record, self.life)
        PhonePort.persist(self, record, then)
