"""The object store: blobs in parts, durable before they are promised, kept for a whole life from the last promise.

Durable: ``ObjectStoreState``. In memory: nothing but timers. Phones come here by a way of their own, beside their
connections: no blob crosses the message path (MEDIA-A).
"""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.kinds import HardCase
from ..vocabulary.media import (
    BlobFetched,
    ExpireBlob,
    FetchBlob,
    Held,
    NoSuchBlob,
    NotTaken,
    Offer,
    PutPart,
    RenewBlob,
    TakePart,
    Wanted,
)
from ..vocabulary.messages import operation_of, trace_of
from .dispatch import Dispatching
from .port import Connection, ConnectionServerPort, Timers


class Blob:
    """One object, whole or on its way."""

    __slots__ = ("blob", "good_until_us", "missing", "size_bytes")

    def __init__(self, put: PutPart, good_until_us: int) -> None:
        self.blob = put.blob
        self.size_bytes = put.size_bytes
        self.missing = list(range(put.parts))
        """Parts that are not here yet, in order."""
        self.good_until_us = good_until_us
        """By this shard's monotonic clock, which retention goes by (CLOCK-1)."""


class ObjectStoreState(Dispatching):
    """One shard."""

    __slots__ = ("blobs",)
    TAKES: ClassVar[dict[type, str]] = {
        TakePart: "take_part",
        RenewBlob: "renew_blob",
        ExpireBlob: "expire_blob",
    }

    def __init__(self) -> None:
        self.blobs: dict[int, Blob] = {}

    def apply(self, record: Any) -> Any:
        """Take a durable record in; returns what it changed (``None``: nothing)."""
        return self.TABLE[record.__class__](self, record)

    def held(self, blob: int) -> Blob | None:
        """The blob, if all of it is here."""
        found = self.blobs.get(blob)
        return found if found is not None and not found.missing else None

    def take_part(self, record: TakePart) -> Blob | None:
        """MEDIA-A: a part more. Returns the blob if it has become whole."""
        put = record.put
        blob = self.blobs.get(put.blob)
        if blob is None:
            blob = self.blobs[put.blob] = Blob(put, record.good_until_us)
        if put.part not in blob.missing:
            return None
        blob.missing.remove(put.part)
        blob.good_until_us = max(blob.good_until_us, record.good_until_us)
        return None if blob.missing else blob

    def renew_blob(self, record: RenewBlob) -> None:
        """MEDIA-A: a reference to it will be on its way, so it lives at least as long as that one's rows."""
        blob = self.held(record.blob)
        if blob is not None:
            blob.good_until_us = max(blob.good_until_us, record.good_until_us)

    def expire_blob(self, record: ExpireBlob) -> Blob | None:
        """The end of its life, unless a renewal came first in the log. Returns the blob if a whole one went."""
        blob = self.blobs.get(record.blob)
        if blob is None or blob.good_until_us > record.now_us:
            return None
        del self.blobs[record.blob]
        return None if blob.missing else blob


class ObjectStore(Dispatching):
    """The leader of one shard."""

    __slots__ = ("durable", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {Offer: "on_offer", PutPart: "on_put_part", FetchBlob: "on_fetch_blob"}
    durable: ObjectStoreState

    def __init__(self, port: ConnectionServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable

    def on_start(self) -> None:
        """Lives go on being watched."""
        for blob in self.durable.blobs.values():
            self.watch_life(blob)

    def good_until_us(self) -> int:
        """MEDIA-A: a whole life from now."""
        return self.port.monotonic_us() + self.timers.blob_life_us

    # -- uploads --------------------------------------------------------------------------------------------

    def on_offer(self, phone: Connection, offer: Offer) -> None:
        """MEDIA-A: what is here is promised anew, durably, before the phone hears of it."""
        blob = self.durable.blobs.get(offer.blob)
        if blob is None:
            self.port.send_down(phone, Wanted(offer.blob, tuple(range(offer.parts)), offer.trace))
        elif blob.missing:
            self.port.reached(HardCase.UPLOAD_RESUMED, operation_of(offer.trace))
            self.port.send_down(phone, Wanted(offer.blob, tuple(blob.missing), offer.trace))
        else:
            self.port.persist(RenewBlob(offer.blob, self.good_until_us(), phone, offer.trace), self.after_renew)

    def after_renew(self, record: RenewBlob) -> None:
        """Durable: it may be referred to."""
        self.port.reached(HardCase.BLOB_RENEWED, operation_of(record.trace))
        self.answer(record.asker, record.blob, record.trace)

    def on_put_part(self, phone: Connection, put: PutPart) -> None:
        """A part; one that is here already is only answered."""
        blob = self.durable.blobs.get(put.blob)
        if blob is not None and put.part not in blob.missing:
            self.on_offer(phone, Offer(put.blob, put.size_bytes, put.parts, put.trace))
        else:
            self.port.persist(TakePart(put, self.good_until_us(), phone, put.trace), self.after_part)

    def after_part(self, record: TakePart) -> None:
        """MEDIA-A: durable on a quorum, and only now the phone hears of it."""
        blob = self.durable.blobs.get(record.put.blob)
        if blob is not None and len(blob.missing) == record.put.parts - 1:
            self.watch_life(blob)
        self.answer(record.asker, record.put.blob, record.trace)

    def answer(self, phone: Connection, blob: int, trace: int) -> None:
        """What is still wanted of it, or that it is held; if its life ended in between, the phone offers it again."""
        found = self.durable.blobs.get(blob)
        if found is None:
            self.port.send_down(phone, NotTaken(blob, trace))
        elif found.missing:
            self.port.send_down(phone, Wanted(blob, tuple(found.missing), trace))
        else:
            self.port.send_down(phone, Held(blob, trace))

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: the phone is told, and offers again later; an end of life waits."""
        if isinstance(record, ExpireBlob):
            self.port.set_timer(self.timers.call_again_us, self.on_life_over, record.blob)
            return
        self.port.reached(HardCase.UPLOAD_REFUSED, operation_of(record.trace))
        blob = record.put.blob if isinstance(record, TakePart) else record.blob
        self.port.send_down(record.asker, NotTaken(blob, record.trace))

    # -- downloads ------------------------------------------------------------------------------------------

    def on_fetch_blob(self, phone: Connection, fetch: FetchBlob) -> None:
        """The blob, or that there is none."""
        blob = self.durable.held(fetch.blob)
        if blob is None:
            self.port.send_down(phone, NoSuchBlob(fetch.blob, fetch.trace))
        else:
            self.port.send_down(phone, BlobFetched(fetch.blob, blob.size_bytes, fetch.trace))

    # -- the end of a life ----------------------------------------------------------------------------------

    def watch_life(self, blob: Blob) -> None:
        """Look at it again when its life may be over."""
        left_us = max(1, blob.good_until_us - self.port.monotonic_us())
        self.port.set_timer(left_us, self.on_life_over, blob.blob)

    def on_life_over(self, blob: int) -> None:
        """Over, unless it was renewed meanwhile."""
        found = self.durable.blobs.get(blob)
        if found is None:
            return
        now_us = self.port.monotonic_us()
        if found.good_until_us > now_us:
            self.watch_life(found)
        else:
            self.port.persist(ExpireBlob(blob, now_us, trace_of(blob)), self.after_expire)

    def after_expire(self, record: ExpireBlob) -> None:
        """NoSuchBlob; or renewed in a write that came first."""
        found = self.durable.blobs.get(record.blob)
        if found is not None:
            self.watch_life(found)
