"""The session registry: who holds whom, in memory, by leases (REG-1..4).

A lease is live until its expiry. Renewals come with every heartbeat; while nothing is wrong the world does not play
them one by one but says when the last one came (``on_last_renewal``), which is the same to every look-up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from ..vocabulary.ids import user_of
from ..vocabulary.messages import Address, Claim, Denied, Granted, LookUp, Release, Route
from .dispatch import Dispatching
from .port import ServerPort, Timers

if TYPE_CHECKING:
    from .presence import Presence

FREE: Final = "free"
HELD: Final = "held"

LEASE: Final = {
    (FREE, "claim"): "grant",
    (HELD, "higher epoch"): "grant",
    (HELD, "same claim"): "grant",
    (HELD, "lower or other"): "deny",
    (HELD, "release"): "end",
    (HELD, "release of another"): "keep",
    (FREE, "release"): "keep",
}
"""What the registry does with a device's lease, by whether it is held and what is asked (REG-2, REG-3)."""

NEVER: Final = 1 << 62


class Lease:
    """device -> (server, incarnation, epoch, connection, expiry), REG-1."""

    __slots__ = (
        "claimed_until_us",
        "connection",
        "epoch",
        "expiry_us",
        "granted_us",
        "heard_us",
        "incarnation",
        "server",
    )

    def __init__(self, server: Address, claim: Claim, now_us: int, expiry_us: int) -> None:
        self.granted_us = now_us
        """Since when it is held; a repeat of the claim leaves it."""
        self.claimed_until_us = expiry_us
        """What the claim alone is good for, without a renewal."""
        self.server = server
        self.incarnation = claim.incarnation
        self.epoch = claim.epoch
        self.connection = claim.connection
        self.expiry_us = expiry_us
        self.heard_us = -1
        """The last sign of life that was told (-1: none yet); while renewals come in time the port knows better."""

    def is_of(self, server: Address, incarnation: int, epoch: int, connection: int) -> bool:
        """Whether it is exactly this one's."""
        return (
            self.server is server
            and self.incarnation == incarnation
            and self.epoch == epoch
            and self.connection == connection
        )


class SessionRegistry(Dispatching):
    """One registry node. A restart empties it; that costs latency and nudges, never a message (REG-4)."""

    __slots__ = ("leases", "port", "presence", "timers")
    TAKES: ClassVar[dict[type, str]] = {Claim: "on_claim", Release: "on_release", LookUp: "on_look_up"}

    def __init__(self, port: Any, timers: Timers) -> None:
        self.port: ServerPort = port
        self.timers = timers
        self.leases: dict[int, Lease] = {}
        self.presence: Presence | None = None
        """What tells people of each other, if the scenario has it; it lives on the same host."""

    def held(self, device: int) -> Lease | None:
        """The lease of a device, unless it has lapsed."""
        lease = self.leases.get(device)
        if lease is None:
            return None
        if self.has_lapsed(lease):
            self.end(device, lease)
            return None
        return lease

    def has_lapsed(self, lease: Lease) -> bool:
        """REG-1: a claim that lapses unless it is renewed."""
        return lease.expiry_us <= self.port.monotonic_us()

    def on_claim(self, source: Address, claim: Claim) -> None:
        """REG-2: the higher epoch wins; an equal one only for the same server, incarnation and connection."""
        lease = self.held(claim.device)
        if LEASE[self.asked(lease, source, claim)] == "deny":
            self.port.send(source, Denied(claim.device, claim.epoch, claim.connection, claim.trace))
            return
        self.grant(source, claim, lease)
        self.port.send(source, Granted(claim.device, claim.epoch, claim.connection, claim.trace))

    def asked(self, lease: Lease | None, source: Address, claim: Claim) -> tuple[str, str]:
        """The key of the table for a claim."""
        if lease is None:
            return FREE, "claim"
        if claim.epoch > lease.epoch:
            return HELD, "higher epoch"
        if lease.is_of(source, claim.incarnation, claim.epoch, claim.connection):
            return HELD, "same claim"
        return HELD, "lower or other"

    def grant(self, source: Address, claim: Claim, before: Lease | None) -> None:
        """Write the lease down; it lives for one TTL, and longer by renewals. A repeated claim is a renewal."""
        expiry_us = self.port.monotonic_us() + self.timers.lease_us
        if before is not None and before.epoch == claim.epoch:
            before.claimed_until_us = expiry_us
            before.expiry_us = max(before.expiry_us, expiry_us)
            return
        if before is not None:
            self.end(claim.device, before)
        lease = self.leases[claim.device] = Lease(source, claim, self.port.monotonic_us(), expiry_us)
        self.port.lease_granted(claim.device, claim.epoch, source, claim.incarnation)
        if self.presence is not None:
            self.presence.on_granted(claim.device, lease, before)

    def on_release(self, source: Address, release: Release) -> None:
        """REG-3: compare and delete."""
        lease = self.held(release.device)
        if lease is None:
            return
        same = lease.is_of(source, release.incarnation, release.epoch, release.connection)
        if LEASE[(HELD, "release" if same else "release of another")] == "end":
            self.end(release.device, lease)

    def end(self, device: int, lease: Lease) -> None:
        """The lease is over."""
        del self.leases[device]
        self.port.lease_ended(device, lease.epoch, lease.server, lease.incarnation)
        if self.presence is not None:
            self.presence.on_ended(device, lease)

    def on_look_up(self, source: Address, question: LookUp) -> None:
        """Who holds this device."""
        server, epoch = self.look_up(question.device)
        self.port.send(source, Route(question.device, server, epoch, question.trace))

    def look_up(self, device: int) -> tuple[Address | None, int]:
        """The server that holds a device and the epoch, or (None, -1)."""
        lease = self.held(device)
        return (None, -1) if lease is None else (lease.server, lease.epoch)

    def on_renewals(
        self, server: Address, incarnation: int, device: int, epoch: int, connection: int, granted_us: int = NEVER
    ) -> bool:
        """REG-1: from now on renewals come in time, until ``on_last_renewal``. False: it is not that one's lease. Of a
        lease that was granted later than the server heard (at ``granted_us`` of this host's clock) it is another: this
        host lost the first, and made one of a claim that came twice (CONN-10)."""
        lease = self.held(device)
        if lease is None or not lease.is_of(server, incarnation, epoch, connection) or lease.granted_us > granted_us:
            return False
        self.heard(device, lease, NEVER)
        return True

    def on_last_renewal(
        self,
        server: Address,
        incarnation: int,
        device: int,
        epoch: int,
        connection: int,
        at_us: int,
        heard_us: int = -1,
    ) -> None:
        """REG-1: the last renewal came at ``at_us`` of this host's clock; the lease lives one TTL from there. The last
        sign of life may be another: the hello, or a heartbeat before the claim (PRES-A)."""
        lease = self.leases.get(device)
        if lease is not None and lease.is_of(server, incarnation, epoch, connection):
            lease.expiry_us = max(lease.claimed_until_us, at_us + self.timers.lease_us)
            lease.heard_us = max(lease.heard_us, heard_us)

    def on_renewal(
        self, server: Address, incarnation: int, device: int, epoch: int, connection: int, granted_us: int = NEVER
    ) -> bool:
        """REG-1: one renewal by itself. False: it is not that one's lease."""
        lease = self.held(device)
        if lease is None or not lease.is_of(server, incarnation, epoch, connection) or lease.granted_us > granted_us:
            return False
        now_us = self.port.monotonic_us()
        self.heard(device, lease, max(lease.expiry_us, now_us + self.timers.lease_us), now_us)
        return True

    def on_sign_of_life(
        self, server: Address, incarnation: int, device: int, epoch: int, connection: int, at_us: int
    ) -> None:
        """PRES-A: the server that was granted a lease says when it last heard of the device."""
        lease = self.held(device)
        if lease is not None and lease.is_of(server, incarnation, epoch, connection):
            self.heard(device, lease, lease.expiry_us, at_us)

    def heard(self, device: int, lease: Lease, expiry_us: int, heard_us: int = -1) -> None:
        """A renewal or another sign of life: the presence part hears of it, and may have news for somebody."""
        presence = self.presence
        was_online = presence is not None and presence.is_online(user_of(device))
        lease.expiry_us = expiry_us
        lease.heard_us = max(lease.heard_us, heard_us)
        if presence is not None:
            presence.on_heard(device, lease, was_online)
