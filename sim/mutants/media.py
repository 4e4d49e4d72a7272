"""Planted bugs of media."""

from __future__ import annotations

from ..protocol.phone import Phone
from ..vocabulary.media import NoteHeld, NotTaken
from .planted import Planted


class TakesNoForYes(Phone):
    """Any answer to an upload will do."""

    def on_not_taken(self, message: NotTaken) -> None:
        if message.blob in self.sending:
            record = NoteHeld(message.blob, self.port.monotonic_us(), message.trace)
            self.port.persist(record, self.after_held)


class SentBeforeItsBlob(Planted):
    number = 39
    title = "message sent before its media blob is durable"
    scenario = "media"
    check = "MEDIA-1"
    needs = "object store refuses"
    CLASSES = {"phone": TakesNoForYes}


PLANTED = (SentBeforeItsBlob,)
