"""Writing the history: facts where an effect takes place, claims as the machines make them.

What a record did is told by the state that took it in (``apply`` returns what it changed), and turned into rows here;
the world's own counters of how many messages are in a tier are kept here too, apart from those rows, so that FLOW-1
can hold the one against the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from ..protocol.phone_state import PhoneState
from ..protocol.store_state import Entry
from ..vocabulary import kinds
from ..vocabulary import records as r
from ..vocabulary.ids import is_group, is_pair, members_of, other_member, user_of
from ..vocabulary.kinds import NONE, Tier, TrimReason
from ..vocabulary.messages import Change, operation_of
from ..vocabulary.population import PLAIN, Population
from .environment import Environment


class TierCounter:
    """The number of messages in a tier and the exact area under it, in message-microseconds."""

    __slots__ = ("area", "number", "since_us")

    def __init__(self) -> None:
        self.number = 0
        self.area = 0
        self.since_us = 0

    def add(self, now_us: int, change: int) -> None:
        """The number changes by this much now."""
        self.area += self.number * (now_us - self.since_us)
        self.since_us = now_us
        self.number += change


class Facts:
    """The world's pen."""

    __slots__ = (
        "append",
        "environment",
        "highs",
        "introduced_groups",
        "introduced_users",
        "marked_read",
        "on_record",
        "population",
        "reached_counts",
        "tally",
        "tiers",
        "unanswered",
        "waiting",
        "written",
    )

    def __init__(
        self,
        environment: Environment,
        append: Callable[[tuple[int, int, int, int, int, int, int, int]], None],
        population: Population,
    ) -> None:
        self.environment = environment
        self.append = append
        self.tiers: dict[int, TierCounter] = {Tier.OUTBOX: TierCounter(), Tier.INBOX: TierCounter()}
        self.tally: defaultdict[str, int] = defaultdict(int)
        """What features count where it takes place; sim/vocabulary/metrics.py declares the names."""
        self.highs: dict[int, int] = {}
        """Sort of queue to the greatest length that any of that sort has had."""
        self.population = population
        """Who there was on the first day."""
        self.introduced_groups: dict[int, bool] = {}
        self.introduced_users: dict[int, bool] = {}
        """Whose first day has been told."""
        self.unanswered: dict[int, int] = {}
        """Operation to the device that composed it and has drawn no tick beside it yet."""
        self.reached_counts: dict[int, int] = {}
        self.waiting: Callable[[int], None] = lambda device: None
        """Told when a row is durable in a device's inbox: somebody may want to fetch it."""
        self.written: Callable[[int, int], None] = lambda device, operation: None
        """Told when a message is durable in an outbox."""
        self.marked_read: Callable[[int, int], None] = lambda device, conversation: None
        """Told when a read watermark is durable on a device."""
        self.on_record: dict[type, Callable[[Any, Any, Any], None]] = {
            r.Compose: self.composed,
            r.ApplyUpdates: self.updates_applied,
            r.TakeExpired: self.expiry_taken,
            r.MarkRead: self.watermark_durable,
            r.AppendEntry: self.appended,
            r.EnterEntry: self.entered,
            r.EnterReceipt: self.receipt_entered,
            r.StoreWatermark: self.watermark_stored,
            r.MoveCursor: self.cursor_moved,
            r.BeginRegistration: self.registered,
            r.EndRegistration: self.retired,
            r.ExpireRows: self.rows_expired,
            r.Together: self.together,
        }

    def row(
        self,
        kind: int,
        who: int,
        *,
        chat: int = NONE,
        number: int = NONE,
        operation: int = NONE,
        value: int = NONE,
        extra: int = NONE,
    ) -> None:
        """Write any row; the hot ones are written without this detour."""
        self.append((self.environment._now, kind, who, chat, number, operation, value, extra))

    def together(self, state: Any, record: r.Together, changes: tuple[Any, ...]) -> None:
        """Several records became durable in one write."""
        observers = self.on_record
        for each, change in zip(record.records, changes, strict=True):
            observe = observers.get(each.__class__)
            if observe is not None:
                observe(state, each, change)

    # -- the phone's database -------------------------------------------------------------------------------

    def composed(self, state: PhoneState, record: r.Compose, line: Any) -> None:
        """An outbox record is durable."""
        now = self.environment._now
        other = other_member(record.conversation, state.user) if is_pair(record.conversation) else NONE
        self.append(
            (
                now,
                kinds.COMPOSED,
                state.device,
                record.conversation,
                record.reply_to,
                record.body,
                state.user,
                other,
            )
        )
        if record.change is not None:
            self.membership_wanted(state.device, record, record.change)
        self.unanswered[record.body] = state.device
        self.written(state.device, record.body)
        self.tiers[Tier.OUTBOX].add(now, 1)

    def membership_wanted(self, device: int, record: r.Compose, change: Change) -> None:
        """What a membership message asks for (STORE-6)."""
        for users, brings in ((change.added, 1), (change.removed, 0)):
            for user in users:
                self.row(
                    kinds.MEMBERSHIP_WANTED,
                    device,
                    chat=record.conversation,
                    operation=record.body,
                    value=user,
                    extra=brings,
                )

    def updates_applied(self, state: PhoneState, record: r.ApplyUpdates | r.TakeExpired, fresh: Any) -> None:
        """Messages and the cursor are durable on the device."""
        now = self.environment._now
        append = self.append
        device = state.device
        for row in fresh:
            append((now, kinds.DELIVERED, device, row.conversation, row.sequence, row.body, NONE, NONE))
        append((now, kinds.CURSOR, device, NONE, state.cursor, NONE, NONE, NONE))

    def expiry_taken(self, state: PhoneState, record: r.TakeExpired, change: tuple[int, Any]) -> None:
        """The device knows that updates expired, and has what came behind them."""
        before, fresh = change
        if record.through > before:
            self.row(kinds.EXPIRED_TOLD, state.device, number=record.through, value=before)
        self.updates_applied(state, record, fresh)

    def watermark_durable(self, state: PhoneState, record: r.MarkRead, change: Any) -> None:
        """A read watermark is durable on the device."""
        self.row(kinds.MARKED_READ, state.device, chat=record.conversation, number=record.through)
        self.marked_read(state.device, record.conversation)

    # -- the store ------------------------------------------------------------------------------------------

    def appended(self, state: Any, record: r.AppendEntry, change: Any) -> None:
        """An entry, or a final refusal, is durable in the log."""
        if change is None:
            return
        now = self.environment._now
        append = record.append
        if self.population is not PLAIN:
            self.introduce(append.conversation, append.change)
        if not isinstance(change, Entry):
            self.append(
                (
                    now,
                    kinds.REFUSED,
                    append.device,
                    append.conversation,
                    NONE,
                    append.body,
                    change.reason,
                    NONE,
                )
            )
            return
        self.append(
            (
                now,
                kinds.LOGGED,
                append.device,
                append.conversation,
                change.sequence,
                append.body,
                append.user,
                NONE,
            )
        )
        for recipient in change.recipients:
            self.append(
                (
                    now,
                    kinds.OWED,
                    recipient.device,
                    append.conversation,
                    change.sequence,
                    append.body,
                    recipient.user,
                    NONE,
                )
            )
        if change.change is not None:
            self.members_changed(change, change.change)

    def introduce(self, conversation: int, change: Change | None) -> None:
        """Who is in a conversation, and with which devices, from the first day: said once, when it first matters."""
        users: tuple[int, ...] = members_of(conversation) if is_pair(conversation) else ()
        if is_group(conversation) and conversation not in self.introduced_groups:
            self.introduced_groups[conversation] = True
            users = self.population.members(conversation)
            for user in users:
                self.row(kinds.FIRST_MEMBER, NONE, chat=conversation, value=user)
        if change is not None:
            users = (*users, *change.added)
        for user in users:
            self.introduce_devices(user)

    def introduce_devices(self, user: int) -> None:
        """A user's linked devices of the first day."""
        if user not in self.introduced_users:
            self.introduced_users[user] = True
            for device in self.population.devices(user)[1:]:
                self.row(kinds.FIRST_DEVICE, device, value=user)

    def members_changed(self, entry: Entry, change: Change) -> None:
        """A membership entry is durable."""
        for kind, users in ((kinds.MEMBER_JOINED, change.added), (kinds.MEMBER_LEFT, change.removed)):
            for user in users:
                self.row(
                    kind,
                    NONE,
                    chat=entry.conversation,
                    number=entry.sequence,
                    operation=entry.append.body,
                    value=user,
                )

    # -- the inbox ------------------------------------------------------------------------------------------

    def entered(self, state: Any, record: r.EnterEntry, change: Any) -> None:
        """A row is durable in an inbox."""
        if change is not None:
            self.row_entered(change[0], change[1], operation_of(record.trace))

    def receipt_entered(self, state: Any, record: r.EnterReceipt, change: Any) -> None:
        """A receipt's row is durable in the inbox of each of its sender's devices."""
        for device, row in change:
            self.row_entered(device, row, operation_of(record.trace))

    def watermark_stored(self, state: Any, record: r.StoreWatermark, change: Any) -> None:
        """A read watermark is durable in the reader's inbox, and on its way to their other devices."""
        user = user_of(record.device)
        self.row(kinds.WATERMARK, record.device, chat=record.conversation, number=record.through, value=user)
        for device, row in change.rows:
            self.row_entered(device, row, operation_of(record.trace))

    def row_entered(self, device: int, row: Any, operation: int) -> None:
        """One more row in an inbox."""
        now = self.environment._now
        self.append(
            (
                now,
                kinds.INBOX_APPENDED,
                device,
                row.conversation,
                row.number,
                operation,
                row.update,
                row.sequence,
            )
        )
        self.tiers[Tier.INBOX].add(now, 1)
        self.waiting(device)

    def cursor_moved(self, state: Any, record: r.MoveCursor, change: Any) -> None:
        """The durable pointer moved; rows are gone."""
        if change is None:
            return
        now = self.environment._now
        self.append((now, kinds.ACKNOWLEDGED, record.device, NONE, change.after, NONE, change.before, NONE))
        if change.trimmed:
            self.trimmed(record.device, change.trimmed_through, TrimReason.ACKNOWLEDGED, change.trimmed)

    def trimmed(self, device: int, through: int, reason: int, rows: int) -> None:
        """Rows left an inbox."""
        now = self.environment._now
        self.append((now, kinds.TRIMMED, device, NONE, through, NONE, reason, rows))
        self.tiers[Tier.INBOX].add(now, -rows)

    def registered(self, state: Any, record: r.BeginRegistration, change: Any) -> None:
        """A user's list begins to change."""
        self.introduce_devices(record.user)
        extra = record.replaces if record.replaces >= 0 else NONE
        self.row(kinds.LIST_CHANGE_BEGUN, record.device, value=record.user, extra=extra)

    def rows_expired(self, state: Any, record: r.ExpireRows, change: Any) -> None:
        """Rows left an inbox although nobody acknowledged them."""
        if change is not None:
            self.tally["updates_expired"] += change.rows
            self.trimmed(record.device, change.through, TrimReason.EXPIRED, change.rows)

    def retired(self, state: Any, record: r.EndRegistration, change: Any) -> None:
        """The list has changed; the inbox of a device that went became a tombstone, its rows gone with the device."""
        if change is None:
            return
        extra = record.replaces if record.replaces >= 0 else NONE
        self.row(kinds.LIST_CHANGED, record.device, value=record.user, extra=extra)
        inbox, rows = change
        if inbox is None:
            return
        self.row(kinds.INBOX_RETIRED, record.replaces, value=record.device)
        if rows:
            self.trimmed(record.replaces, inbox.head, TrimReason.RETIRED, rows)

    # -- the screen -----------------------------------------------------------------------------------------

    def tick_drawn(self, device: int, conversation: int, body: int, tick: int, redraw: int) -> None:
        """A claim: a tick stands beside an own message."""
        now = self.environment._now
        self.append((now, kinds.TICK, device, conversation, NONE, body, tick, redraw))
        if self.unanswered.get(body) == device:
            del self.unanswered[body]
            self.tiers[Tier.OUTBOX].add(now, -1)

    def phone_lost(self, device: int, replaced_by: int, user: int) -> None:
        """An installation is gone for good, and what it had not sent."""
        now = self.environment._now
        self.append((now, kinds.PHONE_LOST, device, NONE, NONE, NONE, replaced_by, user))
        gone = [body for body, owner in self.unanswered.items() if owner == device]
        for body in gone:
            del self.unanswered[body]
        self.tiers[Tier.OUTBOX].add(now, -len(gone))

    def reached(self, case: int, who: int, operation: int) -> None:
        """A claim: a hard case was reached."""
        self.reached_counts[case] = self.reached_counts.get(case, 0) + 1
        self.append((self.environment._now, kinds.REACHED, who, NONE, case, operation, NONE, NONE))

    def queue_long(self, queue: int, who: int, length: int, bound: int) -> None:
        """A queue has grown to this length; written down if none of its sort was ever as long (BOUND-1)."""
        if length > self.highs.get(queue, 0):
            self.highs[queue] = length
            self.row(kinds.QUEUE_HIGH, who, number=queue, value=length, extra=bound)

    def areas(self) -> None:
        """The counters' last word, for FLOW-1."""
        now = self.environment._now
        for tier, counter in self.tiers.items():
            counter.add(now, 0)
            self.row(kinds.AREA, NONE, number=tier, value=counter.area, extra=counter.number)
