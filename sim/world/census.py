"""The census: what is unfinished, read off the durable states and the open connections, at rest and at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..protocol.gathering import NOBODY
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, WaitKind
from ..vocabulary.records import ArchiveMoved, FanOutMoved, MoveCursor, TakeConfirmed, TakeUnlinked

if TYPE_CHECKING:
    from .phones import PhoneHost
    from .world import World

Waiting = tuple[int, int, int, int]
"""(who, chat, wait kind, how many)."""


class Census:
    """Counts what is left."""

    __slots__ = ("world",)

    def __init__(self, world: World) -> None:
        self.world = world

    def is_quiet(self) -> bool:
        """Whether nothing is unfinished anywhere within reach."""
        return next(self.waiting(), None) is None

    def has_synced(self) -> bool:
        """Whether everybody's last hello has been served: quiet, and no acknowledgement of a phone within reach is
        only known and not durable yet (a phone that was turned away at first, CONN-9, says its hello late)."""
        return self.is_quiet() and not any(
            inbox.head > inbox.cursor and not phone.stays_away
            for shard in self.world.inboxes
            for inbox in shard.log.state.inboxes.values()
            if (phone := self.world.phone_of_device(inbox.device)) is not None
        )

    def waiting(self) -> Iterator[Waiting]:
        """What LIVE-1 counts, of every phone that can be reached and every server; servers first, being few."""
        yield from self.overloaded()
        for store in self.world.stores:
            yield from self.of_store(store)
        for shard in self.world.inboxes:
            yield from self.of_inboxes(shard)
        for phone in self.world.phones.values():
            if not phone.stays_away:
                yield from self.of_phone(phone)

    def overloaded(self) -> Iterator[Waiting]:
        """Servers whose queue is longer than anybody's patience: what they answer comes too late, and is asked for
        again, so that the queue grows by itself. A collection that stops everything for a while is no queue."""
        world = self.world
        now = int(world.environment._now)
        patience_us = world.timers.answer_within_us
        for host in world.hosts():
            left_us = host.busy_until_us - max(now, host.paused_until_us)
            if left_us > patience_us:
                yield host.number, NONE, WaitKind.OVERLOAD, left_us

    def of_phone(self, phone: PhoneHost) -> Iterator[Waiting]:
        """Outboxes, held-back lines, watermarks, and whether it is connected if it wants to be."""
        state: Any = phone.state
        device = phone.device
        unwritten = len(phone.writing) + len(phone.to_write)
        if unwritten:
            yield device, NONE, WaitKind.UNWRITTEN, unwritten
        for chat in state.chats.values():
            if chat.outbox:
                yield device, chat.conversation, WaitKind.OUTBOX, len(chat.outbox)
            if chat.held:
                yield device, chat.conversation, WaitKind.HELD_BACK, len(chat.held_lines())
            if chat.unconfirmed:
                rider = phone.disk.riders.get((TakeConfirmed, chat.conversation))
                through = 0 if rider is None else rider.through
                left = sum(covered[0] > through for covered in chat.unconfirmed)
                if left:
                    yield device, chat.conversation, WaitKind.WATERMARK, left
        if self.world.key_ring is not None and self.world.key_ring.waiting(phone):
            yield device, NONE, WaitKind.OWED_RECEIPT, self.world.key_ring.waiting(phone)
        if state.unlinking:
            left = sum((TakeUnlinked, gone) not in phone.disk.riders for gone in state.unlinking)
            if left:
                yield device, NONE, WaitKind.UNLINKING, left
        if self.world.reading is not None and phone.machine.reads and phone.is_available():
            yield device, NONE, WaitKind.READ, len(phone.machine.reads)
        media = self.world.media
        if media is not None and media.waiting(phone):
            yield device, NONE, WaitKind.DOWNLOAD, media.waiting(phone)
        if phone.channel != NONE and phone.is_available():
            log = self.world.store_of(phone.channel).log.state.conversations.get(phone.channel)
            behind = 0 if log is None else log.last_sequence - phone.machine.read_through.get(phone.channel, 0)
            if behind:
                yield device, phone.channel, WaitKind.VIEWER, behind
        if phone.is_available() and not self.connection_of(phone):
            yield device, NONE, WaitKind.RECONNECT, 1

    def connection_of(self, phone: PhoneHost) -> Any:
        """The phone's connection, if both sides hold it and it speaks."""
        for connection in phone.connections:
            if connection.server_open and connection.taken_up_us >= 0 and not connection.silent and connection.leased:
                return connection
        return None

    def routes_rest(self) -> bool:
        """Whether every lease that still lives is that of an open connection: one that a phone left behind without a
        word has lapsed (REG-1)."""
        registry = self.world.registry
        if not registry.up:
            return True
        now = registry.clock.local_us(self.world.environment._now)
        for lease in registry.machines[0].leases.values():
            connection = lease.server.connections.get(lease.connection)
            if lease.expiry_us > now and (connection is None or connection.silent or not connection.phone_open):
                return False
        return True

    def of_store(self, store: Any) -> Iterator[Waiting]:
        """Entries that are not in all their inboxes, and ticks of groups that senders are owed."""
        state = store.log.state
        if state.ticks:
            owed = sum((NOBODY, key) not in store.log.riders for key in state.ticks)
            if owed:
                yield store.number, NONE, WaitKind.OWED_RECEIPT, owed
        rider = store.log.riders.get(FanOutMoved)
        through = state.fan_out if rider is None else max(state.fan_out, rider.position)
        left = state.end_position - through + len(state.laggards)
        if left:
            yield store.number, NONE, WaitKind.FAN_OUT, left
        unarchived = self.unarchived(store)
        if unarchived:
            yield store.number, NONE, WaitKind.ARCHIVE, unarchived

    def unarchived(self, store: Any) -> int:
        """UQ-2: entries of a sequencer that the long-term store has not got, as far as the sequencer was told."""
        state = store.log.state
        rider = store.log.riders.get(ArchiveMoved)
        through = state.archived if rider is None else max(state.archived, rider.position)
        return max(0, int(state.end_position - through))

    def of_inboxes(self, shard: Any) -> Iterator[Waiting]:
        """Rows of reachable devices that are not acknowledged, and receipts that are owed."""
        riders = shard.log.riders
        owed = 0
        for inbox in shard.log.state.inboxes.values():
            if inbox.head > inbox.cursor:
                phone = self.world.phone_of_device(inbox.device)
                rider = riders.get((MoveCursor, inbox.device))
                cursor = inbox.cursor if rider is None else max(inbox.cursor, rider.cursor)
                if inbox.head > cursor and phone is not None and not phone.stays_away:
                    yield inbox.device, NONE, WaitKind.INBOX, inbox.head - cursor
            if inbox.owed:
                owed += sum((inbox.device, key) not in riders for key in inbox.owed)
        if owed:
            yield shard.number, NONE, WaitKind.OWED_RECEIPT, owed

    def queued_us(self) -> int:
        """How long what already stands at processors, disks and in streams takes from now."""
        world = self.world
        now = int(world.environment._now)
        ends = [host.busy_until_us for host in world.hosts()]
        ends += [time for host in world.hosts() if host.log is not None for time in host.log.clear_at_us]
        for phone in world.phones.values():
            ends.append(phone.disk.clear_at_us)
            ends += [max(each.up_clear_us, each.down_clear_us) for each in phone.connections]
        return max(0, max(ends) - now)

    def backlog(self) -> tuple[int, int]:
        """The most rows that wait for one device, and the messages in all outboxes."""
        rows = max(
            (len(inbox.rows) for shard in self.world.inboxes for inbox in shard.log.state.inboxes.values()), default=0
        )
        phones = self.world.phones.values()
        unsent = sum(len(phone.to_write) + len(phone.state.unlinking) for phone in phones)
        unsent += sum(len(chat.outbox) for phone in phones for chat in phone.state.chats.values())
        ring = self.world.key_ring
        if ring is not None:
            unsent += sum(ring.waiting(phone) for phone in phones)
            return rows * ring.rows_per_row, unsent * ring.rows_per_row
        return rows, unsent

    def reads_us(self) -> int:
        """How long a read of a log may take, where logs are read."""
        reading = self.world.reading
        return 0 if reading is None else reading.longest_us() + self.world.channels_rest_us()

    def laggards_us(self) -> int:
        """How long the inbox that is furthest behind takes to catch up by a cursor of its own: one entry at a time,
        each with a call there and back and a write at both ends, lost once (FAN-6)."""
        world = self.world
        logs = [store.log for store in world.stores if store.log.state.laggards]
        if not logs:
            return 0
        entries = max(self.entries_behind(log.state) for log in logs) + self.backlog()[1]
        writes_us = max(log.table[-1] for log in logs) + max(inbox.log.table[-1] for inbox in world.inboxes)
        way_us = world.server_table[-1] + max(map(max, world.far_us))
        return int(entries * (writes_us + 2 * way_us + world.scenario.protocol.call_again_us))

    def entries_behind(self, state: Any) -> int:
        """Entries that the last laggard of a shard still has to get, and those that answer them (SEAL-3)."""
        ring = self.world.key_ring
        behind = (state.entry_at(place) for place in range(min(state.laggards.values()), state.end_position))
        return sum(1 if ring is None else ring.rows_of(entry.append) for entry in behind)

    def archive_us(self) -> int:
        """How long the sequencer that is furthest ahead takes to hand its log on, batch by batch (UQ-2)."""
        world = self.world
        if not world.long_term_stores:
            return 0
        protocol = world.scenario.protocol
        entries = max(self.unarchived(store) for store in world.stores)
        slowest_us = max(store.log.table[-1] for store in world.long_term_stores)
        batch_us = slowest_us + 4 * world.server_table[-1] + protocol.call_again_us
        return int(-(-entries // protocol.archive_batch) * batch_us)

    # -- into the history ---------------------------------------------------------------------------------------

    def write_settled(self) -> None:
        """The settled state."""
        facts = self.world.facts
        for who, chat, kind, number in self.waiting():
            facts.row(kinds.STILL_WAITING, who, chat=chat, number=kind, value=number)
        self.write_routes()
        self.write_inboxes()
        self.write_logs()

    def write_routes(self) -> None:
        """ROUTE-1: what a look-up says of each device, and every connection that is really open."""
        facts = self.world.facts
        registry = self.world.registry.machines[0] if self.world.registry.up else None
        for phone in (*self.world.phones.values(), *self.world.retired):
            server, epoch = (None, NONE) if registry is None else registry.look_up(phone.device)
            facts.row(
                kinds.SETTLED_LOOKUP,
                phone.device,
                number=epoch,
                value=NONE if server is None else server.number,
                extra=NONE if server is None else self.lease_incarnation(registry, phone.device),
            )
        for host in self.world.servers:
            for connection in host.connections.values():
                if connection.phone_open and connection.server_open and not connection.silent:
                    facts.row(
                        kinds.SETTLED_CONNECTION,
                        connection.device,
                        number=connection.epoch,
                        value=host.number,
                        extra=connection.server_incarnation,
                    )

    def lease_incarnation(self, registry: Any, device: int) -> int:
        """The incarnation that a lease names."""
        lease = registry.leases.get(device)
        return NONE if lease is None else int(lease.incarnation)

    def write_inboxes(self) -> None:
        """Rows that wait in every inbox that was ever written."""
        facts = self.world.facts
        for shard in self.world.inboxes:
            for inbox in shard.log.state.inboxes.values():
                facts.row(
                    kinds.SETTLED_INBOX,
                    inbox.device,
                    number=len(inbox.rows),
                    value=inbox.head,
                    extra=inbox.cursor,
                )

    def write_logs(self) -> None:
        """What the sequencers' logs keep, where there are any (UQ-2)."""
        for store in self.world.stores if self.world.long_term_stores else ():
            state = store.log.state
            self.world.facts.row(
                kinds.SETTLED_LOG,
                store.number,
                number=len(state.entries),
                value=state.end_position,
                extra=state.archived,
            )

    def write_end(self) -> None:
        """The end of the run."""
        facts = self.world.facts
        self.write_inboxes()
        self.write_logs()
        for phone in self.world.phones.values():
            state: Any = phone.state
            for chat in state.chats.values():
                for line in chat.outbox.values():
                    facts.row(kinds.SETTLED_OUTBOX, phone.device, chat=chat.conversation, operation=line.body)
                for line in chat.held_lines():
                    facts.row(kinds.SETTLED_HELD, phone.device, chat=chat.conversation, operation=line.body)
                unread = state.unread_count(chat)
                facts.row(kinds.SETTLED_UNREAD, phone.device, chat=chat.conversation, number=unread)
            for connection in phone.connections:
                self.world.watch.count_beats(connection)
        facts.areas()
