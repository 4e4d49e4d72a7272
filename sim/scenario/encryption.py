"""The scenario's section ``encryption``: whether messages are sealed for the devices that they are for."""

from __future__ import annotations

from dataclasses import dataclass

from ..vocabulary.encryption import OFF, PER_DEVICE
from .fields import choice


@dataclass(frozen=True, slots=True)
class Encryption:
    """End-to-end encryption."""

    kind: str = choice(
        OFF, (OFF, PER_DEVICE), "bodies stand for themselves, or each recipient device gets an envelope of its own"
    )
