"""What the world knows of keys, and writes down of envelopes: who opened them, and who was refused for a stale list.

Made only for worlds in which messages are encrypted, so that others pay nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..protocol.encrypted_phone import EncryptedPhoneState
from ..protocol.encrypted_store import Stale
from ..protocol.keys import DeviceKey, Lock, SealedContent
from ..protocol.store_state import Entry
from ..vocabulary import kinds
from ..vocabulary import records as r
from .dice import mix
from .ports import PhonePort

if TYPE_CHECKING:
    from .world import World


class KeyRing:
    """The keys of all devices. A device gets its own when it is installed; everybody may have the locks."""

    __slots__ = ("appended_before", "facts", "keys", "world")

    def __init__(self, world: World) -> None:
        self.world = world
        self.facts = world.facts
        self.keys: dict[int, DeviceKey] = {}
        self.appended_before = self.facts.on_record[r.AppendEntry]
        self.facts.on_record[r.AppendEntry] = self.appended

    def key_of(self, device: int) -> DeviceKey:
        """A device's key, made when first asked for."""
        key = self.keys.get(device)
        if key is None:
            key = self.keys[device] = DeviceKey(device, self.opened, mix(self.world.seed ^ 0x4B4559, device))
        return key

    def lock_of(self, device: int) -> Lock:
        """The public half of it."""
        return self.key_of(device).lock

    def equip(self, state: EncryptedPhoneState) -> None:
        """A new installation gets its key."""
        state.equip(self.key_of(state.device), self, self.world.population)

    # -- facts --------------------------------------------------------------------------------------------------

    def opened(self, opener: Any, envelope: SealedContent, opens: bool) -> None:
        """Somebody opened an envelope, or tried to: a device, or whoever else has a port."""
        on_device = isinstance(opener, PhonePort)
        self.facts.row(
            kinds.ENVELOPE_OPENED,
            opener.phone.device if on_device else opener.host.number,
            number=envelope.lock.device,
            operation=envelope.content.body,
            value=int(opens),
            extra=int(not on_device),
        )

    def appended(self, state: Any, record: r.AppendEntry, change: Any) -> None:
        """An entry is durable, or a send was refused for the devices that it was sealed for (E2EE-2)."""
        append = record.append
        if isinstance(change, Stale):
            self.facts.row(
                kinds.STALE_REFUSED,
                append.device,
                chat=append.conversation,
                number=len(append.envelopes),
                operation=append.body,
                value=len(change.devices),
            )
            return
        if isinstance(change, Entry):
            self.facts.tally["envelopes"] += len(append.envelopes)
        self.appended_before(state, record, change)

    # -- sealed senders -----------------------------------------------------------------------------------------

    def sent_unnamed(self, phone: Any, connection: Any, message: Any) -> None:
        """Only sealed worlds have these."""

    def believed(self, device: int, content: Any, stamped_us: int) -> None:
        """Only sealed worlds have these."""

    def archived(self, state: Any, append: Any) -> None:
        """Only sealed worlds have these."""

    @property
    def rows_per_row(self) -> int:
        """How many rows there may be in one inbox, in the end, for one that waits now."""
        return 1

    def rows_of(self, append: Any) -> int:
        """The same for an entry that waits in a log."""
        return 1

    def waiting(self, phone: Any) -> int:
        """Receipts that a phone owes."""
        return 0
