"""The device directory: who comes is known everywhere before anything is owed to them, who goes before they are retired
(PHONE-10).

It runs beside the inbox shard of the user and writes into the same log. First the new inbox exists; then every store
shard learns the new device list, so that no later entry is owed to whoever goes; only then the old inbox becomes a
tombstone and the phone is told. A reinstall is one that comes and one that goes; a linked device only comes, or goes.
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.messages import Address, DeviceList, DeviceListTaken, Register, Registered, Unlink, Unlinked, trace_of
from ..vocabulary.records import BeginRegistration, EndRegistration
from .dispatch import Dispatching
from .inbox_state import InboxState
from .port import ServerPort, Timers


class DeviceDirectory(Dispatching):
    """The changes of the device lists of one inbox shard's users."""

    __slots__ = ("askers", "durable", "open", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {
        Register: "on_register",
        Unlink: "on_unlink",
        DeviceListTaken: "on_device_list_taken",
    }
    durable: InboxState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.askers: dict[int, tuple[Address, int]] = {}
        """The device that comes or goes, to (the connection server that waits for the answer, the device to tell)."""
        self.open: dict[int, list[int]] = {}
        """The device that comes or goes, to the store shards that have not answered yet."""

    def on_start(self) -> None:
        """Changes that were begun go on."""
        for record in list(self.durable.registrations.values()):
            self.after_begin(record)

    # -- asked for --------------------------------------------------------------------------------------------

    def on_register(self, source: Address, message: Register) -> None:
        """A device's first step; repeated until it is answered."""
        self.askers[message.device] = (source, message.device)
        self.begin(message.device, message.user, message.replaces, message.trace)

    def on_unlink(self, source: Address, message: Unlink) -> None:
        """A phone takes a linked device off its user's list; repeated until it is answered."""
        self.askers[message.gone] = (source, message.device)
        self.begin(message.gone, message.user, message.gone, message.trace)

    def begin(self, device: int, user: int, replaces: int, trace: int) -> None:
        """Begin a change, unless it is under way, or done."""
        if device in self.durable.registrations:
            return
        if self.is_done(device, user, replaces):
            self.tell(device, trace)
        elif device not in self.open:
            self.port.persist(BeginRegistration(device, user, replaces, trace), self.after_begin)

    def is_done(self, device: int, user: int, replaces: int) -> bool:
        """Whether the list says already what the change would make it say, or the device has come and gone since."""
        inbox = self.durable.inboxes.get(device)
        if inbox is not None and inbox.retired_by >= 0:
            return True
        return device != replaces and device in self.durable.devices_of(user)

    # -- every store shard learns -------------------------------------------------------------------------------

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
        user = record.user
        version, devices = self.durable.list_version(user), self.durable.listed(user)
        for shard in missing:
            trace = trace_of(record.device * len(stores) + shard, attempt)
            self.port.send(stores[shard], DeviceList(user, version, devices, record.device, trace))
        self.port.set_timer(self.timers.call_again_us, self.send_lists, (record, attempt + 1))

    def on_device_list_taken(self, source: Address, message: DeviceListTaken) -> None:
        """One more shard knows."""
        missing = self.open.get(message.change)
        if missing is None or message.shard not in missing:
            return
        missing.remove(message.shard)
        if not missing:
            begun = self.durable.registrations[message.change]
            record = EndRegistration(begun.device, begun.user, begun.replaces, begun.trace)
            self.port.persist(record, self.after_end)

    def after_end(self, record: EndRegistration) -> None:
        """Whoever goes is retired; whoever comes may say hello."""
        self.open.pop(record.device, None)
        self.tell(record.device, record.trace)

    def tell(self, device: int, trace: int) -> None:
        """Answer whoever asked last."""
        asker, told = self.askers.pop(device, (None, device))
        if asker is None:
            return
        if told == device:
            self.port.send(asker, Registered(device, trace))
        else:
            self.port.send(asker, Unlinked(told, device, trace))

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: the phone asks again, and the end is tried again."""
        if isinstance(record, EndRegistration):
            self.port.set_timer(self.timers.call_again_us, self.on_end_due, record)

    def on_end_due(self, record: EndRegistration) -> None:
        """Once more what the disk refused."""
        self.port.persist(record, self.after_end)
