"""The phone's account: a new installation makes itself known, and the person takes linked devices off (PHONE-10)."""

from __future__ import annotations

from typing import Any

from ..vocabulary.messages import Register, Registered, Unlink, Unlinked, trace_of
from ..vocabulary.records import BeginUnlinking, TakeRegistered, TakeUnlinked
from .phone_link import PhoneLink


class PhoneAccount(PhoneLink):
    """The part of a phone that speaks with the device directory."""

    __slots__ = ()

    # -- coming -------------------------------------------------------------------------------------------------

    def register(self) -> None:
        """PHONE-10: no hello before the directory knows the device. Said once per connection: an unanswered greeting
        breaks it."""
        state = self.durable
        trace = trace_of(state.device, state.epoch)
        self.port.send_up(self.connection, Register(state.device, state.user, state.replaces, trace))

    def on_registered(self, message: Registered) -> None:
        """PHONE-10: the directory knows the new device; now it may say hello."""
        if not self.durable.registered:
            self.port.persist(TakeRegistered(message.device, message.trace), self.after_registered)

    def after_registered(self, record: TakeRegistered) -> None:
        """Known by now: greet on the same connection, if it still stands."""
        if self.connection is not None:
            self.greet()

    # -- one of ours goes ---------------------------------------------------------------------------------------

    def on_unlink(self, gone: int) -> None:
        """The person takes one of their linked devices off: durable before it is said."""
        self.port.persist(BeginUnlinking(gone, trace_of(gone)), self.after_begin_unlinking)

    def after_begin_unlinking(self, record: BeginUnlinking) -> None:
        """Said until it is confirmed."""
        self.send_unlink((record.gone, self.durable.epoch, 0))

    def send_unlinks(self) -> None:
        """On a new connection: everything that is not confirmed."""
        for gone in self.durable.unlinking:
            self.send_unlink((gone, self.durable.epoch, 0))

    def send_unlink(self, due: tuple[int, int, int]) -> None:
        """Once more while it is neither confirmed nor overtaken by another connection."""
        gone, epoch, attempt = due
        state = self.durable
        if self.connection is None or epoch != state.epoch or gone not in state.unlinking or not state.registered:
            return
        message = Unlink(state.device, state.user, gone, trace_of(gone, epoch + attempt))
        self.port.send_up(self.connection, message)
        self.port.set_timer(self.timers.resend_us, self.send_unlink, (gone, epoch, attempt + 1))

    def on_unlinked(self, message: Unlinked) -> None:
        """Every store shard and the inbox know."""
        if message.gone in self.durable.unlinking:
            self.port.ride((TakeUnlinked, message.gone), TakeUnlinked(message.gone, message.trace))

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: the person tries again."""
        if isinstance(record, BeginUnlinking):
            self.port.set_timer(self.timers.back_off_first_us, self.on_unlink, record.gone)
        else:
            super().on_write_refused(record)
