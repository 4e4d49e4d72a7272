"""Whatever is repeated, lost and reordered on the way to an inbox, its rows are right (INBOX-1..4, INBOX-9, FAN-3)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from words import ANN, BOB, BOBS, CHAT, EVE

from sim.protocol.inbox_state import Inbox, InboxState
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import Update
from sim.vocabulary.records import EnterEntry, EnterReceipt, MoveCursor, SettleReceipt, StoreWatermark

OWED_TO_BOB = (1, 2, 4, 7, 8)
"""Sequences of the entries that Bob's inbox is owed; the others are his own."""


def entry_record(place: int) -> EnterEntry:
    sequence = OWED_TO_BOB[place % len(OWED_TO_BOB)]
    before = OWED_TO_BOB[place % len(OWED_TO_BOB) - 1] if place % len(OWED_TO_BOB) else 0
    row = Update(0, UpdateKind.MESSAGE, CHAT, sequence, before, False, 5000 + sequence, ANN, 0, sequence)
    return EnterEntry(BOBS, sequence - 1, before, row, "store 0", 0)


def receipt_record(sequence: int, kind: int) -> EnterReceipt:
    update = UpdateKind.READ if kind % 2 else UpdateKind.DELIVERED
    about = ANN if kind < 2 else EVE
    row = Update(0, update, CHAT, sequence, 0, False, 5000 + sequence, about, 0, -1)
    return EnterReceipt(BOB, about, about * 1024, row, "inbox 1", 0)


def watermark_record(through: int) -> StoreWatermark:
    covered = tuple((sequence, 5000 + sequence, ANN, sequence) for sequence in OWED_TO_BOB if sequence <= through)
    return StoreWatermark(BOBS, CHAT, through, covered, "server a", 0)


records = st.lists(
    st.one_of(
        st.builds(entry_record, st.integers(0, 4)),
        st.builds(receipt_record, st.sampled_from([3, 5, 6]), st.integers(0, 3)),
        st.builds(lambda cursor, epoch: MoveCursor(BOBS, epoch, cursor, 0), st.integers(0, 10), st.integers(1, 4)),
        st.builds(watermark_record, st.integers(1, 8)),
        st.builds(
            lambda update, sequence: SettleReceipt(BOBS, update, CHAT, sequence, 0),
            st.sampled_from([UpdateKind.DELIVERED, UpdateKind.READ]),
            st.sampled_from(OWED_TO_BOB),
        ),
    ),
    max_size=50,
)


def before_and_after(inbox: Inbox) -> tuple[int, int, int, int, int]:
    return (
        inbox.head,
        inbox.cursor,
        inbox.epoch,
        inbox.marks.get(CHAT, 0),
        inbox.watermarks.get(CHAT, 0),
    )


@given(records)
@settings(max_examples=300, deadline=None)
def test_rows_are_contiguous_pointers_only_grow_and_only_the_cursor_trims(steps: list[Any]) -> None:
    """INBOX-1, INBOX-2, INBOX-3, INBOX-8."""
    state = InboxState()
    given_numbers: dict[int, Update] = {}
    for record in steps:
        inbox = state.inbox(BOBS)
        was = before_and_after(inbox)
        state.apply(record)
        now = before_and_after(inbox)
        assert all(after >= before for before, after in zip(was, now, strict=True))
        assert [row.number for row in inbox.rows] == list(range(inbox.cursor + 1, inbox.head + 1))
        for row in inbox.rows:
            assert given_numbers.setdefault(row.number, row) == row, "a number was given twice"
        if isinstance(record, MoveCursor):
            assert inbox.cursor in (was[1], record.cursor) and inbox.cursor <= inbox.head
        else:
            assert inbox.cursor == was[1]
        receipts = [(row.update, row.conversation, row.sequence, row.sender) for row in inbox.rows if row.update > 1]
        assert sorted(receipts) == sorted(inbox.receipts), "a receipt is here at most once"


@given(records)
@settings(max_examples=300, deadline=None)
def test_entries_are_taken_once_in_their_order_and_owe_one_receipt_each(steps: list[Any]) -> None:
    """FAN-3, INBOX-4, INBOX-9."""
    state = InboxState()
    taken: list[int] = []
    owed: list[tuple[int, int]] = []
    for record in steps:
        change = state.apply(record)
        if isinstance(record, EnterEntry) and change is not None:
            taken.append(change.sequence)
        elif isinstance(record, MoveCursor) and change is not None:
            owed.extend((receipt.update, receipt.sequence) for receipt in change.owed)
        elif isinstance(record, StoreWatermark):
            owed.extend((receipt.update, receipt.sequence) for receipt in change)
    assert tuple(taken) == OWED_TO_BOB[: len(taken)], "none is skipped and none comes twice"
    assert len(owed) == len(set(owed)), "one receipt per message and kind"
    delivered = [sequence for update, sequence in owed if update == UpdateKind.DELIVERED]
    inbox = state.inbox(BOBS)
    waiting = [row.sequence for row in inbox.rows if row.update == UpdateKind.MESSAGE]
    assert delivered + waiting == taken, "owed in the write that trims, and only then"
