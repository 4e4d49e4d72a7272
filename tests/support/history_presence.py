"""Sentences of the history language about presence."""

from __future__ import annotations

from history_writer import Writer, says

from sim.vocabulary import kinds
from sim.vocabulary.ids import conversation_between, user_of
from sim.vocabulary.kinds import NONE
from sim.vocabulary.presence import Shown
from sim.vocabulary.units import parse_duration_us

HEARTBEAT_US = 1_000_000
SERVER = 1_000_000
REGISTRY = 2_000_000
STATES = {"online": Shown.ONLINE, "unknown": Shown.UNKNOWN, "nothing": Shown.NOTHING}


class PresenceWriter(Writer):
    """The language with presence."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs: dict[int, int] = {}
        self.next_beat: dict[int, int] = {}

    @says("D connects")
    def connects(self, device: int) -> None:
        self.devices[device] = None
        self.epochs[device] = self.epochs.get(device, 0) + 1
        self.row(kinds.CONNECTED, device, number=self.epochs[device], value=SERVER, extra=1)

    @says("server hears D")
    def hears(self, device: int) -> None:
        """A connection whose heartbeats come every second from now on."""
        self.connects(device)
        self.next_beat[device] = self.now_us
        epoch = self.epochs[device]
        self.row(kinds.HEARTBEATS, device, number=epoch, value=self.now_us, extra=HEARTBEAT_US)

    @says("D is silent")
    def silent(self, device: int) -> None:
        """The last heartbeat was the last."""
        last_us = self.now_us - (self.now_us - self.next_beat[device]) % HEARTBEAT_US
        self.row(kinds.HEARTBEATS_END, device, number=self.epochs[device], value=last_us)
        self.row(kinds.DISCONNECTED, device, number=self.epochs[device], value=SERVER, extra=1)

    @says("registry restarts")
    def registry_restarts(self) -> None:
        self.row(kinds.CRASHED, REGISTRY, number=1)

    @says("registry loses D")
    def registry_loses(self, device: int) -> None:
        """The renewals of the device's server no longer reach the registry."""
        self.row(kinds.REGISTRY_REACH, SERVER, value=0)

    def chat_of(self, device: int, other: int) -> int:
        return conversation_between(user_of(device), user_of(other))

    @says("D looks at D")
    def looks(self, device: int, other: int) -> None:
        self.devices[device] = None
        self.row(kinds.CHAT_ON_SCREEN, device, self.chat_of(device, other), value=1)

    @says("D looks away")
    def looks_away(self, device: int) -> None:
        self.row(kinds.CHAT_ON_SCREEN, device, value=0)

    @says("D shows D W")
    def shows_contact(self, device: int, other: int, state: str) -> None:
        self.contact(device, other, STATES[state], NONE)

    @says("D shows D seen T ago")
    def shows_seen(self, device: int, other: int, ago: str) -> None:
        self.contact(device, other, Shown.LAST_SEEN, parse_duration_us(ago))

    def contact(self, device: int, other: int, shown: int, ago_us: int) -> None:
        chat = self.chat_of(device, other)
        self.row(kinds.CONTACT_SHOWN, device, chat, user_of(other), value=shown, extra=ago_us)
