"""What each replica of a store shard holds and knows, for those who read from it (STORE-4, STORE-5).

The shard's state is shared: it is what a quorum has. A replica's own log is that, less what has not reached it (it
lags, or stood still), and more what reached it and no quorum. Both differ from the state only by recent writes, which
are kept here until every replica has them. A follower knows that a quorum has an entry one hop after the leader does.
A replica that wakes from a pause answers from what it held before, under the term that it knew, until it has heard of
the present leader.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..protocol.log_ranges import Holdings
from ..protocol.store_state import Entry
from ..protocol.unlogged import membership_at, rows_if_logged
from ..vocabulary.messages import Append
from ..vocabulary.records import AppendEntry
from .writes import LOST, Write

if TYPE_CHECKING:
    from .replicas import ReplicatedLog


class Logged:
    """An entry that some replica may not have or may not know to be on a quorum."""

    __slots__ = ("conversation", "logged_us", "sequence", "times")

    def __init__(self, times: list[int], logged_us: int, conversation: int, sequence: int) -> None:
        self.times = times
        self.logged_us = logged_us
        self.conversation = conversation
        self.sequence = sequence


class ReplicaViews:
    """The replicas of one shard."""

    __slots__ = ("farthest_us", "frozen_us", "learns_us", "log", "old_tails", "paused_us", "recent", "terms")

    def __init__(self, log: ReplicatedLog) -> None:
        self.log = log
        self.farthest_us = max(self.hop_us(replica) for replica in range(log.replicas))
        self.recent: deque[Logged] = deque()
        self.paused_us = [0] * log.replicas
        """Until when each replica stands still."""
        self.learns_us = [0] * log.replicas
        """When it hears from the leader after that."""
        self.frozen_us = [0] * log.replicas
        """When it last heard before."""
        self.terms = [0] * log.replicas
        """The term that it knew then."""
        self.old_tails: dict[int, list[Write]] = {}
        """Replica to what it held when it was frozen and what a later leader did not keep."""

    def hop_us(self, replica: int) -> int:
        """How long a replica waits for word from the leader."""
        world = self.log.world
        sites = self.log.sites
        far_us = 0 if sites is None else max(world.far_us[site.place][sites[replica].place] for site in sites)
        return world.scenario.network.server_one_way_us + far_us

    # -- what changes -----------------------------------------------------------------------------------------

    def written(self, times: list[int], change: Any) -> None:
        """A quorum has one more write; if it is an entry, replicas may still lack it."""
        if isinstance(change, Entry):
            now = self.log.environment._now
            self.recent.append(Logged(times, now, change.conversation, change.sequence))
            self.forget(now)

    def forget(self, now: int) -> None:
        """What every replica holds and knows by now is no news to anybody."""
        horizon = min((self.effective_us(replica, now) for replica in range(self.log.replicas)), default=now)
        recent = self.recent
        while recent and recent[0].logged_us + self.farthest_us <= horizon:
            if any(horizon < time < LOST for time in recent[0].times):
                return
            recent.popleft()

    def pause(self, replica: int, until_us: int) -> None:
        """A replica stands still: whatever reaches it meanwhile, it has afterwards."""
        now = self.log.environment._now
        if now >= self.learns_us[replica]:
            self.frozen_us[replica] = now
            self.terms[replica] = self.log.host.incarnation
        self.paused_us[replica] = max(self.paused_us[replica], until_us)
        self.learns_us[replica] = self.paused_us[replica] + 2 * self.hop_us(replica)

    def is_awake(self, replica: int) -> bool:
        """Whether it can vote."""
        return self.learns_us[replica] <= self.log.environment._now

    def elected(self, dropped: list[Write]) -> None:
        """A leader was elected and does not keep these writes; a replica that stands still does not know."""
        now = self.log.environment._now
        for replica in range(self.log.replicas):
            if now < self.learns_us[replica]:
                tail = self.old_tails.setdefault(replica, [])
                tail += [write for write in dropped if write.times[replica] <= self.frozen_us[replica]]
        # Whoever hears of a new leader catches up with it before it takes anything else.
        caught_up = [max(now, learns_us) for learns_us in self.learns_us]
        for entry in self.recent:
            both = zip(entry.times, caught_up, strict=True)
            entry.times = [time if time >= LOST else min(time, up_us) for time, up_us in both]

    def back(self, replica: int) -> None:
        """A replica was gone and has caught up (STORE-7)."""
        now = self.log.environment._now
        self.paused_us[replica] = self.learns_us[replica] = 0
        self.old_tails.pop(replica, None)
        for entry in self.recent:
            entry.times = [min(time, now) if place == replica else time for place, time in enumerate(entry.times)]

    def set_back(self) -> None:
        """The shard lost acknowledged writes: whoever is left holds the same, and nothing else (beyond STORE-7)."""
        self.recent.clear()
        self.old_tails.clear()

    # -- what is seen -----------------------------------------------------------------------------------------

    def effective_us(self, replica: int, now: int) -> int:
        """The time as of which a replica answers."""
        if now < self.learns_us[replica]:
            return self.frozen_us[replica]
        if self.old_tails:
            self.old_tails.pop(replica, None)
        return now

    def holdings(self, replica: int, conversation: int) -> Holdings:
        """What a replica holds of a conversation, as of now."""
        log = self.log
        now = log.environment._now
        as_of = self.effective_us(replica, now)
        of_chat = log.state.conversations.get(conversation)
        history = [] if of_chat is None else of_chat.history
        reach = known = len(history)
        hop_us = 0 if replica == log.leader else self.hop_us(replica)
        for entry in reversed(self.recent):
            if entry.conversation != conversation:
                continue
            if as_of < entry.times[replica] < LOST:
                reach = entry.sequence - 1
            if entry.logged_us + hop_us > as_of:
                known = entry.sequence - 1
        membership = membership_at(log.state, conversation, reach)
        tail = rows_if_logged(log.state, conversation, self.tail(replica, conversation, as_of), reach, membership)
        term = log.host.incarnation if as_of == now else self.terms[replica]
        return Holdings(term, min(known, reach), history, reach, tail, membership)

    def tail(self, replica: int, conversation: int, as_of: int) -> Iterator[Append]:
        """The appends that a replica has synced and no quorum, as far as anybody was told."""
        for write in (*self.old_tails.get(replica, ()), *self.log.pending):
            record = write.record
            if record.__class__ is not AppendEntry or record.append.conversation != conversation:
                continue
            if write.times[replica] <= as_of:
                yield record.append
