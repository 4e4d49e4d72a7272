"""The presence part of the registry: who is online, when somebody was seen last, and who wants to know (PRES-A..C).

It runs beside the session registry, reads the leases there, and keeps nothing but memory: a crash empties it, which
costs freshness and never truth. A user is online while any of their devices has a live lease and was heard within one
life. Nobody is told that a life has ended: the phone that was told "online" counts it down by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Protocol

from ..vocabulary.ids import user_of
from ..vocabulary.messages import Address, trace_of
from ..vocabulary.presence import NOT_KNOWN, ContactState, PresenceBatch, UnwatchContacts, WatchContacts
from .dispatch import Dispatching
from .port import RegistryPort
from .session_registry import NEVER, Lease


class PresenceOptions(Protocol):
    """What the presence part and the phones are given; the names and units of the scenario's ``presence``."""

    @property
    def kind(self) -> str: ...
    @property
    def life_us(self) -> int: ...
    @property
    def batch_us(self) -> int: ...


class Viewer:
    """A device that watches people, for one life from its last question on."""

    __slots__ = ("asked_us", "came_us", "device", "epoch", "opened", "others", "server", "tellings", "until_us")

    def __init__(self, device: int) -> None:
        self.device = device
        self.epoch = -1
        self.server: Address = None
        self.asked_us = 0
        """The device's own clock when it asked ..."""
        self.came_us = 0
        """... and ours when the question came."""
        self.until_us = 0
        self.opened: tuple[int, ...] = ()
        """With whom the chat is that is open there."""
        self.others: tuple[int, ...] = ()
        """Of whom it hears only what changes."""
        self.tellings = 0


class Watching:
    """What one viewer was told of one person."""

    __slots__ = ("owed", "told_online", "told_until_us", "viewer")

    def __init__(self, viewer: Viewer, online: bool) -> None:
        self.viewer = viewer
        self.owed = False
        """It asked and has not been answered yet."""
        self.told_online = online
        self.told_until_us = 0


class Person:
    """What is known of a user: the leases of all their devices, when they were seen last, who watches."""

    __slots__ = ("leases", "seen_us", "watched")

    def __init__(self) -> None:
        self.leases: dict[int, Lease] = {}
        self.seen_us = NOT_KNOWN
        """The last heartbeat under leases that have ended."""
        self.watched: dict[int, Watching] = {}
        """Viewing device to what it was told."""


class Presence(Dispatching):
    """The presence part of one registry node."""

    __slots__ = ("gathering", "options", "outgoing", "people", "port", "viewers")
    TAKES: ClassVar[dict[type, str]] = {WatchContacts: "on_watch", UnwatchContacts: "on_unwatch"}

    def __init__(self, port: RegistryPort, options: PresenceOptions) -> None:
        self.port = port
        self.options = options
        self.people: dict[int, Person] = {}
        self.viewers: dict[int, Viewer] = {}
        self.outgoing: dict[Address, dict[tuple[int, int], None]] = {}
        """Connection server to the (contact, device) that it is owed a state of."""
        self.gathering = False
        """Whether the timer that sends them runs."""

    def person(self, user: int) -> Person:
        """What is known of a user, made when there first is something."""
        person = self.people.get(user)
        if person is None:
            person = self.people[user] = Person()
        return person

    # -- how somebody is ------------------------------------------------------------------------------------

    def heard_us(self, lease: Lease) -> int:
        """PRES-A: the last heartbeat under a lease. While they all come in time nobody writes them down one by one, and
        the port tells the last one."""
        if lease.expiry_us == NEVER:
            return max(lease.heard_us, self.port.heard_us(lease.server, lease.connection))
        return lease.heard_us

    def online_until_us(self, person: Person) -> int:
        """PRES-A: one life from the last heartbeat of any device whose lease is live (0: of none)."""
        now_us = self.port.monotonic_us()
        lives = [self.heard_us(lease) for lease in person.leases.values() if lease.expiry_us > now_us]
        heard_us = max(lives, default=NOT_KNOWN)
        return heard_us + self.options.life_us if heard_us != NOT_KNOWN else 0

    def is_online(self, user: int) -> bool:
        """Whether any device of the user's is there."""
        person = self.people.get(user)
        return person is not None and self.online_until_us(person) > self.port.monotonic_us()

    def last_seen_us(self, person: Person) -> int:
        """PRES-C: the last heartbeat of any device, whatever became of its lease; after a wipe nobody knows."""
        return max((self.heard_us(lease) for lease in person.leases.values()), default=NOT_KNOWN)

    # -- the registry tells ---------------------------------------------------------------------------------

    def on_granted(self, device: int, lease: Lease, before: Lease | None) -> None:
        """A device reconnects: what was heard under its lease before still counts. The claim is no heartbeat: it may
        have been on its way for long."""
        if before is not None:
            lease.heard_us = self.heard_us(before)
        self.person(user_of(device)).leases[device] = lease

    def on_heard(self, device: int, lease: Lease, was_online: bool) -> None:
        """PRES-A: a sign of life; after a fail-over it may be of a lease that this part has not seen granted."""
        user = user_of(device)
        person = self.person(user)
        person.leases[device] = lease
        if not was_online and self.online_until_us(person) > self.port.monotonic_us():
            self.on_changed(user, person)

    def on_ended(self, device: int, lease: Lease) -> None:
        """PRES-C: a lease is over; its last heartbeat stays. Other devices of the user's may still be there."""
        user = user_of(device)
        person = self.person(user)
        person.seen_us = max(person.seen_us, self.heard_us(lease))
        if person.leases.get(device) is lease:
            del person.leases[device]
        self.on_changed(user, person)

    # -- phones ask -----------------------------------------------------------------------------------------

    def on_watch(self, source: Address, message: WatchContacts) -> None:
        """PRES-B: a subscription for one life, which the next heartbeat renews. Questions of older connections are
        fenced, and so are those that a later one overtook."""
        viewer = self.viewers.get(message.device)
        if viewer is None:
            viewer = self.viewers[message.device] = Viewer(message.device)
        elif (message.epoch, message.asked_us) < (viewer.epoch, viewer.asked_us):
            return
        viewer.server = source
        viewer.epoch = message.epoch
        viewer.asked_us = message.asked_us
        viewer.came_us = self.port.monotonic_us()
        viewer.until_us = viewer.came_us + self.options.life_us
        before = viewer.opened if message.answered else viewer.others
        if message.answered:
            viewer.opened = message.contacts
        else:
            viewer.others = message.contacts
        if before != message.contacts:
            self.stop_watching(viewer, before)
        elif not message.answered:
            return
        for contact in message.contacts:
            self.watch(contact, viewer, message.answered)

    def watch(self, contact: int, viewer: Viewer, answered: bool) -> None:
        """From now on this viewer is told of this person; if it asked how they are, at once."""
        person = self.person(contact)
        watching = person.watched.get(viewer.device)
        if watching is None:
            online = self.online_until_us(person) > viewer.came_us
            watching = person.watched[viewer.device] = Watching(viewer, online)
        if answered:
            watching.owed = True
            self.owe(contact, viewer)

    def stop_watching(self, viewer: Viewer, contacts: tuple[int, ...]) -> None:
        """A viewer no longer wants to hear of these, unless for another reason."""
        for contact in contacts:
            if contact not in viewer.opened and contact not in viewer.others:
                self.people[contact].watched.pop(viewer.device, None)

    def on_unwatch(self, source: Address, message: UnwatchContacts) -> None:
        """PRES-B: the chat was closed. Where this is lost, the subscription lapses, or the next one takes its place."""
        viewer = self.viewers.get(message.device)
        if viewer is not None and viewer.epoch == message.epoch and viewer.opened == message.contacts:
            viewer.opened = ()
            self.stop_watching(viewer, message.contacts)

    # -- telling --------------------------------------------------------------------------------------------

    def on_changed(self, user: int, person: Person) -> None:
        """PRES-B: somebody came or went: whoever watches them is told, if it is still so when the batch goes out."""
        now_us = self.port.monotonic_us()
        for watching in list(person.watched.values()):
            if watching.viewer.until_us > now_us:
                self.owe(user, watching.viewer)
            else:
                self.forget(watching.viewer)

    def forget(self, viewer: Viewer) -> None:
        """A subscription has lapsed."""
        contacts = (*viewer.opened, *viewer.others)
        viewer.opened = viewer.others = ()
        self.stop_watching(viewer, contacts)
        del self.viewers[viewer.device]

    def owe(self, contact: int, viewer: Viewer) -> None:
        """FAN-4: gathered for a moment, so that each connection server gets one message for all its phones."""
        self.outgoing.setdefault(viewer.server, {})[(contact, viewer.device)] = None
        if not self.gathering:
            self.gathering = True
            self.port.set_timer(self.options.batch_us, self.send_batches, None)

    def send_batches(self, _: None) -> None:
        """FAN-4: what is owed by now, as it is now."""
        self.gathering = False
        outgoing, self.outgoing = self.outgoing, {}
        for server, owed in outgoing.items():
            states = tuple(self.states(server, owed))
            if states:
                self.port.presence_told(len(states))
                self.port.send(server, PresenceBatch(states, states[0].trace))

    def states(self, server: Address, owed: dict[tuple[int, int], None]) -> Iterator[ContactState]:
        """What the phones of one server are told; who came and went meanwhile is no news."""
        now_us = self.port.monotonic_us()
        known: dict[int, int] = {}
        for contact, device in owed:
            person = self.people[contact]
            watching = person.watched.get(device)
            if watching is not None and watching.viewer.server is server:
                until_us = known.get(contact)
                if until_us is None:
                    until_us = known[contact] = self.online_until_us(person)
                if watching.owed or is_news(watching, until_us, now_us):
                    yield self.state(contact, person, watching, until_us, now_us)

    def state(self, contact: int, person: Person, watching: Watching, until_us: int, now_us: int) -> ContactState:
        """PRES-A, PRES-C: how somebody is, in spans that the viewer's phone can date by its own clock."""
        watching.owed = False
        watching.told_online = until_us > now_us
        watching.told_until_us = until_us
        viewer = watching.viewer
        viewer.tellings += 1
        seen_us = max(person.seen_us, self.last_seen_us(person))
        return ContactState(
            viewer.device,
            viewer.epoch,
            contact,
            max(0, until_us - now_us),
            NOT_KNOWN if seen_us == NOT_KNOWN else max(0, now_us - seen_us),
            viewer.asked_us,
            now_us - viewer.came_us,
            trace_of(viewer.device, viewer.tellings),
        )


def is_news(watching: Watching, until_us: int, now_us: int) -> bool:
    """Whether a viewer was told otherwise, or what it was told has run out."""
    online = until_us > now_us
    return online != watching.told_online or (online and watching.told_until_us <= now_us)
