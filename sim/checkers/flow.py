"""FLOW-1: accounting closes, from facts; the first match counts.

A composed message is in the log (once), refused, lost with its phone, or pending in an outbox. What a device is owed
is shown, held back, expired as told, retired with the device, or waiting. Little's law holds per tier as an exact
identity: the area that the world counted under the number in a tier equals the sum of the times that each spent in it.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.kinds import Tier, WaitKind
from .evidence import Evidence
from .expiry import Expiry
from .long_term import LongTerm
from .messages import DELIVERED, NUMBER_SHIFT, SHOWN, Message, MessageTable
from .queues import Queues
from .scope import Scope
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when, written

TIER_NAMES = {
    Tier.OUTBOX: "the outboxes",
    Tier.INBOX: "the inboxes",
    Tier.ARCHIVE: "the sequencers' logs and not in the long-term store",
}


class Flow:
    """FLOW-1."""

    __slots__ = (
        "_areas",
        "_evidence",
        "_expiry",
        "_fan_out_waits",
        "_flow",
        "_held",
        "_long_term",
        "_outbox",
        "_pending",
        "_queues",
        "_scope",
        "_table",
        "_times_in",
        "_times_out",
    )

    def __init__(
        self,
        evidence: Evidence,
        scope: Scope,
        table: MessageTable,
        queues: Queues,
        long_term: LongTerm,
        expiry: Expiry,
    ) -> None:
        self._expiry = expiry
        self._evidence = evidence
        self._flow = evidence.docket("FLOW-1")
        self._scope = scope
        self._table = table
        self._queues = queues
        self._long_term = long_term
        self._outbox: dict[int, int] = {}
        """Operation in an outbox -> its device."""
        self._times_in = 0
        self._times_out = 0
        self._areas = 0
        self._fan_out_waits = False
        self._pending: dict[int, int] = {}
        self._held: dict[tuple[int, int], int] = {}

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.COMPOSED: self._take_composed,
            kinds.TICK: self._take_tick,
            kinds.PHONE_LOST: self._take_lost,
            kinds.AREA: self._take_area,
            kinds.STILL_WAITING: self._take_waiting,
            kinds.SETTLED_OUTBOX: self._take_pending,
            kinds.SETTLED_HELD: self._take_held,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Account for everything, if the run came to its end."""
        if self._scope.ended:
            self._flow.exercised = self._table.composed + self._table.owed + self._areas
            for operation, message in self._table.open.items():
                self._account_composed(operation, message)
                for device, level in message.levels.items():
                    if not level & SHOWN:
                        self._account_owed(operation, message, device, level)
        return self._evidence.verdicts("FLOW-1")

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_composed(self, row: HistoryRow) -> None:
        operation = row[5]
        if operation not in self._outbox:
            self._outbox[operation] = row[2]
            self._times_in += row[0]

    def _take_tick(self, row: HistoryRow) -> None:
        """The first tick beside a message is when it has left the outbox, as its writer sees it."""
        operation = row[5]
        if operation in self._outbox and self._outbox[operation] == row[2]:
            del self._outbox[operation]
            self._times_out += row[0]

    def _take_lost(self, row: HistoryRow) -> None:
        device = row[2]
        for operation in [operation for operation, where in self._outbox.items() if where == device]:
            del self._outbox[operation]
            self._times_out += row[0]

    def _take_area(self, row: HistoryRow) -> None:
        """Little's law: the world's counter against the sum over single messages, exactly."""
        time_us, _, _, _, tier, _, area, number = row
        self._areas += 1
        if tier == Tier.OUTBOX:
            counted = len(self._outbox)
            summed = self._times_out - self._times_in + counted * time_us
        elif tier == Tier.INBOX:
            counted = self._queues.rows
            summed = self._queues.area(time_us)
        elif tier == Tier.ARCHIVE:
            counted = len(self._long_term.lacks)
            summed = self._long_term.area(time_us)
        else:
            return
        if area != summed or number != counted:
            self._flow.charge(
                time_us,
                (),
                lambda: (
                    f"{when(time_us)} the world counts {number} in {TIER_NAMES[tier]} and an area of {area} message-us",
                    f"one by one there are {counted}, and their times sum up to {summed} message-us",
                ),
            )

    def _take_waiting(self, row: HistoryRow) -> None:
        if row[4] == WaitKind.FAN_OUT:
            self._fan_out_waits = True

    def _take_pending(self, row: HistoryRow) -> None:
        self._pending[row[5]] = row[2]

    def _take_held(self, row: HistoryRow) -> None:
        self._held[row[2], row[5]] = row[0]

    # -- accounts -------------------------------------------------------------------------------------------------

    def _account_composed(self, operation: int, message: Message) -> None:
        if message.logged or message.refused_at_us >= 0 or message.device in self._scope.lost:
            return
        if self._pending.get(operation) == message.device:
            return
        self._flow.charge(
            message.composed_at_us,
            (operation,),
            lambda: (
                written(message, operation),
                "it is unaccounted for: neither in the log nor refused, its phone was not lost,",
                f"and at the end it is in no outbox of the {phone(message.device)}",
            ),
        )

    def _account_owed(self, operation: int, message: Message, device: int, level: int) -> None:
        if (device, operation) in self._held or device in self._scope.lost:
            return
        if level & DELIVERED and not self._scope.holds(device):
            # Durable on a phone that need not have drawn it since.
            return
        number = level >> NUMBER_SHIFT
        inbox = self._queues.inboxes.get(device)
        if number and inbox is not None:
            if number > inbox.trimmed or self._expiry.is_expired(device, number):
                return
            fate = f"update {number} of its inbox has left the inbox, but is neither shown nor held back on the phone"
        elif self._fan_out_waits:
            return
        else:
            fate = "it is in no inbox of that device, and no fan-out is said to be on its way"
        self._flow.charge(
            message.logged_at_us,
            (operation,),
            lambda: (written(message, operation), f"the {phone(device)} is owed it", fate),
        )
