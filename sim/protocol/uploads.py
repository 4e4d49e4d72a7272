"""The part of a phone that brings media to the object store before their messages go out, and fetches them when asked.

Durable: ``MediaFiles``. In memory: which transfers are under way; a restart offers again, and the object store says
what is still missing. A message that waits for its upload holds back those behind it in its own chat, since send
numbers go out in order (PHONE-2); other chats, and the uploads of later messages, wait for nothing.
"""

from __future__ import annotations

from collections import deque
from itertools import chain
from typing import ClassVar, Final

from ..vocabulary.kinds import HardCase
from ..vocabulary.media import (
    BlobFetched,
    FetchBlob,
    Held,
    NoSuchBlob,
    NoteHeld,
    NotTaken,
    Offer,
    PutPart,
    TakeFile,
    Wanted,
)
from ..vocabulary.messages import trace_of
from .media_files import NOT_HELD, File
from .phone_link import OFF
from .phone_ranges import PhoneRanges
from .phone_state import Chat, Line
from .port import PhonePort, Timers

PATIENCE_GROWS_MOST: Final = 16


class Transfer:
    """One blob on its way, up or down."""

    __slots__ = ("asked_us", "attempt", "blob", "operation", "patience_us", "wanted_in")

    def __init__(self, blob: int, operation: int) -> None:
        self.blob = blob
        self.operation = operation
        """The message on whose account it is, for the dice."""
        self.attempt = 0
        """Counts requests: an answer to an earlier one is known as such."""
        self.asked_us = 0
        self.patience_us = 0
        """How long to wait for the answer: what the last one took, twice; doubled when none comes."""
        self.wanted_in: dict[int, int] = {}
        """Of a download: message on whose account the person waits, to its chat."""

    def next_trace(self) -> int:
        """The trace of one more request."""
        self.attempt += 1
        return trace_of(self.operation, self.attempt)

    def is_answered_by(self, trace: int) -> bool:
        """Whether an answer is to the request made last."""
        return trace == trace_of(self.operation, self.attempt)


class Transfers:
    """All transfers of a phone; made with the first one."""

    __slots__ = ("fetching", "part_of", "sending", "turns")

    def __init__(self) -> None:
        self.sending: dict[int, Transfer] = {}
        """Blob to its upload under way."""
        self.turns: deque[tuple[Transfer, int]] = deque()
        """Uploads that have a part to send, and which: one part is on its way at a time, so that the parts of several
        uploads do not keep each other waiting beyond their patience."""
        self.part_of: Transfer | None = None
        """The upload whose part is on its way."""
        self.fetching: dict[int, Transfer] = {}
        """Blob to its download under way."""


class Uploads(PhoneRanges):
    """Media, from the phone's side."""

    __slots__ = ("transfers",)
    TAKES: ClassVar[dict[type, str]] = {
        **PhoneRanges.TAKES,
        Held: "on_held",
        Wanted: "on_wanted",
        NotTaken: "on_not_taken",
        BlobFetched: "on_blob_fetched",
        NoSuchBlob: "on_gone",
    }

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.transfers: Transfers | None = None

    @property
    def sending(self) -> dict[int, Transfer]:
        """Blob to its upload under way."""
        return self.made_transfers().sending

    @property
    def fetching(self) -> dict[int, Transfer]:
        """Blob to its download under way."""
        return self.made_transfers().fetching

    def made_transfers(self) -> Transfers:
        """The transfers, made at the first look."""
        if self.transfers is None:
            self.transfers = Transfers()
        return self.transfers

    # -- what waits ------------------------------------------------------------------------------------------

    def may_go(self, line: Line) -> bool:
        """MEDIA-A: a message goes out only when its blob is known to be durable, and lately enough for its life to
        cover that of the message's rows; else the blob is offered (again) first."""
        file = None if line.content is None else self.durable.file_of(line.content.blob)
        if file is None or self.is_held(file):
            return True
        self.upload(file, line.body)
        return False

    def is_held(self, file: File) -> bool:
        """MEDIA-A: whether the object store promised it lately."""
        if file.held_us == NOT_HELD:
            return False
        return self.port.monotonic_us() - file.held_us <= self.timers.blob_fresh_us

    def on_network_up(self) -> None:
        """Uploads go on without waiting for a connection."""
        super().on_network_up()
        if self.durable.files is not None:
            self.transfers = None if self.transfers is None else self.only_downloads(self.transfers)
            for chat in self.durable.unsettled_chats():
                self.upload_outbox(chat)
        if self.transfers is not None:
            for transfer in self.transfers.fetching.values():
                self.fetch_blob(transfer)

    def only_downloads(self, before: Transfers) -> Transfers:
        """Uploads begin again where the store says; timers of the earlier ones find nobody."""
        transfers = Transfers()
        transfers.fetching = before.fetching
        return transfers

    def upload_outbox(self, chat: Chat) -> None:
        """Every blob that a message in the outbox waits for, however far back it stands."""
        for line in chat.outbox.values():
            if line.content is not None:
                self.may_go(line)

    # -- uploads ---------------------------------------------------------------------------------------------

    def upload(self, file: File, operation: int) -> None:
        """Begin, unless it is under way or there is no network."""
        if file.blob not in self.sending and self.link != OFF:
            self.sending[file.blob] = Transfer(file.blob, operation)
            self.offer(file)

    def parts_of(self, file: File) -> int:
        """In how many parts it goes; a whole one is one part."""
        part_bytes = self.timers.part_bytes or file.size_bytes
        return max(1, -(-file.size_bytes // part_bytes))

    def offer(self, file: File) -> None:
        """Is it there already, or what of it is missing?"""
        transfer = self.sending[file.blob]
        offer = Offer(file.blob, file.size_bytes, self.parts_of(file), transfer.next_trace())
        self.port.send_up(self.port.object_store_of(file.blob), offer)
        self.wait_for_answer(transfer)

    def on_wanted(self, message: Wanted) -> None:
        """The next part, whichever the store lacks: after a restart it need not be the first."""
        transfer = self.sending.get(message.blob)
        if transfer is not None and transfer.is_answered_by(message.trace):
            transfer.patience_us = 2 * (self.port.monotonic_us() - transfer.asked_us)
            transfer.attempt += 1
            self.made_transfers().turns.append((transfer, message.missing[0]))
            self.end_turn(transfer)

    def end_turn(self, transfer: Transfer) -> None:
        """What this upload had on its way is answered or given up: the next part, of whichever upload."""
        transfers = self.made_transfers()
        if transfers.part_of is transfer:
            transfers.part_of = None
        while transfers.turns and transfers.part_of is None:
            following, part = transfers.turns.popleft()
            file = self.durable.file_of(following.blob)
            if file is not None and transfers.sending.get(following.blob) is following:
                transfers.part_of = following
                self.put(following, file, part)

    def put(self, transfer: Transfer, file: File, part: int) -> None:
        """One part goes up."""
        parts = self.parts_of(file)
        part_bytes = self.timers.part_bytes or file.size_bytes
        left = file.size_bytes - part * part_bytes
        put = PutPart(file.blob, part, parts, min(part_bytes, left), file.size_bytes, transfer.next_trace())
        self.port.send_up(self.port.object_store_of(file.blob), put)
        self.wait_for_answer(transfer)

    def on_held(self, message: Held) -> None:
        """MEDIA-A: durable in the object store; durable here before any message goes out on the strength of it."""
        transfer = self.sending.get(message.blob)
        if transfer is not None:
            self.end_turn(transfer)
            heard_us = self.port.monotonic_us()
            self.port.persist(NoteHeld(message.blob, heard_us, message.trace), self.after_held)

    def after_held(self, record: NoteHeld) -> None:
        """Let out what waited for it, and what waited behind that."""
        transfer = self.sending.pop(record.blob, None)
        if transfer is not None:
            self.end_turn(transfer)
        for chat in self.durable.unsettled_chats():
            if chat.outbox:
                self.send_outbox(chat)

    def send_outbox(self, chat: Chat) -> None:
        """PHONE-2: the outbox's part."""
        raise NotImplementedError

    def on_not_taken(self, message: NotTaken) -> None:
        """The store could not write: nothing of the message goes out; the timer offers again."""
        transfer = self.sending.get(message.blob)
        if transfer is not None and transfer.is_answered_by(message.trace):
            self.end_turn(transfer)

    def wait_for_answer(self, transfer: Transfer) -> None:
        """Ask again after a while, which grows where answers are slow: a slow link is no dead one."""
        least_us = self.timers.transfer_again_us
        patience_us = min(max(transfer.patience_us, least_us), PATIENCE_GROWS_MOST * least_us)
        transfer.asked_us = self.port.monotonic_us()
        transfer.patience_us = patience_us
        self.port.set_timer(patience_us, self.on_transfer_due, (transfer, transfer.attempt))

    def on_transfer_due(self, due: tuple[Transfer, int]) -> None:
        """No progress in time: offer, or fetch, once more; without a network not before it is back. While bytes move,
        nothing is silent: to send them once more would keep them from ever getting through."""
        transfer, attempt = due
        if transfer.attempt != attempt:
            return
        moving_us = self.port.bytes_moving_us()
        if moving_us:
            self.port.set_timer(moving_us + self.timers.transfer_again_us, self.on_transfer_due, due)
            return
        file = self.durable.file_of(transfer.blob)
        transfer.patience_us *= 2
        if self.sending.get(transfer.blob) is transfer:
            if self.link == OFF or file is None:
                del self.sending[transfer.blob]
            else:
                self.offer(file)
                self.end_turn(transfer)
        elif self.fetching.get(transfer.blob) is transfer and self.link != OFF:
            self.port.reached(HardCase.DOWNLOAD_REPEATED, transfer.operation)
            self.fetch_blob(transfer)

    # -- downloads -------------------------------------------------------------------------------------------

    def on_open_media(self, conversation: int, body: int) -> None:
        """Lazy: the person wants to see the whole of it, and only now it is fetched."""
        line = self.line_of(conversation, body)
        if line is None or line.content is None:
            return
        blob = line.content.blob
        if self.durable.file_of(blob) is not None:
            self.port.open_media(conversation, line.body, blob, True)
            return
        transfer = self.fetching.get(blob)
        if transfer is None:
            transfer = self.fetching[blob] = Transfer(blob, line.body)
            if self.link != OFF:
                self.fetch_blob(transfer)
        transfer.wanted_in[line.body] = conversation

    def line_of(self, conversation: int, body: int) -> Line | None:
        """The line of an operation, placed or (PHONE-5, sorted in) on the screen before that."""
        chat = self.durable.chats.get(conversation)
        if chat is None:
            return None
        lines = chain(reversed(chat.placed), chat.held_lines())
        return next((line for line in lines if line.body == body), None)

    def fetch_blob(self, transfer: Transfer) -> None:
        """Ask for the blob."""
        fetch = FetchBlob(transfer.blob, transfer.next_trace())
        self.port.send_up(self.port.object_store_of(transfer.blob), fetch)
        self.wait_for_answer(transfer)

    def on_blob_fetched(self, message: BlobFetched) -> None:
        """Into the phone's storage, and then before the person's eyes."""
        transfer = self.fetching.get(message.blob)
        if transfer is not None:
            record = TakeFile(message.blob, message.size_bytes, message.trace)
            self.port.persist(record, self.after_file)

    def after_file(self, record: TakeFile) -> None:
        """The person sees it wherever they asked for it."""
        self.show_fetched(record.blob, True)

    def on_gone(self, message: NoSuchBlob) -> None:
        """There is no such blob: the person is told."""
        self.show_fetched(message.blob, False)

    def show_fetched(self, blob: int, found: bool) -> None:
        """The end of a download."""
        transfer = self.fetching.pop(blob, None)
        if transfer is not None:
            for body, conversation in transfer.wanted_in.items():
                self.port.open_media(conversation, body, blob, found)
