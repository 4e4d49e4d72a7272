"""Planted bugs of the message store and the fan-out."""

from __future__ import annotations

from typing import Any

from ..protocol.fan_out import FanOut
from ..protocol.message_store import MessageStore
from ..protocol.send_memory import Answer, SendMemory
from ..protocol.store_state import ConversationLog, StoreState
from ..vocabulary.messages import Address, Append, trace_of
from ..vocabulary.records import AppendEntry, FanOutMoved
from .planted import Planted


class EarlyAnswer(MessageStore):
    """Answers with the sequence that the entry will probably get."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.tail: dict[int, tuple[int, int]] = {}

    def on_append(self, source: Address, append: Append) -> None:
        if self.durable.known(append) is not None:
            self.answer(source, append)
            return
        log = self.durable.conversation(append.conversation)
        last, writer = self.tail.get(append.conversation, (0, -1))
        if last <= log.last_sequence:
            last = log.last_sequence
            writer = append.device if log.latest.get(append.device, (0, False))[1] else -1
        self.tail[append.conversation] = (last + 1, append.device)
        early = Answer(append.send_number, append.message_id, last + 1, 0, last, writer == append.device)
        self.accept(source, append, early)
        self.port.persist(AppendEntry(append, source, append.trace), self.after_append)

    def after_append(self, record: AppendEntry) -> None:
        self.on_log_grown()


class AcknowledgesBeforePersist(Planted):
    number = 1
    title = "acknowledge the sender before the durable write"
    check = "LOSS-1"
    also = ("ORDER-2", "LOSS-2", "TICK-1", "FLOW-1", "ORDER-1", "LIVE-1")
    needs = "store crash between the answer and the write"
    CLASSES = {"store": EarlyAnswer}


class ForgetfulStore(MessageStore):
    """Loses the memory of send numbers in a restart."""

    def on_start(self) -> None:
        if self.port.incarnation > 1:
            for log in self.durable.conversations.values():
                log.sends.clear()


class TakesWhateverComes(StoreState):
    """A (device, conversation) that it does not remember may begin at any number."""

    def is_next(self, memory: SendMemory, append: Append) -> bool:
        if memory.last == 0:
            memory.last = append.send_number - 1
        return append.send_number == memory.last + 1


class ForgetsSendNumbersInRestart(Planted):
    number = 10
    title = "the store's memory of send numbers is lost in a restart, and it takes whatever number comes first"
    check = "FLOW-1"
    also = ("LOSS-1", "DUP-1", "ORDER-1", "ORDER-2", "TICK-1", "LOSS-2", "GHOST-1", "LIVE-1")
    needs = "store restart, and a retry after it"
    CLASSES = {"store": ForgetfulStore, "store_state": TakesWhateverComes}


class RecordsBeforeAppending(MessageStore):
    """Notes the send number first; when the append then fails, the retry is taken for a repeat."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.noted: dict[tuple[int, int, int], bool] = {}

    def on_append(self, source: Address, append: Append) -> None:
        key = (append.device, append.conversation, append.send_number)
        if key in self.noted and self.durable.known(append) is None:
            return
        self.noted[key] = True
        super().on_append(source, append)


class SwallowsTheRetry(Planted):
    number = 11
    title = "send number recorded before the append; the append fails; the retry is swallowed"
    scenario = "mutants_disk"
    check = "LOSS-2"
    also = ("LIVE-1", "LOSS-1", "QUEUE-3")
    needs = "disk refuses the write"
    CLASSES = {"store": RecordsBeforeAppending}


class ShortMemory(MessageStore):
    """Forgets a sender's numbers two seconds after the last one."""

    WINDOW_US = 2_000_000

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.heard_us: dict[tuple[int, int], int] = {}

    def on_append(self, source: Address, append: Append) -> None:
        key = (append.device, append.conversation)
        now = self.port.monotonic_us()
        if now - self.heard_us.get(key, now) > self.WINDOW_US:
            self.durable.conversation(append.conversation).sends.pop(append.device, None)
        self.heard_us[key] = now
        super().on_append(source, append)


class ForgetsSendNumbersTooSoon(Planted):
    number = 12
    title = (
        "the store forgets send numbers after a window shorter than the longest retry, and takes whatever comes first"
    )
    check = "FLOW-1"
    also = ("LOSS-1", "DUP-1", "ORDER-1", "ORDER-2", "TICK-1", "LOSS-2", "GHOST-1", "LIVE-1")
    needs = "offline longer than the window after a lost acknowledgement"
    CLASSES = {"store": ShortMemory, "store_state": TakesWhateverComes}


class DeduplicatesOnContent(MessageStore):
    """A message with the text of the one before it in its chat is taken for a repeat of that."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.last_text: dict[tuple[int, int], int] = {}

    def on_append(self, source: Address, append: Append) -> None:
        if self.durable.known(append) is None:
            key = (append.device, append.conversation)
            text = self.port.world.texts[append.body]  # type: ignore[attr-defined]
            if self.last_text.get(key) == text:
                return
            self.last_text[key] = text
        super().on_append(source, append)


class DropsEqualTexts(Planted):
    number = 13
    title = 'dedup on content instead of id ("ok", "ok")'
    check = "LOSS-2"
    also = ("LIVE-1",)
    needs = "nothing"
    CLASSES = {"store": DeduplicatesOnContent}


class SequenceInCache(MessageStore):
    """The last sequences were only in the old leader's cache."""

    def on_start(self) -> None:
        if self.port.incarnation > 1:
            for log in self.durable.conversations.values():
                log.last_sequence = max(0, log.last_sequence - 2)


class SequenceRollsBack(Planted):
    number = 16
    title = "sequence kept in a cache only; rolls back on fail-over"
    check = "LOSS-1"
    also = ("ORDER-1", "ORDER-3", "FLOW-1", "TICK-3", "LIVE-1", "TICK-1")
    needs = "store fail-over"
    CLASSES = {"store": SequenceInCache}


class EagerCursor(FanOut):
    """Writes the cursor past the new entries, and only then hands them to the inboxes."""

    def on_log_grown(self) -> None:
        state = self.durable
        if self.begun_through < state.end_position:
            record = FanOutMoved(state.end_position, trace_of(state.end_position))
            entries = [state.entry_at(place) for place in range(self.begun_through, state.end_position)]
            self.begun_through = self.done_through = state.end_position
            self.handing = getattr(self, "handing", [])
            self.handing.extend(entries)
            self.port.persist(record, self.after_cursor)

    def after_cursor(self, record: FanOutMoved) -> None:
        """The cursor is durable: now the appends, of which nobody but this memory knows."""
        entries, self.handing = self.handing, []
        for entry in entries:
            for recipient in entry.recipients:
                self.begin(entry, recipient)
            self.look_after(entry, entry.recipients)

    def advance(self) -> None:
        """The cursor has moved already."""


class CursorBeforeInbox(Planted):
    number = 40
    title = "fan-out cursor advanced before the inbox appends are durable"
    scenario = "mutants_crash"
    check = "LOSS-1"
    also = ("FLOW-1", "LIVE-1", "TICK-3")
    needs = "store crash between the cursor and the appends"
    CLASSES = {"fan_out": EagerCursor}


class TakesGaps(StoreState):
    """Takes any send number that it has not seen."""

    def is_next(self, memory: SendMemory, append: Append) -> bool:
        return memory.find(append.send_number) is None

    def known(self, append: Append) -> SendMemory | None:
        log = self.conversations.get(append.conversation)
        memory = None if log is None else log.sends.get(append.device)
        return memory if memory is not None and memory.find(append.send_number) is not None else None

    def memory_of(self, log: ConversationLog, append: Append) -> SendMemory:
        memory = log.sends.get(append.device)
        if memory is None:
            memory = log.sends[append.device] = SendMemory(1000)
        return memory


class AcceptsGaps(Planted):
    number = 41
    title = "a gap in send numbers is accepted by the store, and the late one is appended too"
    scenario = "mutants_lossy"
    check = "ORDER-2"
    also = ("ORDER-4",)
    needs = "the first of two sends is lost or late"
    CLASSES = {"store_state": TakesGaps}


PLANTED: tuple[type[Planted], ...] = (
    AcknowledgesBeforePersist,
    ForgetsSendNumbersInRestart,
    SwallowsTheRetry,
    ForgetsSendNumbersTooSoon,
    DropsEqualTexts,
    SequenceRollsBack,
    CursorBeforeInbox,
    AcceptsGaps,
)
