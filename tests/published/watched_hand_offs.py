"""What a sender is busy with: every hand-off of a message to a group, watched as it leaves its host."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from sim import Result, run
from sim.scenario.loading import load_text
from sim.vocabulary import kinds
from sim.vocabulary.batches import EnterBatch, UpdatesBatch
from sim.vocabulary.messages import Enter
from sim.world import layers
from sim.world.hand_offs import HandOffs

SECOND = 1_000_000
SERVERS = 20
FIRST_US = 20 * SECOND
"""When the first message is written: everybody is online by then."""

WORLD = """
schema: doubletick/1
extends: big_group
time: {{chaos: {chaos}us}}
topology: {{inbox_shards: {inbox_shards}}}
# Delays without chance, and processors that have nothing to do but hand messages on.
network: {{hand_off: {hand_off}us, message_service: 0s, batched_service: 0s, phone_sigma: 0, server_sigma: 0}}
storage: {{phone_sigma: 0, server_sigma: 0}}
protocol: {{group_cap: {members}, fan_out: {fan_out}, call_again: 90s, push_again: 90s, resend: 90s, send_window: 64}}
workload:
  kind: script
  people: drawn
  present: [{present}]
  users: {members}
  group_least: {members}
  group_most: {members}
  operations: [{operations}]
"""


class HandOff(NamedTuple):
    """One message that a processor handed to another host."""

    sender: str
    to: str
    devices: tuple[int, ...]
    """Whose copies it carries."""
    entry: int
    """Of an append to inboxes: its place in the log; else -1."""
    begun_us: int
    left_us: int


class Watched(HandOffs):
    """Hand-offs as ever, written down."""

    seen: list[HandOff]
    """Of the run under way."""

    def __init__(self, host: Any) -> None:
        super().__init__(host)
        self.begun_us: deque[int] = deque()

    def send(self, to: Any, message: Any) -> None:
        """Taken up when the processor has handed over all before it."""
        self.begun_us.append(max(self.free_at_us, int(self.environment._now)))
        super().send(to, message)

    def leave(self, item: tuple[Any, Any]) -> None:
        """It leaves, the oldest first."""
        begun_us, (to, message) = self.begun_us.popleft(), item
        if isinstance(message, Enter | EnterBatch | UpdatesBatch):
            each = (message,) if isinstance(message, Enter) else message.messages
            entry = -1 if isinstance(message, UpdatesBatch) else each[0].position
            devices = tuple(one.device for one in each)
            now_us = int(self.environment._now)
            self.seen.append(HandOff(self.host.name, to.name, devices, entry, begun_us, now_us))
        super().leave(item)


class Publishing(NamedTuple):
    """Messages to a group, all by its first member."""

    sessions: int
    """Members who are sent a copy: all but the sender."""
    hand_off_us: int
    fan_out: str = "naive"
    written_us: Sequence[int] = (FIRST_US,)
    inbox_shards: int = SERVERS
    online: bool = True
    """Whether the sessions are there, and answer; else their inboxes are all that takes the message."""

    def text(self) -> str:
        """As a scenario."""
        members = self.sessions + 1
        return WORLD.format(
            chaos=self.written_us[-1] + 10 * SECOND,
            inbox_shards=self.inbox_shards,
            hand_off=self.hand_off_us,
            members=members,
            fan_out=self.fan_out,
            present="" if self.online else "0",
            operations=", ".join(f"{{at: {at_us}us, sender: 0, group: 0, text: hello}}" for at_us in self.written_us),
        )

    def play(self) -> Played:
        """Once."""
        shown: list[NDArray[np.int64]] = []
        Watched.seen = []
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(layers, "HandOffs", Watched)
            result = run(
                load_text(self.text(), "publishing.yaml"),
                history_sink=lambda chunk: shown.append(chunk[chunk[:, 1] == kinds.SHOWN]),
            )
        assert result.outcome() == 0, [verdict.story for verdict in result.verdicts if verdict.fails]
        return Played(self, result, Watched.seen, np.concatenate(shown))


class Played(NamedTuple):
    """What a run showed."""

    publishing: Publishing
    result: Result
    seen: list[HandOff]
    shown: NDArray[np.int64]
    """Rows of the history: what members saw, in order of time."""

    def of(self, entry: int) -> list[HandOff]:
        """The hand-offs by which the store publishes an entry."""
        return [each for each in self.seen if each.sender == "store 0" and each.entry == entry]

    def entries(self) -> list[int]:
        """What was published, in order."""
        return sorted({each.entry for each in self.seen if each.entry >= 0})

    def waited_us(self) -> list[int]:
        """From each message's being written to its first hand-off."""
        pairs = zip(self.publishing.written_us, self.entries(), strict=True)
        return [self.of(entry)[0].begun_us - written_us for written_us, entry in pairs]


def busy_us(hand_offs: Sequence[HandOff]) -> int:
    """How long these keep their sender busy, which does nothing else from the first to the last."""
    for before, after in pairwise(hand_offs):
        assert after.begun_us == before.left_us and after.sender == before.sender
    return hand_offs[-1].left_us - hand_offs[0].begun_us
