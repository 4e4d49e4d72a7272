"""What people see: the list of every chat on every device, rebuilt from the rows, and two families that judge it.

DUP-1: no list holds a message twice, none is announced twice, none that was in a list leaves and comes back.
GHOST-1: what is shown was composed by that sender in that chat, for a device on the entry's recipient list. LOSS-2: an
own message stood in the list as pending before it had its place.
The order of the lists is judged in ``order.py``, a redraw after a restart in ``redraw.py``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..scenario.model import Scenario
from ..vocabulary import kinds
from ..vocabulary.screens import SORTED_IN
from .evidence import Evidence
from .messages import SHOWN, Message, MessageTable
from .order import Order
from .redraw import Redraw
from .shown import Screen, ShownList
from .sorted_lists import SortedLists
from .verdict import HistoryRow, Take, Verdict
from .words import known, phone, when, written


class Screens:
    """DUP-1 and GHOST-1."""

    __slots__ = (
        "_duplicates",
        "_enter",
        "_evidence",
        "_finished",
        "_ghost",
        "_open",
        "_order",
        "_redraw",
        "_table",
        "screens",
        "tells_own",
    )

    def __init__(self, evidence: Evidence, table: MessageTable, order: Order) -> None:
        self.screens: dict[int, Screen] = {}
        """Device -> what its person sees."""
        self.tells_own = False
        """Whether the history tells where own messages stand; one from elsewhere need not."""
        self._evidence = evidence
        self._table = table
        self._open = table.open
        self._enter = order.enter
        self._order = order
        self._redraw = Redraw(evidence, table, order)
        self._duplicates = evidence.docket("DUP-1")
        self._ghost = evidence.docket("GHOST-1")
        self._finished = evidence.docket("LOSS-2")

    def begin(self, scenario: Scenario) -> Mapping[int, Take]:
        """What to call with which rows."""
        if scenario.protocol.screen_order == SORTED_IN:
            self._enter = SortedLists(self._order).enter
        return {
            kinds.FIRST_DAY: self._take_first_day,
            kinds.SHOWN: self._take_shown,
            kinds.PLACED: self._take_placed,
            kinds.PENDING_DRAWN: self._take_pending,
            kinds.SCREEN_CLEARED: self._take_cleared,
            kinds.SCREEN_DRAWN: self._take_drawn,
        }

    def end(self) -> tuple[Verdict, ...]:
        """Judge the lists as they were left."""
        entries = sum(len(shown.operations) for _, _, shown in self.lists())
        self._duplicates.exercised = entries
        self._ghost.exercised = entries
        return self._evidence.verdicts("DUP-1", "GHOST-1") + self._order.verdicts(self.lists())

    def lists(self) -> Iterator[tuple[int, int, ShownList]]:
        """Every list that anybody ever saw: device, chat, list."""
        for device, screen in self.screens.items():
            for chat, shown in screen.lists.items():
                yield device, chat, shown

    def find(self, device: int, chat: int) -> ShownList | None:
        """The list that this person sees now, if there ever was one."""
        screen = self.screens.get(device)
        return None if screen is None else screen.lists.get(chat)

    def stands_pending(self, device: int, chat: int, operation: int) -> bool:
        """Whether this person sees it below the others now, as one that has no place."""
        shown = self.find(device, chat)
        return shown is not None and operation in shown.pending

    # -- rows ---------------------------------------------------------------------------------------------------

    def _take_first_day(self, row: HistoryRow) -> None:
        """A history that is told in full."""
        self.tells_own = True

    def _take_shown(self, row: HistoryRow) -> None:
        _, _, device, chat, _, operation, _, _ = row
        screen = self.screens.get(device)
        if screen is None:
            screen = self.screens[device] = Screen()
        shown = screen.lists.get(chat)
        if shown is None:
            shown = screen.lists[chat] = ShownList()
        if screen.before is not None and self._redraw.enter(screen, shown, row):
            return
        message = self._open.get(operation)
        if message is None:
            self._judge_unknown(shown, row)
            return
        level = message.levels.get(device)
        if level is None or message.chat != chat:
            self._judge_stranger(shown, message, row)
            return
        if level & SHOWN:
            if operation in shown.operations:
                self._charge_twice(message, row)
                return
            self._charge_back(message, row)
        else:
            message.levels[device] = level | SHOWN
            message.unshown -= 1
            if not message.unshown and self._table.ticks[operation] == 3:
                self._table.release(operation, message)
        self._enter(shown, message, row)

    def _take_placed(self, row: HistoryRow) -> None:
        _, _, device, chat, _, operation, _, _ = row
        screen = self.screens.get(device)
        if screen is None:
            screen = self.screens[device] = Screen()
        shown = screen.lists.get(chat)
        if shown is None:
            shown = screen.lists[chat] = ShownList()
        if screen.before is not None:
            screen.drawn_own.append(operation)
            if self._redraw.enter(screen, shown, row):
                shown.own += 1
                return
        message = self._open.get(operation)
        if message is None:
            self._judge_unknown(shown, row)
            return
        if message.device != device or message.chat != chat:
            self._charge_not_own(message, row)
            return
        if operation in shown.pending:
            shown.pending.remove(operation)
        elif not row[6] and not message.placed:
            self._charge_unseen(message, row)
        if message.placed:
            if operation in shown.operations:
                self._charge_twice(message, row)
                return
            if operation in shown.missing:
                self._charge_back(message, row)
        message.placed = self.tells_own = True
        shown.own += 1
        if self._table.ticks[operation] == 3:
            self._table.release(operation, message)
        self._enter(shown, message, row)

    def _take_pending(self, row: HistoryRow) -> None:
        _, _, device, chat, _, operation, _, _ = row
        screen = self.screens.get(device)
        if screen is None:
            screen = self.screens[device] = Screen()
        shown = screen.lists.get(chat)
        if shown is None:
            shown = screen.lists[chat] = ShownList()
        if screen.before is not None:
            screen.drawn_own.append(operation)
            if chat in screen.before and operation in screen.before[chat].operations:
                # It had a place and is pending again: still in the list, but its tick is gone (TICK-2).
                shown.pending.append(operation)
                return
        message = self._open.get(operation)
        if message is None:
            self._judge_unknown(shown, row)
            return
        if message.device != device or message.chat != chat:
            self._charge_not_own(message, row)
            return
        if operation in shown.pending or (message.placed and operation in shown.operations):
            self._charge_twice(message, row)
            return
        shown.pending.append(operation)
        self.tells_own = True

    def _take_cleared(self, row: HistoryRow) -> None:
        screen = self.screens.get(row[2])
        if screen is not None:
            screen.clear(row[0])

    def _take_drawn(self, row: HistoryRow) -> None:
        screen = self.screens.get(row[2])
        if screen is not None:
            self._redraw.judge(screen, row)

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _judge_unknown(self, shown: ShownList, row: HistoryRow) -> None:
        """A message that is over (then everybody who should show it does) or was never composed enters a list."""
        time_us, _, device, chat, _, operation, _, _ = row
        if operation in shown.missing:
            self._charge_back(None, row)
        elif operation in shown.operations:
            self._charge_twice(None, row)
        elif self._table.was_composed(operation):
            self._ghost.charge(
                time_us,
                (operation,),
                lambda: (
                    f"message {operation} was shown by all its recipients",
                    f"the {phone(device)}, which is none of them, put it into chat {chat} {when(time_us)}",
                ),
            )
        else:
            self._ghost.charge(
                time_us,
                (operation,),
                lambda: (
                    f"the {phone(device)} put message {operation} into chat {chat} {when(time_us)}",
                    "nobody had composed it",
                ),
            )

    def _judge_stranger(self, shown: ShownList, message: Message, row: HistoryRow) -> None:
        """A message is shown where it does not belong (GHOST-1)."""
        time_us, _, device, chat, _, operation, _, _ = row
        if operation in shown.pending or operation in shown.operations:
            self._charge_twice(message, row)
        if message.chat != chat:
            reason = f"but it was composed in chat {message.chat}"
        elif not message.logged:
            reason = "no entry of the log had named anybody to show it to"
        else:
            reason = f"its entry names {len(message.levels)} recipient device(s), and this is none of them"
        self._ghost.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"the {phone(device)} showed it in chat {chat} {when(time_us)}",
                reason,
            ),
        )

    def _charge_not_own(self, message: Message, row: HistoryRow) -> None:
        """GHOST-1: a phone draws as its own what was composed elsewhere."""
        time_us, _, device, chat, _, operation, _, _ = row
        self._ghost.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"the {phone(device)} drew it in chat {chat} as its own {when(time_us)}",
                f"but it was composed on the {phone(message.device)}",
            ),
        )

    def _charge_unseen(self, message: Message, row: HistoryRow) -> None:
        """LOSS-2: its writer did not have it before them until it was accepted (PHONE-5)."""
        time_us, _, device, _, _, operation, _, _ = row
        self._finished.charge(
            time_us,
            (operation,),
            lambda: (
                written(message, operation),
                f"the {phone(device)}, on which it was written, placed it {when(time_us)}",
                "until then it did not stand in that list, not even as pending",
            ),
        )

    def _charge_twice(self, message: Message | None, row: HistoryRow) -> None:
        """DUP-1: it is in this list already."""
        time_us, _, device, _, number, operation, _, _ = row
        place = f" as entry {number}" if number >= 0 else ""
        self._duplicates.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"it was in the list of the {phone(device)}",
                f"and entered that list once more{place} {when(time_us)}",
            ),
        )

    def _charge_back(self, message: Message | None, row: HistoryRow) -> None:
        """DUP-1: it was in this list, left it and comes back as if it were new."""
        time_us, _, device, _, _, operation, _, _ = row
        self._duplicates.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"it was in the list of the {phone(device)}, left it, and came back {when(time_us)}",
            ),
        )
