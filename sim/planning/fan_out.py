"""What it costs to publish to many sessions from one process: one hand-off each, or one batch per server (V5, V6)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FanOut:
    """A group whose sessions are spread over servers."""

    sessions: int
    servers: int
    hand_off_us: float

    @property
    def naive_busy_s(self) -> float:
        """How long the sender is busy with one publish, handing it to every session in turn."""
        return self.sessions * self.hand_off_us / 1e6

    @property
    def batched_busy_s(self) -> float:
        """The same with one message per server, split there."""
        return min(self.servers, self.sessions) * self.hand_off_us / 1e6

    @property
    def naive_most_per_s(self) -> float:
        """More publishes a second than this and the queue grows without end."""
        return 1.0 / self.naive_busy_s

    @property
    def batched_most_per_s(self) -> float:
        """The same with one message per server."""
        return 1.0 / self.batched_busy_s

    @property
    def copies(self) -> tuple[int, int]:
        """Copies that cross the network: naive, batched."""
        return self.sessions, min(self.servers, self.sessions)
