"""What machines send to each other. Immutable, with a ``trace`` for the world's dice.

``trace`` is the operation (or the device) that the message is about, and the attempt: what a tracing header carries
in a real system. The world hangs its draws on it; no machine looks into it. A message that is relayed (a phone's
``Append`` on its way through a connection server) is the same object on both hops.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any, Final

from .encryption import Envelope
from .structs import Struct

ATTEMPT_BITS: Final = 8
_ATTEMPT_MASK: Final = (1 << ATTEMPT_BITS) - 1
Address = Any
"""Where a message can be sent: opaque to the machines."""


@cache
def kind_of(sort: type) -> str:
    """The kind of a message or record class, as points and purposes of dice name it: ``EnterEntry`` is enter_entry."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", sort.__name__).lower()


def trace_of(subject: int, attempt: int = 0) -> int:
    """The trace of the n-th attempt (counted from 0, modulo 256) at something about an operation or a device."""
    return subject << ATTEMPT_BITS | (attempt & _ATTEMPT_MASK)


def operation_of(trace: int) -> int:
    """The operation (or device) that a trace is about."""
    return trace >> ATTEMPT_BITS


class Outcome:
    """How an inbox answers the append of an entry (FAN-3)."""

    TAKEN: Final = 1
    """The row is durable, now or since earlier."""
    GAP: Final = 2
    """The entry before it has not come yet."""
    RETIRED: Final = 3
    """The device was replaced: a tombstone, which ends the caller's duty (PHONE-10)."""


class Reason:
    """Why the store did not append. Final ones are a log record; a gap and a full log are not final (STORE-2)."""

    GAP: Final = 1
    NOT_A_MEMBER: Final = 2
    OTHER_MESSAGE_ID: Final = 3
    OVER_THE_CAP: Final = 4
    RETRY_LATER: Final = 80
    """The sequencer's log is full of what the long-term store has not got yet (UQ-2)."""
    CERTIFICATE_EXPIRED: Final = 81
    """Sealed under a certificate that is no use to anybody any more (SEAL-4)."""


NOT_FINAL: Final = (Reason.GAP, Reason.RETRY_LATER, Reason.CERTIFICATE_EXPIRED)
"""The message goes out again; every other reason is shown as failed (PHONE-1)."""


class Change(Struct, frozen=True):
    """Who comes into a group and who goes (STORE-6)."""

    added: tuple[int, ...]
    removed: tuple[int, ...]


class Update(Struct, frozen=True):
    """One row of a device's inbox, as the phone gets it."""

    number: int
    update: int
    """An ``UpdateKind``."""
    conversation: int
    sequence: int
    predecessor: int
    """The entry before it that this device was owed or sent (0: none), PHONE-5."""
    predecessor_own: bool
    message_id: int
    sender: int
    """The user who wrote the message; of a receipt, the user whom it is about."""
    written_us: int
    """The sender's wall clock when it was composed: for display only."""
    body: int
    """The operation. Without encryption it stands for the content; with it, it is a tracing header and no more."""
    envelope: Envelope | None = None
    """The content as sealed for this device (E2EE-1)."""
    content: Any = None
    """What it carries besides text: a ``Reference`` (MEDIA-A), or None."""


class Gone(Struct, frozen=True):
    """What expired in one conversation, as the device has to know (INBOX-6)."""

    conversation: int
    entry: int = 0
    """The newest entry."""
    own: int = 0
    """The newest own entry of the device that one of those stood behind (PHONE-5)."""
    read_through: int = 0
    """How far the user has read it on other devices (INBOX-9)."""


# -- phone <-> connection server, some relayed further ----------------------------------------------------------


class Hello(Struct, frozen=True):
    device: int
    user: int
    epoch: int
    cursor: int
    trace: int


class Register(Struct, frozen=True):
    """A device makes itself known: a reinstalled one in the place of another, or a linked one (PHONE-10)."""

    device: int
    user: int
    replaces: int
    """The device whose place it takes (-1: nobody's)."""
    trace: int


class Unlink(Struct, frozen=True):
    """A user's phone says that one of their linked devices is one no longer (PHONE-10)."""

    device: int
    """The phone that says so, and that is told when it is done."""
    user: int
    gone: int
    trace: int


class Unlinked(Struct, frozen=True):
    device: int
    gone: int
    trace: int


class Registered(Struct, frozen=True):
    device: int
    trace: int


class Append(Struct, frozen=True):
    device: int
    user: int
    conversation: int
    send_number: int
    message_id: int
    written_us: int
    body: int
    trace: int
    change: Change | None = None
    """Of a membership entry: who comes and who goes."""
    envelopes: tuple[Envelope, ...] = ()
    """The content, sealed for each recipient device (E2EE-1)."""
    content: Any = None


class Accepted(Struct, frozen=True):
    device: int
    conversation: int
    send_number: int
    message_id: int
    sequence: int
    predecessor: int
    predecessor_own: bool
    trace: int


class Refused(Struct, frozen=True):
    device: int
    conversation: int
    send_number: int
    message_id: int
    reason: int
    trace: int


class Updates(Struct, frozen=True):
    """A push or a page of a drain: rows in order, and how far the inbox reaches."""

    device: int
    epoch: int
    rows: tuple[Update, ...]
    head: int
    drained: bool
    """It answers a drain (else it is a live push)."""
    trace: int
    expired_through: int = 0
    """Updates through this one have left the inbox, and the device has not got beyond (INBOX-6)."""
    expired: tuple[Gone, ...] = ()


class Acknowledge(Struct, frozen=True):
    device: int
    user: int
    epoch: int
    cursor: int
    trace: int


class Sync(Struct, frozen=True):
    device: int
    epoch: int
    cursor: int
    trace: int
    nudged: bool = False
    """A nudge made the phone ask: it wants an answer even if there is nothing for it (PHONE-9)."""


class RetryAfter(Struct, frozen=True):
    """The server takes no more newcomers at present: try again elsewhere, not before (CONN-9)."""

    device: int
    epoch: int
    after_us: int
    trace: int


class GoAway(Struct, frozen=True):
    """The server is about to restart: connect elsewhere now (CONN-8)."""

    device: int
    epoch: int
    trace: int


class ReadThrough(Struct, frozen=True):
    """A read watermark and the messages it newly covers: (sequence, message id, sender) each."""

    device: int
    user: int
    conversation: int
    through: int
    covered: tuple[tuple[int, int, int, int], ...]
    """(sequence, message id, sender, operation for the dice) each."""
    trace: int


class Confirmed(Struct, frozen=True):
    device: int
    conversation: int
    through: int
    trace: int


# -- connection server <-> session registry, inbox <-> session registry -----------------------------------------


class Claim(Struct, frozen=True):
    device: int
    epoch: int
    incarnation: int
    connection: int
    trace: int


class Granted(Struct, frozen=True):
    device: int
    epoch: int
    connection: int
    trace: int


class Denied(Struct, frozen=True):
    device: int
    epoch: int
    connection: int
    trace: int


class Release(Struct, frozen=True):
    device: int
    epoch: int
    incarnation: int
    connection: int
    trace: int


class LookUp(Struct, frozen=True):
    device: int
    trace: int


class Route(Struct, frozen=True):
    device: int
    server: Address | None
    epoch: int
    trace: int


# -- connection server <-> inbox --------------------------------------------------------------------------------


class Drain(Struct, frozen=True):
    """Serve a page behind ``after``; ``cursor`` is an acknowledgement and is treated as one first (CONN-2)."""

    device: int
    user: int
    epoch: int
    cursor: int
    after: int
    trace: int


class Fenced(Struct, frozen=True):
    """The inbox has served a higher epoch (INBOX-8), or the device is retired, or its cursor is impossible."""

    device: int
    epoch: int
    trace: int


class NotHere(Struct, frozen=True):
    device: int
    epoch: int
    trace: int


# -- fan-out <-> inbox, inbox <-> inbox, directory <-> store ----------------------------------------------------


class Enter(Struct, frozen=True):
    """Append an entry to a device's inbox; ``owed_before`` is the entry that it was owed before this one (FAN-3)."""

    device: int
    position: int
    conversation: int
    sequence: int
    owed_before: int
    predecessor: int
    predecessor_own: bool
    message_id: int
    sender: int
    written_us: int
    body: int
    trace: int
    envelope: Envelope | None = None
    content: Any = None


class Entered(Struct, frozen=True):
    device: int
    position: int
    outcome: int
    trace: int


class Receipt(Struct, frozen=True):
    """A delivered or read receipt on its way to the inbox of the message's sender (INBOX-4, INBOX-9)."""

    update: int
    conversation: int
    sequence: int
    message_id: int
    about: int
    """The user who got or read the message."""
    about_device: int
    """The device whose inbox owes this receipt."""
    sender: int
    """The user who wrote it, whose current devices are told."""
    trace: int


class ReceiptTaken(Struct, frozen=True):
    device: int
    """The device whose inbox owed it."""
    update: int
    conversation: int
    sequence: int
    trace: int


class DeviceList(Struct, frozen=True):
    """A user's devices, told to every store shard before a replaced one is retired (PHONE-10, FAN-2)."""

    user: int
    version: int
    """Grows with every change of the user's list; an older list changes nothing."""
    devices: tuple[int, ...]
    change: int
    """The registration or unlinking that waits for the answer."""
    trace: int


class DeviceListTaken(Struct, frozen=True):
    user: int
    change: int
    shard: int
    trace: int
