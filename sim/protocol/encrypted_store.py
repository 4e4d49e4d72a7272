"""The message store where messages are encrypted: it holds envelopes, and checks for whom they are (E2EE-1, E2EE-2)."""

from __future__ import annotations

from typing import Any

from ..vocabulary.encryption import StaleList
from ..vocabulary.ids import is_channel, is_group, other_member
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, Append
from ..vocabulary.records import AppendEntry
from ..vocabulary.structs import Struct
from .message_store import MessageStore
from .store_state import ConversationLog, Recipient, StoreState


class Stale(Struct, frozen=True):
    """What an append did that was sealed for other devices than it is for: nothing (E2EE-2)."""

    devices: tuple[int, ...]


class EncryptedStoreState(StoreState):
    """One shard, of which no one may know what people write."""

    __slots__ = ()

    def append_entry(self, record: AppendEntry) -> Any:
        """E2EE-2: checked in the same append, against the lists and members that its recipients are taken from."""
        devices = self.missed_devices(record.append)
        return super().append_entry(record) if devices is None else Stale(devices)

    def missed_devices(self, append: Append) -> tuple[int, ...] | None:
        """E2EE-2: the devices that the next entry is for, if it is not sealed for exactly these. What is refused anyway
        (STORE-2) is refused for that: only members are told a list."""
        log = self.conversation(append.conversation)
        if self.is_full() or not self.is_next(self.memory_of(log, append), append) or self.final_refusal(log, append):
            return None
        devices = self.devices_for(log, append)
        sealed_for = dict.fromkeys(envelope.device for envelope in append.envelopes)
        return None if sealed_for == dict.fromkeys(devices) else devices

    def devices_for(self, log: ConversationLog, append: Append) -> tuple[int, ...]:
        """FAN-2: every device of those whom it goes to but the sending one; of a channel's readers none (CHAN-1)."""
        if is_channel(append.conversation):
            return ()
        users = dict.fromkeys((other_member(append.conversation, append.user), append.user))
        if is_group(append.conversation):
            users = {**log.members, **dict.fromkeys(() if append.change is None else append.change.added)}
        return tuple(device for user in users for device in self.devices_of(user) if device != append.device)

    def recipients(
        self, log: ConversationLog, append: Append, users: tuple[int, ...], sequence: int
    ) -> tuple[Recipient, ...]:
        """E2EE-1: each recipient device with its own envelope."""
        sealed = {envelope.device: envelope for envelope in append.envelopes}
        fixed = super().recipients(log, append, users, sequence)
        return tuple(recipient._replace(envelope=sealed.get(recipient.device)) for recipient in fixed)


class EncryptedStore(MessageStore):
    """The leader of such a shard."""

    __slots__ = ()
    durable: EncryptedStoreState

    def answer_unknown(self, source: Address, append: Append) -> None:
        """E2EE-2: refused with the current list; the phone seals it anew and sends it again."""
        devices = self.durable.missed_devices(append)
        if devices is None:
            super().answer_unknown(source, append)
            return
        self.port.reached(HardCase.STALE_DEVICE_LIST, append.body)
        self.port.send(
            source,
            StaleList(append.device, append.conversation, append.send_number, append.message_id, devices, append.trace),
        )
