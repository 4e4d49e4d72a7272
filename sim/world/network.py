"""Links: calls between servers, and what faults do to links at present.

Without a fault a call between servers takes a drawn delay and arrives. Delays differ, so calls overtake each other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .world import World


class LinkCondition:
    """One running fault of links. Ends are hosts; a phone's end is its ``PhoneHost``."""

    __slots__ = ("blocks", "delay_us", "duplicates", "hits", "injected", "jitter_us", "loss", "number")

    def __init__(self, number: int, injected: Any, hits: Any) -> None:
        self.number = number
        self.injected = injected
        self.hits = hits
        """``hits(source, destination) -> bool``."""
        self.loss = 0.0
        self.delay_us = 0
        self.jitter_us = 0
        self.duplicates = 0.0
        self.blocks = False


class Network:
    """All links of the world."""

    __slots__ = ("conditions", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.conditions: list[LinkCondition] = []
        """Running faults, in the order in which they began."""

    def afflict(self, source: Any, to: Any, message: Any, bits: int, delay_us: int) -> None:
        """Carry a call from one server to another under the running faults."""
        environment = self.world.environment
        for delayed_us in self.afflicted(source, to, bits, delay_us):
            environment.call_after(delayed_us, to.deliver, (source, message))

    def afflicted(self, source: Any, to: Any, bits: int, delay_us: int) -> list[int]:
        """When the copies of a call arrive under the running faults: none, one, or more."""
        dice = self.world.dice
        arrivals = [delay_us]
        for condition in self.conditions:
            if not condition.hits(source, to):
                continue
            if condition.blocks or (
                condition.loss and dice.chance(condition.loss, "link loss", condition.number, bits)
            ):
                condition.injected.touched += 1
                return []
            if condition.delay_us or condition.jitter_us:
                condition.injected.touched += 1
                jitter = dice.below(condition.jitter_us + 1, "link jitter", condition.number, bits)
                arrivals = [each + condition.delay_us + jitter for each in arrivals]
            if condition.duplicates and dice.chance(condition.duplicates, "link copy", condition.number, bits):
                condition.injected.touched += 1
                later = 1 + dice.below(max(2 * delay_us, 50_000), "link copy delay", condition.number, bits)
                arrivals.append(arrivals[0] + later)
        return arrivals

    def stream_delay_us(self, source: Any, to: Any, bits: int, delay_us: int) -> int:
        """What faults add to a message on a phone's stream: a lost packet is sent again, so loss shows as delay."""
        dice = self.world.dice
        for condition in self.conditions:
            if not condition.hits(source, to):
                continue
            if condition.loss:
                attempt = 0
                timeout_us = max(200_000, 2 * delay_us)
                while attempt < 8 and dice.chance(condition.loss, "packet loss", condition.number, bits, attempt):
                    condition.injected.touched += 1
                    delay_us += timeout_us << attempt
                    attempt += 1
            if condition.delay_us or condition.jitter_us:
                condition.injected.touched += 1
                delay_us += condition.delay_us
                delay_us += dice.below(condition.jitter_us + 1, "link jitter", condition.number, bits)
        return delay_us

    def is_blocked(self, source: Any, to: Any) -> bool:
        """Whether a partition stands between the two, in this direction."""
        return any(condition.blocks and condition.hits(source, to) for condition in self.conditions)
