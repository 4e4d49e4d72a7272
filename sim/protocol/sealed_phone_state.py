"""The database of a phone whose one-to-one messages name no sender to any server (SEAL-1..4)."""

from __future__ import annotations

from typing import ClassVar, Final

from ..vocabulary.encryption import TakeReceiptSent
from ..vocabulary.ids import is_pair, members_of
from ..vocabulary.kinds import UpdateKind
from ..vocabulary.messages import Gone, Update
from ..vocabulary.records import Compose, MarkRead, TakeAccepted, TakeRefused
from ..vocabulary.structs import Struct
from .certificates import Authority
from .encrypted_phone import UNREADABLE, EncryptedPhoneState
from .phone_state import ACCEPTED, Chat, Line
from .sealed_store import TokenDirectory

OF_A_CONVERSATION: Final = 0
OF_A_MESSAGE: Final = 1
OF_A_RECEIPT: Final = 2
AWAITS_COPY: Final = -(1 << 40)
"""The key among held lines of own ones that are accepted: their copy brings their place."""
BEHIND_UNANSWERED: Final = -(1 << 41)
"""The key among held lines of those that wait for the place of an own one, which may have expired before them."""


class OwedReceipt(Struct, frozen=True):
    """SEAL-3: a receipt that this device owes, until it is in the log."""

    conversation: int
    message_id: int
    update: int
    """An ``UpdateKind``."""
    body: int
    """The operation, for the dice."""


class SealedPhoneState(EncryptedPhoneState):
    """One installation's."""

    __slots__ = ("authority", "owed", "receipts", "tokens", "unanswered")
    TAKES: ClassVar[dict[type, str]] = {**EncryptedPhoneState.TAKES, TakeReceiptSent: "take_receipt_sent"}
    authority: Authority
    tokens: TokenDirectory

    def __init__(self, device: int, user: int, replaces: int = -1, *, known: bool = True) -> None:
        super().__init__(device, user, replaces, known=known)
        self.owed: dict[int, OwedReceipt] = {}
        """Tag to the receipt that goes out under it, once, as the first and only send."""
        self.receipts = 0
        """Receipts made here: the source of their tags."""
        self.unanswered: dict[int, dict[int, bool]] = {}
        """Conversation to the send numbers that were not answered when something expired there: their copies may have
        expired with it (SEAL-2, INBOX-6)."""

    def first_devices(self, conversation: int) -> tuple[int, ...]:
        """SEAL-2: in one-to-one chats this device is for itself a recipient as any other."""
        if not is_pair(conversation):
            return super().first_devices(conversation)
        return tuple(device for user in members_of(conversation) for device in self.population.devices(user))

    def new_message_id(self, record: Compose) -> int:
        """SEAL-1: a message id says nothing of the device either."""
        plain = super().new_message_id(record)
        return self.key.tag(OF_A_MESSAGE, plain) if is_pair(record.conversation) else plain

    def tag_of(self, conversation: int) -> int:
        """SEAL-1: random, one per conversation; takes the device's place in STORE-2."""
        return self.key.tag(OF_A_CONVERSATION, conversation)

    # -- own messages -----------------------------------------------------------------------------------------

    def take_accepted(self, record: TakeAccepted) -> Line | None:
        """The first tick. Its place comes with its copy, in the order of the inbox (SEAL-2, PHONE-5): the store cannot
        say what this device was owed before, not knowing it. A copy that has expired will not come."""
        if not is_pair(record.conversation):
            return super().take_accepted(record)
        chat = self.chat(record.conversation)
        line = chat.outbox.get(record.send_number)
        if line is None or line.message_id != record.message_id:
            return None
        del chat.outbox[record.send_number]
        line.sequence = record.sequence
        line.tick = max(line.tick, ACCEPTED)
        if record.sequence > chat.expired_through:
            chat.held.setdefault(AWAITS_COPY, []).append(line)
        else:
            self.place_in_turn(chat, line)
        self.note_answer(chat, line)
        return line

    def take_refused(self, record: TakeRefused) -> Line | None:
        """A final refusal has no place that anybody would wait for."""
        line = super().take_refused(record)
        if line is not None:
            self.note_answer(self.chat(record.conversation), line)
        return line

    def take_message(self, chat: Chat, row: Update) -> bool:
        """SEAL-2: the inbox brings every entry of the chat in order, own ones too, so each has its place at once."""
        if not is_pair(chat.conversation) or row.body == UNREADABLE:
            return super().take_message(chat, row)
        line = chat.lines.get(row.message_id)
        if line is not None:
            self.take_own_copy(chat, line, row)
            return False
        line = Line(row.message_id, row.body, row.sender, False, row.sequence, row.written_us)
        line.content = row.content
        chat.lines[row.message_id] = line
        if row.sender == self.user:
            line.mine = True
            line.tick = max(ACCEPTED, chat.early_ticks.pop(row.message_id, ACCEPTED))
        else:
            self.owe(chat.conversation, row.message_id, UpdateKind.DELIVERED, row.body)
        self.place_in_turn(chat, line)
        return True

    def take_own_copy(self, chat: Chat, line: Line, row: Update) -> None:
        """SEAL-2: dropped by its id; that it came says that it is accepted, and where it stands."""
        if not self.takes_place(chat, line) and chat.outbox.pop(line.send_number, None) is None:
            return
        line.sequence = row.sequence
        line.tick = max(line.tick, ACCEPTED)
        self.place_in_turn(chat, line)
        self.note_answer(chat, line)

    def takes_place(self, chat: Chat, line: Line) -> bool:
        """Whether an own line was accepted and waited for its copy; now it does not."""
        waiting = chat.held.get(AWAITS_COPY, [])
        if line not in waiting:
            return False
        waiting.remove(line)
        if not waiting:
            del chat.held[AWAITS_COPY]
        return True

    # -- copies that expired ----------------------------------------------------------------------------------

    def release_expired(self, chat: Chat, gone: Gone) -> None:
        """SEAL-2, INBOX-6: what is accepted and stands before what expired gets no copy: here is its place. What is not
        answered may stand there, too: whatever comes behind waits for the answer, so that the list grows at its end."""
        super().release_expired(chat, gone)
        if not is_pair(chat.conversation):
            return
        if chat.outbox:
            self.unanswered.setdefault(chat.conversation, {}).update(dict.fromkeys(chat.outbox, True))
        accepted = [line for line in chat.held.get(AWAITS_COPY, ()) if line.sequence <= chat.expired_through]
        for line in sorted(accepted, key=lambda line: line.sequence):
            self.takes_place(chat, line)
            self.place_in_turn(chat, line)

    def place_in_turn(self, chat: Chat, line: Line) -> None:
        """PHONE-5: at the end of the list, unless an own line may still come to stand before it."""
        if chat.conversation in self.unanswered:
            chat.held.setdefault(BEHIND_UNANSWERED, []).append(line)
        else:
            self.place(chat, line)

    def note_answer(self, chat: Chat, line: Line) -> None:
        """An own line is answered; with the last one that was waited for, all that waited finds its place."""
        waited = self.unanswered.get(chat.conversation)
        if waited is None or waited.pop(line.send_number, None) is None or waited:
            return
        del self.unanswered[chat.conversation]
        for each in sorted(chat.held.pop(BEHIND_UNANSWERED, ()), key=lambda each: each.sequence):
            self.place(chat, each)

    # -- receipts ---------------------------------------------------------------------------------------------

    def owe(self, conversation: int, message_id: int, update: int, body: int) -> None:
        """SEAL-3, INBOX-4: owed in the commit that makes it true."""
        self.receipts += 1
        tag = self.key.tag(OF_A_RECEIPT, self.receipts)
        self.owed[tag] = OwedReceipt(conversation, message_id, update, body)

    def mark_read(self, record: MarkRead) -> None:
        """SEAL-3, PHONE-8: a read receipt for each message that the watermark newly covers."""
        if is_pair(record.conversation):
            for sequence, message_id, _, body in self.chat(record.conversation).unread:
                if sequence <= record.through:
                    self.owe(record.conversation, message_id, UpdateKind.READ, body)
        super().mark_read(record)

    def take_receipt_sent(self, record: TakeReceiptSent) -> None:
        """SEAL-3."""
        self.owed.pop(record.tag, None)
