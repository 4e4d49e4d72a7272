"""Links: calls between servers, and what faults do to links at present.

Without a fault a call between servers takes a drawn delay and arrives. Delays differ, so calls overtake each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from .world import World

RETRANSMISSIONS_MOST: Final = 8
"""A packet of a stream that is lost this often gets through at last."""


class LinkCondition:
    """One running fault of links. Ends are hosts; a phone's end is its ``PhoneHost``."""

    __slots__ = (
        "blocks",
        "copy_us",
        "corrupts",
        "delay_us",
        "duplicates",
        "held",
        "hits",
        "holds",
        "injected",
        "jitter_us",
        "loss",
        "number",
        "pipe_of",
        "pipe_us",
        "pipes",
        "silenced",
    )

    def __init__(self, number: int, injected: Any, hits: Any) -> None:
        self.number = number
        self.injected = injected
        self.hits = hits
        """``hits(source, destination) -> bool``."""
        self.loss = 0.0
        self.corrupts = 0.0
        """How probable it is that a checksum refuses what arrives."""
        self.delay_us = 0
        self.jitter_us = 0
        self.duplicates = 0.0
        self.copy_us = 0
        """How much later a copy arrives (0: drawn)."""
        self.blocks = False
        self.holds = False
        """Whether calls wait on the link until the fault is over."""
        self.held: list[tuple[Any, Any, Any, int, int]] = []
        """What waits: source, destination, message, its draw, its delay."""
        self.silenced: list[Any] = []
        """Connections whose path this fault has made silent."""
        self.pipe_us = 0
        """How long one message takes the link for itself (0: no limit)."""
        self.pipe_of: Callable[[Any, Any], Any] = lambda source, to: (source, to)
        self.pipes: dict[Any, int] = {}
        """A link and direction to when it is free again."""

    @property
    def stops(self) -> bool:
        """Whether nothing gets through while it lasts."""
        return self.blocks or self.holds

    def silence(self, connection: Any) -> None:
        """Make a connection's path silent until this fault ends."""
        self.injected.touched += 1
        connection.fall_silent()
        self.silenced.append(connection)

    def queue_us(self, now_us: int, source: Any, to: Any) -> int:
        """How long a message waits for the link and takes it, where bandwidth is limited."""
        pipe = self.pipe_of(source, to)
        free_us = max(now_us, self.pipes.get(pipe, 0)) + self.pipe_us
        self.pipes[pipe] = free_us
        return free_us - now_us


class Network:
    """All links of the world."""

    __slots__ = ("conditions", "late_until_us", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.conditions: list[LinkCondition] = []
        """Running faults, in the order in which they began."""
        self.late_until_us = 0
        """When the last message that waits for bandwidth will have arrived."""

    def afflict(self, source: Any, to: Any, message: Any, bits: int, delay_us: int) -> None:
        """Carry a call from one server to another under the running faults."""
        for condition in self.conditions:
            if condition.holds and condition.hits(source, to):
                condition.injected.touched += 1
                condition.held.append((source, to, message, bits, delay_us))
                return
        environment = self.world.environment
        for delayed_us in self.afflicted(source, to, bits, delay_us):
            environment.call_after(delayed_us, to.deliver, (source, message))

    def release(self, condition: LinkCondition) -> None:
        """What a fault held goes on its way, under the faults that are left."""
        held, condition.held = condition.held, []
        for call in held:
            self.afflict(*call)

    def afflicted(self, source: Any, to: Any, bits: int, delay_us: int) -> list[int]:
        """When the copies of a call arrive under the running faults: none, one, or more."""
        dice = self.world.dice
        arrivals = [delay_us]
        for condition in self.conditions:
            if not condition.hits(source, to):
                continue
            if self.is_lost(condition, bits):
                condition.injected.touched += 1
                return []
            if condition.delay_us or condition.jitter_us:
                condition.injected.touched += 1
                jitter = dice.below(condition.jitter_us + 1, "link jitter", condition.number, bits)
                arrivals = [each + condition.delay_us + jitter for each in arrivals]
            if condition.pipe_us:
                queued_us = self.queued_us(condition, source, to, arrivals[0])
                arrivals = [each + queued_us for each in arrivals]
            if condition.duplicates and dice.chance(condition.duplicates, "link copy", condition.number, bits):
                condition.injected.touched += 1
                drawn_us = 1 + dice.below(max(2 * delay_us, 50_000), "link copy delay", condition.number, bits)
                later = condition.copy_us or drawn_us
                arrivals.append(arrivals[0] + later)
        return arrivals

    def is_lost(self, condition: LinkCondition, bits: int) -> bool:
        """Whether a call is lost on the link, or refused by its checksum."""
        dice = self.world.dice
        if condition.blocks:
            return True
        if condition.loss and dice.chance(condition.loss, "link loss", condition.number, bits):
            return True
        if condition.corrupts and dice.chance(condition.corrupts, "link corrupts", condition.number, bits):
            self.world.tally["checksum_refused"] += 1
            return True
        return False

    def queued_us(self, condition: LinkCondition, source: Any, to: Any, delay_us: int) -> int:
        """How long a message waits where bandwidth is limited."""
        now = int(self.world.environment._now)
        queued_us = condition.queue_us(now, source, to)
        condition.injected.touched += queued_us > condition.pipe_us
        self.late_until_us = max(self.late_until_us, now + delay_us + queued_us)
        return queued_us

    def stream_delay_us(self, source: Any, to: Any, bits: int, delay_us: int) -> int:
        """What faults add to a message on a phone's stream: a packet that is lost, or refused by its checksum, is sent
        again, so loss shows as delay."""
        dice = self.world.dice
        for condition in self.conditions:
            if not condition.hits(source, to):
                continue
            if condition.loss:
                delay_us = self.sent_again_us(condition, condition.loss, "packet loss", bits, delay_us)
            if condition.corrupts:
                before = condition.injected.touched
                delay_us = self.sent_again_us(condition, condition.corrupts, "packet corrupts", bits, delay_us)
                self.world.tally["checksum_refused"] += condition.injected.touched - before
            if condition.delay_us or condition.jitter_us:
                condition.injected.touched += 1
                delay_us += condition.delay_us
                delay_us += dice.below(condition.jitter_us + 1, "link jitter", condition.number, bits)
            if condition.pipe_us:
                delay_us += self.queued_us(condition, source, to, delay_us)
        return delay_us

    def sent_again_us(self, condition: LinkCondition, share: float, purpose: str, bits: int, delay_us: int) -> int:
        """The delay with retransmissions: each time-out is twice the one before."""
        dice = self.world.dice
        attempt = 0
        timeout_us = max(200_000, 2 * delay_us)
        while attempt < RETRANSMISSIONS_MOST and dice.chance(share, purpose, condition.number, bits, attempt):
            condition.injected.touched += 1
            delay_us += timeout_us << attempt
            attempt += 1
        return delay_us

    def is_blocked(self, source: Any, to: Any) -> bool:
        """Whether nothing gets from the one to the other at present."""
        return any(condition.stops and condition.hits(source, to) for condition in self.conditions)
