"""Keys: a sealed content opens only with the key object of the device that it was made for (E2EE-1).

Symbolic, so that nothing is proved about ciphers and everything about who holds what. Only phones' modules import this
(import-linter sees to it); a server has ``Envelope`` objects, whose type offers nothing that opens them. Every opening,
and every try, is told to a witness, which is the world's: it writes it down where it takes place (BLIND-1).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Protocol

from ..vocabulary.encryption import Certificate, Envelope
from ..vocabulary.media import Reference
from ..vocabulary.structs import Struct

_WORD: Final = (1 << 64) - 1
_TAG_BIT: Final = 1 << 61


class Content(Struct, frozen=True):
    """What a person wrote, and who they are: readable on devices only."""

    body: int
    sender: int
    """The user who wrote it."""
    reference: Reference | None = None
    """What it carries besides text (MEDIA-A): where its blob is, and the small picture."""
    certificate: Certificate | None = None
    """Who says so (SEAL-4)."""
    receipt: int = 0
    """Of a sealed receipt: the ``UpdateKind`` (SEAL-3)."""
    about: int = 0
    """... and the message id that it is about."""


Witness = Callable[[Any, "SealedContent", bool], None]
"""Told by whose port an envelope was opened, or was tried to be, and whether it opened."""


class Lock:
    """The public half of a device's key: whoever has it can seal for the device, and open nothing."""

    __slots__ = ("device",)

    def __init__(self, device: int) -> None:
        self.device: Final = device

    def seal(self, content: Content) -> Envelope:
        """E2EE-1: an envelope that opens with this device's key only."""
        return SealedContent(self.device, self, content)


class SealedContent(Envelope):
    """An envelope as those know it who have keys."""

    __slots__ = ("content", "lock")

    def __init__(self, device: int, lock: Lock, content: Content) -> None:
        super().__init__(device)
        self.lock: Final = lock
        self.content: Final = content


class DeviceKey:
    """The secret half. One object per device, made with the installation, and gone with it."""

    __slots__ = ("lock", "secret", "witness")

    def __init__(self, device: int, witness: Witness, secret: int = 0) -> None:
        self.lock: Final = Lock(device)
        self.witness: Final = witness
        self.secret: Final = secret

    def tag(self, purpose: int, number: int) -> int:
        """SEAL-1: a number that tells nobody else whose it is, and no device has as its own."""
        mixed = self.secret ^ (number * 4 + purpose) * 0x9E37_79B9_7F4A_7C15 & _WORD
        for shift, factor in ((30, 0xBF58_476D_1CE4_E5B9), (27, 0x94D0_49BB_1331_11EB)):
            mixed = (mixed ^ mixed >> shift) * factor & _WORD
        return _TAG_BIT | (mixed ^ mixed >> 31) & _TAG_BIT - 1

    def open(self, envelope: Envelope, opener: Any) -> Content | None:
        """The content, if the envelope was made for this key. ``opener`` is the port of whoever opens it."""
        if not isinstance(envelope, SealedContent):
            return None
        opens = envelope.lock is self.lock
        self.witness(opener, envelope, opens)
        return envelope.content if opens else None


class LockDirectory(Protocol):
    """The public keys of devices, which come with device lists."""

    def lock_of(self, device: int) -> Lock:
        """The lock of a device."""
