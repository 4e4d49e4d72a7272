"""Planted bugs of getting and keeping a connection."""

from __future__ import annotations

from ..protocol.phone import Phone
from .planted import Planted


class ReconnectsInStep(Phone):
    """Waits exactly as long as it was told, or as its back-off says, like every other phone."""

    def spread_us(self, longest_us: int) -> int:
        return longest_us


class ReconnectWithoutJitter(Planted):
    number = 35
    title = "reconnect without jitter, where everybody must be back within 1.5 times what the accept rates need"
    scenario = "mutants_storm"
    check = "LIVE-1"
    needs = "server restart, N phones"
    CLASSES = {"phone": ReconnectsInStep}


PLANTED: tuple[type[Planted], ...] = (ReconnectWithoutJitter,)
