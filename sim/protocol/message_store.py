"""The message store: a durable log per shard, and an answer only when the log has it (STORE-1..4, CONN-3).

In the architecture ``update_queue`` the same machine is the sequencer (UQ-1): its log is on a fast disk, and an
archiver beside it takes the log on to the long-term store.

What it decides it decides in ``StoreState.append_entry``, when the record has reached its place in the log; here it
asks for that and answers. Nothing is remembered in memory.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Accepted, Address, Append, DeviceList, DeviceListTaken, Reason, Refused
from ..vocabulary.records import AppendEntry, ListDevices
from .archiver import Archiver
from .channel_news import ChannelNewsroom
from .dispatch import Dispatching
from .fan_out import FanOut
from .group_receipts import GroupReceipts
from .port import ServerPort, Timers
from .send_memory import Answer
from .store_state import StoreState


class MessageStore(Dispatching):
    """The leader of one shard."""

    __slots__ = ("archiver", "durable", "fan_out", "newsroom", "port", "receipts", "timers")
    TAKES: ClassVar[dict[type, str]] = {Append: "on_append", DeviceList: "on_device_list"}
    durable: StoreState

    def __init__(
        self,
        port: ServerPort,
        timers: Timers,
        fan_out: FanOut,
        receipts: GroupReceipts,
        archiver: Archiver | None = None,
    ) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.fan_out = fan_out
        self.receipts = receipts
        self.archiver = archiver
        self.newsroom: ChannelNewsroom | None = None
        """Who tells of channels, if there are any (CHAN-1)."""

    def on_start(self) -> None:
        """Nothing is in flight after a restart."""

    def on_append(self, source: Address, append: Append) -> None:
        """STORE-2: this check comes before every other: a known number gets its first answer again."""
        if self.durable.known(append) is not None:
            self.port.reached(HardCase.ACKNOWLEDGEMENT_LOST_AFTER_PERSIST, append.body)
            self.answer(source, append)
        elif self.archiver is not None and self.durable.is_full():
            self.archiver.make_room(append.trace)
            self.refuse_for_now(source, append)
        else:
            self.port.persist(AppendEntry(append, source, append.trace), self.after_append)

    def after_append(self, record: AppendEntry) -> None:
        """STORE-3: durable on a quorum; only now it is answered and fanned out."""
        self.answer(record.asker, record.append)
        self.on_log_grown()
        if self.newsroom is not None:
            self.newsroom.on_entry(record.append.conversation)
        if record.append.change is not None:
            self.receipts.send_owed()

    def on_log_grown(self) -> None:
        """Whoever reads the log goes on; UQ-2: neither waits for the other."""
        self.fan_out.on_log_grown()
        if self.archiver is not None:
            self.archiver.on_log_grown()

    def answer(self, source: Address, append: Append) -> None:
        """STORE-2: by what the log says of this send number."""
        memory = self.durable.known(append)
        if memory is None:
            self.answer_unknown(source, append)
            return
        answer = memory.find(append.send_number)
        if answer is None:
            return
        if answer.message_id != append.message_id:
            self.refuse(source, append, Reason.OTHER_MESSAGE_ID)
        elif not answer.sequence:
            self.refuse(source, append, answer.reason)
        else:
            self.accept(source, append, answer)

    def answer_unknown(self, source: Address, append: Append) -> None:
        """STORE-2: not appended: the log is full, or there is a gap."""
        if self.archiver is not None and self.durable.is_full():
            self.refuse_for_now(source, append)
            return
        self.port.reached(HardCase.SEND_GAP_REFUSED, append.body)
        self.refuse(source, append, Reason.GAP)

    def accept(self, source: Address, append: Append, answer: Answer) -> None:
        """CONN-3: the first tick's truth."""
        self.port.send(
            source,
            Accepted(
                append.device,
                append.conversation,
                append.send_number,
                append.message_id,
                answer.sequence,
                answer.predecessor,
                answer.predecessor_own,
                append.trace,
            ),
        )

    def refuse_for_now(self, source: Address, append: Append) -> None:
        """UQ-2: the log is full of what the long-term store lacks. Not final: the phone sends it again (PHONE-1)."""
        self.port.reached(HardCase.ARCHIVE_BACKLOG_FULL, append.body)
        self.refuse(source, append, Reason.RETRY_LATER)

    def refuse(self, source: Address, append: Append, reason: int) -> None:
        """Told, whether final or not."""
        self.port.send(
            source,
            Refused(append.device, append.conversation, append.send_number, append.message_id, reason, append.trace),
        )

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: nothing is answered, and the sender asks again (PHONE-1)."""

    def on_device_list(self, source: Address, message: DeviceList) -> None:
        """PHONE-10: a user's devices, known here before a replaced one is retired."""
        record = ListDevices(message.user, message.version, message.devices, message.change, source, message.trace)
        if self.durable.list_version(message.user) >= message.version:
            self.after_device_list(record)
        else:
            self.port.persist(record, self.after_device_list)

    def after_device_list(self, record: ListDevices) -> None:
        """Durable: every entry from here on goes to these devices."""
        self.port.send(record.asker, DeviceListTaken(record.user, record.change, self.port.shard, record.trace))
