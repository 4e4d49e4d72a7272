"""Lists that sort in (PHONE-5, the variant): what is here is shown at once, and what comes late is put in above others.

The order that counts is that of the list as it stands: each time a message enters, its neighbours, its writer's other
messages, what it answers and what answers it are looked at, so the final list is judged by its last entry at the
latest. Jumps are counted as a metric and break nothing.
"""

from __future__ import annotations

from .messages import Message
from .order import Order, await_answered
from .shown import ShownList
from .verdict import HistoryRow


class SortedLists:
    """Judges each message as it is sorted in, for ``Order``, whose charges these are."""

    __slots__ = ("_order",)

    def __init__(self, order: Order) -> None:
        self._order = order

    def enter(self, shown: ShownList, message: Message, row: HistoryRow) -> None:
        """A message enters a list, above as many others as its row says."""
        operation = row[5]
        sequence = self._order.sequence_of(shown, message, row)
        place = shown.sort_in(operation, sequence, max(0, row[7]))
        if shown.writers is None:
            shown.writers = {}
        shown.writers[operation] = (message.device, message.turn)
        self._judge_neighbours(shown, message, place, row)
        self._judge_writer(shown, message, place, row)
        self._judge_answers(shown, message, place, row)
        shown.last = max(shown.last, sequence)
        shown.senders[message.device] = max(shown.senders.get(message.device, -1), message.turn)

    def _judge_neighbours(self, shown: ShownList, message: Message, place: int, row: HistoryRow) -> None:
        """ORDER-1: later in the log than what stands above it, earlier than what stands below."""
        sequences, operations = shown.sequences, shown.operations
        if place and sequences[place - 1] >= sequences[place]:
            self._order.charge_pair(row, operations[place - 1], sequences[place - 1], operations[place], message)
        elif place + 1 < len(sequences) and sequences[place + 1] <= sequences[place]:
            self._order.charge_pair(row, operations[place], sequences[place], operations[place + 1], message)

    def _judge_writer(self, shown: ShownList, message: Message, place: int, row: HistoryRow) -> None:
        """ORDER-2: below what the same device wrote before it, above what it wrote after."""
        if place == len(shown.operations) - 1 and message.turn > shown.senders.get(message.device, -1):
            return
        assert shown.writers is not None
        for other, operation in enumerate(shown.operations):
            device, turn = shown.writers.get(operation, (-1, -1))
            if device == message.device and other != place and (turn < message.turn) != (other < place):
                self._order.charge_sender(message, turn, row)
                return

    def _judge_answers(self, shown: ShownList, message: Message, place: int, row: HistoryRow) -> None:
        """ORDER-4: below what it answers, above what answers it."""
        operations = shown.operations
        if message.answers >= 0:
            if message.answers not in operations:
                await_answered(shown, message.answers, row[5])
            elif operations.index(message.answers) > place:
                self._order.charge_reply(row[5], message.answers, row)
            else:
                self._order.note_reply()
        if shown.awaited is not None and row[5] in shown.awaited:
            reply = shown.awaited.pop(row[5])
            if reply in operations and operations.index(reply) < place:
                self._order.charge_reply(reply, row[5], row)
