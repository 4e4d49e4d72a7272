"""What is in some replica's log and on no quorum: what it would become, if it came on one."""

from __future__ import annotations

from collections.abc import Iterable

from ..vocabulary.messages import Append
from ..vocabulary.read_messages import LogRow
from .log_ranges import row_of
from .store_state import ConversationLog, StoreState


def rows_if_logged(
    state: StoreState, conversation: int, appends: Iterable[Append], last_sequence: int
) -> tuple[LogRow, ...]:
    """The entries that appends to a conversation would become behind one that stands there. STORE-2 and STORE-6 hold
    for them as for all others: repeats and gaps become nothing, and members come and go. Nothing is changed."""
    log = state.conversations.get(conversation)
    members = state.population.members(conversation) if log is None else tuple(log.members)
    trial = ConversationLog(members)
    rows: list[LogRow] = []
    lasts: dict[int, int] = {}
    for append in appends:
        memory = None if log is None else log.sends.get(append.device)
        last = lasts.get(append.device, 0 if memory is None else memory.last)
        if append.send_number != last + 1:
            continue
        lasts[append.device] = append.send_number
        if state.final_refusal(trial, append):
            continue
        if append.change is not None:
            state.change_members(trial, append.change)
        rows.append(row_of(append, last_sequence + len(rows) + 1))
    return tuple(rows)
