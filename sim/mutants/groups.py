"""Planted bugs of groups and linked devices."""

from __future__ import annotations

from typing import Any

from ..protocol.fan_out import FanOut
from ..protocol.phone_state import Chat, PhoneState
from ..protocol.store_state import Entry, Recipient
from ..vocabulary.ids import is_group
from ..vocabulary.messages import Address, Entered, Outcome
from ..vocabulary.records import MarkRead
from .planted import Planted


class CachesMembers(FanOut):
    """Who a group's entries go to is remembered from the first entry since the start, not read off each entry."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.cached: dict[int, dict[int, int]] = {}
        """Group to the devices of its members, and their users."""
        self.handed: dict[tuple[int, int], int] = {}
        """(group, device) to the newest entry handed to its inbox."""

    def recipients_of(self, entry: Entry) -> tuple[Recipient, ...]:
        own = super().recipients_of(entry)
        if not is_group(entry.conversation):
            return own
        cached = self.cached.setdefault(entry.conversation, {each.device: each.user for each in own})
        cached.setdefault(entry.append.device, entry.append.user)
        known = {each.device: each for each in own}
        handed = []
        for device, user in cached.items():
            key = (entry.conversation, device)
            recipient = known.get(device)
            if recipient is None:
                if device == entry.append.device or key not in self.handed:
                    continue
                before = self.handed[key]
                recipient = Recipient(device, user, before, before, False)
            self.handed[key] = entry.sequence
            handed.append(recipient)
        return tuple(handed)


class FanOutCachesMembers(Planted):
    number = 26
    title = "fan-out uses a cached member list instead of the entry's (encryption off)"
    scenario = "mutants_groups"
    check = "GHOST-1"
    also = ("UNREAD-1", "LOSS-1", "FLOW-1", "LIVE-1", "TICK-3", "ORDER-1", "DUP-1", "QUEUE-3")
    needs = "membership change during a send"
    CLASSES = {"fan_out": CachesMembers}


class ForgetsOwnCopies(FanOut):
    """What goes to the sender's other devices is called out once, and nobody waits for an answer."""

    def begin(self, entry: Entry, recipient: Recipient) -> None:
        if recipient.user != entry.append.user:
            super().begin(entry, recipient)
            return
        self.call(entry, recipient, 0)


class CopiesFireAndForget(Planted):
    number = 27
    title = "copy to the sender's other devices is fire-and-forget"
    scenario = "mutants_groups"
    check = "LOSS-1"
    also = ("FLOW-1", "LIVE-1", "TICK-3", "UNREAD-1")
    needs = "one failed call"
    CLASSES = {"fan_out": ForgetsOwnCopies}


class CountsUnread(PhoneState):
    """The badge goes up with every message and is set back when a chat is read, here or elsewhere."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.badges: dict[int, int] = {}

    def take_message(self, chat: Chat, row: Any) -> bool:
        if row.sender != self.user:
            self.badges[chat.conversation] = self.badges.get(chat.conversation, 0) + 1
        return super().take_message(chat, row)

    def mark_read(self, record: MarkRead) -> None:
        super().mark_read(record)
        self.badges[record.conversation] = 0

    def take_read_through(self, chat: Chat, row: Any) -> None:
        super().take_read_through(chat, row)
        self.badges[chat.conversation] = 0

    def unread_count(self, chat: Chat) -> int:
        return self.badges.get(chat.conversation, 0)


class UnreadCountedUpAndDown(Planted):
    number = 30
    title = "unread counted up and down instead of derived"
    scenario = "mutants_groups"
    check = "UNREAD-1"
    needs = "repeated or late update"
    CLASSES = {"phone_state": CountsUnread}


class DoneOnceTaken(FanOut):
    """The first inbox that has an entry speaks for all of them."""

    def on_entered(self, source: Address, message: Entered) -> None:
        super().on_entered(source, message)
        if message.outcome == Outcome.TAKEN and self.left.get(message.position):
            for position, device in [key for key in self.open if key[0] == message.position]:
                self.let_go(position, device)
            self.advance()


class DoneOnceAnyTookIt(Planted):
    number = 24
    title = "fan-out marks an entry done once any inbox took it"
    scenario = "mutants_groups"
    check = "LOSS-1"
    also = ("FLOW-1", "LIVE-1", "TICK-3")
    needs = "one append fails"
    CLASSES = {"fan_out": DoneOnceTaken}


PLANTED: tuple[type[Planted], ...] = (
    DoneOnceAnyTookIt,
    FanOutCachesMembers,
    CopiesFireAndForget,
    UnreadCountedUpAndDown,
)
