"""What a phone shows of its contacts: online, last seen, or nothing that it knows (PRES-A..C).

In memory only. "Online" has a life, which the phone counts down by its own monotonic clock. An answer is dated by the
question that it answers: the registry says how long it had held the question, so whatever way the answer took, the
phone knows a moment that is not later than the one in which it was given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..vocabulary.ids import is_pair, other_member
from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import trace_of
from ..vocabulary.presence import EAGER, NOT_KNOWN, ContactState, ContactStates, Shown, UnwatchContacts, WatchContacts
from .phone_link import ONLINE
from .port import Connection
from .presence import PresenceOptions

if TYPE_CHECKING:
    from .phone import Phone

COUNTS_BY_US: Final = 100_000
"""A life is counted down in steps of this, and what is left below one is over."""
NOBODY: Final = -1


class Contact:
    """What a phone knows of one contact."""

    __slots__ = ("counting", "online_until_us", "seen_us", "shown")

    def __init__(self) -> None:
        self.online_until_us = 0
        self.seen_us = NOT_KNOWN
        self.counting = False
        """Whether a timer for the end of a life runs."""
        self.shown = (Shown.NOTHING, NOT_KNOWN)


class Contacts:
    """The part of a phone that asks after people and shows how they are."""

    __slots__ = ("asks", "beating", "chats", "everybody", "known", "looks_at", "options", "phone")

    def __init__(self, phone: Phone, options: PresenceOptions) -> None:
        self.phone = phone
        self.options = options
        self.known: dict[int, Contact] = {}
        self.looks_at = NOBODY
        """With whom the chat is that is open."""
        self.beating: Connection | None = None
        """The connection whose next heartbeat brings the next question."""
        self.asks = 0
        self.everybody: tuple[int, ...] = ()
        """The eager variant's list of contacts ..."""
        self.chats = -1
        """... and how many chats there were when it was made."""

    # -- the person -----------------------------------------------------------------------------------------

    def on_look(self, contact: int) -> None:
        """PRES-B: the chat with somebody is open: show what is known, and ask."""
        if contact == self.looks_at:
            return
        self.on_look_away()
        self.looks_at = contact
        self.draw(contact, self.contact(contact))
        self.ask()

    def on_look_away(self) -> None:
        """PRES-B: the chat is closed. The eager variant goes on showing how people are, in its list of chats."""
        contact, self.looks_at = self.looks_at, NOBODY
        if contact == NOBODY or self.options.kind == EAGER:
            return
        self.show(contact, self.known[contact], Shown.NOTHING)
        phone = self.phone
        if phone.connection is not None and phone.link == ONLINE:
            state = phone.durable
            trace = trace_of(state.device, self.next_ask())
            phone.port.send_up(phone.connection, UnwatchContacts(state.device, state.epoch, (contact,), trace))

    # -- asking ---------------------------------------------------------------------------------------------

    def on_online(self) -> None:
        """A new connection: the servers may know nothing of an earlier one."""
        self.ask()

    def on_heartbeat(self, connection: Connection) -> None:
        """PRES-B: the subscription goes out again with the heartbeat."""
        if self.beating is connection:
            self.beating = None
            if self.phone.connection is connection:
                self.ask()

    def ask(self) -> None:
        """PRES-B: after whom we look, if anybody, and again with the next heartbeat."""
        phone = self.phone
        connection = phone.connection
        if connection is None or phone.link != ONLINE:
            return
        watched = False
        for contacts, answered in (((self.looks_at,), True), (self.others(), False)):
            if contacts and contacts != (NOBODY,):
                state = phone.durable
                trace = trace_of(state.device, self.next_ask())
                asked_us = phone.port.monotonic_us()
                message = WatchContacts(state.device, state.epoch, contacts, answered, asked_us, trace)
                phone.port.send_up(connection, message)
                watched = True
        if watched and self.beating is not connection:
            self.beating = connection
            phone.port.with_heartbeat(connection, self.on_heartbeat, connection)

    def others(self) -> tuple[int, ...]:
        """The eager variant: everybody with whom there is a chat."""
        if self.options.kind != EAGER:
            return ()
        phone = self.phone
        state = phone.durable
        written = (other_member(conversation, state.user) for conversation in state.chats if is_pair(conversation))
        if len(state.chats) != self.chats:
            self.chats = len(state.chats)
            self.everybody = tuple(dict.fromkeys((*phone.port.address_book(), *written)))
        return self.everybody

    def next_ask(self) -> int:
        """A number for the dice."""
        self.asks += 1
        return self.asks

    # -- hearing --------------------------------------------------------------------------------------------

    def on_states(self, message: ContactStates) -> None:
        """PRES-A: what the registry says, dated by our own question."""
        if message.epoch == self.phone.durable.epoch:
            for state in message.states:
                self.take(state)

    def take(self, state: ContactState) -> None:
        """PRES-C: a later "last seen" replaces an earlier one, and none is forgotten: each is true."""
        contact = self.contact(state.contact)
        said_us = state.asked_us + state.held_us
        contact.online_until_us = said_us + state.life_us if state.life_us else 0
        if state.life_us and contact.online_until_us <= self.phone.port.monotonic_us():
            self.phone.port.reached(HardCase.OVER_ON_ARRIVAL)
        if state.seen_ago_us != NOT_KNOWN:
            contact.seen_us = max(contact.seen_us, said_us - state.seen_ago_us)
        self.draw(state.contact, contact)

    def contact(self, user: int) -> Contact:
        """What is known of a contact, made when it is first needed."""
        contact = self.known.get(user)
        if contact is None:
            contact = self.known[user] = Contact()
        return contact

    # -- showing --------------------------------------------------------------------------------------------

    def draw(self, user: int, contact: Contact) -> None:
        """PRES-A: online while the life lasts, then last seen, or that nobody knows."""
        if user != self.looks_at and self.options.kind != EAGER:
            return
        left_us = contact.online_until_us - self.phone.port.monotonic_us()
        if left_us >= COUNTS_BY_US:
            self.show(user, contact, Shown.ONLINE)
            if not contact.counting:
                contact.counting = True
                self.phone.port.set_timer(left_us - left_us % COUNTS_BY_US, self.on_life_over, user)
        elif contact.seen_us == NOT_KNOWN:
            self.show(user, contact, Shown.UNKNOWN)
        else:
            self.show(user, contact, Shown.LAST_SEEN, contact.seen_us)

    def on_life_over(self, user: int) -> None:
        """PRES-A: the life that was told first is over; a later answer may have given a longer one."""
        contact = self.known[user]
        contact.counting = False
        self.draw(user, contact)

    def show(self, user: int, contact: Contact, shown: int, seen_us: int = NOT_KNOWN) -> None:
        """Change the screen, where it changes."""
        if contact.shown != (shown, seen_us):
            contact.shown = (shown, seen_us)
            self.phone.port.draw_contact(user, shown, seen_us)
