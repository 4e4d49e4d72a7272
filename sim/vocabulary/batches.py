"""FAN-4: what one host says to another in one step is one message, taken apart there.

A batch is nothing but its messages in order; no machine sees one. Which messages travel in batches is this table.
"""

from __future__ import annotations

from typing import Any, Final

from . import messages as m
from .structs import Struct


class EnterBatch(Struct, frozen=True):
    """Appends of entries to inboxes of one shard."""

    messages: tuple[m.Enter, ...]
    trace: int


class EnteredBatch(Struct, frozen=True):
    messages: tuple[m.Entered, ...]
    trace: int


class LookUpBatch(Struct, frozen=True):
    messages: tuple[m.LookUp, ...]
    trace: int


class RouteBatch(Struct, frozen=True):
    messages: tuple[m.Route, ...]
    trace: int


class UpdatesBatch(Struct, frozen=True):
    """Pushes to devices of one connection server, which splits them."""

    messages: tuple[m.Updates, ...]
    trace: int


class NotHereBatch(Struct, frozen=True):
    messages: tuple[m.NotHere, ...]
    trace: int


class AcknowledgeBatch(Struct, frozen=True):
    messages: tuple[m.Acknowledge, ...]
    trace: int


class ReceiptBatch(Struct, frozen=True):
    messages: tuple[m.Receipt, ...]
    trace: int


class ReceiptTakenBatch(Struct, frozen=True):
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
