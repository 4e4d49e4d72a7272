"""LOSS-1 and LOSS-2: what must have arrived by the end, on the devices that are up and reachable from heal on.

LOSS-1: a message whose sender saw the first tick, or that any recipient device showed, is shown on every such recipient
device, unless that device was told that it expired. LOSS-2: a message composed on such a device is accepted, or finally
refused and shown as failed; and its writer has it before them all the while (PHONE-5): below the others as pending at
first or as failed, and at its place in the end. What waits even then, for an answer or behind another message, is
LIVE-1's, and stands pending.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from ..vocabulary.kinds import NONE
from .evidence import Evidence
from .expiry import Expiry
from .messages import DELIVERED, NUMBER_SHIFT, SHOWN, Message, MessageTable
from .scope import Scope
from .screens import Screens
from .ticks import FAILED_TICK
from .verdict import HistoryRow, Take, Verdict
from .words import phone, when, written


class Loss:
    """LOSS-1 and LOSS-2: judged at the end from the messages that are still open."""

    __slots__ = ("_evidence", "_expiry", "_finished", "_scope", "_screens", "_shown", "_table", "_users", "_waiting")

    def __init__(self, evidence: Evidence, scope: Scope, table: MessageTable, screens: Screens, expiry: Expiry) -> None:
        self._evidence = evidence
        self._expiry = expiry
        self._scope = scope
        self._table = table
        self._screens = screens
        self._shown = evidence.docket("LOSS-1")
        self._finished = evidence.docket("LOSS-2")
        self._users: dict[int, int] = {}
        """User -> a device of theirs that is in scope."""
        self._waiting: dict[tuple[int, int], bool] = {}
        """(device, operation) of what is in an outbox or held back at the end of the run."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """Reads next to no row itself: what it needs is in the table."""
        return {kinds.SETTLED_OUTBOX: self._take_waiting, kinds.SETTLED_HELD: self._take_waiting}

    def _take_waiting(self, row: HistoryRow) -> None:
        self._waiting[row[2], row[5]] = True

    def end(self) -> tuple[Verdict, ...]:
        """Judge, if the run came to its end."""
        if self._scope.ended:
            self._users = {user_of(device): device for device in self._scope.devices()}
            composed_by = self._table.composed_by
            self._finished.exercised = sum(composed_by.get(device, 0) for device in self._scope.devices())
            self._shown.exercised = sum(
                len(shown.operations) - shown.own
                for device, _, shown in self._screens.lists()
                if self._scope.holds(device)
            )
            for operation, message in self._table.open.items():
                self._judge_shown(operation, message)
                self._judge_finished(operation, message)
            self._shown.exercised += self._shown.violations
        return self._evidence.verdicts("LOSS-1", "LOSS-2")

    def _judge_shown(self, operation: int, message: Message) -> None:
        """LOSS-1 for one message."""
        witness = next((device for device, level in message.levels.items() if level & SHOWN), NONE)
        if message.ticked_at_us < 0 and witness == NONE:
            return
        if not message.logged:
            device = self._users.get(message.recipient, NONE)
            if device != NONE or message.recipient == NONE:
                self._charge_shown(operation, message, witness, device)
            return
        for device, level in message.levels.items():
            told = self._expiry.is_told(device, level >> NUMBER_SHIFT)
            if not level & SHOWN and not told and self._scope.holds(device):
                self._charge_shown(operation, message, witness, device)

    def _judge_finished(self, operation: int, message: Message) -> None:
        """LOSS-2 for one message."""
        told = self._screens.tells_own
        if (message.logged and (message.placed or not told)) or not self._scope.holds(message.device):
            return
        tick = self._table.ticks[operation]
        stands = self._screens.stands_pending(message.device, message.chat, operation)
        if message.refused_at_us >= 0 and tick == FAILED_TICK and (stands or not told):
            return
        if message.logged and stands and (message.device, operation) in self._waiting:
            return
        if message.logged:
            below = "it still stands below the others there, as pending" if stands else "it stands nowhere there"
            fate = f"it never had its place in the list of its writer's {phone(message.device)}: {below}"
        elif message.refused_at_us >= 0 and tick == FAILED_TICK:
            fate = "and the failed mark was drawn beside nothing: the list does not hold it"
        elif message.refused_at_us >= 0:
            fate = "and it was never shown as failed"
        elif message.ticked_at_us >= 0:
            fate = f"although its sender saw the first tick {when(message.ticked_at_us)}"
        else:
            fate = "it was neither accepted nor refused"
        self._finished.charge(
            message.composed_at_us,
            (operation,),
            lambda: (written(message, operation), self._stayed(message.device), fate),
        )

    def _charge_shown(self, operation: int, message: Message, witness: int, device: int) -> None:
        if message.ticked_at_us >= 0:
            owed = f"its sender saw the first tick {when(message.ticked_at_us)}"
        else:
            owed = f"the {phone(witness)} showed it"
        self._shown.charge(
            message.composed_at_us,
            (operation,),
            lambda: (
                written(message, operation),
                owed,
                f"{self._stayed(device)}, and never showed it" if device != NONE else "nobody ever could show it",
                self._trace(message, device),
            ),
        )

    def _stayed(self, device: int) -> str:
        heal, end = when(self._scope.heal_us), when(self._scope.end_us)
        return f"the {phone(device)} was up and reachable from heal ({heal}) to the end ({end})"

    @staticmethod
    def _trace(message: Message, device: int) -> str:
        """How far it came, where to look first."""
        if not message.logged:
            return "it never came into the log"
        level = message.levels.get(device, 0)
        number = level >> NUMBER_SHIFT
        if level & DELIVERED:
            return "it was in the phone's database, but not in the list"
        if number:
            return f"it was update {number} of that phone's inbox, but never came into the phone's database"
        return "it never came into that phone's inbox"
