"""The events of a log: their names, their fields, and the row of the history that each stands for.

This table is the contract: the reader, the writer, the JSON Schema and the page in docs are all made from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from ..vocabulary import kinds
from ..vocabulary.kinds import Phase, QueueKind, Tier, TrimReason, UpdateKind, WaitKind

WHO, CHAT, NUMBER, OPERATION, VALUE, EXTRA = 2, 3, 4, 5, 6, 7
"""Places in a row."""

DEVICE, USER, CHAT_ID, MESSAGE, HOST, COUNT, FLAG, WORD, USERS, DEVICES = (
    "device", "user", "chat", "message", "host", "count", "flag", "word", "users", "devices",
)  # fmt: skip
"""Types of fields. The first five are ids: any text."""
IDS: Final = (DEVICE, USER, CHAT_ID, MESSAGE, HOST)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an event."""

    name: str
    type: str
    column: int = -1
    """Its place in the row; -1: the reader sees to it."""
    needed: bool = True
    words: Mapping[str, int] = field(default_factory=dict)
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """One kind of event. ``kind`` is that of its row, 0 where the reader sees to it."""

    kind: int
    meaning: str
    fields: tuple[Field, ...]


OUTCOMES: Final = {"invoke": 0, "ok": 1, "fail": 2, "unknown": 3}
TICKS: Final = {"accepted": 1, "delivered": 2, "read": 3, "failed": 4}
PHASES: Final = {"heal": Phase.HEAL, "settled": Phase.SETTLED, "final sync": Phase.FINAL_SYNC, "end": Phase.END}
UPDATES: Final = {"message": UpdateKind.MESSAGE, "delivered": UpdateKind.DELIVERED, "read": UpdateKind.READ,
                  "read through": UpdateKind.READ_THROUGH}  # fmt: skip
REASONS: Final = {"acknowledged": TrimReason.ACKNOWLEDGED, "expired": TrimReason.EXPIRED, "retired": TrimReason.RETIRED}
TIERS: Final = {"outbox": Tier.OUTBOX, "inbox": Tier.INBOX}
QUEUES: Final = {"push window": QueueKind.PUSH_WINDOW, "send window": QueueKind.SEND_WINDOW,
                 "connections": QueueKind.CONNECTIONS, "archive backlog": QueueKind.ARCHIVE_BACKLOG}  # fmt: skip
WAITS: Final = {
    name.lower().replace("_", " "): value for name, value in vars(WaitKind).items() if isinstance(value, int)
}

_DEVICE = Field("device", DEVICE, WHO, meaning="the installation")
_MESSAGE = Field("message", MESSAGE, OPERATION, meaning="what a person composed")
_CHAT = Field("chat", CHAT_ID, CHAT, meaning="the conversation")
_CHAT_KNOWN = Field("chat", CHAT_ID, CHAT, False, meaning="the conversation (default: the one it was sent in)")
_SEQUENCE = Field("sequence", COUNT, NUMBER, meaning="its place in the conversation's log")
_BELIEVED = Field("sequence", COUNT, NUMBER, False, meaning="the place the device believes (default: the true one)")
_AGAIN = Field("redraw", FLAG, VALUE, False, meaning="drawn again after a restart")
_ABOVE = Field("above", COUNT, EXTRA, False, meaning="messages that it was put above (default: it stands at the end)")
_EPOCH = Field("epoch", COUNT, NUMBER, meaning="grows with every connection of a device")
_SERVER = Field("server", HOST, VALUE, meaning="the connection server")
_INCARNATION = Field("incarnation", COUNT, EXTRA, False, meaning="grows with every restart of the server")
_BEFORE = Field("before", COUNT, VALUE, False, meaning="what it was before")

EVENTS: Final[dict[str, Event]] = {
    "device": Event(0, "An installation exists, and whose it is; stands before all that names it.", (
        Field("device", DEVICE), Field("user", USER, meaning="its person"))),
    "send": Event(0, "A send as its client saw it: `invoke` when the person composed it, then at most one of `ok` (the"
                  " client was told that it is accepted), `fail` (it certainly did not happen, and the person was told)"
                  " and `unknown` (it timed out: shown once or not at all, never twice).", (
        Field("type", WORD, words=OUTCOMES), Field("message", MESSAGE),
        Field("device", DEVICE, needed=False, meaning="the sending device (with `invoke`)"),
        Field("chat", CHAT_ID, needed=False, meaning="the conversation (with `invoke`)"),
        Field("to", USERS, needed=False,
              meaning="the users it is for (with `invoke`), unless `logged` or `owed` say so"),
        Field("answers", MESSAGE, needed=False, meaning="the message that it replies to"))),
    "logged": Event(kinds.LOGGED, "Durable in the conversation's log: accepted, as a fact.", (
        _MESSAGE, _SEQUENCE, Field("device", DEVICE, needed=False, meaning="the sender by the log (default: the true"
        " one)"), _CHAT_KNOWN, Field("recipients", DEVICES, needed=False, meaning="the devices that are owed it"))),
    "owed": Event(kinds.OWED, "One recipient device of an entry just logged.", (_DEVICE, _MESSAGE, _SEQUENCE)),
    "refused": Event(kinds.REFUSED, "Finally refused, durably.", (_MESSAGE,)),
    "shown": Event(kinds.SHOWN, "Another's message came to stand in the list that a person sees.", (
        _DEVICE, _MESSAGE, _CHAT_KNOWN, _BELIEVED, _AGAIN, _ABOVE)),
    "placed": Event(kinds.PLACED, "An own message took its place in the list.", (
        _DEVICE, _MESSAGE, _CHAT_KNOWN, _BELIEVED, _AGAIN, _ABOVE)),
    "pending": Event(kinds.PENDING_DRAWN, "An own message stands in the list and has no place yet.", (
        _DEVICE, _MESSAGE, _CHAT_KNOWN, _AGAIN)),
    "cleared": Event(kinds.SCREEN_CLEARED, "The app ended: every list is gone from the screen. What is drawn again"
                     " follows with `redraw`, up to `drawn`.", (_DEVICE,)),
    "drawn": Event(kinds.SCREEN_DRAWN, "The redraw after a restart is complete.", (_DEVICE,)),
    "opened": Event(kinds.OPENED, "A person opened the chat and saw all that is shown there.", (_DEVICE, _CHAT)),
    "tick": Event(kinds.TICK, "A tick was drawn beside an own message.", (
        _DEVICE, _MESSAGE, Field("tick", WORD, VALUE, words=TICKS),
        Field("redraw", FLAG, EXTRA, False, meaning="drawn again after a restart"))),
    "delivered": Event(kinds.DELIVERED, "Durable in the device's database.", (_DEVICE, _MESSAGE, _BELIEVED)),
    "appended": Event(kinds.INBOX_APPENDED, "A row is durable in a device's inbox.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="its number in this inbox, from 1"), _MESSAGE,
        Field("what", WORD, VALUE, words=UPDATES), Field("sequence", COUNT, EXTRA, False))),
    "acknowledged": Event(kinds.ACKNOWLEDGED, "An inbox's durable pointer to what its device has moved.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="through this one"), _BEFORE)),
    "trimmed": Event(kinds.TRIMMED, "Rows left an inbox.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="through this one"),
        Field("reason", WORD, VALUE, words=REASONS),
        Field("rows", COUNT, EXTRA, False, meaning="how many"))),
    "cursor": Event(kinds.CURSOR, "The device's durable cursor moved.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="the newest update that it applied"), _BEFORE)),
    "expired": Event(kinds.EXPIRED_TOLD, "A device learned that updates expired.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="through this one"),
        Field("before", COUNT, VALUE, meaning="behind this one"))),
    "marker": Event(kinds.MARKER_SHOWN, "A person sees that updates are missing.", (
        _DEVICE, Field("update", COUNT, NUMBER, meaning="through this one"),
        Field("before", COUNT, VALUE, meaning="behind this one"),
        Field("redraw", FLAG, EXTRA, False))),
    "connected": Event(kinds.CONNECTED, "A connection server took up a connection of a device.", (
        _DEVICE, _EPOCH, Field("server", HOST, VALUE, False, meaning="which"), _INCARNATION)),
    "served": Event(kinds.SERVED, "An inbox served a connection of another epoch than before.", (_DEVICE, _EPOCH)),
    "up": Event(kinds.PHONE_UP, "The network reaches the device, and its app runs.", (_DEVICE,)),
    "down": Event(kinds.PHONE_DOWN, "It does not.", (_DEVICE,)),
    "lost": Event(kinds.PHONE_LOST, "The installation is gone for good.", (
        _DEVICE, Field("new", DEVICE, VALUE, False, meaning="the one in its place"))),
    "member left": Event(kinds.MEMBER_LEFT, "A user left a group.", (
        _CHAT, Field("user", USER, VALUE), Field("sequence", COUNT, NUMBER, False))),
    "read": Event(kinds.MARKED_READ, "A read watermark is durable on the device.", (_DEVICE, _CHAT, _SEQUENCE)),
    "read stored": Event(kinds.WATERMARK, "A read watermark is durable in the reader's inbox.", (
        _DEVICE, _CHAT, _SEQUENCE, Field("user", USER, VALUE))),
    "phase": Event(kinds.PHASE, "`heal`: people stop writing and faults are over; `settled`: the system was given its"
                   " time; `end`: nothing follows but what is left.", (Field("phase", WORD, NUMBER, words=PHASES),)),
    "reachable": Event(kinds.REACHABLE, "This device is up and reachable from heal to the end.", (_DEVICE,)),
    "waiting": Event(kinds.STILL_WAITING, "After settling, something is unfinished.", (
        Field("device", DEVICE, WHO, False, meaning="whose it is, or"), Field("host", HOST, WHO, False),
        Field("what", WORD, NUMBER, words=WAITS), Field("count", COUNT, VALUE))),
    "lookup": Event(kinds.SETTLED_LOOKUP, "After settling: where the registry says that the device is (no server: no"
                    " lease). One for every device.", (
        _DEVICE, Field("epoch", COUNT, NUMBER, False), Field("server", HOST, VALUE, False), _INCARNATION)),
    "connection": Event(kinds.SETTLED_CONNECTION, "After settling: an open connection.", (
        _DEVICE, _EPOCH, _SERVER, _INCARNATION)),
    "inbox": Event(kinds.SETTLED_INBOX, "After settling, and again at the end: what an inbox holds.", (
        _DEVICE, Field("rows", COUNT, NUMBER), Field("head", COUNT, VALUE, meaning="its newest update"),
        Field("acknowledged", COUNT, EXTRA, meaning="its pointer"))),
    "in outbox": Event(kinds.SETTLED_OUTBOX, "At the end: a message that is still in an outbox.", (
        _DEVICE, _MESSAGE, _CHAT_KNOWN)),
    "held back": Event(kinds.SETTLED_HELD, "At the end: durable on a device, and not in the list.", (
        _DEVICE, _MESSAGE, _CHAT_KNOWN)),
    "badge": Event(kinds.SETTLED_UNREAD, "At the end: what a chat's badge says.", (
        _DEVICE, _CHAT, Field("unread", COUNT, NUMBER))),
    "queue": Event(kinds.QUEUE_HIGH, "A queue reached a new greatest length.", (
        Field("device", DEVICE, WHO, False, meaning="whose it is, or"), Field("host", HOST, WHO, False),
        Field("queue", WORD, NUMBER, words=QUEUES), Field("length", COUNT, VALUE),
        Field("bound", COUNT, EXTRA, False, meaning="its declared bound (default: none)"))),
    "area": Event(kinds.AREA, "The area under the number in a tier, in message-microseconds, from the start of the log,"
                  " and the number now, by a counter of its own.", (
        Field("tier", WORD, NUMBER, words=TIERS), Field("area", COUNT, VALUE), Field("now", COUNT, EXTRA))),
}  # fmt: skip

ALWAYS: Final = ("device", "send")
"""Every log records these."""
