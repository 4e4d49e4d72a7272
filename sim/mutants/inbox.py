"""Planted bugs of the inbox."""

from __future__ import annotations

from typing import Any

from ..protocol.inbox import InboxShard
from ..protocol.inbox_state import CursorMoved, Inbox, InboxState, WatermarkStored
from ..protocol.phone_state import Chat, Line, PhoneState
from ..vocabulary.kinds import UpdateKind
from ..vocabulary.messages import Address, Drain, Outcome, Route
from ..vocabulary.records import EnterEntry, MoveCursor, StoreWatermark
from .phone import NoGapRule, PhoneWithoutGapRule
from .planted import Planted


class TrimsWhenWritten(InboxShard):
    """What has been written to the socket is taken for delivered."""

    def push(self, inbox: Inbox, delivery: Any, trace: int) -> None:
        before = delivery.sent
        super().push(inbox, delivery, trace)
        if delivery.sent > before:
            record = MoveCursor(inbox.device, delivery.epoch, delivery.sent, trace)
            self.port.persist(record, self.after_acknowledge)


class TrimsOnSend(Planted):
    number = 2
    title = "trim the inbox row when it is written to the socket, not on the device's acknowledgement"
    check = "QUEUE-1"
    also = ("LOSS-1", "TICK-1", "FLOW-1", "LIVE-1", "TICK-3", "QUEUE-3", "ROUTE-1")
    needs = "nothing; a connection break makes it a loss"
    CLASSES = {"inbox": TrimsWhenWritten}


class RemembersPushes(InboxShard):
    """Knows how far each device's inbox has ever been pushed."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.pushed: dict[int, int] = {}

    def push(self, inbox: Inbox, delivery: Any, trace: int) -> None:
        super().push(inbox, delivery, trace)
        self.pushed[inbox.device] = max(self.pushed.get(inbox.device, 0), delivery.sent)


class DropsWithTheLease(RemembersPushes):
    """When a look-up finds no lease any more, what that connection had been sent is dropped."""

    def on_route(self, source: Address, route: Route) -> None:
        inbox = self.durable.inbox(route.device)
        pushed = self.pushed.get(route.device, 0)
        if route.server is None and inbox.cursor < pushed <= inbox.head:
            record = MoveCursor(route.device, inbox.epoch, pushed, route.trace)
            self.port.persist(record, self.after_acknowledge)
        super().on_route(source, route)


class DropsUnacknowledged(Planted):
    number = 3
    title = "what a closed connection had not acknowledged is dropped from the inbox when its lease ends"
    check = "QUEUE-1"
    also = ("LOSS-1", "TICK-1", "FLOW-1", "LIVE-1", "TICK-3", "QUEUE-3", "ROUTE-1")
    needs = "phone away past the lease with a push unacknowledged"
    CLASSES = {"inbox": DropsWithTheLease}


class RequeuesBehind(RemembersPushes):
    """A new connection finds what the old one was sent and did not acknowledge behind what came since."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.drained: dict[int, int] = {}

    def serve_drain(self, inbox: Inbox) -> None:
        delivery = self.delivery(inbox)
        if delivery.drain is not None:
            epoch = delivery.drain[1].epoch
            if epoch > self.drained.get(inbox.device, 0):
                self.drained[inbox.device] = epoch
                self.requeue(inbox)
        super().serve_drain(inbox)

    def requeue(self, inbox: Inbox) -> None:
        """Sent rows behind the others, under new numbers."""
        sent = [row for row in inbox.rows if row.number <= self.pushed.get(inbox.device, 0)]
        fresh = [row for row in inbox.rows if row.number > self.pushed.get(inbox.device, 0)]
        if sent and fresh:
            first = inbox.rows[0].number
            inbox.rows = [row._replace(number=first + place) for place, row in enumerate((*fresh, *sent))]


class ShowsByArrival(PhoneState):
    """Places what comes when it comes."""

    def settle(self, chat: Chat, line: Line, predecessor: int, *, waits: bool) -> None:
        self.place(chat, line)


class RedeliversBehind(Planted):
    number = 4
    title = "redelivered in-flight updates enter after newer live ones, phone shows by arrival (mark and hold-back off)"
    check = "ORDER-3"
    also = ("TICK-3", "ORDER-1", "ORDER-2", "ORDER-4")
    needs = "reconnect during traffic"
    CLASSES = {"inbox": RequeuesBehind, "phone_state": ShowsByArrival}


class MemoryOnly(InboxShard):
    """The inbox was only in its host's memory."""

    def on_start(self) -> None:
        if self.port.incarnation > 1:
            self.durable.inboxes.clear()
        super().on_start()


class InboxInMemory(Planted):
    number = 8
    title = "inbox only in its host's memory"
    check = "LOSS-1"
    also = ("LIVE-1", "FLOW-1", "QUEUE-1", "QUEUE-2", "QUEUE-3", "TICK-1", "TICK-3", "ROUTE-1")
    needs = "crash of an inbox host"
    CLASSES = {"inbox": MemoryOnly}


class SecondsCursor(InboxShard):
    """The cursor is a time in whole seconds, and what follows it must be of a later second."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.second_of: dict[tuple[int, int], int] = {}

    def offer(self, inbox: Inbox, trace: int) -> None:
        self.second_of.setdefault((inbox.device, inbox.head), self.port.monotonic_us() // 1_000_000)
        super().offer(inbox, trace)

    def on_drain(self, source: Address, drain: Drain) -> None:
        after = self.whole_second(drain.device, drain.cursor)
        super().on_drain(source, drain._replace(cursor=after, after=max(after, drain.after)))

    def whole_second(self, device: int, cursor: int) -> int:
        """The last update of the cursor's second."""
        second = self.second_of.get((device, cursor))
        head = self.durable.inbox(device).head
        while second is not None and cursor < head and self.second_of.get((device, cursor + 1)) == second:
            cursor += 1
        return cursor


class CursorInSeconds(Planted):
    number = 19
    title = 'sync cursor is a timestamp in whole seconds with strict "after" (phone and inbox)'
    check = "LOSS-1"
    also = ("QUEUE-3", "QUEUE-1", "TICK-1", "TICK-3", "FLOW-1", "LIVE-1", "QUEUE-2", "ORDER-1")
    needs = "a burst in one second across the edge of a page"
    CLASSES = {"inbox": SecondsCursor, "phone": PhoneWithoutGapRule, "phone_state": NoGapRule}


class AnswersAllIsWell(InboxShard):
    """A write that failed is answered as one that did not."""

    def on_write_refused(self, record: Any) -> None:
        if isinstance(record, EnterEntry):
            enter = record.enter
            self.answer_enter(record.asker, enter.device, enter.position, Outcome.TAKEN, record.trace)
        else:
            super().on_write_refused(record)


class FailedAppendIsSuccess(Planted):
    number = 25
    title = "a failed inbox append is answered with success"
    scenario = "mutants_disk"
    check = "LOSS-1"
    also = ("FLOW-1", "LIVE-1", "TICK-3")
    needs = "disk refuses"
    CLASSES = {"inbox": AnswersAllIsWell}


class OverwritesTicks(PhoneState):
    """The tick is what the last receipt said."""

    def take_receipt(self, chat: Chat, row: Any) -> None:
        line = chat.lines.get(row.message_id)
        if line is not None and line.own:
            line.tick = 3 if row.update == UpdateKind.READ else 2


class DeliveredOverwritesRead(Planted):
    number = 28
    title = "delivered overwrites read"
    scenario = "mutants_receipts"
    check = "TICK-2"
    also = ("TICK-3",)
    needs = "receipts reordered"
    CLASSES = {"phone_state": OverwritesTicks}


class StampsTheRange(InboxState):
    """A watermark is taken to cover whatever the inbox holds of that chat."""

    def store_watermark(self, record: StoreWatermark) -> WatermarkStored:
        done = super().store_watermark(record)
        inbox = self.inbox(record.device)
        stamped = []
        for row in inbox.rows:
            if row.update == UpdateKind.MESSAGE and row.conversation == record.conversation:
                receipt = self.owe(inbox, UpdateKind.READ, row.conversation, row.sequence, row)
                if receipt is not None:
                    stamped.append(receipt)
        return done._replace(owed=(*done.owed, *stamped))


class StampsUnseen(Planted):
    number = 29
    title = "read watermark stamps messages the device never got"
    check = "TICK-1"
    also = ("TICK-3",)
    needs = "one message late"
    CLASSES = {"inbox_state": StampsTheRange}


class NoFence(InboxShard):
    """Serves whatever epoch asks."""

    def is_fenced(self, inbox: Inbox, epoch: int) -> bool:
        return inbox.retired_by >= 0


class ServesOldEpochs(Planted):
    number = 42
    title = "the inbox takes trims and pushes of an older epoch"
    scenario = "mutants_pause"
    check = "ROUTE-1"
    also = ("QUEUE-1", "LOSS-1", "LIVE-1")
    needs = "server paused past its lease"
    CLASSES = {"inbox": NoFence}


class TakesOldAcknowledgements(InboxShard):
    """An acknowledgement is obeyed, whichever way it points."""

    def is_progress(self, delivery: Any, cursor: int) -> bool:
        return bool(cursor != delivery.acked)

    def covers_message(self, inbox: Inbox, cursor: int) -> bool:
        return True

    def page(self, inbox: Inbox, after: int) -> tuple[Any, ...]:
        return tuple(row for row in inbox.rows if row.number > after)[: self.timers.page]

    def push(self, inbox: Inbox, delivery: Any, trace: int) -> None:
        if self.page(inbox, max(delivery.sent, inbox.cursor)):
            super().push(inbox, delivery, trace)


class MovesBack(InboxState):
    """The durable cursor is what the last acknowledgement said."""

    def move_cursor(self, record: MoveCursor) -> CursorMoved | None:
        inbox = self.inbox(record.device)
        before = inbox.cursor
        if record.cursor >= before:
            return super().move_cursor(record)
        inbox.cursor = record.cursor
        return CursorMoved(before, record.cursor, 0, record.cursor, ())


class CursorMovesBack(Planted):
    number = 45
    title = "an old acknowledgement moves the cursor back"
    scenario = "mutants_reordering"
    check = "QUEUE-2"
    also = ("QUEUE-3", "LIVE-1", "QUEUE-1", "LOSS-1", "FLOW-1")
    needs = "acknowledgements reordered"
    CLASSES = {"inbox": TakesOldAcknowledgements, "inbox_state": MovesBack}


PLANTED: tuple[type[Planted], ...] = (
    TrimsOnSend,
    DropsUnacknowledged,
    RedeliversBehind,
    InboxInMemory,
    CursorInSeconds,
    FailedAppendIsSuccess,
    DeliveredOverwritesRead,
    StampsUnseen,
    ServesOldEpochs,
    CursorMovesBack,
)
