"""The phone's link to a server: greet, notice silence, back off, go elsewhere (PHONE-6, PHONE-7, PHONE-9,
PHONE-11)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from ..vocabulary.kinds import HardCase
from ..vocabulary.messages import Address, GoAway, RetryAfter, trace_of
from ..vocabulary.presence import ContactStates
from ..vocabulary.records import RaiseEpoch
from .dispatch import Dispatching
from .phone_state import PhoneState
from .port import Connection, PhonePort, ProtocolError, Timers

if TYPE_CHECKING:
    from .channel_reader import ChannelReader
    from .contacts import Contacts

OFF: Final = "off"
"""No network, or nobody wants a connection."""
RAISING: Final = "raising"
"""The next epoch is being written."""
GREETING: Final = "greeting"
"""A hello is on its way and not answered."""
ONLINE: Final = "online"
WAITING: Final = "waiting"
"""Backing off."""

LINK: Final = {
    (OFF, "network up"): RAISING,
    (RAISING, "epoch durable"): GREETING,
    (RAISING, "network down"): OFF,
    (GREETING, "answered"): ONLINE,
    (GREETING, "broken"): WAITING,
    (GREETING, "silent"): WAITING,
    (GREETING, "turned away"): WAITING,
    (GREETING, "network down"): OFF,
    (ONLINE, "broken"): WAITING,
    (ONLINE, "silent"): WAITING,
    (ONLINE, "told to go"): RAISING,
    (ONLINE, "network down"): OFF,
    (WAITING, "time is up"): RAISING,
    (WAITING, "network down"): OFF,
}
"""The lifecycle: an absent pair is a bug in the caller."""


class PhoneLink(Dispatching):
    """The part of a phone that gets and keeps a connection."""

    __slots__ = (
        "channels",
        "connection",
        "contacts",
        "durable",
        "failures",
        "last_server",
        "leaving",
        "link",
        "nudged",
        "port",
        "raising",
        "timers",
        "waits",
    )
    durable: PhoneState

    def __init__(self, port: PhonePort, timers: Timers) -> None:
        self.port = port
        self.timers = timers
        self.durable = port.durable
        self.link = OFF
        self.connection: Connection | None = None
        self.contacts: Contacts | None = None
        """What is shown of other people, if the scenario has it."""
        self.channels: ChannelReader | None = None
        """What is shown of channels, if the scenario has them."""
        self.failures = 0
        """Connections that failed in a row, for the back-off."""
        self.last_server: Address | None = None
        self.leaving = False
        """Told to go elsewhere by a server that is about to restart: no failure, and no back-off."""
        self.raising = 0
        """The epoch that was asked for last: the write of an earlier one, overtaken by an outage, opens nothing."""
        self.nudged = False
        """A nudge made it ask for updates, and no answer has come since (PHONE-9)."""
        self.waits = 0
        """Counts back-offs, so that a timer of an earlier one is known as such."""

    def receive(self, message: Any) -> None:
        """A message came down the present connection."""
        self.TABLE[message.__class__](self, message)

    def move(self, event: str) -> None:
        """One step of the lifecycle table."""
        following = LINK.get((self.link, event))
        if following is None:
            raise ProtocolError(f"phone {self.durable.device}: {event!r} while {self.link}")
        self.link = following

    # -- getting a connection -------------------------------------------------------------------------------

    def on_network_up(self) -> None:
        """The network is there and somebody wants a connection."""
        if self.link == OFF:
            self.failures = 0
            self.leaving = False
            self.move("network up")
            self.raise_epoch()

    def on_network_down(self) -> None:
        """The phone knows that its network is gone, or nobody wants the connection any more."""
        if self.link != OFF:
            self.move("network down")
            self.drop_connection()

    def raise_epoch(self) -> None:
        """PHONE-11: durable before hello."""
        state = self.durable
        self.raising = max(self.raising, state.epoch) + 1
        record = RaiseEpoch(self.raising, trace_of(state.device, self.raising))
        self.port.persist(record, self.after_raise_epoch)

    def after_raise_epoch(self, record: RaiseEpoch) -> None:
        """Connect and greet; no answer in D means try elsewhere (PHONE-7)."""
        if self.link != RAISING or record.epoch != self.raising:
            return
        self.move("epoch durable")
        self.nudged = False
        before = self.last_server
        self.connection = self.port.connect(record.epoch, before if self.failures or self.leaving else None)
        self.last_server = self.connection.server
        if before is not None and before is not self.last_server:
            if self.leaving:
                self.port.reached(HardCase.HANDED_OVER)
            elif self.failures:
                self.port.reached(HardCase.RESUMED_ON_ANOTHER_SERVER)
        self.leaving = False
        self.port.set_timer(self.timers.answer_within_us, self.on_greeting_due, record.epoch)
        self.greet()

    def on_contact_states(self, message: ContactStates) -> None:
        """PRES-A: how contacts are."""
        if self.contacts is not None:
            self.contacts.on_states(message)

    def greet(self) -> None:
        """Say hello on the new connection: the phone's part."""
        raise NotImplementedError

    def ask_for_updates(self, attempt: int = 0, *, nudged: bool = False) -> None:
        """Ask for whatever is behind the cursor: the phone's part."""
        raise NotImplementedError

    def answered(self) -> None:
        """The server serves us: from now on heartbeats watch the connection (PHONE-7)."""
        self.nudged = False
        if self.link == GREETING:
            self.move("answered")
            self.failures = 0
            self.port.watch(self.connection)
            if self.contacts is not None:
                self.contacts.on_online()
            if self.channels is not None:
                self.channels.on_online()

    # -- nudges ---------------------------------------------------------------------------------------------

    def on_nudge(self, nudge: Any) -> None:
        """PHONE-9: sync now. A phone that is getting a connection will sync on it anyway."""
        if self.link == ONLINE and not self.nudged:
            self.port.reached(HardCase.NUDGED_WHILE_CONNECTED)
            self.nudged = True
            self.ask_for_updates(nudged=True)
            self.port.set_timer(self.timers.answer_within_us, self.on_nudge_due, self.durable.epoch)

    def on_nudge_due(self, epoch: int) -> None:
        """PHONE-9: no answer in D: the connection is dead, whatever its heartbeats say; reconnect elsewhere."""
        if self.nudged and self.link == ONLINE and epoch == self.durable.epoch:
            self.port.reached(HardCase.DEAD_CONNECTION_FOUND_BY_NUDGE)
            self.lose("silent")

    # -- losing it ------------------------------------------------------------------------------------------

    def on_greeting_due(self, epoch: int) -> None:
        """PHONE-7: no answer to the hello."""
        if self.link == GREETING and epoch == self.durable.epoch:
            self.lose("silent")

    def on_silence(self, connection: Connection) -> None:
        """PHONE-7: a heartbeat was not answered in D."""
        if connection is self.connection and self.link in (GREETING, ONLINE):
            self.lose("silent")

    def on_broken(self, connection: Connection) -> None:
        """The other side ended the connection, or refused it."""
        if connection is self.connection and self.link in (GREETING, ONLINE):
            self.connection = None
            self.lose("broken")

    def lose(self, event: str, told_us: int = 0) -> None:
        """PHONE-6: back off, then go to another server; a server that turned us away told how long (CONN-9)."""
        self.move(event)
        self.drop_connection()
        self.failures += 1
        self.waits += 1
        self.port.set_timer(self.back_off_us(told_us), self.on_wait_over, self.waits)

    def on_retry_after(self, message: RetryAfter) -> None:
        """CONN-9: the server takes nobody more at present."""
        if self.link == GREETING and message.epoch == self.durable.epoch:
            self.lose("turned away", message.after_us)

    def on_go_away(self, message: GoAway) -> None:
        """CONN-8: go elsewhere at once; all that was sent before this has come. A phone that is only greeting has
        nothing to hand over: to it, it is one more server that does not answer."""
        if message.epoch != self.durable.epoch:
            return
        if self.link == GREETING:
            self.lose("turned away")
        elif self.link == ONLINE:
            self.move("told to go")
            self.leaving = True
            self.drop_connection()
            self.raise_epoch()

    def drop_connection(self) -> None:
        """Close our end, if there is one."""
        connection = self.connection
        if connection is not None:
            self.connection = None
            self.port.hang_up(connection)

    def back_off_us(self, told_us: int = 0) -> int:
        """PHONE-6: exponential with full jitter; the variants wait the whole time, or the first one only. A wait that
        a server told is the least of it, and has its jitter too: else all that it turned away would come back as
        one (CONN-9)."""
        timers = self.timers
        if timers.back_off == "none":
            return max(told_us, timers.back_off_first_us)
        longest: int = min(timers.back_off_most_us, timers.back_off_first_us << min(self.failures - 1, 20))
        longest = max(told_us, longest)
        if timers.back_off == "fixed":
            return longest
        return self.spread_us(longest)

    def spread_us(self, longest_us: int) -> int:
        """PHONE-6: full jitter: any time up to the longest."""
        return 1 + self.port.jitter_below(longest_us)

    def on_wait_over(self, wait: int) -> None:
        """The back-off is over."""
        if self.link == WAITING and wait == self.waits:
            self.move("time is up")
            self.raise_epoch()

    def on_write_refused(self, record: Any) -> None:
        """A disk that refuses the next epoch: no hello without it (PHONE-11), so wait and try again."""
        if isinstance(record, RaiseEpoch) and self.link == RAISING:
            self.port.set_timer(self.timers.back_off_first_us, self.on_raise_again, record)

    def on_raise_again(self, record: RaiseEpoch) -> None:
        """Once more what the disk refused."""
        if self.link == RAISING and record.epoch == self.raising:
            self.port.persist(record, self.after_raise_epoch)
