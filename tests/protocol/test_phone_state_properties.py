"""Whatever is repeated, reordered or lost on the way to a phone's database, its list is right (PHONE-3, PHONE-5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from words import ANN, ANNS, BOB, BOBS, CHAT, append, receipt_row

from sim.protocol.phone_state import PhoneState
from sim.protocol.send_memory import Answer
from sim.protocol.store_state import StoreState
from sim.vocabulary.kinds import UpdateKind
from sim.vocabulary.messages import Update
from sim.vocabulary.records import AppendEntry, ApplyUpdates, Compose, TakeAccepted

OWN, OTHERS, READ = True, False, None


class Story:
    """What really happened in the chat: the log, the store's answers to Ann, and Ann's inbox."""

    def __init__(self, turns: list[bool | None]) -> None:
        self.phone = PhoneState(ANNS, ANN)
        self.store = StoreState(window=100)
        self.answers: list[Answer] = []
        self.rows: list[Update] = []
        self.sent = {ANNS: 0, BOBS: 0}
        for turn in turns:
            if turn is READ:
                self.bob_reads()
            else:
                self.write(ANNS if turn is OWN else BOBS)

    def write(self, device: int) -> None:
        self.sent[device] += 1
        number = self.sent[device]
        own = device == ANNS
        identity = 10_000 + number
        if own:
            line = self.phone.apply(Compose(CHAT, number, -1, 0, number))
            identity = line.message_id
        message = append(number, message_id=identity, device=device, user=ANN if own else BOB)
        entry = self.store.apply(AppendEntry(message, "server a", 0))
        if own:
            self.answers.append(self.store.conversations[CHAT].sends[ANNS].find(number))
            return
        recipient = entry.recipients[0]
        self.add(
            Update(
                0,
                UpdateKind.MESSAGE,
                CHAT,
                entry.sequence,
                recipient.predecessor,
                recipient.predecessor_own,
                identity,
                BOB,
                0,
                500 + number,
            )
        )

    def bob_reads(self) -> None:
        """Receipts for all that Ann has written: read first and delivered after it."""
        for answer in self.answers:
            for update in (UpdateKind.READ, UpdateKind.DELIVERED):
                self.add(receipt_row(0, update, answer.sequence, answer.message_id))

    def add(self, row: Update) -> None:
        self.rows.append(row._replace(number=len(self.rows) + 1))

    def accepted(self, place: int) -> TakeAccepted:
        answer = self.answers[place]
        return TakeAccepted(
            CHAT,
            answer.send_number,
            answer.message_id,
            answer.sequence,
            answer.predecessor,
            answer.predecessor_own,
            0,
        )

    def record(self, choice: tuple[int, int, int]) -> TakeAccepted | ApplyUpdates:
        """Some record that may reach the phone: an answer, or a batch of the inbox's rows."""
        kind, first, length = choice
        if kind == 0 and self.answers:
            return self.accepted(first % len(self.answers))
        begin = first % (len(self.rows) + 1)
        return ApplyUpdates(tuple(self.rows[begin : begin + length]), 0)


turns = st.lists(st.sampled_from([OWN, OTHERS, OTHERS, READ]), max_size=12)
choices = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30), st.integers(1, 6)), max_size=25)


def check(phone: PhoneState, ticks: dict[int, int]) -> None:
    """What has to hold after every record."""
    for chat in phone.chats.values():
        sequences = [line.sequence for line in chat.placed]
        assert sequences == sorted(set(sequences)), "placed sequences grow"
        identities = [line.message_id for line in chat.placed]
        assert len(identities) == len(set(identities)), "no message twice"
        assert chat.placed_through == (sequences[-1] if sequences else 0)
        held = {line.message_id for line in chat.held_lines()}
        assert held.isdisjoint(identities)
        for identity, line in chat.lines.items():
            assert line.tick >= ticks.get(identity, 0), "a tick went back"
            ticks[identity] = line.tick


@given(turns, choices)
def test_the_list_grows_in_order_and_without_repeats_under_any_mix(
    turns: list[bool | None], choices: list[tuple[int, int, int]]
) -> None:
    """PHONE-3, PHONE-5, RCPT-2."""
    story = Story(turns)
    phone, ticks = story.phone, {}
    for choice in choices:
        record = story.record(choice)
        before = phone.cursor
        phone.apply(record)
        check(phone, ticks)
        if isinstance(record, ApplyUpdates):
            numbers = [row.number for row in record.rows]
            applied = list(range(before + 1, phone.cursor + 1))
            assert set(applied) <= set(numbers), "the cursor moves only over what was in the batch"
        else:
            assert phone.cursor == before
    held = {row.message_id for row in story.rows[: phone.cursor] if row.update == UpdateKind.MESSAGE}
    chat = phone.chats.get(CHAT)
    assert {line.message_id for line in chat.lines.values() if not line.own} == held if chat else not held


@given(turns, choices)
def test_in_the_end_the_list_is_the_log(turns: list[bool | None], choices: list[tuple[int, int, int]]) -> None:
    """PHONE-1, PHONE-3, PHONE-5: when everything has come once more, nothing is missing and nothing is held back."""
    story = Story(turns)
    for choice in choices:
        story.phone.apply(story.record(choice))
    for place in range(len(story.answers)):
        story.phone.apply(story.accepted(place))
    story.phone.apply(ApplyUpdates(tuple(story.rows), 0))
    chat = story.phone.chat(CHAT)
    assert [line.sequence for line in chat.placed] == list(range(1, story.store.end_position + 1))
    assert not chat.held and not chat.outbox


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_any_batches_that_cover_the_inbox_bring_it_whole(sizes: list[int]) -> None:
    """PHONE-3: how the rows are cut into batches, and that each batch comes twice, makes no difference."""
    story = Story([OTHERS] * sum(sizes))
    begin = 0
    for size in sizes:
        batch = ApplyUpdates(tuple(story.rows[max(0, begin - 1) : begin + size]), 0)
        story.phone.apply(batch)
        story.phone.apply(batch)
        begin += size
    assert story.phone.cursor == len(story.rows)
