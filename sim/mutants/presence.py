"""Planted bugs of presence."""

from __future__ import annotations

from ..protocol.presence import Person, Presence
from ..protocol.session_registry import Lease
from ..vocabulary.ids import user_of
from .planted import Planted

_FOR_EVER_US = 1 << 50


class OnlineUntilGoodbye(Presence):
    """Who came is online until a clean close says otherwise."""

    def online_until_us(self, person: Person) -> int:
        return self.port.monotonic_us() + _FOR_EVER_US if person.leases else 0

    def on_ended(self, device: int, lease: Lease) -> None:
        if lease.expiry_us > self.port.monotonic_us():
            super().on_ended(device, lease)


class PresenceWithoutLife(Planted):
    number = 31
    title = "presence without TTL, cleared only on a clean close"
    scenario = "mutants_presence"
    check = "PRES-1"
    also = ("PRES-2",)
    needs = "server crash, airplane mode"
    CLASSES = {"presence": OnlineUntilGoodbye}


class GoesWithOne(Presence):
    """A goodbye is the user's, whichever device says it."""

    def on_ended(self, device: int, lease: Lease) -> None:
        self.person(user_of(device)).leases.clear()
        super().on_ended(device, lease)


class OfflineWithOneDevice(Planted):
    number = 32
    title = "user goes offline when one of several connections closes"
    scenario = "mutants_presence"
    check = "PRES-2"
    needs = "two devices"
    CLASSES = {"presence": GoesWithOne}


PLANTED: tuple[type[Planted], ...] = (PresenceWithoutLife, OfflineWithOneDevice)
