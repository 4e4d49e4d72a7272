"""Certificates of senders: short-lived, issued beside the device directory (SEAL-4)."""

from __future__ import annotations

from typing import ClassVar, Final

from ..vocabulary.encryption import AskCertificate, Certificate, Certified
from ..vocabulary.messages import Address
from .device_directory import DeviceDirectory
from .inbox_state import InboxState


class Authority:
    """Signs certificates; everybody can tell whether it did."""

    __slots__ = ("_signature", "life_us")

    def __init__(self, life_us: int) -> None:
        self.life_us: Final = life_us
        self._signature: Final = object()

    def issue(self, user: int, device: int, now_us: int) -> Certificate:
        """SEAL-4: good for one life to two; all that are issued within a life expire in the same moment, so that the
        time of expiry, which the store sees, says nothing of whom it was issued to."""
        return Certificate(user, device, (now_us // self.life_us + 2) * self.life_us, self._signature)

    def is_genuine(self, certificate: Certificate) -> bool:
        """Whether it is this authority's."""
        return certificate.signature is self._signature


class CertifyingState(InboxState):
    """An inbox shard whose users get certificates."""

    __slots__ = ("authority",)
    authority: Authority


class CertifyingDirectory(DeviceDirectory):
    """The device directory, which knows who is who."""

    __slots__ = ()
    TAKES: ClassVar[dict[type, str]] = {**DeviceDirectory.TAKES, AskCertificate: "on_ask_certificate"}
    durable: CertifyingState

    def on_ask_certificate(self, source: Address, message: AskCertificate) -> None:
        """SEAL-4."""
        certificate = self.durable.authority.issue(message.user, message.device, self.port.monotonic_us())
        self.port.send(source, Certified(message.device, certificate, message.trace))
