"""Writes the rows that the sentences of the history language stand for (``history_language.py`` explains it)."""

from __future__ import annotations

import re
from collections.abc import Callable

from sim.checkers.verdict import HistoryRow
from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between, user_of
from sim.vocabulary.kinds import NONE, Phase, QueueKind, Tier, TrimReason, UpdateKind, WaitKind
from sim.vocabulary.messages import Reason
from sim.vocabulary.read_messages import Side
from sim.vocabulary.units import parse_duration_us

STEP_US = 1_000
READ_CHAT = conversation_between(0, 1)
TICKS = {"accepted": 1, "delivered": 2, "read": 3, "failed": 4}
PHASES = {"chaos": Phase.CHAOS, "heal": Phase.HEAL, "settled": Phase.SETTLED, "final": Phase.FINAL_SYNC}
PHASES["end"] = Phase.END

WORDS = {
    "D": r"([a-z]\d?)",
    "N": r"(\d+)",
    "L": r"((?:[a-z]\d? ?)+)",
    "W": r"(\w+)",
    "T": r"(\S+)",
    "again": "(again)",
}
WORD = re.compile(r"\b(?:[DNLWT]|again)\b")
SENTENCES: list[tuple[re.Pattern[str], list[str], str]] = []


def says(sentence: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a sentence: D is a device, N a number, L some devices, W a word, T a time; [...] may be left out."""
    words = WORD.findall(sentence)
    pattern = re.sub(r" \[(.*?)\]", r"(?: \1)?", sentence)
    pattern = WORD.sub(lambda match: WORDS[match.group()], pattern)

    def register(method: Callable[..., None]) -> Callable[..., None]:
        SENTENCES.append((re.compile(pattern), words, method.__name__))
        return method

    return register


class Writer:
    """Writes rows and keeps just enough in mind to number them; it checks nothing."""

    def __init__(self) -> None:
        self.rows: list[HistoryRow] = []
        self.now_us = 0
        self.messages: dict[int, tuple[int, int, int]] = {}
        """Operation -> device, chat, recipient."""
        self.sequence: dict[int, int] = {}
        self.next_sequence: dict[int, int] = {}
        self.recipients: dict[int, list[int]] = {}
        self.head: dict[int, int] = {}
        self.numbers: dict[tuple[int, int, int], int] = {}
        """Device, operation and update kind -> update number."""
        self.times: dict[int, list[int]] = {}
        """Device -> when the rows that wait in its inbox came."""
        self.spent = {Tier.OUTBOX: 0, Tier.INBOX: 0}
        self.outbox: dict[int, int] = {}
        self.acknowledged: dict[int, int] = {}
        self.cursor: dict[int, int] = {}
        self.devices: dict[int, None] = {}
        self.lost_devices: list[int] = []
        self.unread: dict[tuple[int, int], list[int]] = {}

    def row(self, kind: int, who: int = NONE, chat: int = NONE, number: int = NONE, operation: int = NONE,
            value: int = NONE, extra: int = NONE) -> None:  # fmt: skip
        """Write any row."""
        self.rows.append((self.now_us, kind, who, chat, number, operation, value, extra))

    # -- messages -----------------------------------------------------------------------------------------------

    @says("D writes N to D [answering N]")
    def writes(self, sender: int, operation: int, recipient: int, answers: int | None = None) -> None:
        self.composes(sender, operation, recipient, answers)
        self.pends(sender, operation)

    @says("D composes N to D [answering N]")
    def composes(self, sender: int, operation: int, recipient: int, answers: int | None = None) -> None:
        chat = conversation_between(user_of(sender), user_of(recipient))
        self.messages[operation] = (sender, chat, recipient)
        self.devices.update(dict.fromkeys((sender, recipient)))
        self.outbox[operation] = self.now_us
        answered = NONE if answers is None else answers
        self.row(kinds.COMPOSED, sender, chat, answered, operation, user_of(sender), user_of(recipient))

    @says("log N [as N] [from D] [for L]")
    def log(self, operation: int, sequence: int | None = None, sender: int | None = None,
            devices: list[int] | None = None) -> None:  # fmt: skip
        if operation not in self.messages and sender is not None and devices:
            self.messages[operation] = (sender, conversation_between(user_of(sender), user_of(devices[0])), devices[0])
        writer, chat, recipient = self.messages[operation]
        sender = writer if sender is None else sender
        number = self.next_sequence.get(chat, 1) if sequence is None else sequence
        self.next_sequence[chat] = number + 1
        self.sequence.setdefault(operation, number)
        self.recipients[operation] = devices or [recipient]
        self.row(kinds.LOGGED, sender, chat, number, operation, user_of(sender))
        for device in self.recipients[operation]:
            self.devices[device] = None
            self.row(kinds.OWED, device, chat, number, operation, user_of(device))

    @says("refuse N")
    def refuse(self, operation: int) -> None:
        sender, chat, _ = self.messages[operation]
        self.row(kinds.REFUSED, sender, chat, NONE, operation, Reason.NOT_A_MEMBER)

    # -- inboxes ------------------------------------------------------------------------------------------------

    @says("inbox D takes N [as N]")
    def takes(self, device: int, operation: int, number: int | None = None, kind: int = UpdateKind.MESSAGE) -> None:
        head = self.head.get(device, 0)
        number = head + 1 if number is None else number
        self.head[device] = max(head, number)
        self.numbers[device, operation, kind] = number
        self.times.setdefault(device, []).append(self.now_us)
        chat = self.messages[operation][1]
        self.row(kinds.INBOX_APPENDED, device, chat, number, operation, kind, self.sequence.get(operation, NONE))

    @says("inbox D takes W of N")
    def takes_receipt(self, device: int, kind: str, operation: int) -> None:
        self.takes(device, operation, kind={"delivered": UpdateKind.DELIVERED, "read": UpdateKind.READ}[kind])

    @says("D acknowledges N")
    def acknowledges(self, device: int, operation: int, kind: int = UpdateKind.MESSAGE) -> None:
        """Acknowledges everything through the row of this message."""
        number = self.numbers[device, operation, kind]
        self.counts(device, number)
        self.trims(device, number)

    @says("inbox D counts N [from N]")
    def counts(self, device: int, number: int, old: int | None = None) -> None:
        before = self.acknowledged.get(device, 0)
        self.row(kinds.ACKNOWLEDGED, device, number=number, value=before if old is None else old)
        self.acknowledged[device] = max(before, number)

    @says("inbox D trims N [as W] [removing N]")
    def trims(self, device: int, through: int, reason: str | None = None, removed: int | None = None) -> None:
        waiting = self.times.get(device, [])
        gone = max(0, through - (self.head.get(device, 0) - len(waiting)))
        self.spent[Tier.INBOX] += sum(self.now_us - time_us for time_us in waiting[:gone])
        del waiting[:gone]
        code = getattr(TrimReason, (reason or "acknowledged").upper())
        self.row(kinds.TRIMMED, device, number=through, value=code, extra=gone if removed is None else removed)

    @says("D cursor N [from N]")
    def moves_cursor(self, device: int, number: int, old: int | None = None) -> None:
        before = self.cursor.get(device, 0)
        self.row(kinds.CURSOR, device, number=number, value=before if old is None else old)
        self.cursor[device] = number

    @says("D takes notice of N [from N]")
    def takes_notice(self, device: int, through: int, before: int | None = None) -> None:
        """The device is told that its updates through this one expired."""
        behind = self.cursor.get(device, 0) if before is None else before
        self.row(kinds.EXPIRED_TOLD, device, number=through, value=behind)
        self.moves_cursor(device, through)

    @says("D learns N [from N]")
    def learns(self, device: int, through: int, before: int | None = None) -> None:
        """The same, with the marker that its person sees, and the acknowledgement."""
        behind = self.cursor.get(device, 0) if before is None else before
        self.takes_notice(device, through, before)
        self.row(kinds.MARKER_SHOWN, device, number=through, value=behind, extra=0)
        self.counts(device, through)

    @says("D receives W of N")
    def receives(self, device: int, kind: str, operation: int) -> None:
        """A receipt comes to a sending device, with its tick."""
        self.receive(device, operation, {"delivered": UpdateKind.DELIVERED, "read": UpdateKind.READ}[kind])
        self.ticks(device, operation, kind)

    @says("D stores N")
    def stores(self, device: int, operation: int) -> None:
        chat = self.messages[operation][1]
        self.row(kinds.DELIVERED, device, chat, self.sequence.get(operation, NONE), operation)
        self.moves_cursor(device, self.numbers.get((device, operation, UpdateKind.MESSAGE), NONE))

    # -- what people see -----------------------------------------------------------------------------------------

    @says("D shows N [as N] [in chat with D] [above N] [again]")
    def shows(self, device: int, operation: int, number: int | None = None, other: int | None = None,
              above: int | None = None, again: bool = False) -> None:  # fmt: skip
        self.draw(kinds.SHOWN, device, operation, number, other, again, above)
        self.unread.setdefault((device, self.messages[operation][1]), []).append(operation)

    @says("D places N [as N] [in chat with D] [above N] [again]")
    def places(self, device: int, operation: int, number: int | None = None, other: int | None = None,
               above: int | None = None, again: bool = False) -> None:  # fmt: skip
        self.draw(kinds.PLACED, device, operation, number, other, again, above)

    @says("D pends N [again]")
    def pends(self, device: int, operation: int, again: bool = False) -> None:
        self.draw(kinds.PENDING_DRAWN, device, operation, NONE, None, again)

    def draw(self, kind: int, device: int, operation: int, number: int | None, other: int | None, again: bool,
             above: int | None = None) -> None:  # fmt: skip
        chat = self.messages.get(operation, (device, NONE, device))[1]
        if other is not None:
            chat = conversation_between(user_of(device), user_of(other))
            self.messages.setdefault(operation, (other, chat, device))
        believed = self.sequence.get(operation, NONE) if number is None else number
        self.row(kind, device, chat, believed, operation, int(again), NONE if above is None else above)

    @says("D ticks N W [again]")
    def ticks(self, device: int, operation: int, tick: str, again: bool = False) -> None:
        if self.messages.get(operation, (NONE,))[0] == device and operation in self.outbox:
            self.spent[Tier.OUTBOX] += self.now_us - self.outbox.pop(operation)
        chat = self.messages.get(operation, (NONE, NONE))[1]
        self.row(kinds.TICK, device, chat, NONE, operation, TICKS[tick], int(again))

    @says("D opens D")
    def opens(self, device: int, other: int) -> None:
        self.row(kinds.OPENED, device, conversation_between(user_of(device), user_of(other)))

    @says("kill D")
    def kill(self, device: int) -> None:
        self.row(kinds.SCREEN_CLEARED, device)

    @says("drawn D")
    def drawn(self, device: int) -> None:
        self.row(kinds.SCREEN_DRAWN, device)

    @says("lose D for D")
    def lose(self, device: int, new: int) -> None:
        for operation in [operation for operation in self.outbox if self.messages[operation][0] == device]:
            self.spent[Tier.OUTBOX] += self.now_us - self.outbox.pop(operation)
        self.lost_devices.append(device)
        self.row(kinds.PHONE_LOST, device, value=new, extra=user_of(device))
        waiting = len(self.times.get(device, []))
        if waiting:
            self.trims(device, self.head[device], "retired")

    # -- reads of the log of the chat of a and b ------------------------------------------------------------------

    @says("D asks W [N]")
    def asks(self, device: int, side: str, edge: int | None = None) -> None:
        """For a page of three."""
        self.row(kinds.READ_ASKED, device, READ_CHAT, edge or 0, value=getattr(Side, side.upper()), extra=3)

    @says("query N")
    def query(self, number: int) -> None:
        self.row(kinds.QUERY_BEGAN, chat=READ_CHAT, number=number)

    @says("D gets N to N by N [but N as N] [without N]")
    def gets(self, device: int, first: int, last: int, query: int, wrong: int | None = None,
             operation: int | None = None, missing: int | None = None) -> None:  # fmt: skip
        """The entries as they are in the log, as far as nothing else is said."""
        self.row(kinds.RANGE_SHOWN, device, READ_CHAT, first, value=last, extra=query)
        held = {number: each for each, number in self.sequence.items() if self.messages[each][1] == READ_CHAT}
        for number in range(first, last + 1):
            shown = operation if number == wrong else held.get(number, 0)
            if number != missing and shown is not None:
                user = user_of(self.messages[shown][0]) if shown in self.messages else NONE
                self.row(kinds.RANGE_ENTRY, device, READ_CHAT, number, shown, user)

    # -- whole courses -------------------------------------------------------------------------------------------

    @says("D sends N to D [answering N]")
    def sends(self, sender: int, operation: int, recipient: int, answers: int | None = None) -> None:
        """A message from composing to the second tick, as it should be."""
        self.writes(sender, operation, recipient, answers)
        self.accept(operation)
        for device in self.recipients[operation]:
            self.deliver(device, operation)
        self.receive(sender, operation, UpdateKind.DELIVERED)
        self.ticks(sender, operation, "delivered")

    @says("accept N")
    def accept(self, operation: int) -> None:
        """Into the log, the first tick, its place, and into the inboxes."""
        self.log(operation)
        sender = self.messages[operation][0]
        self.ticks(sender, operation, "accepted")
        self.places(sender, operation)
        for device in self.recipients[operation]:
            self.takes(device, operation)

    @says("deliver N to D")
    def deliver_to(self, operation: int, device: int) -> None:
        self.deliver(device, operation)

    def deliver(self, device: int, operation: int) -> None:
        """From the inbox into the list."""
        self.stores(device, operation)
        self.shows(device, operation)
        self.acknowledges(device, operation)

    def receive(self, device: int, operation: int, kind: int) -> None:
        """A receipt comes to a sending device."""
        self.takes(device, operation, kind=kind)
        self.moves_cursor(device, self.numbers[device, operation, kind])
        self.acknowledges(device, operation, kind)

    @says("D reads D")
    def reads(self, device: int, other: int) -> None:
        """Opens the chat; the senders get the blue ticks."""
        self.opens(device, other)
        for operation in self.unread.pop((device, conversation_between(user_of(device), user_of(other))), []):
            sender = self.messages[operation][0]
            self.receive(sender, operation, UpdateKind.READ)
            self.ticks(sender, operation, "read")

    # -- judging -------------------------------------------------------------------------------------------------

    @says("wait T")
    def wait(self, span: str) -> None:
        self.now_us += parse_duration_us(span)

    @says("phase W")
    def phase(self, name: str) -> None:
        self.row(kinds.PHASE, number=PHASES[name])

    @says("reachable L")
    def reachable(self, devices: list[int]) -> None:
        for device in devices:
            self.row(kinds.REACHABLE, device)

    @says("heal [only L]")
    def heal(self, devices: list[int] | None = None) -> None:
        """Heal begins; all devices are reachable from here, or only these."""
        self.phase("heal")
        self.reachable([device for device in self.devices if devices is None or device in devices])

    @says("settle")
    def settle(self) -> None:
        """Settling is over; look-ups equal connections."""
        self.phase("settled")
        for device in self.devices:
            self.lookup(device, *((NONE, NONE, NONE) if device in self.lost_devices else (1, 0, 1)))
            if device not in self.lost_devices:
                self.connection(device, 1, 0, 1)

    @says("end")
    def end(self) -> None:
        """The settled state, the final sync, the end and its census, as it should be."""
        self.settle()
        self.finish()

    @says("finish")
    def finish(self) -> None:
        """The final sync, the end and its census."""
        self.phase("final")
        self.phase("end")
        for device in self.head:
            self.census(device, len(self.times.get(device, [])))
        self.area()

    @says("census D N [head N] [acknowledged N]")
    def census(self, device: int, rows: int, head: int | None = None, acknowledged: int | None = None) -> None:
        head = self.head.get(device, 0) if head is None else head
        acknowledged = self.acknowledged.get(device, 0) if acknowledged is None else acknowledged
        self.row(kinds.SETTLED_INBOX, device, number=rows, value=head, extra=acknowledged)

    @says("area")
    def area(self) -> None:
        waiting = [time_us for times in self.times.values() for time_us in times]
        for tier, inside in ((Tier.OUTBOX, [*self.outbox.values()]), (Tier.INBOX, waiting)):
            total = self.spent[tier] + sum(self.now_us - time_us for time_us in inside)
            self.row(kinds.AREA, number=tier, value=total, extra=len(inside))

    @says("nudge D")
    def nudge(self, device: int) -> None:
        self.row(kinds.NUDGE_ASKED, device, number=self.head.get(device, 0))

    @says("place D at N")
    def place_inbox(self, device: int, host: int) -> None:
        self.row(kinds.INBOX_PLACED, device, number=host)

    @says("crash N")
    def crash(self, host: int) -> None:
        self.row(kinds.CRASHED, host, number=1)

    @says("start N")
    def start(self, host: int) -> None:
        self.row(kinds.STARTED, host, number=2)

    @says("lease D at N")
    def lease(self, device: int, server: int) -> None:
        self.row(kinds.LEASE_GRANTED, device, number=1, value=server, extra=1)

    @says("retire D")
    def retire(self, device: int) -> None:
        self.row(kinds.INBOX_RETIRED, device, value=device + 1)

    @says("serve D N")
    def serve(self, device: int, epoch: int) -> None:
        self.row(kinds.SERVED, device, number=epoch)

    @says("lookup D epoch N server N incarnation N")
    def lookup(self, device: int, epoch: int, server: int, incarnation: int) -> None:
        self.row(kinds.SETTLED_LOOKUP, device, number=epoch, value=server, extra=incarnation)

    @says("lookup D none")
    def lookup_nothing(self, device: int) -> None:
        self.lookup(device, NONE, NONE, NONE)

    @says("connection D epoch N server N incarnation N")
    def connection(self, device: int, epoch: int, server: int, incarnation: int) -> None:
        self.row(kinds.SETTLED_CONNECTION, device, number=epoch, value=server, extra=incarnation)

    @says("waiting D N W")
    def waiting(self, who: int, count: int, kind: str) -> None:
        self.row(kinds.STILL_WAITING, who, number=getattr(WaitKind, kind.upper()), value=count)

    @says("queue W of D N [bound N]")
    def queue(self, kind: str, who: int, length: int, bound: int | None = None) -> None:
        code = getattr(QueueKind, kind.upper())
        self.row(kinds.QUEUE_HIGH, who, number=code, value=length, extra=NONE if bound is None else bound)

    @says("pending N")
    def still_pending(self, operation: int) -> None:
        sender, chat, _ = self.messages[operation]
        self.row(kinds.SETTLED_OUTBOX, sender, chat, operation=operation)

    @says("held N on D")
    def held(self, operation: int, device: int) -> None:
        self.row(kinds.SETTLED_HELD, device, self.messages[operation][1], operation=operation)
