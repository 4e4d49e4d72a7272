"""TICK-1 to TICK-3: what the ticks beside an own message say.

TICK-1: a tick is true when it is drawn. TICK-2: ticks never go back, not even over a restart. TICK-3: after settling
they tell the whole truth, as far as devices that are up and reachable know it. A tick is for all recipients, and for a
user as soon as one device has it (RCPT-1); copies to the writer's own devices do not count.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.ids import user_of
from .evidence import Evidence
from .expiry import Expiry
from .messages import DELIVERED, NEVER_COMPOSED, READ, Message, MessageTable
from .scope import Scope
from .screens import Screens
from .verdict import HistoryRow, Take, Verdict
from .words import TICK_WORDS, known, phone, when, written

ACCEPTED_TICK, DELIVERED_TICK, READ_TICK, FAILED_TICK = 1, 2, 3, 4


class Ticks:
    """TICK-1, TICK-2 and TICK-3."""

    __slots__ = (
        "_back",
        "_copies",
        "_drawn",
        "_evidence",
        "_expiry",
        "_lowered",
        "_open",
        "_scope",
        "_screens",
        "_table",
        "_true",
        "_whole",
    )

    def __init__(self, evidence: Evidence, scope: Scope, table: MessageTable, screens: Screens, expiry: Expiry) -> None:
        self._evidence = evidence
        self._expiry = expiry
        self._scope = scope
        self._table = table
        self._open = table.open
        self._screens = screens
        self._true = evidence.docket("TICK-1")
        self._back = evidence.docket("TICK-2")
        self._whole = evidence.docket("TICK-3")
        self._drawn = 0
        """Ticks drawn in all."""
        self._lowered: dict[int, tuple[int, int]] = {}
        """Operation -> device and tick, where a lower tick than before stands now."""
        self._copies: dict[tuple[int, int], int] = {}
        """(another device of the writer's, operation) -> the tick drawn there last (0: none yet)."""

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        return {
            kinds.TICK: self._take_tick,
            kinds.SHOWN: self._take_shown,
            kinds.OPENED: self._take_opened,
            kinds.SCREEN_DRAWN: self._take_drawn,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Compare what is drawn at the end with the truth (TICK-3)."""
        ticks = self._table.ticks
        first = len(ticks) - ticks.count(0) - ticks.count(NEVER_COMPOSED)
        self._true.exercised = self._drawn
        # Every tick after the first beside a message could have gone back.
        self._back.exercised = max(0, self._drawn - first)
        if self._scope.ended:
            composed_by = self._table.composed_by
            self._whole.exercised = sum(composed_by.get(device, 0) for device in self._scope.devices())
            for operation, message in self._open.items():
                if self._scope.holds(message.device):
                    self._judge_settled(operation, message)
            for (device, operation), tick in self._copies.items():
                if self._scope.holds(device):
                    self._judge_copy(device, operation, tick)
            for operation, (device, tick) in self._lowered.items():
                if operation not in self._open and self._scope.holds(device):
                    self._charge_settled(operation, None, device, tick, READ_TICK)
        return self._evidence.verdicts("TICK-1", "TICK-2", "TICK-3")

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_tick(self, row: HistoryRow) -> None:
        time_us, _, device, _, _, operation, value, redraw = row
        self._drawn += 1
        if redraw:
            self._note_redraw(device, operation, value)
        if self._copies and (device, operation) in self._copies:
            self._take_copy_tick(row)
            return
        message = self._open.get(operation)
        if message is None:
            self._judge_closed(row)
            return
        if message.device != device or not self._holds(message, value):
            self._charge_untrue(message, row)
            if message.device != device:
                return
        ticks = self._table.ticks
        last = ticks[operation]
        if last:
            if value < last or (value == FAILED_TICK and last != FAILED_TICK):
                self._charge_back(message, last, row)
                return
            if self._lowered:
                self._lowered.pop(operation, None)
        ticks[operation] = value
        if value != FAILED_TICK and message.ticked_at_us < 0:
            message.ticked_at_us = time_us
        if value == READ_TICK:
            self._table.release(operation, message)

    def _take_shown(self, row: HistoryRow) -> None:
        """A copy on another device of the writer's has ticks of its own."""
        if row[6] and self._copies and (row[2], row[5]) in self._copies:
            self._note_redrawn_copy(row)
        message = self._open.get(row[5])
        if message is not None and message.copies and user_of(row[2]) == message.user:
            self._copies.setdefault((row[2], row[5]), 0)

    def _note_redrawn_copy(self, row: HistoryRow) -> None:
        """TICK-2: drawn again, so its tick has to be as well by the end of the redraw."""
        screen = self._screens.screens.get(row[2])
        if screen is not None and screen.before is not None:
            screen.drawn_own.append(row[5])

    def _take_copy_tick(self, row: HistoryRow) -> None:
        """TICK-1 and TICK-2 beside a copy."""
        _, _, device, _, _, operation, value, _ = row
        message = self._open.get(operation)
        # A message that is over was read by all: every tick but a failed mark is true.
        if (message is not None and not self._holds(message, value)) or value == FAILED_TICK:
            self._charge_untrue_copy(row)
        last = self._copies[device, operation]
        if value < last:
            self._charge_back(message, last, row)
        self._copies[device, operation] = value

    def _judge_copy(self, device: int, operation: int, tick: int) -> None:
        """TICK-3 beside a copy on a device in scope."""
        if self._expiry.touches(operation):
            return
        message = self._open.get(operation)
        due = READ_TICK if message is None else self._due(message)
        if tick < due:
            self._charge_settled(operation, message, device, tick, due)

    def _take_opened(self, row: HistoryRow) -> None:
        """All that stands in the list is read now."""
        device = row[2]
        shown = self._screens.find(device, row[3])
        if shown is None:
            return
        messages = self._open
        for operation in shown.unseen():
            message = messages.get(operation)
            if message is not None:
                level = message.levels.get(device)
                if level is not None:
                    message.levels[device] = level | READ
        shown.opened()

    def _take_drawn(self, row: HistoryRow) -> None:
        """TICK-2 over a restart: an own message that is drawn again has its tick again, and so has a copy of one."""
        device = row[2]
        screen = self._screens.screens.get(device)
        if screen is None or screen.before is None:
            return
        ticks = self._table.ticks
        for operation in screen.drawn_own:
            if operation in screen.drawn_ticks or not self._table.was_composed(operation):
                continue
            last = self._copies.get((device, operation), ticks[operation])
            if last:
                self._charge_gone(operation, last, row)

    def _note_redraw(self, device: int, operation: int, value: int) -> None:
        screen = self._screens.screens.get(device)
        if screen is not None and screen.before is not None:
            screen.drawn_ticks[operation] = value

    # -- the truth ------------------------------------------------------------------------------------------------

    def _holds(self, message: Message, value: int) -> bool:
        """Whether this tick is true now (TICK-1)."""
        if value == ACCEPTED_TICK:
            return message.logged > 0
        if value == DELIVERED_TICK:
            return self._reached(message, DELIVERED)
        if value == READ_TICK:
            return self._reached(message, READ)
        return message.refused_at_us >= 0 and not message.logged

    def _reached(self, message: Message, bit: int, settled: bool = False) -> bool:
        """Whether every recipient has this bit on one device at least; ``settled``: on one that is in scope."""
        levels = message.levels
        left = message.left
        if len(levels) == 1 and not message.copies and not settled and left is None:
            for level in levels.values():
                return level & bit != 0
        users = self._table.users
        reached: dict[int, bool] = {}
        for device, level in levels.items():
            user = users[device]
            if user != message.user and (left is None or user not in left):
                has = bool(level & bit) and (not settled or self._scope.holds(device))
                reached[user] = has or reached.get(user, False)
        if not reached and left is not None:
            # All have left: what was drawn by then stands, and nothing more is due.
            return not settled
        return bool(reached) and all(reached.values())

    def _judge_settled(self, operation: int, message: Message) -> None:
        """TICK-3 for one message of a device in scope, but for those of which a row expired."""
        if self._expiry.touches(operation):
            return
        if message.logged:
            due = self._due(message)
        elif message.refused_at_us >= 0:
            due = FAILED_TICK
        else:
            return
        _, tick = self._lowered.get(operation, (0, self._table.ticks[operation]))
        if tick < due or (tick == FAILED_TICK) != (due == FAILED_TICK):
            self._charge_settled(operation, message, message.device, tick, due)

    def _due(self, message: Message) -> int:
        """The tick that the whole truth asks for beside a message that is in the log."""
        if not self._reached(message, DELIVERED, settled=True):
            return ACCEPTED_TICK
        return READ_TICK if self._reached(message, READ, settled=True) else DELIVERED_TICK

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _judge_closed(self, row: HistoryRow) -> None:
        """A tick beside a message that is over (then it has blue ticks for good) or was never composed."""
        time_us, _, device, _, _, operation, value, _ = row
        if not self._table.was_composed(operation):
            self._true.charge(
                time_us,
                (operation,),
                lambda: (f"nobody composed message {operation}", self._told(device, value, time_us)),
            )
            return
        if value != READ_TICK:
            self._charge_back(None, READ_TICK, row)
        elif self._lowered:
            self._lowered.pop(operation, None)

    def _charge_untrue_copy(self, row: HistoryRow) -> None:
        """TICK-1 beside a copy."""
        time_us, _, device, _, _, operation, value, _ = row
        message = self._open.get(operation)
        why = (
            "but it is no message that could fail" if message is None else self._untrue(message, message.device, value)
        )
        self._true.charge(
            time_us, (operation,), lambda: (known(message, operation), self._told(device, value, time_us), why)
        )

    def _charge_untrue(self, message: Message, row: HistoryRow) -> None:
        """TICK-1."""
        time_us, _, device, _, _, operation, value, _ = row
        self._true.charge(
            time_us,
            (operation,),
            lambda: (
                written(message, operation),
                self._told(device, value, time_us),
                self._untrue(message, device, value),
            ),
        )

    def _untrue(self, message: Message, device: int, value: int) -> str:
        if message.device != device:
            return f"but it was composed on the {phone(message.device)}"
        if value == ACCEPTED_TICK:
            return "but it was not in the log then"
        if value == FAILED_TICK:
            return "but it is in the log" if message.logged else "but no refusal was in the log then"
        bit, what = (DELIVERED, "in the database of") if value == DELIVERED_TICK else (READ, "opened on")
        lacking = [device for device, level in message.levels.items() if not level & bit]
        if not lacking:
            return "but its entry names no recipient"
        return f"but it was not {what} the {phone(lacking[0])} then"

    def _charge_back(self, message: Message | None, last: int, row: HistoryRow) -> None:
        """TICK-2."""
        time_us, _, device, _, _, operation, value, redraw = row
        if (device, operation) not in self._copies:
            self._lowered[operation] = (device, value)
        again = " in the redraw after a restart" if redraw else ""
        self._back.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"the {phone(device)} had drawn the {TICK_WORDS[last]} beside it",
                self._told(device, value, time_us) + again,
            ),
        )

    def _charge_gone(self, operation: int, last: int, row: HistoryRow) -> None:
        """TICK-2: a redraw leaves the tick out."""
        time_us, device = row[0], row[2]
        if (device, operation) in self._copies:
            self._copies[device, operation] = 0
        else:
            self._lowered[operation] = (device, 0)
        self._back.charge(
            time_us,
            (operation,),
            lambda: (
                known(self._open.get(operation), operation),
                f"the {phone(device)} had drawn the {TICK_WORDS[last]} beside it",
                f"the list that was drawn after a restart {when(time_us)} has the message, but no tick",
            ),
        )

    def _charge_settled(self, operation: int, message: Message | None, device: int, tick: int, due: int) -> None:
        """TICK-3."""
        stands = TICK_WORDS[tick] if tick else "no tick"
        self._whole.charge(
            self._scope.end_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"by the end the truth is: {TICK_WORDS[due]}",
                f"but the {phone(device)}, which was up and reachable from heal to the end, shows {stands}",
            ),
        )

    @staticmethod
    def _told(device: int, value: int, time_us: int) -> str:
        return f"the {phone(device)} drew the {TICK_WORDS.get(value, f'tick {value}')} {when(time_us)}"
