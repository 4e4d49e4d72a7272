"""A log: the events of any system, line by line, turned into the rows that the checks read.

What a log does not record it may imply: a message of which somebody heard `ok`, or which somebody showed, was accepted.
Where the log has no numbers of its own for the entries of a conversation, the order of these first signs stands in.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from ..scenario.errors import did_you_mean
from ..vocabulary import kinds
from ..vocabulary.kinds import NONE, UpdateKind
from ..vocabulary.screens import HELD_BACK, SORTED_IN
from .events import (
    ALWAYS,
    CHAT,
    CHAT_ID,
    COUNT,
    DEVICE,
    EVENTS,
    FLAG,
    HOST,
    IDS,
    MESSAGE,
    NUMBER,
    OPERATION,
    WHO,
    WORD,
    Event,
    Field,
)
from .lines import BadLine, quoted
from .names import Names
from .rows import Row

FORMAT: Final = "doubletick-log/1"
COUNT_MOST: Final = (1 << 62) - 1
LONGEST_ID: Final = 512
_MICROSECOND: Final = timedelta(microseconds=1)
_HEADER: Final = ("format", "records", "about", "retention_us", "inbox_cap", "screen_order")
_SIGNS: Final = frozenset({kinds.SHOWN, kinds.PLACED, kinds.DELIVERED, kinds.TICK, kinds.INBOX_APPENDED})
_WITH_SEQUENCE: Final = frozenset({kinds.SHOWN, kinds.PLACED, kinds.DELIVERED})
_FAILED: Final = 4


class Sent:
    """What the reader must remember of a message."""

    __slots__ = ("chat", "device", "logged", "outcome", "sequence", "ticked", "to")

    def __init__(self, device: int, chat: int, to: tuple[int, ...]) -> None:
        self.device = device
        self.chat = chat
        self.to = to
        """Users; empty: the log's entries must say."""
        self.logged = False
        self.sequence = NONE
        self.outcome = "invoke"
        self.ticked = False
        """Whether the log says that a tick was drawn: then an answer draws none."""


def records_of(header: dict[str, Any]) -> frozenset[str]:
    """The events that a log says it records in full. Raises ``BadLine``."""
    for key in header:
        if key not in _HEADER:
            hint = did_you_mean(key, _HEADER)
            raise BadLine(f"unknown key {quoted(key)} in the first line{hint and ' — ' + hint}")
    listed = header.get("records")
    if type(listed) is not list or not all(type(name) is str for name in listed):
        raise BadLine('the first line must list the events that the log records in full: "records": ["shown", ...]')
    for name in listed:
        if name not in EVENTS:
            raise BadLine(f"there is no event {quoted(name)} to record{_hint(name)}")
    for key in ("retention_us", "inbox_cap"):
        value = header.get(key, 0)
        if type(value) is not int or not 0 <= value <= COUNT_MOST:
            raise BadLine(f"{key} is a count from 0: {quoted(value)}")
    if header.get("screen_order", HELD_BACK) not in (HELD_BACK, SORTED_IN):
        raise BadLine(f"screen_order is {HELD_BACK} or {SORTED_IN}: {quoted(header['screen_order'])}")
    return frozenset((*listed, *ALWAYS))


class LogReader:
    """Checks each event and hands on the rows that it stands for."""

    def __init__(self, header: dict[str, Any], take: Callable[[Row], None]) -> None:
        self.records = records_of(header)
        self.names = Names()
        self.recipients_known = True
        """Whether it is said of every message whom it is for."""
        self.count = 0
        self.origin: datetime | int | None = None
        self._take = take
        self._implies = "logged" not in self.records
        self._owed_told = "owed" in self.records
        self._placed_told = "placed" in self.records
        self._pending_told = "pending" in self.records
        self._time_us = 0
        self._sent: dict[int, Sent] = {}
        self._newest: dict[int, int] = {}
        """Chat -> the highest sequence that its log has given."""
        self._allowed = {name: frozenset(("at", "event", *(each.name for each in event.fields)))
                         for name, event in EVENTS.items()}  # fmt: skip
        self._special = {"device": self._device, "send": self._send, "logged": self._logged}

    def line(self, document: Any) -> None:
        """One line after the first. Raises ``BadLine``."""
        if type(document) is not dict:
            raise BadLine(f"an event is an object: {quoted(document)}")
        name = document.get("event")
        event = EVENTS.get(name) if type(name) is str else None
        if event is None or type(name) is not str:
            raise BadLine(f"there is no event {quoted(name)}{_hint(name)}")
        if name not in self.records:
            raise BadLine(f"the first line does not say that the log records {quoted(name)}")
        if not document.keys() <= self._allowed[name]:
            self._refuse_key(name, document)
        self._time_us = self._time(document.get("at"))
        self.count += 1
        special = self._special.get(name)
        if special is not None:
            special(event, document)
        else:
            self._row(event, document)

    def finish(self) -> None:
        """The file is over: what timed out and was never seen again is taken as not having happened."""
        for operation, sent in self._sent.items():
            if sent.outcome == "unknown" and not sent.logged and not sent.ticked:
                self._emit(kinds.REFUSED, sent.device, sent.chat, NONE, operation)
                self._emit(kinds.TICK, sent.device, sent.chat, NONE, operation, _FAILED, 0)

    # -- events ---------------------------------------------------------------------------------------------------

    def _device(self, event: Event, document: dict[str, Any]) -> None:
        self.names.declare(_text(document, "device"), _text(document, "user"))

    def _send(self, event: Event, document: dict[str, Any]) -> None:
        outcome = document.get("type")
        if type(outcome) is not str or outcome not in event.fields[0].words:
            raise BadLine(f"type is one of {', '.join(event.fields[0].words)}: {quoted(outcome)}")
        name = _text(document, "message")
        operation = self.names.message(name)
        sent = self._sent.get(operation)
        if outcome == "invoke":
            if sent is not None:
                raise BadLine(f"the message {quoted(name)} was sent before")
            self._invoke(operation, document)
            return
        if sent is None:
            raise BadLine(f"{outcome} of {quoted(name)}, which was not sent before")
        if sent.outcome not in ("invoke", "unknown"):
            raise BadLine(f"{outcome} of {quoted(name)}, of which {sent.outcome} was said before")
        sent.outcome = outcome
        if outcome == "ok":
            self._imply(operation)
            if not sent.ticked:
                self._emit(kinds.TICK, sent.device, sent.chat, NONE, operation, 1, 0)
        elif outcome == "fail":
            self._emit(kinds.REFUSED, sent.device, sent.chat, NONE, operation)
            self._emit(kinds.TICK, sent.device, sent.chat, NONE, operation, _FAILED, 0)

    def _invoke(self, operation: int, document: dict[str, Any]) -> None:
        names = self.names
        device = names.device(_text(document, "device"))
        chat = names.chat(_text(document, "chat"))
        to = tuple(names.user(user) for user in _texts(document, "to"))
        if not to and not self._owed_told and self._implies:
            self.recipients_known = False
        answers = names.message(_text(document, "answers")) if "answers" in document else NONE
        self._sent[operation] = Sent(device, chat, to)
        recipient = to[0] if len(to) == 1 else NONE
        self._emit(kinds.COMPOSED, device, chat, answers, operation, device >> 10, recipient)
        if self._placed_told and not self._pending_told:
            # Where it stood before it had its place is not recorded: nothing is to be said against that (LOSS-2).
            self._emit(kinds.PENDING_DRAWN, device, chat, NONE, operation, 0)

    def _logged(self, event: Event, document: dict[str, Any]) -> None:
        row = self._values(event, document)
        sent = self._sent.get(row[OPERATION])
        if row[WHO] == NONE and sent is not None:
            row[WHO] = sent.device
        if row[CHAT] == NONE:
            raise BadLine("the message was not sent before, so its chat must be named")
        number, chat = row[NUMBER], row[CHAT]
        self._newest[chat] = max(number, self._newest.get(chat, 0))
        self._emit(kinds.LOGGED, row[WHO], chat, number, row[OPERATION], row[WHO] >> 10 if row[WHO] >= 0 else NONE)
        if sent is not None and not sent.logged:
            sent.logged = True
            sent.sequence = number
        if "recipients" in document:
            devices = [self.names.device(name) for name in _texts(document, "recipients")]
            self._owe(devices, chat, number, row[OPERATION])
        elif sent is not None and sent.to:
            self._owe_users(sent, row[OPERATION])
        elif not self._owed_told:
            self.recipients_known = False

    def _row(self, event: Event, document: dict[str, Any]) -> None:
        row = self._values(event, document)
        kind, operation = row[1], row[OPERATION]
        if kind == kinds.PENDING_DRAWN and not self._placed_told:
            # That it stood there until it had its place is not recorded either (LOSS-2).
            return
        if operation != NONE:
            sent = self._sent.get(operation)
            if sent is not None and kind == kinds.TICK:
                sent.ticked = True
            if sent is not None and kind in _SIGNS and (kind != kinds.INBOX_APPENDED or row[6] == UpdateKind.MESSAGE):
                self._imply(operation)
                if kind in (kinds.SHOWN, kinds.DELIVERED) and sent.to and not self._owed_told:
                    self._owe_late(row[WHO], sent, operation)
            if row[NUMBER] == NONE and kind in _WITH_SEQUENCE:
                row[NUMBER] = self._sequence(sent, row[CHAT])
        if kind == kinds.OWED:
            row[6] = row[WHO] >> 10
        elif kind in (kinds.SHOWN, kinds.PLACED, kinds.PENDING_DRAWN) and row[6] == NONE:
            row[6] = 0
        elif kind in (kinds.TICK, kinds.MARKER_SHOWN) and row[7] == NONE:
            row[7] = 0
        self._take(tuple(row))  # type: ignore[arg-type]

    # -- what is implied ------------------------------------------------------------------------------------------

    def _imply(self, operation: int) -> None:
        """A first sign that a message was accepted, where the log does not record that itself."""
        sent = self._sent[operation]
        if sent.logged or not self._implies:
            return
        sent.logged = True
        sent.sequence = self._newest[sent.chat] = self._newest.get(sent.chat, 0) + 1
        self._emit(kinds.LOGGED, sent.device, sent.chat, sent.sequence, operation, sent.device >> 10)
        if sent.to:
            self._owe_users(sent, operation)

    def _owe_users(self, sent: Sent, operation: int) -> None:
        """All devices that its recipients have by now."""
        for user in sent.to:
            self._owe(self.names.devices_of[user], sent.chat, sent.sequence, operation)

    def _owe_late(self, device: int, sent: Sent, operation: int) -> None:
        """A device that came later, or another one of the sender's, may show what is its user's as well."""
        if sent.logged and (device >> 10 in sent.to or device >> 10 == sent.device >> 10):
            self._owe([device], sent.chat, sent.sequence, operation)

    def _owe(self, devices: list[int], chat: int, sequence: int, operation: int) -> None:
        sender = self._sent[operation].device if operation in self._sent else NONE
        for device in devices:
            if device != sender:
                self._emit(kinds.OWED, device, chat, sequence, operation, device >> 10)

    def _sequence(self, sent: Sent | None, chat: int) -> int:
        if sent is not None and sent.logged:
            return sent.sequence
        return self._newest.get(chat, 0) + 1

    def _emit(self, kind: int, who: int, chat: int, number: int, operation: int, value: int = NONE,
              extra: int = NONE) -> None:  # fmt: skip
        self._take((self._time_us, kind, who, chat, number, operation, value, extra))

    # -- fields ---------------------------------------------------------------------------------------------------

    def _values(self, event: Event, document: dict[str, Any]) -> list[int]:
        """The row of an event, with NONE where it says nothing."""
        row = [self._time_us, event.kind, NONE, NONE, NONE, NONE, NONE, NONE]
        for each in event.fields:
            if each.column >= 0:
                value = document.get(each.name)
                if value is not None:
                    row[each.column] = self._value(each, value)
                elif each.needed or each.name in document:
                    raise BadLine(f"{each.name} is missing" if each.name not in document else f"{each.name} is null")
        if row[WHO] == NONE and event.fields[0].type == DEVICE and event.fields[0].column == WHO:
            raise BadLine("device or host is missing")
        if row[CHAT] == NONE and row[OPERATION] != NONE:
            sent = self._sent.get(row[OPERATION])
            if sent is not None:
                row[CHAT] = sent.chat
        return row

    def _value(self, each: Field, value: Any) -> int:
        kind = each.type
        if kind in IDS:
            return self._id(each, value)
        if kind == COUNT:
            if type(value) is int and 0 <= value <= COUNT_MOST:
                return value
            raise BadLine(f"{each.name} is a count from 0: {quoted(value)}")
        if kind == WORD:
            if type(value) is str and value in each.words:
                return each.words[value]
            raise BadLine(f"{each.name} is one of {', '.join(each.words)}: {quoted(value)}")
        if kind == FLAG and type(value) is bool:
            return int(value)
        raise BadLine(f"{each.name} is true or false: {quoted(value)}")

    def _id(self, each: Field, value: Any) -> int:
        name = _checked(each.name, value)
        names = self.names
        if each.type == DEVICE:
            return names.device(name)
        if each.type == MESSAGE:
            return names.message(name)
        if each.type == CHAT_ID:
            return names.chat(name)
        return names.host(name) if each.type == HOST else names.user(name)

    def _time(self, at: Any) -> int:
        if type(at) is int:
            if not 0 <= at <= COUNT_MOST:
                raise BadLine(f"at is no time in microseconds: {quoted(at)}")
            moment: datetime | int = at
        elif type(at) is str:
            moment = _moment(at)
        else:
            raise BadLine(f"at is microseconds (an integer) or an ISO time (text): {quoted(at)}")
        if self.origin is None:
            self.origin = moment
        origin = self.origin
        if isinstance(origin, int):
            if not isinstance(moment, int):
                raise BadLine(f"times were microseconds, and here is a text: {quoted(at)}")
            time_us = moment - origin
        else:
            if isinstance(moment, int):
                raise BadLine(f"times were ISO texts, and here is an integer: {quoted(at)}")
            if (moment.tzinfo is None) != (origin.tzinfo is None):
                raise BadLine(f"some times have a zone and some have none: {quoted(at)}")
            time_us = (moment - origin) // _MICROSECOND
        if time_us < self._time_us:
            raise BadLine(f"time goes backwards at {quoted(at)}, by {self._time_us - time_us} us")
        return time_us

    def _refuse_key(self, name: str, document: dict[str, Any]) -> None:
        key = next(key for key in document if key not in self._allowed[name])
        hint = did_you_mean(key, sorted(self._allowed[name]))
        raise BadLine(f"the event {quoted(name)} has no field {quoted(key)}{hint and ' — ' + hint}")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadLine(f"at is no ISO time: {quoted(text)}") from None


def _text(document: dict[str, Any], name: str) -> str:
    if name not in document:
        raise BadLine(f"{name} is missing")
    return _checked(name, document[name])


def _texts(document: dict[str, Any], name: str) -> list[str]:
    listed = document.get(name, [])
    if type(listed) is not list:
        raise BadLine(f"{name} is a list of ids: {quoted(listed)}")
    return list(dict.fromkeys(_checked(name, each) for each in listed))


def _checked(name: str, value: Any) -> str:
    if type(value) is not str or not 0 < len(value) <= LONGEST_ID:
        raise BadLine(f"{name} is an id, a text of 1 to {LONGEST_ID} characters: {quoted(value)}")
    return value


def _hint(name: object) -> str:
    hint = did_you_mean(name, list(EVENTS)) if isinstance(name, str) else ""
    return f" — {hint}" if hint else ""
