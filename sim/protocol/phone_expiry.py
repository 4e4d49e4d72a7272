"""What a phone does when it is told that updates expired: marker, cursor and what follows, in one commit (INBOX-6)."""

from __future__ import annotations

from typing import Any

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Updates
from ..vocabulary.records import ApplyUpdates, TakeExpired
from .phone_account import PhoneAccount
from .phone_state import Chat
from .port import PhonePort, Timers


class PhoneExpiry(PhoneAccount):
    """The part of a phone that goes on where something is missing for good."""

    __slots__ = ("committing_through", "marked", "syncing")

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.committing_through = self.durable.cursor
        """The highest update whose commit is under way."""
        self.syncing = False
        """A gap was seen and asked for; until it is closed, further gaps are the same one."""
        self.marked = 0
        """How many markers of expired updates are on the screen."""

    def on_expired(self, message: Updates) -> None:
        """INBOX-6: what is before these rows will not come: the cursor and the marker in one commit, with the rows."""
        self.port.reached(HardCase.TOLD_OF_EXPIRY)
        self.syncing = False
        rows = message.rows
        self.committing_through = rows[-1].number if rows else message.expired_through
        record = TakeExpired(message.expired_through, message.expired, rows, message.trace)
        self.port.persist(record, self.after_expired)

    def after_expired(self, record: TakeExpired) -> None:
        """PHONE-4: committed: the marker, and what need not wait any longer; then the rows."""
        self.draw_markers()
        for gone in record.expired:
            self.draw(self.durable.chat(gone.conversation))
        self.after_updates(record)

    def draw_markers(self) -> None:
        """Bring the markers on the screen up to the database."""
        markers = self.durable.expired
        for before, through in markers[self.marked :]:
            self.port.draw_expired(before, through)
        self.marked = len(markers)

    def covered_for_server(self, chat: Chat, covered: Any) -> Any:
        """INBOX-9: the reader's inbox owes the receipts, so it is told of each message."""
        return covered

    def draw(self, chat: Chat) -> None:
        """Bring the screen up to the database: the phone's part."""
        raise NotImplementedError

    def after_updates(self, record: ApplyUpdates | TakeExpired) -> None:
        """Show and acknowledge: the phone's part."""
        raise NotImplementedError
