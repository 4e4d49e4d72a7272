"""The table of open messages: what is known as fact about each, for every family that judges messages.

A message is open from COMPOSED until everybody who should have it shows it, its place in its writer's own list is
taken and its last tick is drawn; then its record is dropped, and only one byte (the last tick) stays. The table is
filled here from the rows of the log, of the inboxes and of the devices' databases; ``screens.py`` and ``ticks.py``
add what people saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, UpdateKind
from .evidence import Evidence
from .verdict import HistoryRow, Take, Verdict
from .words import addressed, phone, when, written

DELIVERED: Final = 1
SHOWN: Final = 2
READ: Final = 4
NUMBER_SHIFT: Final = 3
"""A level is what a recipient device has of a message: these bits, and above them its update number in the inbox
(0: it is in no inbox yet)."""

NEVER_COMPOSED: Final = 255
"""In ``MessageTable.ticks``: nobody composed this operation. Every other value is the tick drawn last."""

OPERATIONS_MOST: Final = 1 << 28
"""Operations are contiguous from 0, and the table holds a byte for each; a number beyond this is no operation."""


TURN_BITS: Final = 28
"""Operations stay below this power of two, so that a turn can carry its operation."""


class Message:
    """What is known of one open message. Times in us; -1 where it has not happened."""

    __slots__ = (
        "also",
        "answers",
        "believed",
        "chat",
        "composed_at_us",
        "copies",
        "device",
        "left",
        "levels",
        "logged",
        "logged_at_us",
        "placed",
        "recipient",
        "refused_at_us",
        "sequence",
        "ticked_at_us",
        "turn",
        "unshown",
        "user",
    )

    def __init__(self, row: HistoryRow) -> None:
        self.composed_at_us, _, self.device, self.chat, self.answers, _, self.user, self.recipient = row
        self.turn = row[5]
        """Grows in the order composed; the operation in its lowest bits (see ``TURN_BITS``)."""
        self.logged = 0
        """How often it is in the log (more than once is a violation of FLOW-1)."""
        self.sequence = NONE
        """Its true sequence: the first that the log gave it."""
        self.also: list[int] | None = None
        """Further sequences, if it was logged more than once."""
        self.believed: HistoryRow | None = None
        """The row that gave it a place in a list before it was in the log."""
        self.logged_at_us = -1
        self.refused_at_us = -1
        self.ticked_at_us = -1
        """When the first tick of 1 to 3 was drawn."""
        self.placed = False
        """Whether it has its place in its writer's own list."""
        self.levels: dict[int, int] = {}
        """Recipient device -> level."""
        self.left: dict[int, bool] | None = None
        """Recipient users who left the group since: nobody waits for them (RCPT-1)."""
        self.copies = 0
        """How many of these are other devices of its writer."""
        self.unshown = 0
        """Recipient devices that have not shown it."""


class MessageTable:
    """Keeps ``open``; judges what the log itself gets wrong (GHOST-1: entries that nobody wrote; FLOW-1: entries that
    are there twice; ORDER-1: another sequence than a phone believed)."""

    __slots__ = ("_flow", "_ghost", "_order", "composed", "composed_by", "open", "owed", "ticks", "users")

    def __init__(self, evidence: Evidence) -> None:
        self.open: dict[int, Message] = {}
        """Operation -> what is known of it, while it is open."""
        self.ticks = bytearray()
        """Operation -> the tick drawn last (0: none yet), or NEVER_COMPOSED."""
        self.users: dict[int, int] = {}
        """Recipient device -> its user, as the log says."""
        self.composed_by: dict[int, int] = {}
        """Device -> how many messages were composed on it."""
        self.composed = 0
        self.owed = 0
        """Pairs of a message and a recipient device."""
        self._ghost = evidence.docket("GHOST-1")
        self._flow = evidence.docket("FLOW-1")
        self._order = evidence.docket("ORDER-1")

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.COMPOSED: self._take_composed,
            kinds.LOGGED: self._take_logged,
            kinds.OWED: self._take_owed,
            kinds.MEMBER_LEFT: self._take_left,
            kinds.REFUSED: self._take_refused,
            kinds.INBOX_APPENDED: self._take_appended,
            kinds.DELIVERED: self._take_delivered,
        }

    def end(self) -> tuple[Verdict, ...]:
        """No verdict of its own: what it charges belongs to the families that it serves."""
        return ()

    def was_composed(self, operation: int) -> bool:
        """Whether somebody composed it, be it open or over."""
        return 0 <= operation < len(self.ticks) and self.ticks[operation] != NEVER_COMPOSED

    def release(self, operation: int, message: Message) -> None:
        """Drop the record of a message of which nothing more is expected. Callers make sure of the last tick."""
        if message.placed and not message.unshown and message.logged:
            del self.open[operation]

    def _take_composed(self, row: HistoryRow) -> None:
        operation = row[5]
        ticks = self.ticks
        if operation >= len(ticks):
            ticks += bytes([NEVER_COMPOSED]) * (max(operation + 1, 2 * len(ticks), 1024) - len(ticks))
        if ticks[operation] != NEVER_COMPOSED:
            # A phone may write its outbox record again; a person composed the message once.
            return
        ticks[operation] = 0
        message = self.open[operation] = Message(row)
        message.turn = self.composed << TURN_BITS | operation
        self.composed += 1
        device = row[2]
        self.composed_by[device] = self.composed_by.get(device, 0) + 1

    def _take_logged(self, row: HistoryRow) -> None:
        time_us, _, device, chat, number, operation, user, _ = row
        message = self.open.get(operation)
        if message is None:
            self._charge_strange_entry(row)
            return
        if message.device != device or message.chat != chat or message.user != user:
            # GHOST-1: the log says that somebody else wrote it, or elsewhere.
            self._ghost.charge(
                time_us,
                (operation,),
                lambda: (
                    written(message, operation),
                    f"the log has it as entry {number} of chat {chat}, from the {phone(device)}",
                    f"but it was composed in chat {message.chat} on the {phone(message.device)}",
                ),
            )
        message.logged += 1
        if message.logged > 1:
            message.also = [*(message.also or ()), number]
            self._charge_second_entry(row, message)
            return
        message.sequence = number
        message.logged_at_us = time_us
        believed = message.believed
        if believed is not None and believed[4] != number:
            # ORDER-1: the phone gave it a place before the log did, and guessed wrong.
            self._order.charge(
                time_us,
                (operation,),
                lambda: (
                    written(message, operation),
                    f"the {phone(believed[2])} placed it as entry {believed[4]} {when(believed[0])}",
                ),
            )

    def _take_owed(self, row: HistoryRow) -> None:
        time_us, _, device, _, number, operation, user, _ = row
        message = self.open.get(operation)
        # A message that is over was owed before; its own device drops its copy (SEAL-2) and is owed nothing.
        if message is None or device in message.levels or device == message.device:
            return
        message.levels[device] = 0
        message.unshown += 1
        self.owed += 1
        self.users[device] = user
        if user == message.user:
            message.copies += 1
        elif user != message.recipient and message.recipient != NONE:
            # GHOST-1: an entry for somebody whom its writer did not write to.
            self._ghost.charge(
                time_us,
                (operation,),
                lambda: (
                    written(message, operation),
                    f"entry {number} is owed to the {phone(device)} of person {user}, to whom it was not written",
                ),
            )

    def _take_left(self, row: HistoryRow) -> None:
        """RCPT-1: who left is not waited for, by what was written until then."""
        chat, user = row[3], row[6]
        for message in self.open.values():
            if message.chat == chat and message.logged:
                message.left = {**(message.left or {}), user: True}

    def _take_refused(self, row: HistoryRow) -> None:
        message = self.open.get(row[5])
        if message is not None and message.refused_at_us < 0:
            message.refused_at_us = row[0]

    def _take_appended(self, row: HistoryRow) -> None:
        if row[6] != UpdateKind.MESSAGE:
            return
        message = self.open.get(row[5])
        if message is not None:
            device = row[2]
            level = message.levels.get(device)
            if level is not None and not level >> NUMBER_SHIFT:
                message.levels[device] = level | row[4] << NUMBER_SHIFT

    def _take_delivered(self, row: HistoryRow) -> None:
        message = self.open.get(row[5])
        if message is not None:
            device = row[2]
            level = message.levels.get(device)
            if level is not None:
                message.levels[device] = level | DELIVERED

    def _charge_strange_entry(self, row: HistoryRow) -> None:
        """An entry of a message that is not open: logged again after it was over (FLOW-1), or never composed
        (GHOST-1)."""
        time_us, _, device, chat, number, operation, _, _ = row
        entry = f"entry {number} of chat {chat}, logged {when(time_us)} from the {phone(device)}"
        if self.was_composed(operation):
            self._flow.charge(
                time_us,
                (operation,),
                lambda: (
                    f"message {operation} was in the log, shown by all its recipients and read",
                    f"then it came into the log again: {entry}",
                ),
            )
        else:
            self._ghost.charge(time_us, (operation,), lambda: (f"nobody composed message {operation}", entry))

    def _charge_second_entry(self, row: HistoryRow, message: Message) -> None:
        """FLOW-1: the log holds a composed message at most once."""
        time_us, _, _, _, number, operation, _, _ = row
        self._flow.charge(
            time_us,
            (operation,),
            lambda: (
                f"{addressed(message, operation)}: written {when(message.composed_at_us)}",
                f"in the log as entry {message.sequence} {when(message.logged_at_us)}",
                f"and once more as entry {number} {when(time_us)}",
            ),
        )
