"""Replicas that stand still: a garbage collection, a paused process. Nobody is told, and nothing is lost.

Where logs are read, each replica is a host of its own, and one that stands still syncs nothing, votes for nobody and
answers nothing until it has woken and heard from the leader (``replica_views.py``). Elsewhere only leaders stand still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .hosts import Life
    from .replicas import ReplicatedLog


def stand_still(log: ReplicatedLog, replica: int, until_us: int) -> None:
    """One replica stands still; a leader beyond the others' patience is deposed (STORE-4)."""
    now = log.environment._now
    if log.views is not None:
        log.views.pause(replica, until_us)
        _delay(log, replica, log.views.learns_us[replica])
    if replica != log.leader:
        return
    log.host.pause(until_us)
    election_us = log.world.scenario.storage.election_us

    def lose_patience(life: Life) -> None:
        if life.alive:
            log.depose()

    if until_us - now > election_us:
        log.environment.call_after(election_us, lose_patience, log.host.life)


def _delay(log: ReplicatedLog, replica: int, until_us: int) -> None:
    """What is on its way to a replica that stands still is there when it has woken."""
    now = log.environment._now
    log.clear_at_us = [max(time, until_us * (place == replica)) for place, time in enumerate(log.clear_at_us)]
    late = [write for write in log.pending if now < write.times[replica] < until_us]
    for write in late:
        write.times = [until_us if place == replica else time for place, time in enumerate(write.times)]
    if late and not log.electing:
        log.reschedule()
