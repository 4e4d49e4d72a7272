"""ORDER-1 to ORDER-4: the order in which people see messages.

ORDER-1: per device and chat in sequence order. ORDER-2: a sending device's messages in the order composed (that of
their COMPOSED rows: a disk that refused may have made a person write one later than planned). ORDER-3: any two
devices agree on every pair that both show. ORDER-4: a reply stands after what it answers.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import Final

from .beyond import INBOX_SET_BACK, LOG_SET_BACK
from .evidence import Docket, Evidence
from .messages import TURN_BITS, Message, MessageTable
from .scope import Scope
from .shown import ShownList
from .verdict import HistoryRow, Verdict
from .words import known, phone, when

NEAR: Final = 8
"""Most replies answer one of the last messages, so these are looked at first."""

OPERATIONS: Final = (1 << TURN_BITS) - 1
"""The part of a turn that is the operation."""

Lists = Iterable[tuple[int, int, ShownList]]
"""Device, chat and list."""


class Order:
    """Judges each message as it enters a list; ``Screens`` calls it."""

    __slots__ = ("_agreed", "_evidence", "_inverted", "_numbered", "_open", "_replied", "_scope", "_sent")

    def __init__(self, evidence: Evidence, scope: Scope, table: MessageTable) -> None:
        self._scope = scope
        self._evidence = evidence
        self._open = table.open
        self._numbered = evidence.docket("ORDER-1")
        self._sent = evidence.docket("ORDER-2")
        self._agreed = evidence.docket("ORDER-3")
        self._replied = evidence.docket("ORDER-4")
        self._inverted: dict[tuple[int, int], list[array[int]]] = {}
        """Lists (device, chat) that were out of the log's order at some time, with the orders that a redraw has
        replaced since. Two lists can only disagree if one of them is among these."""

    def enter(self, shown: ShownList, message: Message, row: HistoryRow) -> None:
        """A message enters a list at the end of the placed part."""
        number = row[4]
        operation = row[5]
        if number == message.sequence and number > shown.last and message.also is None:
            shown.last = number
        else:
            number = self.sequence_of(shown, message, row)
            if number > shown.last:
                shown.last = number
            else:
                self._charge_place(shown, message, number, row)
        sender = message.device
        newest = shown.senders.get(sender, -1)
        if message.turn > newest:
            shown.senders[sender] = message.turn
        else:
            self.charge_sender(message, newest, row)
        if message.answers >= 0:
            self._judge_reply(shown, message.answers, row)
        if shown.awaited is not None and operation in shown.awaited:
            self.charge_reply(shown.awaited.pop(operation), operation, row)
        shown.operations.append(operation)
        shown.sequences.append(number)

    def enter_again(self, shown: ShownList, before: ShownList, sequence: int, row: HistoryRow) -> None:
        """A message that was in the list ``before`` a restart has its place again. Whatever stood in order before and
        does not now is out of sequence order (ORDER-1); who wrote it may be forgotten by now, so ORDER-2 and ORDER-4
        are left to what a redraw adds.
        """
        number, operation = row[4], row[5]
        shown.writers = before.writers
        if before.awaited is not None:
            for answered, reply in before.awaited.items():
                if reply == operation:
                    await_answered(shown, answered, reply)
        if number != sequence:
            self._charge_number(self._open.get(operation), sequence, row)
        if sequence > shown.last:
            shown.last = sequence
        else:
            self._charge_place(shown, self._open.get(operation), sequence, row)
        shown.operations.append(operation)
        shown.sequences.append(sequence)

    def redrawn(self, device: int, chat: int, before: ShownList) -> None:
        """A redraw has replaced a list; keep the old order if it may be evidence for ORDER-3."""
        orders = self._inverted.get((device, chat))
        if orders is not None:
            orders.append(before.operations)

    def verdicts(self, lists: Lists) -> tuple[Verdict, ...]:
        """Compare the lists with one another (ORDER-3) and judge."""
        by_chat: dict[int, list[tuple[int, ShownList]]] = {}
        for device, chat, shown in lists:
            by_chat.setdefault(chat, []).append((device, shown))
            pairs = max(0, len(shown.operations) - 1)
            self._numbered.exercised += pairs
            self._sent.exercised += max(0, len(shown.operations) - len(shown.senders))
        for beside in by_chat.values():
            if len(beside) > 1:
                self._agreed.exercised += sum(max(0, len(shown.operations) - 1) for _, shown in beside)
        for (device, chat), replaced in self._inverted.items():
            self._compare(device, chat, replaced, by_chat.get(chat, []))
        return self._evidence.verdicts("ORDER-1", "ORDER-2", "ORDER-3", "ORDER-4")

    # -- judging ------------------------------------------------------------------------------------------------

    def sequence_of(self, shown: ShownList, message: Message, row: HistoryRow) -> int:
        """ORDER-1: the sequence that the message has in this list, which should be the one that the log gave it."""
        number = row[4]
        sequence = message.sequence
        if not message.logged:
            # No entry yet: what the phone believes is compared when there is one.
            message.believed = message.believed or row
            sequence = number
        elif number != sequence:
            if message.also is not None and number in message.also:
                # It is in the log more than once, and other devices may have taken another of its places.
                self._inverted.setdefault((row[2], row[3]), [])
                sequence = number
            else:
                self._charge_number(message, sequence, row)
        return sequence

    def note_reply(self) -> None:
        """A reply stands below what it answers."""
        self._replied.exercised += 1

    def _judge_reply(self, shown: ShownList, answered: int, row: HistoryRow) -> None:
        """ORDER-4: what the reply answers is above it, or must not come below it later."""
        operations = shown.operations
        if answered in operations[-NEAR:] or answered in operations:
            self.note_reply()
        else:
            await_answered(shown, answered, row[5])

    def _compare(self, device: int, chat: int, replaced: list[array[int]], lists: list[tuple[int, ShownList]]) -> None:
        """ORDER-3: look for a pair that another device shows the other way round."""
        own = [shown.operations for beside, shown in lists if beside == device]
        for beside, shown in lists:
            if beside == device:
                continue
            others = [shown.operations, *self._inverted.get((beside, chat), ())]
            pairs = [first_disagreement(one, other) for one in (*replaced, *own) for other in others]
            pair = next((pair for pair in pairs if pair is not None), None)
            if pair is not None:
                self._charge_disagreement(chat, device, beside, pair)

    def _of(self, docket: Docket, chat: int, *devices: int) -> Docket:
        """Where to charge what is wrong in a chat. A log that lost acknowledged entries gives their sequences again, so
        an own message may find its place taken. An inbox that did gives update numbers again, and its device misses
        rows that nobody tells it of: there only the order in which each device sent is kept (ORDER-2, no devices)."""
        if chat in self._scope.set_back:
            return docket.allow(LOG_SET_BACK)
        if any(device in self._scope.inboxes_set_back for device in devices):
            return docket.allow(INBOX_SET_BACK)
        return docket

    # -- what is wrong --------------------------------------------------------------------------------------------

    def _charge_number(self, message: Message | None, sequence: int, row: HistoryRow) -> None:
        """ORDER-1: the phone believes in another sequence than the log gave."""
        time_us, _, device, _, number, operation, _, _ = row
        self._of(self._numbered, row[3], row[2]).charge(
            time_us,
            (operation,),
            lambda: (
                known(message, operation),
                f"the {phone(device)} showed it as entry {number} {when(time_us)}, but the log has it as {sequence}",
            ),
        )

    def _charge_place(self, shown: ShownList, message: Message | None, sequence: int, row: HistoryRow) -> None:
        """ORDER-1: it stands below something that comes later in the log."""
        time_us, _, device, chat, _, operation, _, _ = row
        self._inverted.setdefault((device, chat), [])
        above = shown.operations[shown.sequences.index(shown.last)] if shown.last in shown.sequences else -1
        highest = shown.last
        self._of(self._numbered, row[3], row[2]).charge(
            time_us,
            (above, operation) if above >= 0 else (operation,),
            lambda: (
                known(message, operation),
                f"the {phone(device)} already showed message {above}, which is entry {highest}",
                f"and put this one, which is entry {sequence}, below it {when(time_us)}",
            ),
        )

    def charge_sender(self, message: Message, turn: int, row: HistoryRow) -> None:
        """ORDER-2: it stands on the wrong side of what its writer wrote on the same device, at this turn."""
        time_us, _, device, _, _, operation, _, _ = row
        other, later = turn & OPERATIONS, turn > message.turn
        self._of(self._sent, row[3]).charge(
            time_us,
            (other, operation),
            lambda: (
                known(message, operation),
                f"the same device composed message {other} {'after' if later else 'before'} it",
                f"the {phone(device)} put {operation} {'below' if later else 'above'} {other} {when(time_us)}",
            ),
        )

    def charge_pair(self, row: HistoryRow, above: int, highest: int, below: int, message: Message) -> None:
        """ORDER-1: one of two neighbours entered on the wrong side of the other."""
        time_us, _, device, chat, _, _, _, _ = row
        self._inverted.setdefault((device, chat), [])
        self._of(self._numbered, chat, device).charge(
            time_us,
            (above, below),
            lambda: (
                known(message, row[5]),
                f"the {phone(device)} has message {above}, which is entry {highest},",
                f"above message {below}, which comes before it in the log, since {when(time_us)}",
            ),
        )

    def charge_reply(self, reply: int, operation: int, row: HistoryRow) -> None:
        """ORDER-4: a message stands below a reply to it."""
        time_us, _, device, _, _, _, _, _ = row
        message = self._open.get(reply)
        self._of(self._replied, row[3], row[2]).charge(
            time_us,
            (operation, reply),
            lambda: (
                known(message, reply),
                f"it answers message {operation}, yet the {phone(device)} showed the answer first",
                f"and message {operation} below it {when(time_us)}",
            ),
        )

    def _charge_disagreement(self, chat: int, device: int, beside: int, pair: tuple[int, int]) -> None:
        first, second = pair
        self._of(self._agreed, chat, device, beside).charge(
            -1,
            pair,
            lambda: (
                known(self._open.get(first), first),
                known(self._open.get(second), second),
                f"the {phone(device)} shows {first} above {second}",
                f"the {phone(beside)} shows {second} above {first}",
            ),
        )


def await_answered(shown: ShownList, answered: int, reply: int) -> None:
    """Remember a reply whose answered message is not above it: it must not come below it later."""
    if shown.awaited is None:
        shown.awaited = {}
    shown.awaited[answered] = reply


def first_disagreement(one: array[int], other: array[int]) -> tuple[int, int] | None:
    """The first two messages that follow each other in ``one`` (among those in both) and stand the other way round
    in ``other``. If any pair is inverted, such a neighbouring one is.
    """
    place = {operation: index for index, operation in enumerate(other)}
    before = -1
    for operation in one:
        if operation in place:
            if before >= 0 and place[operation] < place[before]:
                return before, operation
            before = operation
    return None
