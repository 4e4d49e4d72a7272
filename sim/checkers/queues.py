"""QUEUE-1 to QUEUE-3: the inboxes.

QUEUE-1: nothing leaves an inbox unacknowledged or untold. QUEUE-2: durable pointers only move forward, update numbers
are contiguous from 1 and never given twice, and no receipt waits in an inbox twice (FAN-3). QUEUE-3: the inboxes of
reachable devices are empty at the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import CHANNEL_BIT
from ..vocabulary.kinds import NONE, TrimReason, UpdateKind
from .evidence import Evidence
from .expiry import Expiry
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when

ACKNOWLEDGED: Final = TrimReason.ACKNOWLEDGED
MESSAGE: Final = UpdateKind.MESSAGE
RECEIPTS: Final = (UpdateKind.DELIVERED, UpdateKind.READ)


class Inbox:
    """One device's inbox, and the device's own cursor: all update numbers."""

    __slots__ = ("acknowledged", "cursor", "first", "head", "receipts", "trimmed")

    def __init__(self) -> None:
        self.head = 0
        """The newest row."""
        self.trimmed = 0
        """Rows up to this one have left; 0 <= trimmed <= head."""
        self.acknowledged = 0
        self.cursor = 0
        """The device's durable cursor."""
        self.first: HistoryRow | None = None
        """A receipt that entered when the inbox was empty, if none has come behind it since."""
        self.receipts: dict[tuple[int, int, int], int] = {}
        """(chat, sequence, update kind) -> the update number of that receipt, since the inbox was last empty. Only of
        one-to-one chats: there it can be about one person alone."""


class Queues:
    """QUEUE-1, QUEUE-2 and QUEUE-3; ``rows`` and ``area`` serve FLOW-1."""

    __slots__ = (
        "_empty",
        "_evidence",
        "_expiry",
        "_forward",
        "_left",
        "_scope",
        "_times_in",
        "_times_out",
        "inboxes",
        "rows",
    )

    def __init__(self, evidence: Evidence, scope: Scope, expiry: Expiry) -> None:
        self._evidence = evidence
        self._expiry = expiry
        self._scope = scope
        self._left = evidence.docket("QUEUE-1")
        self._forward = evidence.docket("QUEUE-2")
        self._empty = evidence.docket("QUEUE-3")
        self.inboxes: dict[int, Inbox] = {}
        """Device -> inbox."""
        self.rows = 0
        """Rows in all inboxes now."""
        self._times_in = 0
        self._times_out = 0

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.INBOX_APPENDED: self._take_appended,
            kinds.ACKNOWLEDGED: self._take_acknowledged,
            kinds.TRIMMED: self._take_trimmed,
            kinds.CURSOR: self._take_cursor,
            kinds.SETTLED_INBOX: self._take_settled,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Judge. Rows and pointers are counted by how far they came, which costs nothing on the way."""
        for inbox in self.inboxes.values():
            self._left.exercised += inbox.trimmed + inbox.acknowledged
            self._forward.exercised += inbox.head + inbox.acknowledged + inbox.cursor
        self._expiry.judge_markers()
        return self._evidence.verdicts("QUEUE-1", "QUEUE-2", "QUEUE-3")

    def area(self, now_us: int) -> int:
        """The times that all rows have spent in inboxes until now, summed up row by row (message-microseconds).
        Numbers are contiguous, so which rows a trim takes is known without remembering each.
        """
        return self._times_out - self._times_in + self.rows * now_us

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_appended(self, row: HistoryRow) -> None:
        device = row[2]
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox()
        number = row[4]
        if number == inbox.head + 1:
            inbox.head = number
        else:
            self._charge_number(inbox, row)
            inbox.head = max(inbox.head, number)
        if row[6] != MESSAGE:
            if number == inbox.trimmed + 1:
                inbox.first = row
            else:
                self._judge_receipt(inbox, row)
        self.rows += 1
        self._times_in += row[0]

    def _judge_receipt(self, inbox: Inbox, row: HistoryRow) -> None:
        """QUEUE-2: a receipt enters where others wait."""
        first = inbox.first
        if first is not None:
            inbox.first = None
            inbox.receipts.clear()
            self._judge_receipt(inbox, first)
        if row[6] in RECEIPTS and row[3] < CHANNEL_BIT and row[7] >= 0:
            receipt = (row[3], row[7], row[6])
            before = inbox.receipts.get(receipt, 0)
            if before > inbox.trimmed:
                self._charge_receipt(row, before)
            inbox.receipts[receipt] = row[4]

    def _take_trimmed(self, row: HistoryRow) -> None:
        time_us, _, device, _, through, _, reason, removed = row
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox()
        first = inbox.trimmed + 1
        count = through - inbox.trimmed
        if count > 0:
            inbox.trimmed = through
            self.rows -= count
            self._times_out += count * time_us
        else:
            count = 0
        if removed != count and removed != NONE:
            self._charge_left(row, f"as {removed} row(s), though {count} should have been there")
        if reason == ACKNOWLEDGED:
            if through > inbox.cursor:
                self._charge_left(row, f"as acknowledged; the phone's durable cursor stood at {inbox.cursor}")
        elif reason == TrimReason.RETIRED:
            if device not in self._scope.lost:
                self._charge_left(row, "as those of a retired device, but the installation was still in use")
        else:
            self._expiry.left_expired(row, first)

    def _take_acknowledged(self, row: HistoryRow) -> None:
        device, number = row[2], row[4]
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox()
        if number < inbox.acknowledged or NONE < row[6] < inbox.acknowledged:
            self._charge_back(row, "the inbox's pointer to what the device has acknowledged", inbox.acknowledged)
        elif number > inbox.acknowledged:
            inbox.acknowledged = number
        if number > inbox.cursor:
            self._charge_early(row, inbox.cursor)

    def _take_cursor(self, row: HistoryRow) -> None:
        device, number = row[2], row[4]
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox()
        if number < inbox.cursor or NONE < row[6] < inbox.cursor:
            self._charge_back(row, "the device's durable cursor", inbox.cursor)
        if number > inbox.cursor:
            inbox.cursor = number

    def _take_settled(self, row: HistoryRow) -> None:
        time_us, _, device, _, waiting, _, head, acknowledged = row
        inbox = self.inboxes.get(device)
        if inbox is None:
            inbox = self.inboxes[device] = Inbox()
        if device not in self._scope.lost and waiting < inbox.head - inbox.trimmed:
            # QUEUE-1: fewer rows than were put in and taken out.
            self._left.charge(
                time_us,
                (),
                lambda: (
                    f"updates {inbox.trimmed + 1} to {inbox.head} of the inbox of the {phone(device)} were durable",
                    f"and no trim is on record, yet only {waiting} row(s) are there {when(time_us)}",
                ),
            )
        if head < inbox.head:
            self._charge_back(row, "the head of the inbox", inbox.head, head)
        if acknowledged < inbox.acknowledged:
            self._charge_back(row, "the inbox's pointer of acknowledgement", inbox.acknowledged, acknowledged)
        if self._scope.ended and self._scope.holds(device):
            if inbox.cursor < self._expiry.expired_through(device):
                self._charge_untold(row, inbox.cursor)
            self._empty.exercised += 1
            if waiting:
                self._empty.charge(
                    time_us,
                    (),
                    lambda: (
                        f"the {phone(device)} was up and reachable from heal {when(self._scope.heal_us)} to the end",
                        f"yet {waiting} update(s) of its inbox still wait {when(time_us)}",
                        f"(head {head}, acknowledged through {acknowledged})",
                    ),
                )

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge_left(self, row: HistoryRow, how: str) -> None:
        """QUEUE-1."""
        time_us, _, device, _, through, _, _, _ = row
        self._left.charge(
            time_us,
            (),
            lambda: (f"the inbox of the {phone(device)} let go of its updates through {through} {when(time_us)}", how),
        )

    def _charge_untold(self, row: HistoryRow, cursor: int) -> None:
        """QUEUE-1: rows expired, and the device that lacks them does not know by the end."""
        time_us, device = row[0], row[2]
        through = self._expiry.expired_through(device)
        self._left.charge(
            time_us,
            (),
            lambda: (
                f"updates through {through} of the inbox of the {phone(device)} left as expired",
                f"the device stands at update {cursor} {when(time_us)}, and nobody has told it",
            ),
        )

    def _charge_early(self, row: HistoryRow, cursor: int) -> None:
        """QUEUE-1: an acknowledgement of what the device does not have."""
        time_us, _, device, _, number, _, _, _ = row
        self._left.charge(
            time_us,
            (),
            lambda: (
                f"the inbox of the {phone(device)} counted updates through {number} as acknowledged {when(time_us)}",
                f"but the device's durable cursor stood at {cursor}",
            ),
        )

    def _charge_back(self, row: HistoryRow, pointer: str, highest: int, now: int | None = None) -> None:
        """QUEUE-2: a durable pointer moved back."""
        time_us, _, device, _, number, _, old, _ = row
        to = now if now is not None else min(number, old) if old != NONE else number
        self._forward.charge(
            time_us,
            (),
            lambda: (
                f"{phone(device)}: {pointer} had been at {highest}",
                f"{when(time_us)} it was back at {to}",
            ),
        )

    def _charge_receipt(self, row: HistoryRow, first: int) -> None:
        """QUEUE-2: a receipt that is still here enters once more."""
        time_us, _, device, chat, number, operation, update, sequence = row
        what = "delivered" if update == UpdateKind.DELIVERED else "read"
        self._forward.charge(
            time_us,
            (operation,) if operation >= 0 else (),
            lambda: (
                f"update {first} of the inbox of the {phone(device)} says of entry {sequence} of chat {chat}: {what}",
                f"it waited there still when update {number}, which says the same, came {when(time_us)}",
            ),
        )

    def _charge_number(self, inbox: Inbox, row: HistoryRow) -> None:
        """QUEUE-2: an update number given twice, or one left out."""
        time_us, _, device, _, number, operation, _, _ = row
        head = inbox.head
        how = "which had been given before" if number <= head else "leaving a gap"
        self._forward.charge(
            time_us,
            (operation,) if operation >= 0 else (),
            lambda: (
                f"the inbox of the {phone(device)} had given update numbers through {head}",
                f"{when(time_us)} it gave number {number}, {how}",
            ),
        )
