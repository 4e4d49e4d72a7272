"""The scenario's section ``encryption``: whether messages are sealed for the devices that they are for, and by whom."""

from __future__ import annotations

from dataclasses import dataclass

from ..vocabulary.encryption import OFF, PER_DEVICE, SEALED
from .fields import choice, duration


@dataclass(frozen=True, slots=True)
class Encryption:
    """End-to-end encryption."""

    kind: str = choice(
        OFF,
        (OFF, PER_DEVICE, SEALED),
        "bodies stand for themselves, each recipient device gets an envelope of its own, or besides no server is told"
        " who sends in one-to-one chats",
    )
    certificate_life_us: int = duration(
        "24h", "a sender's certificate is good for this long, or up to twice", least="1s"
    )
