"""The words of media: what a message carries, what phones and the object store say to each other, what is durable.

None of these crosses the message path: a connection server takes none of them (MEDIA-A).
"""

from __future__ import annotations

from typing import Final

from .messages import Address
from .structs import Struct


class Attachment(Struct, frozen=True):
    """What a person puts beside a message: a file that is new to the system, or one that the phone holds already."""

    blob: int
    """-1: a new one."""
    size_bytes: int


class Reference(Struct, frozen=True):
    """What the message carries of a blob: where to get it, and a small picture of it (MEDIA-A)."""

    blob: int
    size_bytes: int
    thumbnail: int
    """The small picture, in the message itself; its stand-in is the blob that it shows."""


# -- phone -> object store --------------------------------------------------------------------------------------


class Offer(Struct, frozen=True):
    """Is it there? Then let it live on from now; if not, which parts are wanted?"""

    blob: int
    size_bytes: int
    parts: int
    trace: int


class PutPart(Struct, frozen=True):
    blob: int
    part: int
    parts: int
    part_bytes: int
    size_bytes: int
    """Of the whole blob."""
    trace: int


class FetchBlob(Struct, frozen=True):
    blob: int
    trace: int


# -- object store -> phone --------------------------------------------------------------------------------------


class Held(Struct, frozen=True):
    """The blob is durable, and will be for a whole life from now."""

    blob: int
    trace: int


class Wanted(Struct, frozen=True):
    """These parts are missing."""

    blob: int
    missing: tuple[int, ...]
    trace: int


class NotTaken(Struct, frozen=True):
    """The store could not write: ask again later."""

    blob: int
    trace: int


class BlobFetched(Struct, frozen=True):
    """The blob itself."""

    blob: int
    size_bytes: int
    trace: int


class NoSuchBlob(Struct, frozen=True):
    """There is no such blob, or no longer."""

    blob: int
    trace: int


# -- records of the object store --------------------------------------------------------------------------------


class TakePart(Struct, frozen=True):
    """One part of a blob; with the last one the blob is durable, and its life begins."""

    put: PutPart
    good_until_us: int
    asker: Address
    trace: int


class RenewBlob(Struct, frozen=True):
    """A message will refer to it: its life begins anew."""

    blob: int
    good_until_us: int
    asker: Address
    trace: int


class ExpireBlob(Struct, frozen=True):
    """Its life is over, unless it was renewed in a write before this one."""

    blob: int
    now_us: int
    trace: int


# -- records of the phone ---------------------------------------------------------------------------------------


class NoteHeld(Struct, frozen=True):
    """The object store holds the blob, as heard at this time of the phone's monotonic clock."""

    blob: int
    heard_us: int
    trace: int


class TakeFile(Struct, frozen=True):
    """A blob that was fetched is a file on the phone."""

    blob: int
    size_bytes: int
    trace: int


FROM_PHONES: Final = (Offer, PutPart, FetchBlob)
FROM_OBJECT_STORES: Final = (Held, Wanted, NotTaken, BlobFetched, NoSuchBlob)
IN_OBJECT_STORES: Final = (TakePart, RenewBlob, ExpireBlob)
ON_PHONES: Final = (NoteHeld, TakeFile)
