"""Retention and caps: rows that wait too long, or that are too many, leave an inbox explicitly (INBOX-6).

How old rows are is durable, but coarse: with every look, the devices for which rows still wait that came since the look
before are noted together. So a row leaves at an age between ``retention`` and ``retention`` plus two looks, and what a
device fetches within a look is never noted at all. A row that came last before a crash may have lost its note with it;
it is noted when the next leader starts, and lives a little longer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..vocabulary.messages import trace_of
from ..vocabulary.records import ExpireRows, NoteAges
from .inbox_state import Inbox, InboxState
from .port import ServerPort, Timers


class Retention:
    """What one inbox shard has to let go of."""

    __slots__ = ("acknowledged", "durable", "fresh", "looking", "port", "timers")
    durable: InboxState

    def __init__(self, port: ServerPort, timers: Timers, acknowledged: Callable[[Inbox], int]) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.acknowledged = acknowledged
        """How far a device has acknowledged, as far as the shard knows."""
        self.fresh: dict[int, int] = {}
        """Device to the newest row that came since the last look."""
        self.looking = False
        """A timer for the next look is set."""

    def on_start(self) -> None:
        """What waits and has no note gets one with the next look; what was over the cap still is."""
        noted: dict[int, int] = {}
        for age in self.durable.ages:
            noted.update(age.rows)
        for inbox in self.durable.inboxes.values():
            if inbox.head > noted.get(inbox.device, inbox.cursor) and inbox.retired_by < 0:
                self.row_waits(inbox)
        if self.durable.ages:
            self.look_later()

    def row_waits(self, inbox: Inbox) -> None:
        """A row is durable: its age counts from here; one too many makes the oldest leave."""
        cap = self.timers.inbox_cap
        if cap and len(inbox.rows) > cap:
            self.expire(inbox, inbox.head - cap)
        if self.timers.retention_us:
            self.fresh[inbox.device] = inbox.head
            self.look_later()

    def look_later(self) -> None:
        """A timer runs while anything is fresh or noted, and no longer."""
        if not self.looking:
            self.looking = True
            self.port.set_timer(self.timers.retention_look_us, self.on_look, None)

    def on_look(self, _: None) -> None:
        """INBOX-6: let go of what is too old; note how old the rest is."""
        self.looking = False
        now = self.port.monotonic_us()
        over_us, all_gone = -1, True
        for age in self.durable.ages:
            if age.at_us + self.timers.retention_us > now:
                break
            all_gone = not self.let_go(age.rows) and all_gone
            if all_gone:
                over_us = age.at_us
        waiting = tuple((device, last) for device, last in self.fresh.items() if self.waits(device, last))
        self.fresh.clear()
        if waiting or over_us >= 0:
            self.port.persist(NoteAges(now, waiting, over_us, trace_of(self.port.shard, now)), self.after_note)
        if waiting or self.durable.ages:
            self.look_later()

    def after_note(self, record: NoteAges) -> None:
        """Noted."""

    def waits(self, device: int, last: int) -> bool:
        """Whether this row still waits for its device."""
        inbox = self.durable.inboxes[device]
        return inbox.retired_by < 0 and inbox.expired < last and self.acknowledged(inbox) < last

    def let_go(self, rows: tuple[tuple[int, int], ...]) -> bool:
        """Let go of those that still wait; they are looked at again until they are gone. Returns whether any waited."""
        waiting = [(device, last) for device, last in rows if self.waits(device, last)]
        for device, last in waiting:
            self.expire(self.durable.inboxes[device], last)
        return bool(waiting)

    def expire(self, inbox: Inbox, through: int) -> None:
        """INBOX-6: in a write of its own, so that it is counted; the device is told when it next asks."""
        record = ExpireRows(inbox.device, through, trace_of(inbox.device, through))
        self.port.persist(record, self.after_expired)

    def after_expired(self, record: ExpireRows) -> None:
        """They have left. Nobody is told now: an expiry is nothing to wake a phone for."""

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: the next look, or this timer, tries again."""
        if isinstance(record, ExpireRows):
            self.port.set_timer(self.timers.call_again_us, self.on_expire_again, record)
        else:
            self.fresh.update({device: max(last, self.fresh.get(device, 0)) for device, last in record.rows})
            self.look_later()

    def on_expire_again(self, record: ExpireRows) -> None:
        """Once more what the disk refused."""
        if self.waits(record.device, record.through):
            self.port.persist(record, self.after_expired)
