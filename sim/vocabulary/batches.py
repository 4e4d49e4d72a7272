"""FAN-4: what one host says to another in one step is one message, taken apart there.

A batch is nothing but its messages in order; no machine sees one. Which messages travel in batches is this table.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from . import messages as m


class EnterBatch(NamedTuple):
    """Appends of entries to inboxes of one shard."""

    messages: tuple[m.Enter, ...]
    trace: int


class EnteredBatch(NamedTuple):
    messages: tuple[m.Entered, ...]
    trace: int


class LookUpBatch(NamedTuple):
    messages: tuple[m.LookUp, ...]
    trace: int


class RouteBatch(NamedTuple):
    messages: tuple[m.Route, ...]
    trace: int


class UpdatesBatch(NamedTuple):
    """Pushes to devices of one connection server, which splits them."""

    messages: tuple[m.Updates, ...]
    trace: int


class NotHereBatch(NamedTuple):
    messages: tuple[m.NotHere, ...]
    trace: int


class AcknowledgeBatch(NamedTuple):
    messages: tuple[m.Acknowledge, ...]
    trace: int


class ReceiptBatch(NamedTuple):
    messages: tuple[m.Receipt, ...]
    trace: int


class ReceiptTakenBatch(NamedTuple):
    messages: tuple[m.ReceiptTaken, ...]
    trace: int


BATCH_OF: Final[dict[type, Any]] = {
    m.Enter: EnterBatch,
    m.Entered: EnteredBatch,
    m.LookUp: LookUpBatch,
    m.Route: RouteBatch,
    m.Updates: UpdatesBatch,
    m.NotHere: NotHereBatch,
    m.Acknowledge: AcknowledgeBatch,
    m.Receipt: ReceiptBatch,
    m.ReceiptTaken: ReceiptTakenBatch,
}
"""The class of a message to the class of a batch of them; what is not here always goes by itself."""

BATCHES: Final = frozenset(BATCH_OF.values())
