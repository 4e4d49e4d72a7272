"""A redraw after a restart: the screen is drawn from the database and must show at least what it showed before.

DUP-1: none that was in a list leaves. ORDER-1: the redraw is in sequence order as well. What the redraw shows for the
first time (durable, but not yet drawn when the app was killed) enters like any other message.
"""

from __future__ import annotations

from .evidence import Evidence
from .messages import MessageTable
from .order import Order
from .shown import Screen, ShownList
from .verdict import HistoryRow
from .words import known, phone, when


class Redraw:
    """Follows the redraw of a screen against what was there before."""

    __slots__ = ("_duplicates", "_open", "_order")

    def __init__(self, evidence: Evidence, table: MessageTable, order: Order) -> None:
        self._duplicates = evidence.docket("DUP-1")
        self._open = table.open
        self._order = order

    def enter(self, screen: Screen, shown: ShownList, row: HistoryRow) -> bool:
        """A row between clear and redraw. True: it was in the list before and has its place again; False: it is new
        to the list, and to be judged like any other.
        """
        assert screen.before is not None
        _, _, _, chat, _, operation, redraw, _ = row
        before = screen.before.get(chat)
        if before is None:
            return False
        place = shown.matched
        if place == len(before.operations) or before.operations[place] != operation:
            if operation not in before.operations:
                return False
            place = before.operations.index(operation)
        if operation in shown.operations if place < shown.matched else not redraw:
            # It stands in the redraw already, or is announced as new though it was there before the restart.
            self._charge_again(screen, row)
            return True
        sequence = before.sequences[place]
        self._order.enter_again(shown, before, sequence, row)
        shown.matched = place + 1
        return True

    def judge(self, screen: Screen, row: HistoryRow) -> None:
        """The redraw is complete: nothing that was there may be missing."""
        if screen.before is None:
            return
        for chat, before in screen.before.items():
            shown = screen.lists.get(chat)
            if shown is None:
                shown = screen.lists[chat] = ShownList()
            kept = before.operations
            if shown.operations[: len(kept)] == kept:
                shown.read_through = before.read_through
                shown.late = before.late
            else:
                shown.opened_as(before)
                for operation in kept:
                    if operation not in shown.operations and operation not in shown.pending:
                        self._charge_missing(screen, shown, operation, row)
            for operation in before.pending:
                if operation not in shown.pending and operation not in shown.operations:
                    self._charge_missing(screen, shown, operation, row)
            carry_over(before, shown)
            self._order.redrawn(row[2], chat, before)
        screen.before = None
        screen.drawn_own = []
        screen.drawn_ticks = {}

    def _charge_missing(self, screen: Screen, shown: ShownList, operation: int, row: HistoryRow) -> None:
        """DUP-1: a message left a list."""
        time_us, device = row[0], row[2]
        shown.missing[operation] = time_us
        message = self._open.get(operation)
        cleared_at_us = screen.cleared_at_us
        self._duplicates.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"it was in the list of the {phone(device)} until the app was killed {when(cleared_at_us)}",
                f"and is missing in the list that was drawn after the restart {when(time_us)}",
            ),
        )

    def _charge_again(self, screen: Screen, row: HistoryRow) -> None:
        """DUP-1: drawn twice in one redraw, or announced as new after a restart though it was in the list before."""
        time_us, _, device, _, _, operation, redraw, _ = row
        message = self._open.get(operation)
        cleared_at_us = screen.cleared_at_us
        how = "was drawn twice in the redraw" if redraw else "was announced as new"
        self._duplicates.charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"it was in the list of the {phone(device)} before the app was killed {when(cleared_at_us)}",
                f"and after the restart it {how} {when(time_us)}",
            ),
        )


def carry_over(before: ShownList, shown: ShownList) -> None:
    """What is known of the list before stays known, unless the redraw has settled it."""
    for sender, newest in before.senders.items():
        if newest > shown.senders.get(sender, -1):
            shown.senders[sender] = newest
    if before.awaited is not None:
        waiting = {answered: reply for answered, reply in before.awaited.items() if answered not in shown.operations}
        shown.awaited = {**waiting, **(shown.awaited or {})}
    for operation, at_us in before.missing.items():
        if operation not in shown.operations:
            shown.missing[operation] = at_us
