"""What the history says of a few messages and devices, as marks on the lanes of a diagram."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from ..vocabulary import kinds
from ..vocabulary.ids import slot_of, user_of
from ..vocabulary.points import REGISTRY, ROLES
from ..world.tracing import Tracks, operations_of
from .space_time import Mark

_HOSTS_PER_ROLE: Final = 1_000_000
_TICKS: Final = {1: "✓ accepted", 2: "✓✓ delivered", 3: "✓✓ read", 4: "✗ failed"}
_ABOUT_A_MESSAGE: Final = (
    kinds.COMPOSED, kinds.SHOWN, kinds.PLACED, kinds.TICK, kinds.LOGGED, kinds.REFUSED, kinds.INBOX_APPENDED,
    kinds.DELIVERED,
)  # fmt: skip
_ABOUT_A_DEVICE: Final = (kinds.PHONE_UP, kinds.PHONE_DOWN, kinds.PHONE_LOST, kinds.TRIMMED, kinds.OPENED)
_ABOUT_A_HOST: Final = (kinds.CRASHED, kinds.STARTED)
_RECORDED: Final = {"append_entry": "store", "enter_entry": "inbox"}


def name_of_device(device: int) -> str:
    """As the world calls its host."""
    slot, user = slot_of(device), user_of(device)
    return f"linked device {slot} of person {user}" if slot else f"phone {user}"


def name_of_host(number: int) -> str:
    """As the world calls it."""
    role, index = divmod(number, _HOSTS_PER_ROLE)
    return ROLES[role] if ROLES[role] == REGISTRY else f"{ROLES[role]} {index}"


def lane_name(name: str) -> str:
    """The role of a lane."""
    if name.startswith("linked device"):
        return "phone"
    return name.rpartition(" ")[0] or name


class Marks:
    """The rows of one history, sorted out."""

    def __init__(self, rows: Iterable[Sequence[int]]) -> None:
        self.composed: dict[int, int] = {}
        """Operation to when it was composed."""
        self.owed: dict[int, list[int]] = {}
        """Operation to the devices concerned, the sender first."""
        self.rows: list[Sequence[int]] = []
        sequences: dict[tuple[int, int], int] = {}
        for row in rows:
            kind, who, operation = row[1], row[2], row[5]
            if kind == kinds.COMPOSED:
                self.composed.setdefault(operation, row[0])
                self.owed.setdefault(operation, []).append(who)
            elif kind == kinds.LOGGED:
                sequences[(row[3], row[4])] = operation
            elif kind == kinds.OWED:
                about = sequences.get((row[3], row[4]), operation)
                self.owed.setdefault(about, []).append(who)
            if kind in _ABOUT_A_MESSAGE or kind in _ABOUT_A_DEVICE or kind in _ABOUT_A_HOST:
                self.rows.append(row)

    def devices_of(self, operations: Sequence[int]) -> list[int]:
        """Every device that the messages concern."""
        return list(dict.fromkeys(device for operation in operations for device in self.owed.get(operation, ())))

    def of(
        self,
        operations: Sequence[int],
        devices: Sequence[int],
        place: dict[str, int],
        span: tuple[int, int],
        tracks: Tracks,
    ) -> list[Mark]:
        """The marks of these messages and devices, within the time that is drawn, in order."""
        marks = [
            mark
            for row in self.rows
            for mark in self.mark(row, operations, devices, place)
            if span[0] - 1_000_000 <= mark.at_us <= span[1] + 1_000_000
        ]
        for step in tracks.steps:
            role = _RECORDED.get(step.kind)
            about = [each for each in operations_of(step.record) if each in operations]
            if role is not None and about and step.who in place:
                marks.append(Mark(step.at_us, place[step.who], f"writes message {about[0]}", "record"))
        return sorted(marks, key=lambda mark: mark.at_us)

    def mark(
        self, row: Sequence[int], operations: Sequence[int], devices: Sequence[int], place: dict[str, int]
    ) -> list[Mark]:
        """The mark of one row; none if it is about somebody else."""
        at_us, kind, who, operation = row[0], row[1], row[2], row[5]
        if kind in _ABOUT_A_HOST:
            name = name_of_host(who)
            words, sort = ("crashes", "down") if kind == kinds.CRASHED else ("starts", "up")
            return [Mark(at_us, place[name], words, sort)] if name in place and at_us > 0 else []
        name = name_of_device(who)
        if name not in place or who not in devices:
            return []
        if kind in _ABOUT_A_DEVICE:
            said = _device_words(row)
            return [Mark(at_us, place[name], *said)] if said else []
        said = _message_words(row) if operation in operations else None
        return [Mark(at_us, place[name], *said)] if said else []


def _device_words(row: Sequence[Any]) -> tuple[str, str] | None:
    if row[1] == kinds.PHONE_UP:
        return ("is up", "up") if row[0] else None
    if row[1] == kinds.PHONE_DOWN:
        return "is away or down", "down"
    if row[1] == kinds.PHONE_LOST:
        return "is replaced", "down"
    return None


def _message_words(row: Sequence[Any]) -> tuple[str, str] | None:
    kind, operation, again = row[1], row[5], row[6]
    if kind == kinds.COMPOSED:
        return f"composed message {operation}", "seen"
    if kind == kinds.SHOWN:
        return f"shows message {operation}{' again' if again else ''}", "seen"
    if kind == kinds.TICK:
        return f"{_TICKS.get(again, 'tick')} {operation}{' (redrawn)' if row[7] else ''}", "seen"
    if kind == kinds.DELIVERED:
        return f"has message {operation} durably", "record"
    return None
