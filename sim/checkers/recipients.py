"""Who an entry is for, worked out anew: from who there was on the first day, what people wrote, and who has changed
devices since; the store's word for it is what is judged (FAN-2, FAN-5, STORE-2, STORE-6, PHONE-10).

LOSS-1: an entry that leaves out a device of somebody whom it is for. GHOST-1: one that is for somebody else too, or
that nobody of the conversation wrote. LOSS-2: a final refusal without a reason. BOUND-1: a group beyond its cap.
ORDER-1: a sequence that is not the next one of its log (STORE-1).

While a user's list of devices changes, some store shards know and some do not: until the change is over, the devices
that come and go with it may be among the recipients or not. Histories from elsewhere do not say who there was on the
first day; there this judges nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.encryption import SEALED
from ..vocabulary.ids import device_of, is_channel, is_group, is_pair, members_of, user_of
from ..vocabulary.kinds import NONE
from .beyond import INBOX_SET_BACK, LOG_SET_BACK
from .evidence import Docket, Evidence
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import chat_named, phone, when

NOT_A_MEMBER: Final = 2
OVER_THE_CAP: Final = 4

Wanted = tuple[list[int], list[int]]
"""Users whom a membership message brings, and whom it takes out."""


class Entry:
    """An entry whose recipients are just being told."""

    __slots__ = ("may", "must", "owed", "row")

    def __init__(self, row: HistoryRow, must: Mapping[int, bool], may: Mapping[int, bool]) -> None:
        self.row = row
        self.must = must
        """Devices that it is for."""
        self.may = may
        """Devices that it may be for or not: those whose users' lists are changing, and the sending one."""
        self.owed: dict[int, bool] = {}


class Recipients:
    """Judges every entry and refusal as it becomes durable."""

    __slots__ = (
        "_cap",
        "_changes",
        "_devices",
        "_entry",
        "_known",
        "_last",
        "_members",
        "_moving",
        "_scope",
        "_sealed",
        "_wanted",
        "accepted",
        "bound",
        "ghost",
        "loss",
        "order",
    )

    def __init__(self, evidence: Evidence, scope: Scope) -> None:
        self._scope = scope
        self.loss = evidence.docket("LOSS-1")
        self.accepted = evidence.docket("LOSS-2")
        self.ghost = evidence.docket("GHOST-1")
        self.bound = evidence.docket("BOUND-1")
        self.order = evidence.docket("ORDER-1")
        self._sealed = False
        self._cap = 0
        self._known = False
        """Whether the history says who there was on the first day."""
        self._members: dict[int, dict[int, bool]] = {}
        """Group -> its members."""
        self._devices: dict[int, dict[int, bool]] = {}
        """User -> the devices in their list, where it is not just the first phone."""
        self._moving: dict[int, dict[int, int]] = {}
        """User -> devices that come or go at present -> in how many changes."""
        self._changes: dict[tuple[int, int], tuple[int, ...]] = {}
        """(user, the device that it is about) of changes under way -> the devices that come or go with it."""
        self._wanted: dict[int, Wanted] = {}
        """Membership message -> what it asks for."""
        self._entry: Entry | None = None
        self._last: dict[int, int] = {}
        """Conversation -> the newest sequence of its log."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        self._sealed = scenario.encryption.kind == SEALED
        self._cap = scenario.protocol.group_cap
        return {
            kinds.FIRST_DAY: self._take_first_day,
            kinds.FIRST_MEMBER: self._take_first_member,
            kinds.FIRST_DEVICE: self._take_first_device,
            kinds.MEMBERSHIP_WANTED: self._take_wanted,
            kinds.LIST_CHANGE_BEGUN: self._take_begun,
            kinds.LIST_CHANGED: self._take_changed,
            kinds.LOGGED: self._take_logged,
            kinds.OWED: self._take_owed,
            kinds.REFUSED: self._take_refused,
        }

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own: what it charges belongs to the families that it serves."""
        self._close_entry()
        return ()

    # -- who there is ---------------------------------------------------------------------------------------------

    def _take_first_day(self, row: HistoryRow) -> None:
        self._known = True

    def _take_first_member(self, row: HistoryRow) -> None:
        self._members.setdefault(row[3], {})[row[6]] = True

    def _take_first_device(self, row: HistoryRow) -> None:
        self._list_of(row[6])[row[2]] = True

    def _list_of(self, user: int) -> dict[int, bool]:
        devices = self._devices.get(user)
        if devices is None:
            devices = self._devices[user] = {device_of(user): True}
        return devices

    def _take_wanted(self, row: HistoryRow) -> None:
        added, removed = self._wanted.setdefault(row[5], ([], []))
        (added if row[7] else removed).append(row[6])

    def _take_begun(self, row: HistoryRow) -> None:
        _, _, device, _, _, _, user, replaced = row
        if (user, device) in self._changes:
            return
        moving = (device,) if replaced in (NONE, device) else (device, replaced)
        self._changes[(user, device)] = moving
        counts = self._moving.setdefault(user, {})
        for each in moving:
            counts[each] = counts.get(each, 0) + 1

    def _take_changed(self, row: HistoryRow) -> None:
        """Every shard knows: from now on the list is the new one."""
        _, _, device, _, _, _, user, replaced = row
        counts = self._moving.get(user, {})
        for each in self._changes.pop((user, device), ()):
            counts[each] -= 1
            if not counts[each]:
                del counts[each]
        if not counts:
            self._moving.pop(user, None)
        devices = self._list_of(user)
        if device != replaced:
            devices[device] = True
        devices.pop(replaced, None)

    # -- entries --------------------------------------------------------------------------------------------------

    def _take_logged(self, row: HistoryRow) -> None:
        self._close_entry()
        if not self._known:
            return
        chat, number, user = row[3], row[4], row[6]
        before = self._last.get(chat, 0)
        self._last[chat] = number
        if number != before + 1 and not self._sealed:  # sealed receipts are entries, too, and no messages
            self._charge_hole(row, before)
        if is_channel(chat):
            return
        users = self._change_members(row) if is_group(chat) else members_of(chat)
        if user not in users:
            self._charge_stranger(row)
        must: dict[int, bool] = {}
        may: dict[int, bool] = {}
        for each in users:
            devices = self._devices.get(each)
            if devices is None:
                must[device_of(each)] = True
            else:
                must.update(devices)
            if each in self._moving:
                may.update(dict.fromkeys(self._moving[each], True))
        if self._sealed and is_pair(chat):
            may[row[2]] = True  # SEAL-2: the sending device is not excluded, for nobody knows which it is
        else:
            must.pop(row[2], None)
        self._entry = Entry(row, must, may)

    def _change_members(self, row: HistoryRow) -> list[int]:
        """STORE-6: who is in the group before or after this entry, which may change that."""
        members = self._members.setdefault(row[3], {})
        before = list(members)
        added, removed = self._wanted.pop(row[5], ((), ()))
        for user in removed:
            if user not in added:
                members.pop(user, None)
        members.update(dict.fromkeys(added, True))
        if added and len(members) > max(self._cap, len(before)):
            self._charge_crowd(row, len(members))
        return before if not added else list(dict.fromkeys((*before, *members)))

    def _take_owed(self, row: HistoryRow) -> None:
        entry = self._entry
        if entry is not None and entry.row[5] == row[5] and entry.row[4] == row[4]:
            entry.owed[row[2]] = True

    def _close_entry(self) -> None:
        """All recipients of an entry have been told."""
        entry = self._entry
        self._entry = None
        if entry is None or entry.owed == entry.must:
            return
        for device in entry.must:
            if device not in entry.owed and device not in entry.may:
                self._charge_left_out(entry.row, device)
        for device in entry.owed:
            if device not in entry.must and device not in entry.may:
                self._charge_too_many(entry.row, device)

    def _take_refused(self, row: HistoryRow) -> None:
        """STORE-2: a final refusal has a reason that holds."""
        chat, operation, reason = row[3], row[5], row[6]
        wanted = self._wanted.pop(operation, ([], []))
        if not self._known or is_channel(chat):
            return
        self.accepted.exercised += 1
        if reason == NOT_A_MEMBER and is_group(chat):
            if user_of(row[2]) not in self._members.get(chat, {}):
                return
        elif reason == OVER_THE_CAP and is_group(chat) and self._is_full(chat, wanted):
            return
        self._charge_refusal(row)

    def _is_full(self, chat: int, wanted: Wanted) -> bool:
        members = self._members.get(chat, {})
        coming = sum(user not in members for user in wanted[0])
        going = sum(user in members for user in wanted[1])
        return len(members) + coming - going > self._cap

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _of(self, docket: Docket, chat: int) -> Docket:
        """A shard that lost what it had acknowledged beyond the promise forgot lists and members with it."""
        if chat in self._scope.set_back:
            return docket.allow(LOG_SET_BACK)
        return docket.allow(INBOX_SET_BACK) if self._scope.excess else docket

    def _charge_left_out(self, row: HistoryRow, device: int) -> None:
        time_us, _, _, chat, number, operation, _, _ = row
        self._of(self.loss, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"message {operation} is entry {number} of {chat_named(chat)} {when(time_us)}",
                f"the {phone(device)} is one of those whom it is for, and the entry is not owed to it",
            ),
        )

    def _charge_too_many(self, row: HistoryRow, device: int) -> None:
        time_us, _, _, chat, number, operation, _, _ = row
        self._of(self.ghost, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"message {operation} is entry {number} of {chat_named(chat)} {when(time_us)}",
                f"it is owed to the {phone(device)}, which is none of those whom it is for",
            ),
        )

    def _charge_stranger(self, row: HistoryRow) -> None:
        time_us, _, device, chat, number, operation, _, _ = row
        self._of(self.ghost, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"message {operation} is entry {number} of {chat_named(chat)} {when(time_us)}",
                f"the {phone(device)} wrote it, whose person is not in there",
            ),
        )

    def _charge_refusal(self, row: HistoryRow) -> None:
        time_us, _, device, chat, _, operation, reason, _ = row
        why = {NOT_A_MEMBER: "as from somebody who is not in there", OVER_THE_CAP: "for the cap of the group"}
        self._of(self.accepted, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"message {operation} of the {phone(device)} to {chat_named(chat)} was finally refused {when(time_us)}",
                f"{why.get(reason, 'for another message under its number')}, which it was not",
            ),
        )

    def _charge_hole(self, row: HistoryRow, before: int) -> None:
        time_us, _, _, chat, number, operation, _, _ = row
        self._of(self.order, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"message {operation} is entry {number} of {chat_named(chat)} {when(time_us)}",
                f"the entry before it in that log is {before}",
            ),
        )

    def _charge_crowd(self, row: HistoryRow, members: int) -> None:
        time_us, _, _, chat, number, operation, _, _ = row
        self._of(self.bound, chat).charge(
            time_us,
            (operation,),
            lambda: (
                f"with entry {number} (message {operation}) {chat_named(chat)} has {members} members {when(time_us)}",
                f"the declared cap is {self._cap}",
            ),
        )
