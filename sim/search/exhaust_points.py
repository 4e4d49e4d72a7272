"""What a run met on its way: every point, in order, named so that a fault can wait there in the next run.

A point is named by (point, operation or device, n-th there), so that the name means the same moment in every run that
goes the same way up to it.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..vocabulary.ids import user_of
from ..vocabulary.messages import operation_of
from ..vocabulary.points import CONNECTION_SERVER, PHONE

TO_PHONES: Final = frozenset(
    (
        "accepted",
        "refused",
        "updates",
        "confirmed",
        "registered",
        "retry_after",
        "go_away",
        "unlinked",
        "contact_states",
    )
)
"""What a connection server writes to phones' streams; all else it sends are calls."""


class Met(NamedTuple):
    """A point as it was met."""

    point: str
    operation: int | None
    """The operation that the effect is about."""
    device: int | None
    """The device that meets it, or that it is about, where it is about no operation."""
    nth: int
    """How often it was met by this operation (or device), this time included."""
    time_us: int
    host: str
    user: int
    """Whose phone it is, or whose stream is written to; -1: neither."""
    step: int
    """Which entry of the event queue was being processed."""
    before: tuple[int, int]
    """History rows written and entries put in the queue until here."""
    alone: bool
    """Whether nothing else is due at this very time."""

    @property
    def role(self) -> str:
        """Who met it."""
        return self.point.split(" ")[1].split(".")[0]

    @property
    def effect(self) -> str:
        """``send`` or ``persist``."""
        return self.point.split(".")[1]

    @property
    def is_before(self) -> bool:
        """Whether the effect is still to come."""
        return self.point[0] == "b"

    @property
    def is_on_a_stream(self) -> bool:
        """Whether the effect is a message on a phone's stream."""
        if self.effect != "send":
            return False
        return self.role == PHONE or (self.role == CONNECTION_SERVER and self.point.split(".")[2] in TO_PHONES)


class Watcher:
    """Writes down every point that a run meets until people stop writing, after which no fault strikes."""

    def __init__(self, world: Any, rows: list[Any], operations: int) -> None:
        self.world = world
        self.operations = operations
        self.rows = rows
        """The history as far as it has not been handed on; a small run hands nothing on before its end."""
        self.met: list[Met] = []
        self.counts: dict[tuple[str, str, int], int] = {}

    def __call__(self, point: str, host: Any, item: Any) -> None:
        world = self.world
        if world.healed:
            return
        operation, device, nth = self.name(point, host, item)
        environment = world.environment
        now = int(environment._now)
        queue = environment._queue
        self.met.append(
            Met(
                point,
                operation,
                device,
                nth,
                now,
                str(host),
                self.user_at(point, host, item),
                environment.entries,
                (len(self.rows), environment.scheduled),
                not queue or queue[0][0] > now,
            )
        )

    def name(self, point: str, host: Any, item: Any) -> tuple[int | None, int | None, int]:
        """What a trigger would have to wait for: the n-th time of an operation, or of a device."""
        operation = operation_of(item.trace)
        about, at = getattr(item, "device", None), getattr(host, "device", None)
        for device in (about,) if at is None or at == about else (about, at):
            if device is not None:
                key = point, "device", device
                self.counts[key] = self.counts.get(key, 0) + 1
        key = point, "operation", operation
        self.counts[key] = self.counts.get(key, 0) + 1
        device = at if at is not None else about
        if device is None or (operation < self.operations and operation != device):
            return operation, None, self.counts[key]
        return None, device, self.counts[point, "device", device]

    @staticmethod
    def user_at(point: str, host: Any, item: Any) -> int:
        """Whose phone meets the point, or is written to there."""
        device = getattr(host, "device", None)
        if device is None and f" {CONNECTION_SERVER}.send." in point and point.rsplit(".", 1)[1] in TO_PHONES:
            device = item.device
        return -1 if device is None else user_of(device)
