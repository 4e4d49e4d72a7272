"""The phone: an outbox that does not forget, a cursor that does not jump, a screen drawn from the database.

Durable: ``PhoneState``. In memory: the link, what was sent on this connection, and how much of each chat is drawn
(``PhoneScreen``).
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from ..vocabulary.kinds import HardCase, UpdateKind
from ..vocabulary.media import Attachment
from ..vocabulary.messages import (
    NOT_FINAL,
    Accepted,
    Acknowledge,
    Append,
    Change,
    Confirmed,
    GoAway,
    Hello,
    ReadThrough,
    Refused,
    Registered,
    RetryAfter,
    Sync,
    Unlinked,
    Updates,
    trace_of,
)
from ..vocabulary.presence import ContactStates
from ..vocabulary.records import (
    ApplyUpdates,
    Compose,
    MarkRead,
    TakeAccepted,
    TakeConfirmed,
    TakeExpired,
    TakeRefused,
)
from .phone_link import ONLINE
from .phone_screen import PhoneScreen
from .phone_state import FAILED, Chat, Line
from .port import PhonePort, Timers

_TICK_OF: Final = {UpdateKind.DELIVERED: 2, UpdateKind.READ: 3}


class Phone(PhoneScreen):
    """One installation of a user, while its app runs."""

    __slots__ = ("attempts", "composing", "confirmed", "sent")
    TAKES: ClassVar[dict[type, str]] = {
        **PhoneScreen.TAKES,
        Updates: "on_updates",
        Accepted: "on_accepted",
        Refused: "on_refused",
        Confirmed: "on_confirmed",
        Registered: "on_registered",
        RetryAfter: "on_retry_after",
        GoAway: "on_go_away",
        Unlinked: "on_unlinked",
        ContactStates: "on_contact_states",
    }

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        super().__init__(port, timers)
        self.composing: list[Compose] = []
        """What the person wrote and the disk has not got yet; only the first is being written."""
        self.sent: dict[int, int] = {}
        """Conversation to the highest send number sent on this connection."""
        self.attempts: dict[int, int] = {}
        """Message id to the attempt that went out last on this connection: the one whose timer counts."""
        self.confirmed: dict[int, int] = {}
        """Conversation to the watermark confirmed since the app started; its durable trace may still ride."""

    # -- starting and connecting ----------------------------------------------------------------------------

    def greet(self) -> None:
        """PHONE-11: the epoch is durable by now. The outbox follows at once, without waiting for an answer."""
        state = self.durable
        self.sent.clear()
        self.attempts.clear()
        self.syncing = False
        if not state.registered:
            self.register()
            return
        hello = Hello(state.device, state.user, state.epoch, state.cursor, trace_of(state.device, state.epoch))
        self.port.send_up(self.connection, hello)
        if state.unlinking:
            self.send_unlinks()
        for chat in state.unsettled_chats():
            if chat.outbox:
                self.send_outbox(chat)
            if chat.unconfirmed:
                self.send_watermark(chat)
        if self.reads:
            self.send_reads()

    # -- own messages ---------------------------------------------------------------------------------------

    def on_compose(
        self,
        conversation: int,
        body: int,
        reply_to: int,
        change: Change | None = None,
        attachment: Attachment | None = None,
    ) -> None:
        """PHONE-1: a message is in the durable outbox before it is sent. One after the other, in the order in which
        they were written: a disk that refuses one lets none of the later ones overtake it."""
        record = Compose(conversation, body, reply_to, self.port.wall_clock_us(), trace_of(body), change, attachment)
        self.composing.append(record)
        if len(self.composing) == 1:
            self.port.persist(record, self.after_compose)

    def after_compose(self, record: Compose) -> None:
        """Durable: it stands in the list as pending, and goes out."""
        del self.composing[0]
        if self.composing:
            self.port.persist(self.composing[0], self.after_compose)
        chat = self.durable.chats[record.conversation]
        self.port.draw_pending(record.conversation, record.body)
        if record.attachment is not None:
            self.upload_outbox(chat)
        self.send_outbox(chat)

    def send_outbox(self, chat: Chat) -> None:
        """PHONE-2: in send-number order, up to W in flight; MEDIA-A: none before its blob is durable."""
        if not chat.outbox or self.connection is None or not self.durable.registered:
            return
        first = next(iter(chat.outbox))
        limit = first + self.timers.send_window
        already = self.sent.get(chat.conversation, 0)
        for number, line in chat.outbox.items():
            if number >= limit:
                break
            if number > already:
                if line.content is not None and not self.may_go(line):
                    break
                self.sent[chat.conversation] = number
                self.send_line(chat, line, 0)

    def send_line(self, chat: Chat, line: Line, attempt: int) -> None:
        """PHONE-1: same message id, same send number, however often."""
        state = self.durable
        trace = trace_of(line.body, state.epoch + attempt)
        self.attempts[line.message_id] = attempt
        self.port.send_up(self.connection, self.append_of(chat, line, trace))
        self.port.set_timer(self.timers.resend_us, self.on_resend_due, (chat, line, state.epoch, attempt + 1))

    def append_of(self, chat: Chat, line: Line, trace: int) -> Append:
        """An own message as it goes up."""
        state = self.durable
        return Append(
            state.device,
            state.user,
            chat.conversation,
            line.send_number,
            line.message_id,
            line.written_us,
            line.body,
            trace,
            line.change,
            content=line.content,
        )

    def on_resend_due(self, due: tuple[Chat, Line, int, int]) -> None:
        """PHONE-1: not answered in time on this connection: once more, by the timer of the last attempt alone."""
        chat, line, epoch, attempt = due
        if epoch != self.durable.epoch or self.connection is None or line.send_number not in chat.outbox:
            return
        if self.attempts.get(line.message_id) == attempt - 1:
            self.send_line(chat, line, attempt)

    def on_accepted(self, message: Accepted) -> None:
        """First tick: durable in the store. It is durable here before it is drawn, so it never goes back (RCPT-2)."""
        chat = self.durable.chats.get(message.conversation)
        if chat is None or message.send_number not in chat.outbox:
            return
        record = TakeAccepted(
            message.conversation,
            message.send_number,
            message.message_id,
            message.sequence,
            message.predecessor,
            message.predecessor_own,
            message.trace,
        )
        self.port.persist(record, self.after_accepted)

    def after_accepted(self, record: TakeAccepted) -> None:
        """Draw the tick; the place; then let the next ones out."""
        chat = self.durable.chats[record.conversation]
        self.attempts.pop(record.message_id, None)
        if (line := chat.lines.get(record.message_id)) is None:
            return
        self.port.draw_tick(chat.conversation, line.body, line.tick)
        self.draw(chat)
        self.send_outbox(chat)

    def on_refused(self, message: Refused) -> None:
        """A gap is not final: the ones before it come first; nor is a full log. Anything else is, and is shown as
        failed (PHONE-1)."""
        chat = self.durable.chats.get(message.conversation)
        if chat is None or message.send_number not in chat.outbox:
            return
        if message.reason in NOT_FINAL:
            sent = self.sent.get(message.conversation, 0)
            self.sent[message.conversation] = min(sent, message.send_number - 1)
            return
        record = TakeRefused(message.conversation, message.send_number, message.message_id, message.trace)
        self.port.persist(record, self.after_refused)

    def after_refused(self, record: TakeRefused) -> None:
        """Shown as failed; the ones behind it are no gap (STORE-2)."""
        chat = self.durable.chats[record.conversation]
        if (line := chat.lines.get(record.message_id)) is not None:
            self.port.draw_tick(chat.conversation, line.body, FAILED)
        self.draw(chat)
        self.send_outbox(chat)

    # -- updates --------------------------------------------------------------------------------------------

    def on_updates(self, message: Updates) -> None:
        """PHONE-3: apply what comes next, acknowledge again what is here, ask from the cursor for a gap."""
        if message.epoch != self.durable.epoch:
            return
        self.answered()
        rows = message.rows
        if message.expired_through > self.committing_through:
            self.on_expired(message)
            return
        if not rows:
            if message.expired_through:  # told again: the acknowledgement of the marker was lost (INBOX-6)
                self.acknowledge(message.trace)
            return
        expected = self.committing_through + 1
        if rows[-1].number < expected:
            self.port.reached(HardCase.DUPLICATE_UPDATE_DROPPED)
            self.acknowledge(message.trace)
        elif rows[0].number > expected:
            self.on_gap()
        else:
            fresh = rows[expected - rows[0].number :] if rows[0].number < expected else rows
            self.syncing = False
            self.committing_through = rows[-1].number
            self.port.persist(ApplyUpdates(fresh, message.trace), self.after_updates)

    def on_gap(self) -> None:
        """PHONE-3: beyond the next one: sync from the cursor."""
        if self.syncing:
            return
        self.syncing = True
        self.port.reached(HardCase.UPDATE_GAP_SYNCED)
        self.send_sync(0)

    def ask_for_updates(self, attempt: int = 0, *, nudged: bool = False) -> None:
        """Ask for everything behind the cursor (PHONE-3, PHONE-9)."""
        state = self.durable
        trace = trace_of(state.device, state.epoch + state.cursor + attempt)
        self.port.send_up(self.connection, Sync(state.device, state.epoch, state.cursor, trace, nudged))

    def send_sync(self, attempt: int) -> None:
        """For a gap; again after a while if it is still there."""
        state = self.durable
        self.ask_for_updates(attempt)
        self.port.set_timer(self.timers.resend_us, self.on_sync_due, (state.epoch, attempt + 1))

    def on_sync_due(self, due: tuple[int, int]) -> None:
        """The gap was not closed in time."""
        if self.syncing and self.link == ONLINE and due[0] == self.durable.epoch:
            self.send_sync(due[1])

    def after_updates(self, record: ApplyUpdates | TakeExpired) -> None:
        """PHONE-4: committed; now show, then acknowledge."""
        self.committing_through = max(self.committing_through, self.durable.cursor)
        chats = self.durable.chats
        for row in record.rows:
            chat = chats.get(row.conversation)
            if chat is None:
                continue
            if row.update == UpdateKind.MESSAGE:
                self.draw(chat)
                if row.predecessor_own and row.predecessor in chat.held:
                    self.port.reached(HardCase.HELD_BACK_FOR_OWN, row.body)
            elif row.update in _TICK_OF:
                line = chat.lines.get(row.message_id)
                if line is not None and line.tick == _TICK_OF[row.update] and self.is_drawn(chat, line):
                    self.port.draw_tick(chat.conversation, line.body, line.tick)
        self.acknowledge(record.trace)

    def acknowledge(self, trace: int) -> None:
        """CONN-6: cumulative, for everything committed."""
        if self.connection is not None:
            state = self.durable
            self.port.send_up(self.connection, Acknowledge(state.device, state.user, state.epoch, state.cursor, trace))

    # -- reading --------------------------------------------------------------------------------------------

    def after_mark_read(self, record: MarkRead) -> None:
        """Durable: it is sent until it is confirmed."""
        chat = self.durable.chats[record.conversation]
        if chat.unconfirmed:
            self.send_watermark(chat)

    def send_watermark(self, chat: Chat, attempt: int = 0) -> None:
        """PHONE-8: the watermark with all that it newly covers and that nobody has confirmed."""
        if self.connection is None or not self.durable.registered:
            return
        state = self.durable
        done = self.confirmed.get(chat.conversation, 0)
        covered = tuple(each for each in chat.unconfirmed if each[0] > done)
        if not covered:
            return
        through = covered[-1][0]
        trace = trace_of(covered[-1][3], state.epoch + attempt)
        covered = self.covered_for_server(chat, covered)
        message = ReadThrough(state.device, state.user, chat.conversation, through, covered, trace)
        self.port.send_up(self.connection, message)
        self.port.set_timer(self.timers.resend_us, self.on_watermark_due, (chat, through, state.epoch, attempt + 1))

    def on_watermark_due(self, due: tuple[Chat, int, int, int]) -> None:
        """Not confirmed in time on this connection: once more."""
        chat, through, epoch, attempt = due
        if epoch == self.durable.epoch and self.confirmed.get(chat.conversation, 0) < through:
            self.send_watermark(chat, attempt)

    def on_confirmed(self, message: Confirmed) -> None:
        """The reader's inbox has it durably (INBOX-9). Forgetting this costs one more send, so it may ride."""
        chat = message.conversation
        through = self.confirmed[chat] = max(self.confirmed.get(chat, 0), message.through)
        self.port.ride((TakeConfirmed, chat), TakeConfirmed(chat, through, message.trace))

    # -- a disk that refuses --------------------------------------------------------------------------------

    def on_write_refused(self, record: Any) -> None:
        """Nothing happened: what the person or the protocol still wants is tried again, what comes again is left."""
        if isinstance(record, (ApplyUpdates, TakeExpired)):
            self.committing_through = self.durable.cursor
        elif isinstance(record, (Compose, MarkRead)):
            self.port.set_timer(self.timers.back_off_first_us, self.on_write_again, record)
        else:
            super().on_write_refused(record)

    def on_write_again(self, record: Compose | MarkRead) -> None:
        """The person tries again."""
        then = self.after_compose if isinstance(record, Compose) else self.after_mark_read
        self.port.persist(record, then)
