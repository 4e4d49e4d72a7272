"""What is in some replica's log and on no quorum: what it would become, if it came on one."""

from __future__ import annotations

from collections.abc import Iterable

from ..vocabulary.ids import is_group
from ..vocabulary.messages import Append
from ..vocabulary.read_messages import LogRow
from .log_ranges import Membership, row_of
from .store_state import ConversationLog, StoreState


def rows_if_logged(
    state: StoreState,
    conversation: int,
    appends: Iterable[Append],
    last_sequence: int,
    membership: Membership | None = None,
) -> tuple[LogRow, ...]:
    """The entries that appends to a conversation would become behind one that stands there. STORE-2 and STORE-6 hold
    for them as for all others: repeats and gaps become nothing, and members come and go. Nothing is changed, but
    for who was in a group when, which goes on with them."""
    log = state.conversations.get(conversation)
    members = state.population.members(conversation) if log is None else tuple(log.members)
    trial = ConversationLog(members if membership is None else membership.members())
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
        sequence = last_sequence + len(rows) + 1
        if append.change is not None:
            change = state.change_members(trial, append.change)
            if membership is not None:
                membership.take(sequence, change)
        rows.append(row_of(append, sequence))
    return tuple(rows)


def membership_at(state: StoreState, conversation: int, reach: int) -> Membership | None:
    """Of a group: who was in it when, by the first so many entries of its log (STORE-6)."""
    if not is_group(conversation):
        return None
    log = state.conversations.get(conversation)
    changes = () if log is None else log.changes
    return Membership(state.population.members(conversation), (each for each in changes if each[0] <= reach))
