"""The harsh mode of phones' links (``network.harsh``): messages are lost, repeated and overtake each other like calls.

Nothing of the protocol rests on the stream alone. Up: appends carry send numbers and are repeated (PHONE-1, STORE-2),
acknowledgements and watermarks merge by maximum (CONN-6, INBOX-9), a hello that does not come is noticed (PHONE-7).
Down: updates carry numbers, so that a gap is synced and a repeat dropped (PHONE-3), and they are pushed until they are
acknowledged (CONN-10); answers are asked for again. What a stream gives is speed: fewer gaps, fewer repeats.

The handshake stays one: nothing overtakes it. Goodbyes stay reliable; that they get lost is what ``silent_connections``
says. Links lose and repeat by themselves until people stop writing, and afterwards only overtake.
"""

from __future__ import annotations

from heapq import heappush
from typing import Any

from ..vocabulary.messages import Append, Sync, Updates
from .connections import Connection
from .dice import TABLE_SHIFT, spread


class HarshConnection(Connection):
    """A connection that promises nothing but an end."""

    __slots__ = ("sent",)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.sent = 0
        """Counts messages either way, for their luck."""

    def send_up(self, message: Any) -> None:
        """From the phone to the server."""
        if self.phone_open:
            if message.__class__ is Append:
                self.count_sent(message)
            self.carry(message, self.phone, self.server, self.up_clear_us, self.arrive_up)

    def send_down(self, message: Any) -> None:
        """From the server to the phone."""
        if not self.server_open:
            return
        if message.__class__ is Updates and message.rows:
            self.count_pushed(message)
        self.carry(message, self.server, self.phone, 0, self.arrive_down)

    def carry(self, message: Any, source: Any, to: Any, earliest_us: int, arrive: Any) -> None:
        """One message: it arrives once, or more often, or never."""
        world = self.world
        self.sent += 1
        bits = spread(world.stream_keys[message.__class__], message.trace)
        delay_us = self.table[bits >> TABLE_SHIFT]
        if not world.healed:
            share = world.scenario.network.harsh_share
            if world.dice.chance(share, "harsh loss", self.number, self.sent):
                world.tally["harsh_lost"] += 1
                return
            if world.dice.chance(share, "harsh copy", self.number, self.sent):
                world.tally["harsh_repeated"] += 1
                later_us = 1 + world.dice.below(2 * delay_us, "harsh copy delay", self.number, self.sent)
                self.schedule(delay_us + later_us, earliest_us, arrive, message)
        for arrival_us in world.network.afflicted(source, to, bits, delay_us):
            self.schedule(arrival_us, earliest_us, arrive, message)

    def schedule(self, delay_us: int, earliest_us: int, arrive: Any, message: Any) -> None:
        """One copy's arrival."""
        environment = self.world.environment
        at = max(environment._now + delay_us, earliest_us)
        heappush(environment._queue, (at, 1, next(environment._eid), arrive, message))

    def arrive_up(self, message: Any) -> None:
        """At the server's end, unless a partition stands there by now."""
        if self.is_cut():
            return
        if message.__class__ is Sync and message.cursor > self.acked:
            # The acknowledgement before it may be lost; its cursor is one as well (CONN-2).
            self.acked = message.cursor
        super().arrive_up(message)

    def arrive_down(self, message: Any) -> None:
        """At the phone's end, unless a partition stands there by now."""
        if not self.is_cut():
            super().arrive_down(message)

    def is_cut(self) -> bool:
        """Whether a partition silences it: then what arrives is lost. What a hold or a pause silences waits."""
        return self.silences > 0 and any(
            condition.blocks and (condition.hits(self.phone, self.server) or condition.hits(self.server, self.phone))
            for condition in self.world.conditions
        )
