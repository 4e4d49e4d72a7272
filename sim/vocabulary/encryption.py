"""End-to-end encryption as the machines speak of it: what a server may hold of a sealed content, and what it answers.

The encryption is symbolic. An ``Envelope`` is all that a server ever sees: whom it is for, and nothing that opens it.
What is in it, and the key object that alone opens it, are ``sim/protocol/keys.py``, which no server's module imports.
"""

from __future__ import annotations

from typing import Final

from .structs import Struct

OFF: Final = "off"
"""Content is not encrypted: the body stands for itself."""
PER_DEVICE: Final = "per_device"
"""E2EE-1: one envelope per recipient device."""
SEALED: Final = "sealed"
"""SEAL-1: and in one-to-one chats no server is told who sends."""


class Envelope:
    """A sealed content, for one device. There is nothing here to open it with."""

    __slots__ = ("device",)

    def __init__(self, device: int) -> None:
        self.device: Final = device
        """The device that it is addressed to."""


class StaleList(Struct, frozen=True):
    """E2EE-2: the message was not sealed for the devices that it is for; these are they. Not final (STORE-2)."""

    device: int
    conversation: int
    send_number: int
    message_id: int
    devices: tuple[int, ...]
    trace: int


class TakeDeviceList(Struct, frozen=True):
    """The phone's record of a device list that a refusal brought; the message behind it goes out again."""

    conversation: int
    send_number: int
    devices: tuple[int, ...]
    trace: int


# -- sealed senders ---------------------------------------------------------------------------------------------


class SealedSend(Struct, frozen=True):
    """SEAL-1: a message on its way to the store over a connection that names nobody."""

    device: int
    """A random tag, one per conversation and device (of a receipt: one of its own), in the device's place (STORE-2)."""
    conversation: int
    send_number: int
    message_id: int
    envelopes: tuple[Envelope, ...]
    token: int
    """What the people of this conversation share: whoever has it not is turned away."""
    expires_us: int
    """When the certificate inside expires. Those that were issued in one span all expire in the same moment."""
    body: int
    trace: int
    user: int = -1
    """Nobody."""
    written_us: int = 0
    """The time that the store stamps on it (SEAL-4)."""
    change: None = None
    content: None = None


class Certificate(Struct, frozen=True):
    """SEAL-4: the server's word for who somebody is, for a short while. Readable inside envelopes only."""

    user: int
    device: int
    expires_us: int
    signature: object


class AskCertificate(Struct, frozen=True):
    """A phone asks for a certificate, over the connection that names it."""

    device: int
    user: int
    trace: int


class Certified(Struct, frozen=True):
    device: int
    certificate: Certificate
    trace: int


class TakeReceiptSent(Struct, frozen=True):
    """The phone's record that a sealed receipt of its own is in the log (SEAL-3)."""

    tag: int
    trace: int
