"""What machines make durable. A record is a command: a pure function of the state (``apply``) decides what it does.

The decision is taken when the record reaches its place in the log, so nothing needs a shadow of writes in flight:
a repeated or late command simply changes nothing.
"""

from __future__ import annotations

from typing import Any

from .archive import Archive
from .media import Attachment
from .messages import Address, Append, Change, Enter, Gone, Receipt, Update
from .structs import Struct

# -- any server ---------------------------------------------------------------------------------------------------


class Together(Struct, frozen=True):
    """Several records of one step, in one write (FAN-4)."""

    records: tuple[Any, ...]
    trace: int


# -- phone ------------------------------------------------------------------------------------------------------


class Compose(Struct, frozen=True):
    conversation: int
    body: int
    reply_to: int
    written_us: int
    trace: int
    change: Change | None = None
    attachment: Attachment | None = None


class RaiseEpoch(Struct, frozen=True):
    epoch: int
    trace: int


class TakeAccepted(Struct, frozen=True):
    conversation: int
    send_number: int
    message_id: int
    sequence: int
    predecessor: int
    predecessor_own: bool
    trace: int


class TakeRefused(Struct, frozen=True):
    conversation: int
    send_number: int
    message_id: int
    trace: int


class ApplyUpdates(Struct, frozen=True):
    rows: tuple[Update, ...]
    trace: int


class TakeExpired(Struct, frozen=True):
    """Updates through this one have expired: the cursor moves there, and the rows behind it are applied (INBOX-6)."""

    through: int
    expired: tuple[Gone, ...]
    rows: tuple[Update, ...]
    trace: int


class MarkRead(Struct, frozen=True):
    conversation: int
    through: int
    trace: int
    seen: tuple[int, ...] = ()
    """Ids of messages that were on the screen and have no place yet (PHONE-5, sorted in)."""


class TakeConfirmed(Struct, frozen=True):
    conversation: int
    through: int
    trace: int


class TakeRegistered(Struct, frozen=True):
    device: int
    trace: int


class BeginUnlinking(Struct, frozen=True):
    """The person takes one of their linked devices off: to be said until it is confirmed."""

    gone: int
    trace: int


class TakeUnlinked(Struct, frozen=True):
    gone: int
    trace: int


# -- message store and fan-out ----------------------------------------------------------------------------------


class AppendEntry(Struct, frozen=True):
    append: Append
    asker: Address
    trace: int


class FanOutMoved(Struct, frozen=True):
    position: int
    trace: int


class LaggardBorn(Struct, frozen=True):
    device: int
    position: int
    trace: int


class LaggardMoved(Struct, frozen=True):
    device: int
    position: int
    trace: int


class ListDevices(Struct, frozen=True):
    user: int
    version: int
    devices: tuple[int, ...]
    change: int
    asker: Address
    trace: int


class GatherReceipts(Struct, frozen=True):
    """Receipts for a group's messages, gathered per message (RCPT-3)."""

    receipts: tuple[Receipt, ...]
    asker: Address
    trace: int


class SettleTick(Struct, frozen=True):
    """The sender's inbox has taken a group's change of tick."""

    update: int
    conversation: int
    sequence: int
    trace: int


# -- sequencer and long-term store --------------------------------------------------------------------------------


class ArchiveMoved(Struct, frozen=True):
    """UQ-2: the pointer "written to storage": the long-term store holds every entry before ``position``."""

    position: int
    trace: int


class KeepEntries(Struct, frozen=True):
    """Keep what a sequencer sent, from where its log ends here (UQ-2)."""

    archive: Archive
    asker: Address
    trace: int


# -- inbox and directory ----------------------------------------------------------------------------------------


class EnterEntry(Struct, frozen=True):
    """Take an entry's row (FAN-3), if the entry that the device was owed before it is the mark."""

    enter: Enter
    asker: Address
    trace: int


class EnterReceipt(Struct, frozen=True):
    """Take a receipt's row for the current device of the message's sender, or merge it."""

    receipt: Receipt
    asker: Address
    trace: int


class MoveCursor(Struct, frozen=True):
    """The device acknowledged through ``cursor`` at ``epoch``: trim, owe receipts, raise the epoch (INBOX-2, 4, 8)."""

    device: int
    epoch: int
    cursor: int
    trace: int


class StoreWatermark(Struct, frozen=True):
    """Store a read watermark and owe a read receipt per newly covered message (INBOX-9)."""

    device: int
    conversation: int
    through: int
    covered: tuple[tuple[int, int, int, int], ...]
    asker: Address
    trace: int


class SettleReceipt(Struct, frozen=True):
    """The sender's inbox answered: the receipt is no longer owed."""

    device: int
    update: int
    conversation: int
    sequence: int
    trace: int


class NoteAges(Struct, frozen=True):
    """How old rows are: those of these devices through these numbers had come by then, and wait (INBOX-6)."""

    at_us: int
    rows: tuple[tuple[int, int], ...]
    """(device, update number) each."""
    over_us: int
    """Notes through this time are of no use any more (-1: none)."""
    trace: int


class ExpireRows(Struct, frozen=True):
    """Let go of a device's rows through this one, acknowledged or not (INBOX-6)."""

    device: int
    through: int
    trace: int


class BeginRegistration(Struct, frozen=True):
    """A user's list of devices is about to change: one comes, one goes, or one takes another's place (PHONE-10)."""

    device: int
    """The device that comes; of an unlinking, the one that goes."""
    user: int
    replaces: int
    """The device that goes (-1: none)."""
    trace: int


class EndRegistration(Struct, frozen=True):
    """Every store shard has the new list."""

    device: int
    user: int
    replaces: int
    trace: int
