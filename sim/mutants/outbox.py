"""Planted bugs of the phone's outbox (PHONE-1, PHONE-2)."""

from __future__ import annotations

from typing import Any

from ..protocol.phone import Phone
from ..protocol.phone_state import Chat
from ..vocabulary.records import Compose
from .planted import Planted


class NoWindow(Phone):
    """Sends all that waits."""

    def send_outbox(self, chat: Chat) -> None:
        if self.connection is None or not self.durable.registered:
            return
        for number, line in chat.outbox.items():
            if number > self.sent.get(chat.conversation, 0):
                self.sent[chat.conversation] = number
                self.send_line(chat, line, 0)


class SendsAllAtOnce(Planted):
    number = 136
    title = "the outbox goes out all at once, whatever the window"
    scenario = "mutants_ahead"
    check = "BOUND-1"
    needs = "a phone that comes back with more in its outbox than the window"
    CLASSES = {"phone": NoWindow}


class ForgetsRefused(Phone):
    """What the disk refuses is forgotten."""

    def on_write_refused(self, record: Any) -> None:
        if isinstance(record, Compose):
            self.composing.remove(record)
            if self.composing:
                self.port.persist(self.composing[0], self.after_compose)
        else:
            super().on_write_refused(record)


class RefusedIsForgotten(Planted):
    number = 157
    title = "a message whose write the phone's disk refuses is forgotten"
    scenario = "phone_disk"
    check = "LIVE-1"
    needs = "a disk that refuses a write"
    CLASSES = {"phone": ForgetsRefused}


PLANTED: tuple[type[Planted], ...] = (SendsAllAtOnce, RefusedIsForgotten)
