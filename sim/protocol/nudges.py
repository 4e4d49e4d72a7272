"""Asking for nudges: an update that waits too long for its device makes the inbox ask the push gateway (PUSH-1).

Whether a lease says that the device is connected plays no part: a half-open connection has a lease as well, and only an
acknowledgement tells the two apart. Rows are gathered for a moment and looked at together when their time is up, so an
inbox where nothing waits costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..vocabulary.messages import trace_of
from ..vocabulary.pushes import Nudge
from .inbox_state import Inbox, InboxState
from .port import InboxPort, Timers


class Batch:
    """Devices whose inboxes took rows within the same moment, and the last of those rows."""

    __slots__ = ("last", "opened_us")

    def __init__(self, opened_us: int) -> None:
        self.opened_us = opened_us
        self.last: dict[int, int] = {}


class Nudges:
    """What one inbox shard may have to ask nudges for."""

    __slots__ = ("acknowledged", "batch", "durable", "port", "timers")
    durable: InboxState

    def __init__(self, port: InboxPort, timers: Timers, acknowledged: Callable[[Inbox], int]) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.acknowledged = acknowledged
        """How far a device has acknowledged, as far as the shard knows; the durable trace may be on its way."""
        self.batch = Batch(-1)

    def on_start(self) -> None:
        """PUSH-1: after a restart nobody knows how long rows have waited: ask for all that wait."""
        for inbox in self.durable.inboxes.values():
            if inbox.rows and inbox.retired_by < 0:
                self.ask(inbox)

    def row_waits(self, inbox: Inbox) -> None:
        """A row is durable: look again in T whether it still waits."""
        now = self.port.monotonic_us()
        batch = self.batch
        if batch.opened_us < 0 or now - batch.opened_us >= self.timers.nudge_batch_us:
            batch = self.batch = Batch(now)
            self.port.set_timer(self.timers.nudge_after_us + self.timers.nudge_batch_us, self.on_due, batch)
        batch.last[inbox.device] = inbox.head

    def on_due(self, batch: Batch) -> None:
        """PUSH-1: every row of the batch has waited T by now, none longer than T and the time of a batch."""
        for device, last in batch.last.items():
            inbox = self.durable.inboxes[device]
            if inbox.retired_by < 0 and self.is_owed(inbox, last):
                self.ask(inbox)

    def is_owed(self, inbox: Inbox, last: int) -> bool:
        """Whether the device has not acknowledged a row that has waited T."""
        return self.acknowledged(inbox) < last and inbox.expired < last

    def ask(self, inbox: Inbox) -> None:
        """PUSH-2: once, best effort. A nudge carries no message (PHONE-9)."""
        self.port.ask_nudge(self.nudge(inbox), inbox.head)

    def nudge(self, inbox: Inbox) -> Any:
        """What is sent."""
        return Nudge(inbox.device, inbox.user, trace_of(inbox.device, inbox.head + self.port.incarnation))
