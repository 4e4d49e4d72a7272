"""A replica of a store shard as readers meet it: it says what it holds, and leaves the judgement to who asked.

A replica may lag, may have been deposed while it stood still, and may hold entries that no quorum has. So it answers
with its term and with two sequences: up to where it knows that a quorum has the log, and up to where it holds it
(STORE-4). Of a group it also says whom the entries are for, since only the log can tell (STORE-6). Nothing is
remembered.
"""

from __future__ import annotations

from typing import ClassVar

from ..vocabulary.messages import Address
from ..vocabulary.read_messages import ANYBODY, LogRow, RangeHeld, ReadRange, Side
from .dispatch import Dispatching
from .log_ranges import Holdings, bounds, own_page
from .port import ReplicaPort


class StoreReplica(Dispatching):
    """The read side of one replica."""

    __slots__ = ("port",)
    TAKES: ClassVar[dict[type, str]] = {ReadRange: "on_read_range"}

    def __init__(self, port: ReplicaPort) -> None:
        self.port = port

    def on_read_range(self, source: Address, message: ReadRange) -> None:
        """STORE-5: what is held of the range, be it on a quorum or not; the answer tells the two apart."""
        holdings = self.port.holdings(message.conversation)
        rows = self.rows(message, holdings) if message.with_rows else ()
        answer = RangeHeld(
            message.conversation,
            message.query,
            message.replica,
            holdings.term,
            self.known(holdings),
            holdings.held,
            message.with_rows,
            rows,
            self.for_users(message, holdings, rows),
            message.trace,
        )
        self.port.send(source, answer)

    def known(self, holdings: Holdings) -> int:
        """STORE-4: up to where this replica knows that a quorum has the log."""
        return holdings.known

    def rows(self, message: ReadRange, holdings: Holdings) -> tuple[LogRow, ...]:
        """The rows of the range that are in this replica's log: of the newest page, all that may turn out to be it."""
        if message.reader != ANYBODY:
            return self.own_rows(message, holdings)
        first, last = bounds(message.side, message.edge, message.limit, holdings.held)
        if message.side == Side.NEWEST:
            first, _ = bounds(message.side, message.edge, message.limit, holdings.known)
        return holdings.rows(first, last)

    def own_rows(self, message: ReadRange, holdings: Holdings) -> tuple[LogRow, ...]:
        """STORE-6: the rows of the range as it is for one reader: what is not for them is not in it."""
        membership = holdings.membership
        assert membership is not None, "only logs of groups are read for somebody"
        stays = membership.stays(message.reader, holdings.held)
        page = own_page(message.side, message.edge, message.limit, holdings.known, holdings.held, stays)
        return tuple(row for sequence in page for row in holdings.rows(sequence, sequence))

    def for_users(self, message: ReadRange, holdings: Holdings, rows: tuple[LogRow, ...]) -> tuple[int, ...]:
        """STORE-6: who may be shown all of these rows, by the log that they are from."""
        if not rows or holdings.membership is None or message.reader != ANYBODY:
            return ()
        return holdings.membership.throughout(rows[0].sequence, rows[-1].sequence)
