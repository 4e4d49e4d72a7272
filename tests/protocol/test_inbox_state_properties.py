"""Whatever is repeated, lost and reordered on the way to an inbox, its rows are right (INBOX-1..4, INBOX-9, FAN-3)."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from port_fakes import InboxFake
from words import ANN, BOB, BOBS, CHAT, EVE, enter, receipt

from sim.protocol.inbox_state import Inbox
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import Acknowledge, Entered, Outcome, ReadThrough, ReceiptTaken, Update, trace_of

DELIVERED, READ = UpdateKind.DELIVERED, UpdateKind.READ
OWED_TO_BOB = (1, 2, 4, 7, 8)
"""Sequences of the entries that Bob's inbox is owed; the others are his own."""


def entry(place: int) -> Any:
    return enter(OWED_TO_BOB[place], owed_before=OWED_TO_BOB[place - 1] if place else 0)


def read_through(through: int) -> ReadThrough:
    covered = tuple((sequence, 5000 + sequence, ANN, sequence) for sequence in OWED_TO_BOB if sequence <= through)
    return ReadThrough(BOBS, BOB, CHAT, through, covered, trace_of(1))


messages = st.one_of(
    st.builds(entry, st.integers(0, 4)),
    st.builds(entry, st.integers(0, 4)),
    st.builds(
        lambda update, sequence, about: receipt(update, sequence, sender=BOB, about=about),
        st.sampled_from([DELIVERED, READ]),
        st.sampled_from([3, 5, 6]),
        st.sampled_from([ANN, EVE]),
    ),
    st.builds(
        lambda epoch, cursor: Acknowledge(BOBS, BOB, epoch, cursor, trace_of(BOBS)),
        st.integers(1, 3),
        st.integers(0, 9),
    ),
    st.builds(read_through, st.integers(1, 8)),
    st.builds(
        lambda update, sequence: ReceiptTaken(BOBS, update, CHAT, sequence, trace_of(sequence)),
        st.sampled_from([DELIVERED, READ]),
        st.sampled_from(OWED_TO_BOB),
    ),
)
steps = st.lists(st.tuples(messages, st.sampled_from(["sync", "sync", "sync", "wait", "crash"])), max_size=50)


def step(shard: InboxFake, message: Any, disk: str) -> Inbox:
    """A message arrives; then the disk keeps up, waits, or goes down with its host."""
    shard.receive("store 0", message)
    if disk == "sync":
        shard.sync_all()
    elif disk == "crash":
        shard.crash()
    return shard.durable.inbox(BOBS)


def pointers(inbox: Inbox) -> tuple[int, ...]:
    return inbox.head, inbox.cursor, inbox.epoch, inbox.marks.get(CHAT, 0), inbox.watermarks.get(CHAT, 0)


@given(steps)
@settings(max_examples=200, deadline=None)
def test_rows_are_contiguous_pointers_only_grow_and_only_the_device_trims(steps: list[tuple[Any, str]]) -> None:
    """INBOX-1, INBOX-2, INBOX-3, INBOX-8, FAN-3."""
    shard = InboxFake()
    rows: dict[int, Update] = {}
    acknowledged = 0
    for message, disk in steps:
        was = pointers(shard.durable.inbox(BOBS))
        inbox = step(shard, message, disk)
        if isinstance(message, Acknowledge):
            acknowledged = max(acknowledged, message.cursor)
        assert all(after >= before for before, after in zip(was, pointers(inbox), strict=True))
        assert [row.number for row in inbox.rows] == list(range(inbox.cursor + 1, inbox.head + 1))
        assert inbox.cursor <= acknowledged
        for row in inbox.rows:
            assert rows.setdefault(row.number, row) == row, "a number was given twice"
        kept = [(row.update, row.sequence, row.sender) for row in inbox.rows if row.update != UpdateKind.MESSAGE]
        assert len(kept) == len(set(kept)), "a receipt that is still here is merged"


@given(steps)
@settings(max_examples=200, deadline=None)
def test_entries_are_taken_once_in_their_order_and_each_owes_one_receipt(steps: list[tuple[Any, str]]) -> None:
    """FAN-3, INBOX-4, INBOX-9."""
    shard = InboxFake()
    taken: dict[int, int] = {}
    owed_now: set[Any] = set()
    owed_ever: list[Any] = []
    for message, disk in steps:
        inbox = step(shard, message, disk)
        taken.update({row.number: row.sequence for row in inbox.rows if row.update == UpdateKind.MESSAGE})
        owed_ever.extend(set(inbox.owed) - owed_now)
        owed_now = set(inbox.owed)
    shard.sync_all()
    inbox = shard.durable.inbox(BOBS)
    taken.update({row.number: row.sequence for row in inbox.rows if row.update == UpdateKind.MESSAGE})
    owed_ever.extend(set(inbox.owed) - owed_now)
    in_order = tuple(taken[number] for number in sorted(taken))
    assert in_order == OWED_TO_BOB[: len(in_order)], "none is skipped and none comes twice"
    assert len(owed_ever) == len(set(owed_ever)), "one receipt per message and kind"
    trimmed = {sequence for number, sequence in taken.items() if number <= inbox.cursor}
    assert {sequence for update, _, sequence in owed_ever if update == DELIVERED} == trimmed
    told = {message.position for message in shard.sent(Entered) if message.outcome == Outcome.TAKEN}
    assert told <= {sequence - 1 for sequence in taken.values()}, "no append is called taken that is not"
