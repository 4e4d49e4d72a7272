"""Planted bugs of the connection server and the session registry."""

from __future__ import annotations

from typing import Any

from ..protocol.connection_server import ConnectionServer, Session
from ..protocol.port import Connection
from ..protocol.session_registry import Lease, SessionRegistry
from ..vocabulary.messages import Address, Hello, Updates
from .phone import NoGapRule, PhoneWithoutGapRule
from .planted import Planted


class LeasesForEver(SessionRegistry):
    """A lease ends when it is released."""

    def has_lapsed(self, lease: Lease) -> bool:
        return False


class LeaseWithoutExpiry(Planted):
    number = 5
    title = "lease without expiry: the entry stays when a claim is not followed by a working connection"
    scenario = "mutants_away"
    check = "ROUTE-1"
    also = ("LIVE-1",)
    needs = "failed reconnect, phone stays away, nothing waits"
    CLASSES = {"registry": LeasesForEver}


class TrustsDeadEntries(SessionRegistry):
    """A look-up answers with whatever entry there is."""

    def look_up(self, device: int) -> tuple[Address | None, int]:
        lease = self.leases.get(device)
        return (None, -1) if lease is None else (lease.server, lease.epoch)


class TrustsDeadServers(Planted):
    number = 6
    title = "look-up trusts the entry of a dead server: no expiry, no epoch check"
    scenario = "mutants_away"
    check = "ROUTE-1"
    also = ("LIVE-1",)
    needs = "server crash, phone stays away, nothing waits"
    CLASSES = {"registry": TrustsDeadEntries}


class RenewsByName(SessionRegistry):
    """A server's renewals keep every entry under its name, whichever incarnation wrote it."""

    def has_lapsed(self, lease: Lease) -> bool:
        return super().has_lapsed(lease) and not lease.server.up


class RenewsForTheName(Planted):
    number = 7
    title = "the registry renews all leases under the server's name, no incarnation"
    scenario = "mutants_away"
    check = "ROUTE-1"
    also = ("LIVE-1",)
    needs = "quick restart, phone stays away"
    CLASSES = {"registry": RenewsByName}


class EagerServer(ConnectionServer):
    """Relays live pushes while a drain is under way."""

    def on_updates(self, source: Address, message: Updates) -> None:
        session = self.sessions.get(message.device)
        if session is not None and session.epoch == message.epoch and not message.drained and message.rows:
            session.head = max(session.head, message.head)
            self.relay_window(session, message)
            return
        super().on_updates(source, message)


class NewestIsCursor(Planted):
    number = 20
    title = "sync cursor is the newest held, live pushes bypass the drain, no gap rule"
    scenario = "mutants_lossy"
    check = "LOSS-1"
    also = ("QUEUE-1", "TICK-1", "TICK-3", "FLOW-1", "LIVE-1", "ORDER-1")
    needs = "offline plus live traffic"
    CLASSES = {"connection_server": EagerServer, "phone": PhoneWithoutGapRule, "phone_state": NoGapRule}


class ClaimsOnce(ConnectionServer):
    """What the registry lost is not claimed again."""

    def on_renewal_missed(self, device: int, epoch: int) -> None:
        """The lease was claimed once; that must do."""


class RoutesNotReclaimed(Planted):
    number = 23
    title = "routes are not claimed again after the registry lost them"
    scenario = "mutants_wipe"
    check = "LIVE-1"
    also = ("ROUTE-1",)
    needs = "registry wipe, push off"
    CLASSES = {"connection_server": ClaimsOnce}


class ReusesSlots(ConnectionServer):
    """Devices have slots; a device that is gone is still found by its old slot, whoever has it now."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.slot_of: dict[int, int] = {}
        self.slots: list[Session | None] = []

    def on_hello(self, connection: Connection, hello: Hello) -> None:
        super().on_hello(connection, hello)
        session = self.sessions.get(hello.device)
        if session is None or session.connection is not connection:
            return
        free = next((place for place, held in enumerate(self.slots) if held is None), len(self.slots))
        if free == len(self.slots):
            self.slots.append(None)
        self.slots[free] = session
        self.slot_of[hello.device] = free

    def end_session(self, session: Session) -> None:
        super().end_session(session)
        self.slots = [None if held is session else held for held in self.slots]

    def on_updates(self, source: Address, message: Updates) -> None:
        slot = self.slot_of.get(message.device, -1)
        held = self.slots[slot] if 0 <= slot < len(self.slots) else None
        if message.device not in self.sessions and held is not None:
            message = message._replace(device=held.device, epoch=held.epoch)
        super().on_updates(source, message)


class DeliversToSlot(Planted):
    number = 46
    title = "an update is delivered to another device of the same server, both inboxes at the same number"
    scenario = "mutants_slots"
    check = "GHOST-1"
    also = (
        "LOSS-1",
        "QUEUE-1",
        "QUEUE-2",
        "FLOW-1",
        "TICK-1",
        "LIVE-1",
        "ORDER-1",
        "TICK-3",
        "QUEUE-3",
        "ROUTE-1",
        "DUP-1",
        "ORDER-3",
        "LOSS-2",
        "ORDER-4",
        "ORDER-2",
    )
    needs = "reconnect reuses a slot"
    CLASSES = {"connection_server": ReusesSlots}


class NoWindow(ConnectionServer):
    """Everything goes out at once."""

    def room(self, session: Session) -> int:
        return 1_000_000


class WindowIgnored(Planted):
    number = 47
    title = "push window ignored"
    check = "BOUND-1"
    needs = "slow phone"
    CLASSES = {"connection_server": NoWindow}


PLANTED: tuple[type[Planted], ...] = (
    LeaseWithoutExpiry,
    TrustsDeadServers,
    RenewsForTheName,
    NewestIsCursor,
    RoutesNotReclaimed,
    DeliversToSlot,
    WindowIgnored,
)
