"""Fan-out: from the log into every recipient's inbox, repeating work after a crash and skipping none (FAN-1, 3, 6).

It runs beside the store's leader and reads its log. Durable: the shared cursor and the cursors of laggards, all in
``StoreState``. In memory: which appends are on their way. The shared cursor rides on the shard's next record: a crash
before that repeats the last entries, which the inboxes answer with "have it" (FAN-3).
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

from ..vocabulary.hard_cases import HardCase
from ..vocabulary.ids import user_of
from ..vocabulary.messages import Address, Enter, Entered, Outcome, operation_of, trace_of
from ..vocabulary.records import FanOutMoved, LaggardBorn, LaggardMoved
from .dispatch import Dispatching
from .port import ServerPort, Timers
from .store_state import Entry, Recipient, StoreState

SHARD_LAGS: Final = 64
"""So many inboxes that lag at one entry are a shard that is away, and no laggards."""


class FanOut(Dispatching):
    """The fan-out of one shard."""

    __slots__ = ("begun_through", "done_through", "durable", "ending", "laggards", "left", "open", "port", "timers")
    TAKES: ClassVar[dict[type, str]] = {Entered: "on_entered"}
    durable: StoreState

    def __init__(self, port: ServerPort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.begun_through = self.durable.fan_out
        """Every entry before it was sent to its inboxes since this start."""
        self.done_through = self.durable.fan_out
        """The shared cursor as it will be when the ride is durable."""
        self.open: dict[tuple[int, int], int] = {}
        """(position, device) of appends on their way, to the number of attempts."""
        self.left: dict[int, int] = {}
        """Position to how many of its appends are on their way."""
        self.laggards: dict[int, int] = {}
        """Laggard to the position of the entry on its way to it."""
        self.ending: dict[int, bool] = {}
        """Laggards whose last move is being written: entries from there on hold the shared cursor back already."""

    def on_start(self) -> None:
        """FAN-1: begin again at the durable cursors."""
        if self.begun_through < self.durable.end_position:
            self.port.reached(HardCase.FAN_OUT_REPEATED_AFTER_CRASH)
        for device in self.durable.laggards:
            self.serve_laggard(device)
        self.on_log_grown()

    def on_log_grown(self) -> None:
        """FAN-1: driven from the log: send what has not been begun."""
        state = self.durable
        while self.begun_through < state.end_position:
            entry = state.entry_at(self.begun_through)
            self.begun_through += 1
            if entry.append.change is not None:
                self.note_who_goes(entry, entry.append.change.removed)
            recipients = self.recipients_of(entry)
            if self.ending or state.laggards:
                recipients = self.without_laggards(entry, recipients)
            for recipient in recipients:
                self.begin(entry, recipient)
            self.look_after(entry, recipients)
        self.advance()

    def without_laggards(self, entry: Entry, recipients: tuple[Recipient, ...]) -> tuple[Recipient, ...]:
        """FAN-6: those who have no cursor of their own; one that is about to end holds the shared cursor back."""
        for recipient in recipients:
            if recipient.device in self.ending:
                self.hold(entry.position, recipient.device)
        apart = self.ending.keys() | self.durable.laggards.keys()
        return tuple(recipient for recipient in recipients if recipient.device not in apart)

    def note_who_goes(self, entry: Entry, removed: tuple[int, ...]) -> None:
        """FAN-2: an earlier entry of the group may be on its way to them still; they get it, as fixed in its append."""
        for position, device in self.open:
            if user_of(device) in removed and self.durable.entry_at(position).conversation == entry.conversation:
                self.port.reached(HardCase.MEMBER_REMOVED_MID_FAN_OUT, entry.append.body)
                return

    def recipients_of(self, entry: Entry) -> tuple[Recipient, ...]:
        """FAN-2: as fixed in the append, whoever is a member by now."""
        return entry.recipients

    def begin(self, entry: Entry, recipient: Recipient) -> None:
        """From now on the shared cursor waits for this inbox, which ``look_after`` has an eye on."""
        self.hold(entry.position, recipient.device)
        self.call(entry, recipient, 0)

    def enter(self, entry: Entry, recipient: Recipient, attempt: int) -> None:
        """Sent until it is answered."""
        self.call(entry, recipient, attempt)
        self.port.set_timer(self.timers.call_again_us, self.on_enter_due, (entry, recipient, attempt + 1))

    def call(self, entry: Entry, recipient: Recipient, attempt: int) -> None:
        """FAN-3: an append names the entry that this inbox was owed before."""
        append = entry.append
        port = self.port
        port.send(
            port.inbox_of(recipient.user),
            Enter(
                recipient.device,
                entry.position,
                entry.conversation,
                entry.sequence,
                recipient.owed_before,
                recipient.predecessor,
                recipient.predecessor_own,
                append.message_id,
                append.user,
                append.written_us,
                append.body,
                trace_of(append.body, attempt),
                recipient.envelope,
                append.content,
            ),
        )

    def look_after(self, entry: Entry, recipients: tuple[Recipient, ...]) -> None:
        """One timer for the first calls of an entry, however many they are."""
        if recipients:
            self.port.set_timer(self.timers.call_again_us, self.on_entry_due, (entry, recipients))

    def on_entry_due(self, due: tuple[Entry, tuple[Recipient, ...]]) -> None:
        """The first calls of an entry should be answered by now: again to those that are not."""
        entry, recipients = due
        if entry.position in self.left or self.laggards:
            for recipient in recipients:
                self.on_enter_due((entry, recipient, 1))

    def on_enter_due(self, due: tuple[Entry, Recipient, int]) -> None:
        """Not answered in time: again, for as long as it takes; FAN-6 sees to it that nobody else waits."""
        entry, recipient, attempt = due
        if (entry.position, recipient.device) in self.open:
            self.note_laggard(entry, recipient)
            self.enter(entry, recipient, attempt)
        elif self.laggards.get(recipient.device) == entry.position:
            self.enter(entry, recipient, attempt)

    def on_entered(self, source: Address, message: Entered) -> None:
        """The inbox answers: taken or a tombstone ends the duty (PHONE-10); a gap waits for the one before."""
        if message.outcome == Outcome.GAP:
            self.port.reached(HardCase.INBOX_GAP_REFUSED, operation_of(message.trace))
            return
        if message.outcome == Outcome.RETIRED:
            self.port.reached(HardCase.SENT_TO_RETIRED, operation_of(message.trace))
        if self.let_go(message.position, message.device):
            if not self.left.get(message.position):
                self.advance()
        elif self.laggards.get(message.device) == message.position:
            self.move_laggard(message.device, message.position + 1)

    # -- the shared cursor ----------------------------------------------------------------------------------

    def advance(self) -> None:
        """FAN-1: past every entry that all its inboxes have, or that a laggard's own cursor covers."""
        state = self.durable
        before = self.done_through
        while self.done_through < self.begun_through and self.is_done(state.entry_at(self.done_through)):
            self.done_through += 1
        if self.done_through > before:
            record = FanOutMoved(self.done_through, trace_of(self.done_through))
            self.port.ride(FanOutMoved, record)

    def is_done(self, entry: Entry) -> bool:
        """Whether no append of this entry is on its way under the shared cursor."""
        return not self.left.get(entry.position)

    def hold(self, position: int, device: int) -> None:
        """The shared cursor waits for this inbox at this entry."""
        if (position, device) not in self.open:
            self.open[(position, device)] = 0
            self.left[position] = self.left.get(position, 0) + 1

    def let_go(self, position: int, device: int) -> bool:
        """It waits no longer. Returns whether it did."""
        if self.open.pop((position, device), None) is None:
            return False
        left = self.left[position] - 1
        if left:
            self.left[position] = left
        else:
            del self.left[position]
        return True

    def let_all_go(self, device: int) -> None:
        """It waits no longer for anything of this inbox."""
        for position, _ in [key for key in self.open if key[1] == device]:
            self.let_go(position, device)

    # -- laggards -------------------------------------------------------------------------------------------

    def note_laggard(self, entry: Entry, recipient: Recipient) -> None:
        """FAN-6: the inbox that holds the shared cursor back by more than w entries gets a cursor of its own."""
        lag = self.begun_through - self.done_through
        if lag <= self.timers.lag_limit or entry.position != self.done_through:
            return
        if recipient.device in self.durable.laggards or self.left[entry.position] > SHARD_LAGS:
            return  # what lags by the hundred is a shard and no inbox: it has nobody to hold back but itself
        self.port.reached(HardCase.LAGGARD_CURSOR_BORN)
        record = LaggardBorn(recipient.device, entry.position, trace_of(recipient.device, entry.position))
        self.port.persist(record, self.after_laggard_born)

    def after_laggard_born(self, record: LaggardBorn) -> None:
        """From here on this inbox is served on its own, in order, one entry at a time."""
        self.let_all_go(record.device)
        self.serve_laggard(record.device)
        self.advance()

    def serve_laggard(self, device: int) -> None:
        """The next entry that this inbox is owed, from its own cursor on."""
        state = self.durable
        for position in range(max(state.laggards[device], state.first_position), self.begun_through):
            entry = state.entry_at(position)
            for recipient in entry.recipients:
                if recipient.device == device:
                    self.laggards[device] = position
                    self.enter(entry, recipient, 0)
                    return
        self.move_laggard(device, self.begun_through)

    def move_laggard(self, device: int, position: int) -> None:
        """The laggard's own cursor moves, durably: its end is a write that finds both cursors equal."""
        self.laggards.pop(device, None)
        if position >= self.done_through:
            self.ending[device] = True
            for entry, recipient in self.owed_to(device, position):
                self.hold(entry.position, recipient.device)
        record = LaggardMoved(device, position, trace_of(device, position))
        self.port.persist(record, self.after_laggard_moved)

    def after_laggard_moved(self, record: LaggardMoved) -> None:
        """Go on, or go back under the shared cursor with whatever was skipped since."""
        self.ending.pop(record.device, None)
        if record.device in self.durable.laggards:
            self.let_all_go(record.device)
            self.serve_laggard(record.device)
            self.advance()
            return
        for entry, recipient in self.owed_to(record.device, record.position):
            self.hold(entry.position, recipient.device)
            self.enter(entry, recipient, 0)

    def owed_to(self, device: int, position: int) -> list[tuple[Entry, Recipient]]:
        """What a device is owed of the entries begun, from a position on."""
        state = self.durable
        return [
            (entry, recipient)
            for entry in (
                state.entry_at(place) for place in range(max(position, state.first_position), self.begun_through)
            )
            for recipient in entry.recipients
            if recipient.device == device
        ]

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses: ask again with the next timer."""
        if isinstance(record, LaggardMoved):
            self.port.set_timer(self.timers.call_again_us, self.on_move_due, record)

    def on_move_due(self, record: LaggardMoved) -> None:
        """Once more what the disk refused."""
        self.port.persist(record, self.after_laggard_moved)
