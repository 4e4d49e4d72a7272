"""Planted bugs of presence."""

from __future__ import annotations

from ..protocol.contacts import Contacts
from ..protocol.port import Connection
from ..protocol.presence import Person, Presence
from ..protocol.session_registry import Lease
from ..vocabulary.ids import user_of
from ..vocabulary.presence import ContactState
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


class DatesByArrival(Contacts):
    """An answer is as fresh as its arrival, however long it was on its way."""

    def take(self, state: ContactState) -> None:
        super().take(state._replace(asked_us=self.phone.port.monotonic_us(), held_us=0))


class AnswersDatedByArrival(Planted):
    number = 131
    title = "the phone dates what it is told by its arrival"
    scenario = "mutants_presence"
    check = "PRES-1"
    also = ("PRES-2",)
    needs = "an answer that takes its time"
    CLASSES = {"contacts": DatesByArrival}


class SeenWhenNoticed(Presence):
    """Whoever is found to be gone was seen just then."""

    def on_ended(self, device: int, lease: Lease) -> None:
        person = self.person(user_of(device))
        person.seen_us = max(person.seen_us, self.port.monotonic_us())
        super().on_ended(device, lease)


class LastSeenWhenNoticed(Planted):
    number = 132
    title = "last seen is when the absence was noticed, not the last heartbeat"
    scenario = "mutants_presence"
    check = "PRES-1"
    also = ("PRES-2",)
    needs = "airplane mode"
    CLASSES = {"presence": SeenWhenNoticed}


class AsksOnce(Contacts):
    """An open chat asks when it is opened, and that must do."""

    def on_heartbeat(self, connection: Connection) -> None:
        """Nothing goes with it."""


class SubscribesOnce(Planted):
    number = 133
    title = "subscriptions are not renewed with the heartbeat"
    scenario = "mutants_presence"
    check = "PRES-2"
    needs = "a chat that stays open for longer than a life"
    CLASSES = {"contacts": AsksOnce}


PLANTED: tuple[type[Planted], ...] = (
    PresenceWithoutLife,
    OfflineWithOneDevice,
    AnswersDatedByArrival,
    LastSeenWhenNoticed,
    SubscribesOnce,
)
