"""How long the system may take to come to rest (LIVE-1): the bound follows from the timers, what stands in queues and
what faults have delayed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .world.dice import lognormal_table
from .world.logins import slack_us

if TYPE_CHECKING:
    from .faults.engine import FaultEngine
    from .world.census import Census
    from .world.world import World


class Settling:
    """The bound of one run, seen from the moment at which faults have ended."""

    __slots__ = ("census", "faults", "scenario", "world")

    def __init__(self, world: World, faults: FaultEngine, census: Census) -> None:
        self.world = world
        self.faults = faults
        self.census = census
        self.scenario = world.scenario

    def bound_us(self) -> int:
        """How long the system may take to come to rest: every timer that can be pending, one after the other.

        A connection that just died is noticed (H + D, K), a lease lapses (TTL), reconnects back off to their longest
        (three times), what was lost on the way is repeated (three times each), people read what came, and the backlog
        of the moment drains.
        """
        if self.scenario.time.settle_us is not None:
            return self.scenario.time.settle_us
        timers = self.scenario.protocol
        reading = self.scenario.workload.reading
        noticed = timers.heartbeat_us + max(timers.answer_within_us, timers.server_patience_us)
        reconnect = 3 * (timers.back_off_most_us + timers.answer_within_us)
        repeats = 3 * (timers.resend_us + timers.push_again_us + timers.call_again_us)
        reads = lognormal_table(reading.median_us, reading.sigma)[-1] if reading.share else 0
        elections = 2 * self.scenario.storage.election_us
        left = 2 * self.census.queued_us() + self.late_us() + slack_us(self.world)
        waits = self.backlog_us() + self.census.archive_us() + self.census.laggards_us() + self.census.reads_us()
        waits += 0 if self.world.media is None else self.world.media.settle_us()
        return noticed + timers.lease_us + reconnect + repeats + elections + reads + waits + left

    def late_us(self) -> int:
        """How late a message may still come that a fault has delayed, there and back."""
        late_until_us = self.world.network.late_until_us
        return 4 * self.faults.longest_delay_us() + 2 * max(0, late_until_us - int(self.world.environment._now))

    def backlog_us(self) -> int:
        """How long what waits now takes to go through the smallest window, a slow round trip each.

        A message that is still in an outbox becomes a row for its reader and two receipts for its writer.
        """
        timers = self.scenario.protocol
        network = self.scenario.network
        rows, unsent = self.census.backlog()
        width = min(timers.page, timers.push_window, timers.send_window)
        round_trip_us = 2 * lognormal_table(network.phone_one_way_us, network.phone_sigma)[-1] + timers.call_again_us
        return -(-(rows + 4 * unsent) // width) * round_trip_us

    def looking_again_us(self) -> int:
        """How long the world is looked at beyond the bound: the last look may fall into an election, and the fan-out
        begins again behind it (FAN-1), though all had come to rest before."""
        if self.scenario.time.settle_us is not None:
            return 0
        return 2 * (self.scenario.storage.election_us + self.scenario.protocol.call_again_us) + 1_000_000

    def is_reading(self) -> bool:
        """Whether somebody is about to open a chat."""
        return any(phone.opens_due and not phone.stays_away for phone in self.world.phones.values())
