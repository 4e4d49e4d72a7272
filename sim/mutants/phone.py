"""Planted bugs of the phone."""

from __future__ import annotations

from typing import Any, ClassVar

from ..protocol.phone import Phone
from ..protocol.phone_state import Chat, Line, PhoneState
from ..protocol.send_memory import SendMemory
from ..protocol.store_state import ConversationLog, StoreState
from ..vocabulary.kinds import UpdateKind
from ..vocabulary.messages import Append, Reason, Refused, Update, Updates
from ..vocabulary.records import ApplyUpdates, Compose, TakeRefused
from ..vocabulary.structs import Struct
from .planted import Planted


class ResendsAnew(Phone):
    """A retry is a new message to the store: another id, another send number."""

    def on_resend_due(self, due: tuple[Chat, Line, int, int]) -> None:
        chat, line, epoch, attempt = due
        state = self.durable
        if epoch != state.epoch or self.connection is None or chat.outbox.get(line.send_number) is not line:
            return
        del chat.outbox[line.send_number]
        state.composed += 1
        line.message_id = state.device << 24 | state.composed
        line.send_number = chat.last_send_number = chat.last_send_number + 1
        chat.outbox[line.send_number] = line
        chat.lines[line.message_id] = line
        self.sent[chat.conversation] = line.send_number
        self.send_line(chat, line, attempt)


class FreshIdsOnResend(Planted):
    number = 9
    title = "resend with a fresh message id and a fresh send number"
    check = "FLOW-1"
    also = (
        "DUP-1",
        "LOSS-2",
        "LIVE-1",
        "ORDER-1",
        "ORDER-2",
        "ORDER-3",
        "ORDER-4",
        "TICK-3",
        "LOSS-1",
        "TICK-1",
        "TICK-2",
        "GHOST-1",
    )
    needs = "acknowledgement lost"
    CLASSES = {"phone": ResendsAnew}


class EarlyCursor(Struct, frozen=True):
    """The cursor, written before the messages that it stands for."""

    cursor: int
    trace: int


class CursorFirstState(PhoneState):
    """Takes the rows of a batch after the cursor has passed them."""

    TAKES: ClassVar[dict[type, str]] = {**PhoneState.TAKES, EarlyCursor: "early_cursor"}

    def early_cursor(self, record: EarlyCursor) -> None:
        """The cursor alone."""
        self.cursor = max(self.cursor, record.cursor)

    def apply_updates(self, record: ApplyUpdates) -> list[Any]:
        fresh = []
        for row in record.rows:
            chat = self.chat(row.conversation)
            if row.update != UpdateKind.MESSAGE:
                self.take_receipt(chat, row)
            elif self.take_message(chat, row):
                fresh.append(row)
        return fresh


class CursorFirstPhone(Phone):
    """Writes the cursor, and when that is durable the rows."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.waiting: list[Updates] = []
        self.cursor_written = self.durable.cursor

    def on_updates(self, message: Updates) -> None:
        rows = message.rows
        fresh = rows and rows[0].number <= self.cursor_written + 1 and rows[-1].number > self.cursor_written
        if message.epoch == self.durable.epoch and fresh:
            self.answered()
            self.cursor_written = rows[-1].number
            self.waiting.append(message)
            self.port.persist(EarlyCursor(rows[-1].number, message.trace), self.after_early_cursor)
        else:
            super().on_updates(message)

    def after_early_cursor(self, record: EarlyCursor) -> None:
        """The cursor is durable; the rows follow."""
        message = self.waiting.pop(0)
        self.committing_through = max(self.committing_through, message.rows[-1].number)
        self.port.persist(ApplyUpdates(message.rows, message.trace), self.after_updates)


class CursorBeforeCommit(Planted):
    number = 14
    title = "phone advances its cursor before its message is committed"
    scenario = "mutants_kill"
    check = "LOSS-1"
    also = ("QUEUE-1", "TICK-1", "TICK-3", "FLOW-1", "LIVE-1")
    needs = "app killed between the two writes"
    CLASSES = {"phone": CursorFirstPhone, "phone_state": CursorFirstState}


class ShowsFirst(Phone):
    """On the screen at once, in the database a moment later."""

    def on_updates(self, message: Updates) -> None:
        rows = message.rows
        if message.epoch == self.durable.epoch and rows and rows[0].number <= self.committing_through + 1:
            for row in rows:
                if row.number > self.committing_through and row.update == UpdateKind.MESSAGE:
                    self.show_early(row)
        super().on_updates(message)

    def show_early(self, row: Update) -> None:
        """Show a row that will take the next place of its chat."""
        chat = self.durable.chat(row.conversation)
        drawn = self.drawn.get(row.conversation, 0)
        last = chat.placed_through if drawn == len(chat.placed) else -1
        if row.message_id not in chat.lines and row.predecessor == last:
            self.drawn[row.conversation] = drawn + 1
            self.port.show(row.conversation, row.sequence, row.body)

    def is_ahead(self, conversation: int) -> bool:
        """Whether the screen shows what the database does not hold yet."""
        chat = self.durable.chats.get(conversation)
        return chat is not None and self.drawn.get(conversation, 0) > len(chat.placed)

    def is_drawn(self, chat: Chat, line: Line) -> bool:
        return self.is_ahead(chat.conversation) or super().is_drawn(chat, line)

    def on_open(self, conversation: int) -> None:
        """What is not in the database yet cannot be marked as read."""
        if not self.is_ahead(conversation):
            super().on_open(conversation)


class ShowsBeforeCommit(Planted):
    number = 15
    title = "phone shows, then commits"
    scenario = "mutants_kill"
    check = "DUP-1"
    also = ("ORDER-1", "LOSS-1", "ORDER-2", "ORDER-3", "TICK-3")
    needs = "app killed between the two"
    CLASSES = {"phone": ShowsFirst}


class SortsByClock(Phone):
    """After a restart the list is sorted by what the senders' clocks said."""

    def on_start(self) -> None:
        for chat in self.durable.chats.values():
            chat.placed.sort(key=lambda line: line.written_us)
        super().on_start()


class OrdersBySendersClock(Planted):
    number = 17
    title = "order by the sender's clock"
    scenario = "mutants_clock"
    check = "ORDER-1"
    also = ("ORDER-2", "ORDER-3", "ORDER-4")
    needs = "wrong clock"
    CLASSES = {"phone": SortsByClock}


class ClockIds(PhoneState):
    """A message id is the time in units of five seconds and a count that begins again in each."""

    __slots__ = ("count", "unit")

    def new_message_id(self, record: Compose) -> int:
        unit = record.written_us // 5_000_000 % (1 << 20)
        if getattr(self, "unit", None) != unit:
            self.unit = unit
            self.count = 0
        self.count += 1
        return self.device << 24 | unit << 4 | self.count


class IdsFromTheClock(Planted):
    number = 18
    title = "message id made from the clock; repeats when it steps back"
    scenario = "mutants_clock"
    check = "LOSS-1"
    also = (
        "FLOW-1",
        "TICK-1",
        "TICK-2",
        "TICK-3",
        "LIVE-1",
        "ORDER-1",
        "DUP-1",
        "LOSS-2",
        "GHOST-1",
        "ORDER-2",
        "ORDER-3",
        "ORDER-4",
    )
    needs = "clock step"
    CLASSES = {"phone_state": ClockIds}


class NoGapRule(PhoneState):
    """Applies whatever is beyond the cursor."""

    def apply_updates(self, record: ApplyUpdates) -> list[Any]:
        rows = [row for row in record.rows if row.number > self.cursor]
        fresh = []
        for row in rows:
            self.cursor = row.number
            chat = self.chat(row.conversation)
            if row.update != UpdateKind.MESSAGE:
                self.take_receipt(chat, row)
            elif self.take_message(chat, row):
                fresh.append(row)
        return fresh


class PhoneWithoutGapRule(Phone):
    """Asks for nothing in between."""

    def on_gap(self) -> None:
        """A gap is no reason to stop."""

    def on_updates(self, message: Updates) -> None:
        rows = message.rows
        if message.epoch == self.durable.epoch and rows and rows[0].number > self.committing_through + 1:
            self.committing_through = rows[0].number - 1
        super().on_updates(message)


class AppliesBeyondGap(Planted):
    number = 22
    title = "phone applies beyond a gap in update numbers and moves its cursor"
    check = "LOSS-1"
    also = ("QUEUE-1", "TICK-1", "TICK-3", "FLOW-1", "LIVE-1", "ORDER-1")
    needs = "one push lost"
    scenario = "mutants_lossy"
    CLASSES = {"phone": PhoneWithoutGapRule, "phone_state": NoGapRule}


class DropsRefused(Phone):
    """Any refusal is final."""

    def on_refused(self, message: Refused) -> None:
        if message.reason != Reason.GAP:
            super().on_refused(message)
            return
        record = TakeRefused(message.conversation, message.send_number, message.message_id, message.trace)
        self.port.persist(record, self.after_dropped)

    def after_dropped(self, record: TakeRefused) -> None:
        """And nobody is told."""


class GapDropsMessage(Planted):
    number = 43
    title = "a gap refusal drops the message from the outbox"
    check = "LOSS-2"
    also = ("FLOW-1", "LIVE-1", "TICK-3", "TICK-1", "TICK-2", "ORDER-1", "LOSS-1", "DUP-1")
    needs = "the first of two sends is lost or late"
    scenario = "mutants_lossy"
    CLASSES = {"phone": DropsRefused}


_QUEUE_BITS = 20
_SECOND = 1 << _QUEUE_BITS


class SecondQueue(PhoneState):
    """Replies have send numbers of their own."""

    def compose(self, record: Compose) -> Line:
        chat = self.chat(record.conversation)
        if record.reply_to < 0:
            return super().compose(record)
        ordinary = chat.last_send_number
        replies = [number for number in chat.outbox if number >= _SECOND]
        latest = max((line.send_number for line in chat.lines.values() if line.own), default=0)
        chat.last_send_number = max(latest, _SECOND) if latest >= _SECOND or replies else _SECOND
        line = super().compose(record)
        chat.last_send_number = ordinary
        return line


class TwoQueues(Phone):
    """Each queue goes out in its own order."""

    def send_outbox(self, chat: Chat) -> None:
        if not chat.outbox or self.connection is None or not self.durable.registered:
            return
        whole = chat.outbox
        for second in (True, False):
            part = {number: line for number, line in whole.items() if (number >= _SECOND) is second}
            first = next(iter(part), 0)
            for number, line in part.items():
                key = chat.conversation if not second else -1 - chat.conversation
                if self.sent.get(key, 0) < number < first + self.timers.send_window:
                    self.sent[key] = number
                    self.send_line(chat, line, 0)

    def on_refused(self, message: Refused) -> None:
        key = message.conversation if message.send_number < _SECOND else -1 - message.conversation
        if message.reason == Reason.GAP:
            self.sent[key] = min(self.sent.get(key, 0), message.send_number - 1)
        else:
            super().on_refused(message)


class TwoMemories(StoreState):
    """The store keeps both queues apart."""

    def memory_of(self, log: ConversationLog, append: Append) -> SendMemory:
        key = append.device if append.send_number < _SECOND else -1 - append.device
        memory = log.sends.get(key)
        if memory is None:
            memory = log.sends[key] = SendMemory(self.window)
            memory.last = 0 if key >= 0 else _SECOND
        return memory

    def known(self, append: Append) -> SendMemory | None:
        log = self.conversations.get(append.conversation)
        memory = None if log is None else self.memory_of(log, append)
        return memory if memory is not None and append.send_number <= memory.last else None


class RepliesOvertake(Planted):
    number = 44
    title = "replies leave on a second queue with their own send numbers"
    scenario = "mutants_lossy"
    check = "ORDER-4"
    also = (
        "BOUND-1",
        "ORDER-2",
    )
    needs = "delay (the workload answers own messages still in the outbox)"
    CLASSES = {"phone": TwoQueues, "phone_state": SecondQueue, "store_state": TwoMemories}


PLANTED: tuple[type[Planted], ...] = (
    FreshIdsOnResend,
    CursorBeforeCommit,
    ShowsBeforeCommit,
    OrdersBySendersClock,
    IdsFromTheClock,
    AppliesBeyondGap,
    GapDropsMessage,
    RepliesOvertake,
)
