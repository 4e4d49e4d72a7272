"""Nudges on their way: from an inbox to the push gateway, and on to a provider. None carries a message (PHONE-9)."""

from __future__ import annotations

from typing import Final

from .structs import Struct

PROVIDERS: Final = 2
"""Push providers, as the two big ones: each keeps one push per device, and provider 1 also limits them."""


class Nudge(Struct, frozen=True):
    """An update waits for this device: let it know that it should sync (PUSH-1)."""

    device: int
    user: int
    trace: int


class Push(Struct, frozen=True):
    """The same, from the gateway to a provider."""

    device: int
    trace: int


class Pushed(Struct, frozen=True):
    """The provider's answer to the gateway."""

    device: int
    outcome: int
    """A ``PushOutcome``."""
    trace: int


class PushOutcome:
    """What a provider says to a push (PUSH-2)."""

    TAKEN: Final = 1
    """It will try. Nothing more is ever promised."""
    DOWN: Final = 2
    """It takes nothing at present."""
    THROTTLED: Final = 3
    """It has taken too many for this device lately."""


class NudgeFate:
    """What became of a nudge behind the gateway: the values of NUDGE_FATE rows."""

    SENT: Final = 1
    THROTTLED: Final = 2
    DROPPED: Final = 3
    COLLAPSED: Final = 4
    """A newer one took its place while the handset could not be reached."""
    SYNCED: Final = 5
    """It came to a phone that was connected, which synced."""
    WOKEN: Final = 6
    """It came to a phone that was not connected, and woke it."""
    NOT_WOKEN: Final = 7
    """It came to a handset whose system woke nobody, or whose app does not run."""
    NO_DEVICE: Final = 8
    """The device is gone (reinstalled)."""
    REFUSED: Final = 9
    """The provider took nothing at the time."""


NUDGE_FATE_NAMES: Final = {
    NudgeFate.SENT: "sent",
    NudgeFate.THROTTLED: "throttled",
    NudgeFate.DROPPED: "dropped",
    NudgeFate.COLLAPSED: "collapsed",
    NudgeFate.SYNCED: "synced",
    NudgeFate.WOKEN: "woken",
    NudgeFate.NOT_WOKEN: "not_woken",
    NudgeFate.NO_DEVICE: "no_device",
    NudgeFate.REFUSED: "refused",
}
