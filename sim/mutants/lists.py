"""Planted bugs of what people have before them: their own messages, ticks, markers and pictures."""

from __future__ import annotations

from typing import Any

from ..protocol.object_store import ObjectStore
from ..protocol.phone import Phone
from ..protocol.phone_state import Chat, Line, PhoneState
from ..protocol.port import Connection
from ..vocabulary.media import Offer, Reference
from ..vocabulary.records import Compose
from .planted import Planted


class PlacesOthersOnly(Phone):
    """Draws what others wrote; what was written here stays where it was drawn first."""

    def draw_line(self, chat: Chat, line: Line, below: int) -> None:
        if not line.own:
            super().draw_line(chat, line, below)


class OwnStaysPending(Planted):
    number = 140
    title = "an own message stays below all others for good, accepted or not"
    check = "LOSS-2"
    also = ("DUP-1",)
    CLASSES = {"phone": PlacesOthersOnly}


class DrawsNothingYet(Phone):
    """Draws what was written when it is accepted."""

    def after_compose(self, record: Compose) -> None:
        self.composing.remove(record)
        if self.composing:
            self.port.persist(self.composing[0], self.after_compose)
        chat = self.durable.chats[record.conversation]
        if record.attachment is not None:
            self.upload_outbox(chat)
        self.send_outbox(chat)


class OwnNotPending(Planted):
    number = 141
    title = "an own message is in no list before it is accepted"
    check = "LOSS-2"
    CLASSES = {"phone": DrawsNothingYet}


class PictureBySender(PhoneState):
    """Keeps the small pictures by who sent them: the first one of each is the one that is found."""

    __slots__ = ("pictures",)

    def take_message(self, chat: Chat, row: Any) -> bool:
        fresh = super().take_message(chat, row)
        line = chat.lines[row.message_id]
        if fresh and line.content is not None:
            pictures: dict[int, Reference] = getattr(self, "pictures", {})
            line.content = pictures.setdefault(row.sender, line.content)
            self.pictures = pictures
        return fresh


class AnotherPicture(Planted):
    number = 142
    title = "a message comes with the picture of an earlier one of its sender's"
    scenario = "media"
    check = "MEDIA-1"
    CLASSES = {"phone_state": PictureBySender}


class OpensTheNewest(Phone):
    """Shows the file that it has got last."""

    def on_open_media(self, conversation: int, body: int) -> None:
        line = self.line_of(conversation, body)
        files = list(self.durable.files or ())
        if line is not None and line.content is not None and line.content.blob in files:
            self.port.open_media(conversation, body, files[-1], True)
        else:
            super().on_open_media(conversation, body)


class AnotherInFull(Planted):
    number = 143
    title = "who asks to see a picture that the phone has sees the one that it got last"
    scenario = "media"
    check = "MEDIA-1"
    CLASSES = {"phone": OpensTheNewest}


class PromisesOnly(ObjectStore):
    """What is here is here."""

    def on_offer(self, phone: Connection, offer: Offer) -> None:
        if self.durable.held(offer.blob) is None:
            super().on_offer(phone, offer)
        else:
            self.answer(phone, offer.blob, offer.trace)


class PromisedNotRenewed(Planted):
    number = 144
    title = "a blob is promised anew, and its life goes on as before"
    scenario = "mutants_lives"
    check = "MEDIA-1"
    needs = "a picture that is sent on late in its life"
    CLASSES = {"object_store": PromisesOnly}


class RedrawsCopiesBare(Phone):
    """After a restart, ticks are drawn beside what was written on this device."""

    def on_start(self) -> None:
        copies = [line for chat in self.durable.chats.values() for line in chat.placed if line.mine and not line.own]
        for line in copies:
            line.mine = False
        super().on_start()
        for line in copies:
            line.mine = True


class CopiesLoseTicks(Planted):
    number = 145
    title = "copies of own messages are drawn without ticks after a restart"
    scenario = "mutants_copies"
    check = "TICK-2"
    also = ("TICK-3",)
    needs = "app of somebody with several devices killed"
    CLASSES = {"phone": RedrawsCopiesBare}


class MarksOnce(Phone):
    """A marker is drawn when it is news, and then never again."""

    def on_start(self) -> None:
        self.marked = len(self.durable.expired)
        super().on_start()


class MarkersGone(Planted):
    number = 146
    title = "after a restart no marker says any more that updates expired"
    scenario = "mutants_markers"
    check = "QUEUE-1"
    needs = "app killed after it was told that updates expired"
    CLASSES = {"phone": MarksOnce}


class MarksFromTheStart(Phone):
    """One marker for all that is missing, it seems."""

    def draw_markers(self) -> None:
        for _, through in self.durable.expired[self.marked :]:
            self.port.draw_expired(0, through)
        self.marked = len(self.durable.expired)


class MarkersTooLong(Planted):
    number = 147
    title = "a marker says that everything through the last expired update is missing"
    scenario = "mutants_retention"
    check = "QUEUE-1"
    needs = "long offline"
    CLASSES = {"phone": MarksFromTheStart}


class ForgetsItsEpoch(Phone):
    """The write of the last epoch had not reached the disk when the app died."""

    def on_start(self) -> None:
        self.durable.epoch = max(0, self.durable.epoch - 1)
        super().on_start()


class EpochNotDurable(Planted):
    number = 148
    title = "the epoch is not durable before the hello, and is used once more"
    scenario = "mutants_kill"
    check = "ROUTE-1"
    needs = "app killed"
    CLASSES = {"phone": ForgetsItsEpoch}


PLANTED: tuple[type[Planted], ...] = (
    OwnStaysPending,
    OwnNotPending,
    AnotherPicture,
    AnotherInFull,
    PromisedNotRenewed,
    CopiesLoseTicks,
    MarkersGone,
    MarkersTooLong,
    EpochNotDurable,
)
