"""A little world that does everything right, driven by numbers: it writes random correct histories.

Three people with a phone each (person b has a second one) write to one another. Nothing here knows how the simulator
works; it follows only what must hold. Each step is a pair of numbers: what is tried, and on whom.
"""

from __future__ import annotations

from collections.abc import Iterable

from history_language import device_named
from history_writer import Writer

from sim.checkers.verdict import HistoryRow
from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between, user_of
from sim.vocabulary.kinds import UpdateKind

ACTIONS = ("compose", "compose", "append", "append", "accept", "fan_out", "fan_out", "deliver", "deliver", "deliver")
ACTIONS += ("acknowledge", "receipt", "open", "kill", "lose")
TICK_NAMES = {1: "accepted", 2: "delivered", 3: "read", 4: "failed"}
Row = tuple[int, int]
"""Update kind and operation."""


class Phone:
    """What one device holds. Everything but ``screen`` survives a kill."""

    def __init__(self, device: int) -> None:
        self.device = device
        self.cursor = 0
        self.acknowledged = 0
        self.database: dict[int, dict[int, int]] = {}
        """Chat -> sequence -> operation: stored messages and accepted own ones."""
        self.outbox: list[int] = []
        self.ticks: dict[int, int] = {}
        self.screen: dict[int, list[int]] = {}
        """Chat -> operations that have a place in the list."""
        self.pending: list[int] = []
        self.read: dict[int, int] = {}
        """Chat -> the sequence through which it was read here."""
        self.first: dict[int, int] = {}
        """Chat -> the first sequence that this device was owed or sent."""


class World:
    """Applies steps; every step that cannot be taken is left out."""

    def __init__(self) -> None:
        self.writer = Writer()
        self.phones = {device: Phone(device) for device in map(device_named, ("a", "b", "b2", "c"))}
        self.inboxes: dict[int, list[Row]] = {device: [] for device in self.phones}
        self.logs: dict[int, list[int]] = {}
        self.fanned: dict[tuple[int, int], int] = {}
        """Device and chat -> how many entries of the log its inbox has taken or was not owed."""
        self.receipts: list[tuple[int, Row]] = []
        self.delivered: dict[int, None] = {}
        self.read: dict[int, None] = {}
        self.next_operation = 0
        self.lost: list[int] = []

    def step(self, action: int, choice: int) -> None:
        """Try one thing."""
        self.writer.now_us += 1 + choice % 5_000
        phones = [phone for device, phone in self.phones.items() if device not in self.lost]
        phone = phones[choice % len(phones)]
        choice //= len(phones)
        getattr(self, ACTIONS[action % len(ACTIONS)])(phone, choice)

    def compose(self, phone: Phone, choice: int) -> None:
        others = [other for other in (0, 1, 2) if other != user_of(phone.device)]
        recipient = device_named("abc"[others[choice % 2]])
        chat = conversation_between(user_of(phone.device), user_of(recipient))
        known = [*phone.screen.get(chat, []), *[op for op in phone.pending if self.writer.messages[op][1] == chat]]
        answers = known[choice % len(known)] if known and choice % 3 == 0 else None
        operation = self.next_operation
        self.next_operation += 1 + choice % 2
        self.writer.writes(phone.device, operation, recipient, answers)
        phone.outbox.append(operation)
        phone.pending.append(operation)

    def append(self, phone: Phone, choice: int) -> None:
        """The oldest unsent message of a chat comes into the log, or is refused."""
        waiting = [op for op in phone.outbox if op not in self.writer.sequence and phone.ticks.get(op) != 4]
        if not waiting:
            return
        operation = waiting[0]
        if choice % 12 == 0:
            self.writer.refuse(operation)
            phone.outbox.remove(operation)
            phone.ticks[operation] = 4
            self.writer.ticks(phone.device, operation, "failed")
            return
        _, chat, recipient = self.writer.messages[operation]
        users = (user_of(phone.device), user_of(recipient))
        owed = [device for device in self.phones if user_of(device) in users and device != phone.device]
        self.writer.log(operation, devices=[device for device in owed if device not in self.lost])
        self.logs.setdefault(chat, []).append(operation)

    def accept(self, phone: Phone, choice: int) -> None:
        """The phone learns that its oldest appended message is accepted."""
        accepted = [op for op in phone.outbox if op in self.writer.sequence]
        if accepted:
            operation = accepted[0]
            phone.outbox.remove(operation)
            self.tick(phone, operation, 1)
            self.store(phone, operation)

    def fan_out(self, phone: Phone, choice: int) -> None:
        """The next entry of a chat comes into an inbox."""
        for chat, log in self.logs.items():
            place = self.fanned.get((phone.device, chat), 0)
            while place < len(log):
                operation = log[place]
                place += 1
                self.fanned[phone.device, chat] = place
                if phone.device in self.writer.recipients[operation]:
                    self.enter(phone.device, (UpdateKind.MESSAGE, operation))
                    return

    def deliver(self, phone: Phone, choice: int) -> None:
        """The next update of its inbox is durable on a phone, and shown."""
        inbox = self.inboxes[phone.device]
        if phone.cursor == len(inbox):
            return
        kind, operation = inbox[phone.cursor]
        phone.cursor += 1
        if kind == UpdateKind.MESSAGE:
            self.writer.stores(phone.device, operation)
            self.delivered[operation] = None
            self.store(phone, operation)
        else:
            self.writer.moves_cursor(phone.device, phone.cursor)
            self.tick(phone, operation, kind)

    def acknowledge(self, phone: Phone, choice: int) -> None:
        """The inbox learns what the phone has, and owes delivered receipts."""
        if phone.acknowledged < phone.cursor:
            fresh = self.inboxes[phone.device][phone.acknowledged : phone.cursor]
            phone.acknowledged = phone.cursor
            self.writer.counts(phone.device, phone.cursor)
            self.writer.trims(phone.device, phone.cursor)
            self.owe([op for kind, op in fresh if kind == UpdateKind.MESSAGE], UpdateKind.DELIVERED, phone)

    def receipt(self, phone: Phone, choice: int) -> None:
        """An owed receipt comes into the inbox of the sender."""
        if self.receipts:
            device, row = self.receipts.pop(0)
            if device not in self.lost:
                self.enter(device, row)

    def open(self, phone: Phone, choice: int) -> None:
        """The person opens a chat."""
        for chat, shown in phone.screen.items():
            other = (chat >> 31) + (chat & 0x7FFFFFFF) - user_of(phone.device)
            self.writer.opens(phone.device, device_named("abc"[other]))
            through = max((self.writer.sequence[op] for op in shown), default=0)
            phone.read[chat] = through
            self.writer.row(kinds.MARKED_READ, phone.device, chat, through)
            stored = [op for op in shown if op in self.delivered and phone.device in self.writer.recipients[op]]
            self.owe([op for op in stored if op not in self.read], UpdateKind.READ, phone)

    def kill(self, phone: Phone, choice: int) -> None:
        """The app is killed and started again; a place that the database gives is drawn at once."""
        self.writer.kill(phone.device)
        for _, shown in phone.screen.items():
            for operation in shown:
                self.draw(phone, operation, True)
        for operation in phone.pending:
            self.writer.pends(phone.device, operation, True)
            if phone.ticks.get(operation):
                self.writer.ticks(phone.device, operation, TICK_NAMES[phone.ticks[operation]], True)
        self.writer.drawn(phone.device)

    def lose(self, phone: Phone, choice: int) -> None:
        """Now and then b's second phone is reinstalled; the new installation is not heard of again."""
        if phone.device == device_named("b2") and choice % 4 == 0:
            self.lost.append(phone.device)
            self.writer.lose(phone.device, device_named("b3"))

    # -- what follows from it -------------------------------------------------------------------------------------

    def enter(self, device: int, row: Row) -> None:
        if row[0] != UpdateKind.MESSAGE and row in self.inboxes[device][self.phones[device].acknowledged :]:
            return  # a receipt that still waits is merged (FAN-3)
        self.inboxes[device].append(row)
        self.writer.takes(device, row[1], kind=row[0])

    def owe(self, operations: Iterable[int], kind: int, phone: Phone) -> None:
        done = self.read if kind == UpdateKind.READ else {}
        for operation in operations:
            sender = self.writer.messages[operation][0]
            if user_of(sender) != user_of(phone.device):
                done[operation] = None
                devices = [device for device in self.phones if user_of(device) == user_of(sender)]
                self.receipts.extend((device, (kind, operation)) for device in devices)

    def tick(self, phone: Phone, operation: int, tick: int) -> None:
        if tick > phone.ticks.get(operation, 0):
            phone.ticks[operation] = tick
            sender, chat, _ = self.writer.messages[operation]
            if sender == phone.device or operation in phone.screen.get(chat, []):
                self.writer.ticks(phone.device, operation, TICK_NAMES[tick])

    def store(self, phone: Phone, operation: int) -> None:
        """A message has a place in the database; whatever is next in the log's order comes into the list."""
        chat = self.writer.messages[operation][1]
        stored = phone.database.setdefault(chat, {})
        stored[self.writer.sequence[operation]] = operation
        shown = phone.screen.setdefault(chat, [])
        for entry in self.logs[chat][len(shown) :]:
            if self.writer.sequence[entry] not in stored:
                return
            shown.append(entry)
            self.draw(phone, entry, False)

    def draw(self, phone: Phone, operation: int, again: bool) -> None:
        sender = self.writer.messages[operation][0]
        if sender != phone.device:
            self.writer.shows(phone.device, operation, again=again)
            if user_of(sender) == user_of(phone.device):
                phone.ticks[operation] = max(1, phone.ticks.get(operation, 0))
                self.writer.ticks(phone.device, operation, TICK_NAMES[phone.ticks[operation]], again)
            return
        if operation in phone.pending:
            phone.pending.remove(operation)
        self.writer.places(phone.device, operation, again=again)
        if again:
            self.writer.ticks(phone.device, operation, TICK_NAMES[phone.ticks[operation]], True)

    def finish(self, away: list[int]) -> list[HistoryRow]:
        """Heal, come to rest on every phone that is not away or lost, and write the census."""
        phones = [phone for phone in self.phones.values() if phone.device not in self.lost]
        present = [phone for phone in phones if phone.device not in away]
        self.writer.devices.update(dict.fromkeys(phone.device for phone in present))
        self.writer.heal([phone.device for phone in present])
        for _ in range(len(self.writer.rows) + 50):
            for phone in present:
                for action in (self.append, self.accept, self.deliver, self.acknowledge):
                    action(phone, 1)
            for phone in phones:
                self.fan_out(phone, 0)
            self.receipt(phones[0], 0)
        self.writer.end()
        for phone in present:
            for chat, shown in phone.screen.items():
                news = [op for op in shown if user_of(self.writer.messages[op][0]) != user_of(phone.device)]
                unread = sum(self.writer.sequence[op] > phone.read.get(chat, 0) for op in news)
                self.writer.row(kinds.SETTLED_UNREAD, phone.device, chat, unread)
        for phone in phones:
            for operation in phone.outbox:
                self.writer.still_pending(operation)
            for chat, stored in phone.database.items():
                for operation in stored.values():
                    if operation not in phone.screen[chat] and operation not in phone.pending:
                        self.writer.held(operation, phone.device)
        return self.writer.rows


def play(steps: Iterable[tuple[int, int]], away: list[int] | None = None) -> list[HistoryRow]:
    """A correct history."""
    world = World()
    for action, choice in steps:
        world.step(action, choice)
    return world.finish(away or [])
