"""People made up from draws: heavy-tailed senders, bursts, replies and repeated texts, exactly as many as asked for.

Each message has its own draws, keyed by its operation alone. It begins a talk (a busy person writes to a friend),
goes on in one (a *burst*: the same person again, seconds later) or answers in one. Only the recent past is
remembered, so memory follows neither the number of people nor the number of messages.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from ..scenario.model import Workload
from ..vocabulary.units import SECOND_US
from ..world.dice import purpose_key
from .channel_talks import ChannelTalks
from .draws import Wholes, Words, chances, lognormal_us, mix_many, units
from .friends import Friends
from .group_talks import GroupTalks
from .operations import Operation
from .population import population_of

GROUP: Final = 64
"""Messages whose times are drawn together: uniform within their stretch of time, sorted. Stretches are equal."""
CHUNK: Final = 64 * GROUP
LOOK_BACK: Final = 4096
"""A burst or a reply takes up one of this many latest messages."""
MEMORY: Final = 32_768
"""The latest message of one person to another is known for this many messages."""
BURST_MEDIAN_US: Final = 3 * SECOND_US
BURST_SIGMA: Final = 0.7
REPLY_MEDIAN_US: Final = 15 * SECOND_US
REPLY_SIGMA: Final = 1.2
_LOW_WORD: Final = np.uint64(0xFFFF_FFFF)


class _Drawn(NamedTuple):
    """The draws of one chunk of messages, one list per purpose."""

    times: list[int]
    bursts: list[bool]
    gaps: list[int]
    replies: list[bool]
    delays: list[int]
    picks: list[int]
    owns: list[bool]
    repeats: list[bool]
    senders: list[int]
    recipients: list[int]


class SyntheticStream:
    """``messages`` operations within ``chaos_us``; see ``stream.WorkloadStream`` for the public names."""

    notes: tuple[str, ...] = ()

    def __init__(self, workload: Workload, chaos_us: int, seed: int) -> None:
        self.users = workload.users
        self.total = workload.messages
        self.duration_us = chaos_us
        self._workload = workload
        self._seed = seed
        self._friends: Friends | None = None

    def present(self) -> range:
        """Everybody comes up at the start."""
        return range(self.users)

    def name_of(self, user: int) -> str:
        return f"person {user}"

    def contacts(self, user: int) -> tuple[int, ...]:
        """Everybody with whom a person has a chat, whether they write or not."""
        if self._friends is None:
            self._friends = Friends(self.users, self._workload.partners, self._seed)
        return self._friends.of(user)

    def operations(self) -> Iterator[Operation]:
        """In time order; a part of them in groups and in channels, if there are any."""
        workload = self._workload
        operations = self._between_two()
        if workload.groups and workload.group_share:
            population = population_of(workload, self.users, self._seed)
            operations = GroupTalks(workload, population, self.users, self._seed).divert(operations)
        if workload.channels.number and workload.channels.share:
            population = population_of(workload, self.users, self._seed)
            operations = ChannelTalks(workload, population, self._seed).divert(operations)
        return operations

    def _between_two(self) -> Iterator[Operation]:
        friends = Friends(self.users, self._workload.partners, self._seed)
        talks = _Talks(self.users)
        for first in range(0, self.total, CHUNK):
            yield from talks.go_on(first, self._draw(friends, first, min(CHUNK, self.total - first)))

    def _draw(self, friends: Friends, first: int, count: int) -> _Drawn:
        workload = self._workload
        numbers = np.arange(first, first + count, dtype=np.uint64)

        def words(purpose: str) -> Words:
            return mix_many(purpose_key(self._seed, "workload " + purpose), numbers)

        delays = words("reply delay")
        senders = friends.senders(units(words("sender")))
        return _Drawn(
            times=self._times(words("time"), first).tolist(),
            bursts=chances(words("burst"), workload.burst_share).tolist(),
            gaps=lognormal_us(words("burst gap"), BURST_MEDIAN_US, BURST_SIGMA).tolist(),
            replies=chances(words("reply"), workload.reply_share).tolist(),
            delays=lognormal_us(delays, REPLY_MEDIAN_US, REPLY_SIGMA).tolist(),
            picks=(delays & _LOW_WORD).tolist(),
            owns=chances(words("answers own"), workload.answer_own_share).tolist(),
            repeats=chances(words("same text"), workload.same_text_share).tolist(),
            senders=senders.tolist(),
            recipients=friends.recipients(senders, units(words("partner"))).tolist(),
        )

    def _times(self, words: Words, first: int) -> Wholes:
        """Sorted times after 0 and not beyond the duration, in microseconds."""
        times = np.empty(len(words), dtype=np.int64)
        parts = units(words)
        quiet_us = min(self._workload.quiet_us, self.duration_us - 1)
        writing_us = self.duration_us - quiet_us
        for begin in range(0, len(words), GROUP):
            end = min(begin + GROUP, len(words))
            opens = quiet_us + (first + begin) * writing_us // self.total
            closes = quiet_us + (first + end) * writing_us // self.total
            spread = (parts[begin:end] * (closes - opens)).astype(np.int64)
            times[begin:end] = np.sort(spread) + opens
        result: Wholes = np.minimum(times + 1, self.duration_us)
        return result


class _Talks:
    """What is remembered of the stream: the latest messages in order, and the latest of each person to another."""

    def __init__(self, users: int) -> None:
        self._users = users
        self._times: list[int] = []
        self._senders: list[int] = []
        self._recipients: list[int] = []
        self._latest: dict[int, tuple[int, int]] = {}
        """Sender times users plus recipient, to (operation, text)."""

    def go_on(self, first: int, drawn: _Drawn) -> list[Operation]:
        """Turn one chunk of draws into operations; the first one has the number ``first``."""
        self._forget(first)
        times, senders, recipients = self._times, self._senders, self._recipients
        latest, users = self._latest, self._users
        chunk: list[Operation] = []
        new = tuple.__new__
        text = first - 1
        for operation, (at, burst, gap, reply, delay, pick, own, repeat, sender, recipient) in enumerate(
            zip(*drawn, strict=True), first
        ):
            reply_to = -1
            if operation:
                known = len(times)
                if burst:
                    before = bisect_left(times, at - gap, max(0, known - LOOK_BACK))
                    if before == known:  # nobody wrote within the gap: this one comes sooner
                        before -= 1
                        at = times[before] + gap
                    sender, recipient = senders[before], recipients[before]
                    if reply and not own and recipient * users + sender not in latest:
                        sender, recipient = recipient, sender  # nothing to answer: the other one answers quickly
                elif reply:
                    before = _seen_before(times, at - delay, pick)
                    sender, recipient = recipients[before], senders[before]
                    if own:
                        sender, recipient = recipient, sender
            forth = sender * users + recipient
            if reply:
                answered = latest.get(forth if own else recipient * users + sender)
                if answered is not None and operation - answered[0] <= MEMORY:
                    reply_to = answered[0]
            if repeat:
                said = latest.get(forth) or latest.get(recipient * users + sender)
                text = said[1] if said is not None else max(text, 0)
            else:
                text = operation
            latest[forth] = (operation, text)
            times.append(at)
            senders.append(sender)
            recipients.append(recipient)
            chunk.append(new(Operation, (at, operation, sender, recipient, text, reply_to, False, -1, None, -1)))
        return chunk

    def _forget(self, first: int) -> None:
        """Let go of what no later draw may reach."""
        for column in (self._times, self._senders, self._recipients):
            del column[:-LOOK_BACK]
        if len(self._latest) > 2 * MEMORY:
            self._latest = {pair: said for pair, said in self._latest.items() if first - said[0] <= MEMORY}


def _seen_before(times: list[int], moment: int, pick: int) -> int:
    """The place of the last message at or before a moment; when none is that old, any, rather a late one.

    Were each as likely, the talks of the first few messages of a run would take up all the others.
    """
    oldest = max(0, len(times) - LOOK_BACK)
    place = bisect_right(times, moment, oldest) - 1
    if place < oldest:
        place = len(times) - 1 - (pick * pick * (len(times) - oldest) >> 64)
    return place
