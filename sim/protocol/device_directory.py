"""The device directory: a reinstalled phone is a new device, known everywhere before the old one is retired (PHONE-10).

It runs beside the inbox shard of the user and writes into the same log. First the new inbox exists; then every store
shard learns the new device list, so that no later entry is owed to the old device; only then the old inbox becomes a
tombstone and the phone is told.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.messages import Address, DeviceList, DeviceListTaken, Register, Registered, trace_of
from ..vocabulary.records import BeginRegistration, EndRegistration
from .dispatch import Dispatching
from .inbox_state import InboxState
from .port import ServerPort, Timers


class DeviceDirectory(Dispatching):
    """The registrations of one inbox shard's users."""

    __slots__ = ("askers", "durable", "open", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {Register: "on_register", DeviceListTaken: "on_device_list_taken"}
    durable: InboxState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.askers: dict[int, Address] = {}
        """New device to the connection server that waits for the answer."""
        self.open: dict[int, list[int]] = {}
        """New device to the store shards that have not answered yet."""

    def on_start(self) -> None:
        """Registrations that were begun go on."""
        for record in list(self.durable.registrations.values()):
            self.after_begin(record)

    def on_register(self, source: Address, message: Register) -> None:
        """A phone's first step; repeated until it is answered."""
        self.askers[message.device] = source
        if self.durable.current_device(message.user) >= message.device:
            self.tell(message.device, message.trace)
        elif message.device not in self.open:
            record = BeginRegistration(message.device, message.user, message.replaces, message.trace)
            self.port.persist(record, self.after_begin)

    def after_begin(self, record: BeginRegistration) -> None:
        """The inbox exists; now tell every store shard."""
        if record.device not in self.durable.registrations or record.device in self.open:
            return
        self.open[record.device] = list(range(len(self.port.stores())))
        self.send_lists((record, 0))

    def send_lists(self, due: tuple[BeginRegistration, int]) -> None:
        """To every store shard that has not answered; again until all have."""
        record, attempt = due
        missing = self.open.get(record.device)
        if not missing:
            return
        stores = self.port.stores()
        for shard in missing:
            trace = trace_of(record.device * len(stores) + shard, attempt)
            self.port.send(stores[shard], DeviceList(record.user, record.device, trace))
        self.port.set_timer(self.timers.call_again_us, self.send_lists, (record, attempt + 1))

    def on_device_list_taken(self, source: Address, message: DeviceListTaken) -> None:
        """One more shard knows."""
        missing = self.open.get(message.device)
        if missing is None or message.shard not in missing:
            return
        missing.remove(message.shard)
        if not missing:
            begun = self.durable.registrations[message.device]
            record = EndRegistration(begun.device, begun.user, begun.replaces, begun.trace)
            self.port.persist(record, self.after_end)

    def after_end(self, record: EndRegistration) -> None:
        """The old device is retired; the new one may say hello."""
        self.open.pop(record.device, None)
        self.tell(record.device, record.trace)

    def tell(self, device: int, trace: int) -> None:
        """Answer whoever asked last."""
        asker = self.askers.pop(device, None)
        if asker is not None:
            self.port.send(asker, Registered(device, trace))

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: the phone asks again, and the end is tried again."""
        if isinstance(record, EndRegistration):
            self.port.set_timer(self.timers.call_again_us, self.on_end_due, record)

    def on_end_due(self, record: EndRegistration) -> None:
        """Once more what the disk refused."""
        self.port.persist(record, self.after_end)
