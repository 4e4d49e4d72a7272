"""A place in a store's log is the entry that stands there, or an error: never another entry."""

from __future__ import annotations

import pytest

from sim.protocol.port import ProtocolError
from sim.protocol.store_state import StoreState
from sim.vocabulary.ids import conversation_between
from sim.vocabulary.messages import Append
from sim.vocabulary.records import AppendEntry, FanOutMoved


def test_an_entry_that_is_trimmed_is_no_other_entry() -> None:
    state = StoreState(window=8)
    for number in (1, 2, 3):
        append = Append(0, 0, conversation_between(0, 1), number, number, 0, 0, 0)
        state.append_entry(AppendEntry(append, ("", 0), 0))
    state.move_fan_out(FanOutMoved(2, 0))
    assert state.first_position == 2 and state.entry_at(2).sequence == 3
    for position in (0, 1):
        with pytest.raises(ProtocolError, match=f"entry {position} is trimmed, the log begins at 2"):
            state.entry_at(position)
    with pytest.raises(IndexError):
        state.entry_at(3)
