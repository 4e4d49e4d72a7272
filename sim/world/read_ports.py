"""The part of the ports that has to do with reads of logs (STORE-5)."""

from __future__ import annotations

from typing import Any

from ..vocabulary import kinds


class ServerReads:
    """What a server's port can do for reads."""

    __slots__ = ()

    def holdings(self: Any, conversation: int) -> Any:
        """What this replica holds of a conversation."""
        return self.host.holdings(conversation)

    def replicas_of(self: Any, conversation: int) -> tuple[Any, ...]:
        """The replicas of a conversation's shard, as they are read from."""
        readers: tuple[Any, ...] = self.world.store_of(conversation).log.readers
        return readers

    def is_connected(self: Any, replica: Any) -> bool:
        """Whether a replica has not died."""
        return bool(replica.up)

    def begin_query(self: Any, conversation: int) -> int:
        """One more query of the run."""
        return int(self.world.reading.query_began(self.host, conversation))

    def end_query(self: Any, conversation: int, query: int, readers: int) -> None:
        """It is over."""
        self.world.reading.query_answered(self.host, conversation, query, readers)

    def channel_told(self: Any, what: str) -> None:
        """One more message about a channel."""
        self.world.tally[what] += 1

    def data_service_of(self: Any, fetch: Any) -> Any:
        """Where a read goes."""
        return self.world.reading.data_service_of(fetch)


class PhoneReads:
    """What a phone's port can do for reads."""

    __slots__ = ()

    @property
    def read_page(self: Any) -> int:
        """How many entries a page of a read holds."""
        return int(self.world.scenario.store_reads.page)

    def read_asked(self: Any, conversation: int, side: int, edge: int) -> None:
        """The phone asks for a range."""
        self.world.facts.row(
            kinds.READ_ASKED, self.phone.device, chat=conversation, number=edge, value=side, extra=self.read_page
        )

    def show_range(self: Any, conversation: int, edge: int, query: int, rows: tuple[Any, ...]) -> None:
        """A range is on the screen."""
        facts = self.world.facts
        device = self.phone.device
        first, last = (rows[0].sequence, rows[-1].sequence) if rows else (edge + 1, edge)
        facts.row(kinds.RANGE_SHOWN, device, chat=conversation, number=first, value=last, extra=query)
        now = self.world.environment._now
        for row in rows:
            facts.append((now, kinds.RANGE_ENTRY, device, conversation, row.sequence, row.body, row.sender, kinds.NONE))
