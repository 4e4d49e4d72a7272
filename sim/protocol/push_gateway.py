"""The push gateway: takes nudges from the inboxes and hands them to the providers, as well as it can (PUSH-2).

All in memory, and all of it may be lost: a nudge only makes a message come sooner. At most one nudge per device is
under way; a further one that comes meanwhile collapses into it. A provider that is down is tried with one nudge at a
time, and gets the others when it answers that one.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, operation_of, trace_of
from ..vocabulary.pushes import Nudge, Push, Pushed, PushOutcome
from .dispatch import Dispatching
from .port import PushGatewayPort, Timers

CALLS_MOST: Final = 3
"""A provider that leaves so many calls unanswered counts as down."""


class Pending:
    """The one nudge of a device that is under way."""

    __slots__ = ("calls", "nudge", "turn")

    def __init__(self, nudge: Any) -> None:
        self.nudge = nudge
        self.turn = 0
        """Counts calls, so that a timer or an answer of an earlier one is known as such."""
        self.calls = 0
        """Calls since the provider last answered."""


class PushGateway(Dispatching):
    """One gateway host."""

    __slots__ = ("held", "pending", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {Nudge: "on_nudge", Pushed: "on_pushed"}

    def __init__(self, port: PushGatewayPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.pending: dict[int, Pending] = {}
        """Device to the nudge under way: one per device (PUSH-2)."""
        self.held: dict[Address, dict[int, bool]] = {}
        """Providers that are down, each with the devices whose nudges wait for it; the first one is tried."""

    def on_nudge(self, source: Address, nudge: Nudge) -> None:
        """PUSH-1: pass it on; PUSH-2: unless one for that device is under way already."""
        if nudge.device in self.pending:
            self.port.reached(HardCase.NUDGE_COLLAPSED)
            self.port.nudge_collapsed(nudge.device)
            return
        self.pending[nudge.device] = Pending(nudge)
        held = self.held.get(self.port.provider_of(nudge.device))
        if held is None:
            self.push(self.pending[nudge.device])
        else:
            held[nudge.device] = True

    def push(self, pending: Pending) -> None:
        """Call the provider; again if it does not answer."""
        pending.turn += 1
        pending.calls += 1
        device = pending.nudge.device
        message = self.message(pending)
        self.port.send(self.port.provider_of(device), message)
        self.port.set_timer(self.timers.call_again_us, self.on_unanswered, (pending, pending.turn))

    def message(self, pending: Pending) -> Any:
        """What the provider gets: whom to nudge, and nothing else (PHONE-9)."""
        nudge = pending.nudge
        return Push(nudge.device, trace_of(operation_of(nudge.trace), nudge.trace + pending.turn))

    def on_unanswered(self, due: tuple[Pending, int]) -> None:
        """No answer in time: once more, and after a few times the provider counts as down."""
        pending, turn = due
        if self.is_present(pending) and pending.turn == turn:
            if pending.calls < CALLS_MOST:
                self.push(pending)
            else:
                self.hold(pending)

    def is_present(self, pending: Pending) -> bool:
        """Whether it is still the one of its device."""
        return self.pending.get(pending.nudge.device) is pending

    def on_pushed(self, source: Address, message: Pushed) -> None:
        """The provider's answer."""
        pending = self.pending.get(message.device)
        if pending is None:
            return
        pending.calls = 0
        if message.outcome == PushOutcome.TAKEN:
            del self.pending[message.device]
            self.release(source)
        elif message.outcome == PushOutcome.DOWN:
            self.hold(pending)
        else:
            pending.turn += 1
            self.port.reached(HardCase.NUDGE_THROTTLED)
            self.wait(pending)
            self.held.get(source, {}).pop(message.device, None)
            self.release(source)

    # -- a provider that is down ------------------------------------------------------------------------------

    def hold(self, pending: Pending) -> None:
        """PUSH-2: it waits with the others; the first of them is tried again in a while."""
        pending.turn += 1
        pending.calls = 0
        self.port.reached(HardCase.PROVIDER_DOWN)
        provider = self.port.provider_of(pending.nudge.device)
        held = self.held.get(provider)
        if held is None:
            held = self.held[provider] = {}
        held[pending.nudge.device] = True
        if next(iter(held)) == pending.nudge.device:
            self.wait(pending)

    def wait(self, pending: Pending) -> None:
        """To be tried again in a while."""
        self.port.set_timer(self.timers.push_try_again_us, self.on_try_again, (pending, pending.turn))

    def on_try_again(self, due: tuple[Pending, int]) -> None:
        """One nudge tries whether the provider is back."""
        pending, turn = due
        if self.is_present(pending) and pending.turn == turn:
            self.push(pending)

    def release(self, provider: Address) -> None:
        """It is back, whatever it said of the one that tried: it gets the others."""
        for device in self.held.pop(provider, {}):
            pending = self.pending.get(device)
            if pending is not None:
                self.push(pending)
