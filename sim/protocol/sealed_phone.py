"""The phone whose one-to-one messages and receipts name no sender to any server (SEAL-1..4)."""

from __future__ import annotations

from typing import Any, ClassVar

from ..vocabulary.encryption import (
    AskCertificate,
    Certificate,
    Certified,
    SealedSend,
    StaleList,
    TakeDeviceList,
    TakeReceiptSent,
)
from ..vocabulary.ids import is_pair
from ..vocabulary.kinds import HardCase, UpdateKind
from ..vocabulary.messages import NOT_FINAL, Accepted, Address, Reason, Refused, Update, trace_of
from ..vocabulary.records import ApplyUpdates, MarkRead, TakeExpired
from .encrypted_phone import UNREADABLE, EncryptedPhone
from .keys import Content
from .phone_state import ACCEPTED, Chat, Line
from .port import Connection, PhonePort, Timers
from .sealed_phone_state import OwedReceipt, SealedPhoneState

_UNNAMED: int = 1 << 24
"""Numbers of unnamed connections begin here, where no epoch is."""


class SealedPhone(EncryptedPhone):
    """One installation of a user, while its app runs."""

    __slots__ = (
        "asked",
        "certificate",
        "opened_us",
        "receipts_out",
        "unanswering",
        "unnamed",
        "unnamed_made",
        "was_refused",
    )
    TAKES: ClassVar[dict[type, str]] = {**EncryptedPhone.TAKES, Certified: "on_certified"}
    durable: SealedPhoneState

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.certificate: Certificate | None = None
        self.asked = 0
        """Certificates asked for since the app started."""
        self.was_refused = False
        """Something came back because the certificate had expired, and no later one has come since."""
        self.unnamed: Connection | None = None
        """The connection that names nobody (SEAL-1)."""
        self.unnamed_made = 0
        self.opened_us = 0
        """When it was opened."""
        self.unanswering: Address | None = None
        """The server of an unnamed connection that broke or did not answer: the next one goes to another (PHONE-6)."""
        self.receipts_out: dict[int, int] = {}
        """Tag to the last attempt of each receipt that went out since the last hello or certificate."""

    # -- the connection that names nobody ---------------------------------------------------------------------

    def way(self) -> Connection:
        """SEAL-1: opened when something is to be sent; PHONE-6: to another server than the one that failed."""
        if self.unnamed is None:
            self.unnamed_made += 1
            number = _UNNAMED + (self.durable.epoch << 8) + self.unnamed_made
            self.unnamed = self.port.connect(number, self.unanswering)
            self.unanswering = None
            self.opened_us = self.port.monotonic_us()
        return self.unnamed

    def drop_connection(self) -> None:
        """Both end together: with the network, or with a server's patience."""
        super().drop_connection()
        self.drop_unnamed()

    def drop_unnamed(self) -> None:
        """Close our end, if there is one."""
        connection, self.unnamed = self.unnamed, None
        if connection is not None:
            self.port.hang_up(connection)

    def on_broken(self, connection: Connection) -> None:
        """The other side ended it: the next send opens another."""
        if self.unnamed is not None and connection is self.unnamed:
            self.unanswering = connection.server
            self.unnamed = None
        else:
            super().on_broken(connection)

    def note_silence(self) -> None:
        """A send was not answered in time: if the connection is not younger than that, it is dead."""
        connection = self.unnamed
        if connection is not None and self.port.monotonic_us() - self.opened_us >= self.timers.resend_us:
            self.unanswering = connection.server
            self.drop_unnamed()

    # -- certificates -----------------------------------------------------------------------------------------

    def greet(self) -> None:
        """After the hello, which is all that names this device: a certificate, and what receipts are owed."""
        super().greet()
        if self.durable.registered:
            self.receipts_out.clear()
            self.ask_certificate()
            self.send_receipts()

    def ask_certificate(self) -> None:
        """SEAL-4: over the connection that names it; asked for again with whatever is refused. Each time is another
        attempt: one certificate that was too long on its way says nothing of the next."""
        if self.connection is not None:
            state = self.durable
            trace = trace_of(state.device, state.epoch + self.asked)
            self.asked += 1
            self.port.send_up(self.connection, AskCertificate(state.device, state.user, trace))

    def on_certified(self, message: Certified) -> None:
        """SEAL-4: what waited for it goes out: everything if it is the first, or if one before it was refused."""
        before, self.certificate = self.certificate, message.certificate
        if before is None or (self.was_refused and before.expires_us < message.certificate.expires_us):
            self.was_refused = False
            self.receipts_out.clear()
            self.send_receipts()
            for chat in self.durable.unsettled_chats():
                if chat.outbox and is_pair(chat.conversation):
                    self.sent.pop(chat.conversation, None)
                    self.send_outbox(chat)

    # -- own messages -----------------------------------------------------------------------------------------

    def send_line(self, chat: Chat, line: Line, attempt: int) -> None:
        """SEAL-1; PHONE-1: same message id, same send number, however often."""
        if not is_pair(chat.conversation):
            super().send_line(chat, line, attempt)
            return
        attempt = self.next_attempt(line.message_id)
        trace = trace_of(line.body, self.durable.epoch + attempt)
        content = Content(line.body, self.durable.user, line.content, self.certificate)
        tag = self.durable.tag_of(chat.conversation)
        self.send_sealed(chat.conversation, tag, line.send_number, line.message_id, content, trace)
        due = (chat, line, self.durable.epoch, attempt + 1)
        self.port.set_timer(self.timers.resend_us, self.on_resend_due, due)

    def next_attempt(self, message_id: int) -> int:
        """PHONE-1: whatever makes a message or a receipt go out again, a timer, a refusal or a fresh certificate, it is
        another attempt, which is as long on its way as it happens to be, and whose timer alone counts."""
        attempt = self.attempts[message_id] = self.attempts.get(message_id, -1) + 1
        return attempt

    def send_sealed(
        self, conversation: int, tag: int, send_number: int, message_id: int, content: Content, trace: int
    ) -> None:
        """SEAL-1, E2EE-1: nothing goes out without a certificate."""
        certificate = self.certificate
        if certificate is None:
            return
        state = self.durable
        devices = state.devices_for(state.chat(conversation))
        envelopes = tuple(state.locks.lock_of(device).seal(content) for device in devices)
        token = state.tokens.token_of(conversation)
        message = SealedSend(
            tag, conversation, send_number, message_id, envelopes, token, certificate.expires_us, content.body, trace
        )
        self.port.send_unnamed(self.way(), message)

    def on_resend_due(self, due: tuple[Chat, Line, int, int]) -> None:
        """PHONE-1: once more, perhaps over another connection, perhaps with the certificate that is asked for now."""
        chat, line, epoch, attempt = due
        is_last = epoch == self.durable.epoch and self.attempts.get(line.message_id) == attempt - 1
        if is_pair(chat.conversation) and is_last and line.send_number in chat.outbox:
            self.note_silence()
            if self.certificate is None:
                self.ask_certificate()
        super().on_resend_due(due)

    # -- answers ----------------------------------------------------------------------------------------------

    def on_accepted(self, message: Accepted) -> None:
        """A receipt of ours is in the log, or a message."""
        if message.device in self.durable.owed:
            self.port.persist(TakeReceiptSent(message.device, message.trace), self.after_receipt_sent)
        else:
            super().on_accepted(message)

    def after_receipt_sent(self, record: TakeReceiptSent) -> None:
        """Not owed any more."""
        self.receipts_out.pop(record.tag, None)
        self.attempts.pop(record.tag, None)

    def on_refused(self, message: Refused) -> None:
        """SEAL-4: if the certificate has expired, another one is asked for, and brings the message again. A full log
        gets it again in a while (PHONE-1): at once would be a storm."""
        if message.reason == Reason.CERTIFICATE_EXPIRED:
            self.was_refused = True
            self.ask_certificate()
        if message.device not in self.durable.owed:
            super().on_refused(message)
        elif message.reason not in NOT_FINAL:
            self.port.persist(TakeReceiptSent(message.device, message.trace), self.after_receipt_sent)

    def on_stale_list(self, message: StaleList) -> None:
        """E2EE-2, of receipts as well."""
        owed = self.durable.owed.get(message.device)
        if owed is None:
            super().on_stale_list(message)
        elif message.devices != self.durable.devices_for(self.durable.chat(message.conversation)):
            record = TakeDeviceList(message.conversation, 0, message.devices, message.trace)
            self.port.persist(record, self.after_device_list)

    def after_device_list(self, record: TakeDeviceList) -> None:
        """E2EE-2: receipts of this conversation go out again, too."""
        for tag, owed in self.durable.owed.items():
            if owed.conversation == record.conversation:
                self.receipts_out.pop(tag, None)
        self.send_receipts()
        super().after_device_list(record)

    # -- receipts ---------------------------------------------------------------------------------------------

    def send_receipts(self) -> None:
        """SEAL-3: what is owed and not on its way."""
        if self.connection is None or not self.durable.registered:
            return
        for tag, owed in list(self.durable.owed.items()):
            if tag not in self.receipts_out:
                self.send_receipt(tag, owed)

    def send_receipt(self, tag: int, owed: OwedReceipt) -> None:
        """SEAL-3: a sealed message of its own, under a tag of its own; again until it is accepted."""
        state = self.durable
        attempt = self.receipts_out[tag] = self.next_attempt(tag)
        trace = trace_of(owed.body, state.epoch + attempt)
        content = Content(owed.body, state.user, None, self.certificate, owed.update, owed.message_id)
        self.send_sealed(owed.conversation, tag, 1, tag, content, trace)
        self.port.set_timer(self.timers.resend_us, self.on_receipt_due, (tag, state.epoch, attempt + 1))

    def on_receipt_due(self, due: tuple[int, int, int]) -> None:
        """Not answered in time: once more."""
        tag, epoch, attempt = due
        owed = self.durable.owed.get(tag)
        if owed is None or epoch != self.durable.epoch or self.connection is None:
            return
        if self.receipts_out.get(tag) == attempt - 1:
            self.note_silence()
            if self.certificate is None:
                self.ask_certificate()
            self.send_receipt(tag, owed)

    def after_mark_read(self, record: MarkRead) -> None:
        """PHONE-8, SEAL-3."""
        super().after_mark_read(record)
        self.send_receipts()

    def covered_for_server(self, chat: Chat, covered: Any) -> Any:
        """SEAL-3: the reader's inbox learns how far the chat is read, and not who wrote what in it."""
        return () if is_pair(chat.conversation) else covered

    # -- updates ----------------------------------------------------------------------------------------------

    def opened(self, row: Update) -> Update:
        """SEAL-4: who wrote it says the certificate inside, or nobody."""
        if row.update != UpdateKind.MESSAGE or not is_pair(row.conversation) or row.number <= self.committing_through:
            return super().opened(row)
        content = None if row.envelope is None else self.durable.key.open(row.envelope, self.port)
        if content is None or not self.believes(content, row.written_us):
            return row._replace(body=UNREADABLE, envelope=None)
        self.port.believed(content, row.written_us)
        fresh = row._replace(body=content.body, sender=content.sender, envelope=None, content=content.reference)
        if content.receipt:
            return fresh._replace(update=content.receipt, message_id=content.about, body=-1)
        return fresh

    def believes(self, content: Content, stamped_us: int) -> bool:
        """SEAL-4: genuine, the writer's, and not expired at the time that the store stamped on the entry."""
        certificate = content.certificate
        if certificate is None or certificate.user != content.sender:
            return False
        return self.durable.authority.is_genuine(certificate) and self.is_fresh(certificate, stamped_us)

    def is_fresh(self, certificate: Certificate, stamped_us: int) -> bool:
        """SEAL-4: by the store's stamp, never by this phone's clock."""
        return certificate.expires_us > stamped_us

    def after_updates(self, record: ApplyUpdates | TakeExpired) -> None:
        """A copy of an own message may be the first to say that it is accepted; what came is owed a receipt."""
        super().after_updates(record)
        for row in record.rows:
            if row.update == UpdateKind.MESSAGE and row.sender == self.durable.user and is_pair(row.conversation):
                self.note_copy(self.durable.chat(row.conversation), row)
        self.send_receipts()

    def note_copy(self, chat: Chat, row: Update) -> None:
        """SEAL-2: dropped by its id."""
        line = chat.lines.get(row.message_id)
        if line is not None and line.own:
            self.port.reached(HardCase.OWN_COPY_DROPPED, line.body)
            if line.tick == ACCEPTED:
                self.port.draw_tick(chat.conversation, line.body, ACCEPTED)
            self.send_outbox(chat)
