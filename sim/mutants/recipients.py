"""Planted bugs of who an entry is for, who may write, and what is refused (FAN-2, FAN-5, STORE-1, STORE-2, STORE-6)."""

from __future__ import annotations

from typing import Final

from ..protocol.send_memory import SendMemory
from ..protocol.store_state import ConversationLog, Entry, Recipient, StoreState
from ..vocabulary.ids import is_group, is_pair
from ..vocabulary.messages import Append, Change, Reason
from ..vocabulary.records import ListDevices
from .planted import Planted

EVERY: Final = 4
"""One entry in so many goes wrong."""


class ForgetsSomebody(StoreState):
    """An entry now and then is for nobody but those who come first."""

    def recipients(
        self, log: ConversationLog, append: Append, users: tuple[int, ...], sequence: int
    ) -> tuple[Recipient, ...]:
        if sequence % EVERY == 0 and is_group(append.conversation):
            users = users[:-1]
        return super().recipients(log, append, users, sequence)


class LeavesSomebodyOut(Planted):
    number = 150
    title = "one entry in four is not for the newest member"
    scenario = "mutants_groups"
    check = "LOSS-1"
    also = ("FLOW-1", "LIVE-1", "TICK-1", "TICK-3")
    CLASSES = {"store_state": ForgetsSomebody}


class KeepsLeavers(StoreState):
    """Who leaves a group is no member, but their devices stay among the recipients."""

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)  # type: ignore[arg-type]
        self.gone: dict[int, dict[int, bool]] = {}
        """Group to those who have left it."""

    def group_entry(self, log: ConversationLog, append: Append, sequence: int) -> Entry:
        entry = super().group_entry(log, append, sequence)
        if entry.change is not None:
            self.gone.setdefault(append.conversation, {}).update(dict.fromkeys(entry.change.removed, True))
        return entry

    def recipients(
        self, log: ConversationLog, append: Append, users: tuple[int, ...], sequence: int
    ) -> tuple[Recipient, ...]:
        left = [user for user in self.gone.get(append.conversation, ()) if user not in users]
        return super().recipients(log, append, (*users, *left), sequence)


class LeaversStayRecipients(Planted):
    number = 151
    title = "who left a group goes on getting its messages"
    scenario = "mutants_groups"
    check = "GHOST-1"
    also = ("TICK-3", "LIVE-1", "TICK-1")
    needs = "a member who leaves"
    CLASSES = {"store_state": KeepsLeavers}


class LetsEverybodyWrite(StoreState):
    """Asks nobody whether they are in the group."""

    def final_refusal(self, log: ConversationLog, append: Append) -> int:
        if append.change is not None and not self.has_room(log, append.change):
            return Reason.OVER_THE_CAP
        return 0


class StrangersWrite(Planted):
    number = 152
    title = "whoever is in no group any more may write there all the same"
    scenario = "mutants_groups"
    check = "GHOST-1"
    also = ("TICK-1", "TICK-3", "LIVE-1", "LOSS-1", "FLOW-1", "ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4", "LOSS-2")
    needs = "a member who leaves and writes on"
    CLASSES = {"store_state": LetsEverybodyWrite}


class RefusesNowAndThen(StoreState):
    """Takes a member for a stranger."""

    def final_refusal(self, log: ConversationLog, append: Append) -> int:
        if append.send_number % EVERY == 0:
            return Reason.NOT_A_MEMBER
        return super().final_refusal(log, append)


class RefusedForNothing(Planted):
    number = 153
    title = "one message in four is finally refused, for nothing"
    check = "LOSS-2"
    CLASSES = {"store_state": RefusesNowAndThen}


class NeverLearns(StoreState):
    """Says that it has the new list of devices, and keeps the old one."""

    def list_devices(self, record: ListDevices) -> None:
        pass


class OldListsForEver(Planted):
    number = 154
    title = "a store shard answers a new list of devices and keeps the old one"
    scenario = "mutants_devices"
    check = "LOSS-1"
    also = ("GHOST-1", "TICK-3", "TICK-1", "LIVE-1", "FLOW-1", "UNREAD-1", "QUEUE-3")
    needs = "a device that is linked"
    CLASSES = {"store_state": NeverLearns}


class RoomForAll(StoreState):
    """No group is ever full."""

    def has_room(self, log: ConversationLog, change: Change) -> bool:
        return True


class NoCap(Planted):
    number = 155
    title = "groups have no cap"
    scenario = "mutants_devices"
    check = "BOUND-1"
    needs = "more who come than there is room for"
    CLASSES = {"store_state": RoomForAll}


class SkipsSequences(StoreState):
    """Gives a sequence away to nobody now and then."""

    def log_entry(self, log: ConversationLog, memory: SendMemory, append: Append) -> Entry:
        if is_pair(append.conversation) and log.last_sequence % EVERY == EVERY - 1:
            log.last_sequence += 1
        return super().log_entry(log, memory, append)


class SequencesSkip(Planted):
    number = 156
    title = "a log skips a sequence now and then"
    check = "ORDER-1"
    also = ("LIVE-1", "CHAN-1")
    CLASSES = {"store_state": SkipsSequences}


PLANTED: tuple[type[Planted], ...] = (
    LeavesSomebodyOut,
    LeaversStayRecipients,
    StrangersWrite,
    RefusedForNothing,
    OldListsForEver,
    NoCap,
    SequencesSkip,
)
