"""Short ways to say messages in protocol tests. Ann is user 0, Bob is user 1; they have one chat."""

from __future__ import annotations

from typing import Any

from port_fakes import InboxFake, PhoneFake
from recording_port import FakeConnection

from sim.protocol.phone_state import PhoneState
from sim.vocabulary.ids import conversation_between, device_of, reinstalled
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import (
    Accepted,
    Append,
    Enter,
    GoAway,
    Hello,
    Reason,
    Receipt,
    Refused,
    RetryAfter,
    Update,
    Updates,
    trace_of,
)

ANN, BOB, EVE = 0, 1, 2
ANNS, BOBS, EVES = device_of(ANN), device_of(BOB), device_of(EVE)
ANNS_NEW = reinstalled(ANNS)
CHAT = conversation_between(ANN, BOB)


def row(number: int, sequence: int, predecessor: int = -1, own: bool = False, message_id: int = -1) -> Update:
    """A row of Ann's inbox with a message of Bob's; without more said, behind the entry before, another's."""
    before = sequence - 1 if predecessor < 0 else predecessor
    identity = 1000 + sequence if message_id < 0 else message_id
    return Update(number, UpdateKind.MESSAGE, CHAT, sequence, before, own, identity, BOB, 0, 100 + sequence)


def receipt_row(number: int, update: int, sequence: int, message_id: int) -> Update:
    """A row of Ann's inbox with a receipt of Bob's."""
    return Update(number, update, CHAT, sequence, 0, False, message_id, BOB, 0, -1)


def updates(*rows: Update, epoch: int = 1, head: int = 0, drained: bool = False, device: int = ANNS) -> Updates:
    """A push, or a page of a drain."""
    reach = max(head, rows[-1].number if rows else 0)
    return Updates(device, epoch, rows, reach, drained, trace_of(device))


def append(send_number: int, message_id: int = -1, device: int = ANNS, user: int = ANN, chat: int = CHAT) -> Append:
    """A message on its way to the store."""
    identity = 5000 + send_number if message_id < 0 else message_id
    return Append(device, user, chat, send_number, identity, 0, send_number, trace_of(send_number))


def accepted(phone: PhoneFake, send_number: int, sequence: int, predecessor: int = 0, own: bool = False) -> Accepted:
    """The store's answer to a message in this phone's outbox."""
    line = phone.durable.chats[CHAT].outbox[send_number]
    return Accepted(
        phone.durable.device, CHAT, send_number, line.message_id, sequence, predecessor, own, trace_of(line.body)
    )


def refused(phone: PhoneFake, send_number: int, reason: int = Reason.GAP) -> Refused:
    """The store's refusal of a message in this phone's outbox."""
    line = phone.durable.chats[CHAT].outbox[send_number]
    return Refused(phone.durable.device, CHAT, send_number, line.message_id, reason, trace_of(line.body))


def enter(sequence: int, owed_before: int = -1, device: int = BOBS, sender: int = ANN, position: int = -1) -> Enter:
    """An entry on its way into an inbox; without more said, the entry before was owed before."""
    before = sequence - 1 if owed_before < 0 else owed_before
    place = sequence - 1 if position < 0 else position
    identity = 5000 + sequence
    trace = trace_of(sequence)
    return Enter(device, place, CHAT, sequence, before, before, False, identity, sender, 0, sequence, trace)


def receipt(update: int, sequence: int, sender: int = ANN, about: int = BOB) -> Receipt:
    """A receipt on its way to the sender's inbox."""
    return Receipt(update, CHAT, sequence, 5000 + sequence, about, device_of(about), sender, trace_of(sequence))


def hello(epoch: int, cursor: int = 0, device: int = BOBS, user: int = BOB) -> Hello:
    """A phone's greeting."""
    return Hello(device, user, epoch, cursor, trace_of(device, epoch))


def offline_phone(state: PhoneState | None = None, **changes: Any) -> PhoneFake:
    """Ann's phone, its app just started."""
    phone = PhoneFake(state or PhoneState(ANNS, ANN), **changes)
    phone.forget()
    return phone


def greeting_phone(state: PhoneState | None = None, **changes: Any) -> PhoneFake:
    """Ann's phone, its hello on the way."""
    phone = offline_phone(state, **changes)
    connect(phone)
    phone.forget()
    return phone


def online_phone(state: PhoneState | None = None, **changes: Any) -> PhoneFake:
    """Ann's phone, its hello answered."""
    phone = greeting_phone(state, **changes)
    welcome(phone)
    phone.forget()
    return phone


def connect(phone: PhoneFake) -> FakeConnection:
    """The network comes, and the phone says hello."""
    phone.machine.on_network_up()
    phone.sync_all()
    return phone.connection


def welcome(phone: PhoneFake) -> None:
    """The server's first answer, with nothing new."""
    phone.machine.receive(updates(epoch=phone.durable.epoch, head=phone.durable.cursor, drained=True))


def turn_away(phone: PhoneFake, after_us: int) -> None:
    """The server takes no more newcomers."""
    state = phone.durable
    phone.machine.receive(RetryAfter(state.device, state.epoch, after_us, trace_of(state.device)))


def tell_to_go(phone: PhoneFake) -> None:
    """The server is about to restart."""
    state = phone.durable
    phone.machine.receive(GoAway(state.device, state.epoch, trace_of(state.device)))


def compose(phone: PhoneFake, *bodies: int) -> None:
    """The person writes, and it becomes durable."""
    for body in bodies:
        phone.machine.on_compose(CHAT, body, -1)
        phone.sync_all()


def deliver(phone: PhoneFake, *rows: Update) -> None:
    """An update comes down and is committed."""
    phone.machine.receive(updates(*rows, epoch=phone.durable.epoch))
    phone.sync_all()


def row_comes(shard: InboxFake, sequence: int, device: int = BOBS) -> None:
    """An entry comes into an inbox of the shard and is durable there."""
    shard.receive("store 0", enter(sequence, device=device))
    shard.sync_all()
