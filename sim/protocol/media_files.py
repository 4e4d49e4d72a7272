"""The part of a phone's database that holds media: files, and since when the object store is known to hold them too."""

from __future__ import annotations

from typing import ClassVar, Final

from ..vocabulary.media import Attachment, NoteHeld, Reference, TakeFile
from .dispatch import Durable

NOT_HELD: Final = -1


class File:
    """A blob in the phone's own storage."""

    __slots__ = ("blob", "held_us", "size_bytes")

    def __init__(self, blob: int, size_bytes: int) -> None:
        self.blob = blob
        self.size_bytes = size_bytes
        self.held_us = NOT_HELD
        """When the object store last said that it holds the blob, by the phone's monotonic clock."""


class MediaFiles(Durable):
    """Files by blob; the container is made with the first one."""

    __slots__ = ("files",)
    TAKES: ClassVar[dict[type, str]] = {NoteHeld: "note_held", TakeFile: "take_file"}
    files: dict[int, File] | None

    def file_of(self, blob: int) -> File | None:
        """The phone's own copy, if it has one."""
        return None if self.files is None else self.files.get(blob)

    def keep_file(self, file: File) -> File:
        """One file more; one that is here already stays."""
        if self.files is None:
            self.files = {}
        return self.files.setdefault(file.blob, file)

    def attach(self, attachment: Attachment | None, blob: int) -> Reference | None:
        """MEDIA-A: the message will carry a reference. A new file is in the database with the message; one that is to
        be forwarded has to be here, since the store may have to be given it again."""
        if attachment is None:
            return None
        if attachment.blob < 0:
            file = self.keep_file(File(blob, attachment.size_bytes))
        else:
            found = self.file_of(attachment.blob)
            if found is None:
                return None
            file = found
        return Reference(file.blob, file.size_bytes, file.blob)

    def note_held(self, record: NoteHeld) -> None:
        """MEDIA-A: the upload is done, or was done before; known across restarts of the app."""
        file = self.file_of(record.blob)
        if file is not None:
            file.held_us = max(file.held_us, record.heard_us)

    def take_file(self, record: TakeFile) -> bool:
        """A download is complete. True if it is new here."""
        if self.file_of(record.blob) is not None:
            return False
        self.keep_file(File(record.blob, record.size_bytes))
        return True
