"""Reading a log: the store keeps it, a replica tells what it holds, a phone asks until it is answered (STORE-5)."""

from __future__ import annotations

from port_fakes import ConnectionServerFake, PhoneFake, ReplicaFake, StoreFake
from recording_port import DATA_SERVICE, FakeConnection
from words import (
    ANN,
    ANNS,
    BOB,
    BOBS,
    CHAT,
    EVE,
    append,
    connect,
    deliver,
    hello,
    offline_phone,
    online_phone,
    row,
    welcome,
)

from sim.protocol.log_ranges import Holdings, Membership, own_page
from sim.protocol.store_state import StoreState
from sim.protocol.unlogged import membership_at, rows_if_logged
from sim.vocabulary.ids import device_of, group_numbered
from sim.vocabulary.messages import Append, Change, Entered, Granted, Outcome, trace_of
from sim.vocabulary.read_messages import ANYBODY, Fetch, Fetched, LogRow, RangeHeld, ReadRange, Side

GROUP = group_numbered(0)

ROWS = tuple(LogRow(number, BOB, 5000 + number, 0, 100 + number) for number in range(1, 8))


def fetched(number: int, *rows: LogRow, through: int = 0, query: int = 1) -> Fetched:
    reach = max(through, rows[-1].sequence if rows else 0)
    return Fetched(ANNS, CHAT, number, query, reach, rows, trace_of(ANNS))


def shown(phone: PhoneFake) -> list[list[int]]:
    return [each.subject for each in phone.effects if each.name == "range"]


def read_state() -> StoreState:
    """A shard whose logs are read."""
    state = StoreState(4)
    state.is_read = True
    return state


# -- the store ------------------------------------------------------------------------------------------------------


def test_store_5_a_log_that_is_read_outlives_the_fan_out() -> None:
    store = StoreFake(read_state())
    for number in (1, 2):
        store.receive("server a", append(number))
        store.sync_all()
    for position in (0, 1):
        store.receive("inbox 0", Entered(BOBS, position, Outcome.TAKEN, trace_of(position)))
    store.receive("server a", append(3))
    store.sync_all()
    assert len(store.durable.entries) == 1, "the fan-out needs only the last"
    history = store.durable.conversations[CHAT].history
    assert [(each.sequence, each.message_id) for each in history] == [(1, 5001), (2, 5002), (3, 5003)]


def test_where_nobody_reads_nothing_is_kept() -> None:
    store = StoreFake()
    store.receive("server a", append(1))
    store.sync_all()
    assert store.durable.conversations[CHAT].history == []


def test_store_2_what_would_be_logged_is_what_will_be() -> None:
    """Repeats, gaps and strangers in a replica's log become what they would on a quorum; asking changes nothing."""
    state = read_state()
    stranger = append(1, device=2048, user=2)
    appends = [append(1), append(1), append(3), stranger, append(2), append(3)]
    rows = rows_if_logged(state, CHAT, appends, 0)
    assert [(each.sequence, each.message_id) for each in rows] == [(1, 5001), (2, 5002), (3, 5003)]
    assert not state.conversations


# -- a replica ------------------------------------------------------------------------------------------------------


def read(
    replica: ReplicaFake, side: int, edge: int = 0, with_rows: bool = True, reader: int = ANYBODY, chat: int = CHAT
) -> RangeHeld:
    replica.receive("data service", ReadRange(chat, side, edge, 3, reader, with_rows, 1, 2, trace_of(1)))
    (answer,) = replica.sent(RangeHeld)
    replica.forget()
    return answer  # type: ignore[no-any-return]


def test_store_4_a_replica_tells_what_it_holds_from_what_it_knows_to_be_on_a_quorum() -> None:
    replica = ReplicaFake(Holdings(3, 4, ROWS[:6], 5, (LogRow(6, BOB, 77, 0, 9),)))
    answer = read(replica, Side.NEWEST)
    assert (answer.term, answer.known, answer.held, answer.replica, answer.query) == (3, 4, 6, 2, 1)
    assert [(each.sequence, each.message_id) for each in answer.rows] == [
        (2, 5002), (3, 5003), (4, 5004), (5, 5005), (6, 77),
    ]  # fmt: skip


def test_a_digest_has_no_rows_and_pages_end_where_the_log_does() -> None:
    replica = ReplicaFake(Holdings(1, 7, ROWS, 7, ()))
    assert read(replica, Side.NEWEST, with_rows=False).rows == ()
    assert [each.sequence for each in read(replica, Side.BEHIND, 5).rows] == [6, 7]
    assert [each.sequence for each in read(replica, Side.BEFORE, 3).rows] == [1, 2]
    assert read(replica, Side.BEHIND, 7).rows == ()


# -- whom an entry is for -------------------------------------------------------------------------------------------


class AnnAndBob:
    """The two founders of every group."""

    has_groups = True

    def devices(self, user: int) -> tuple[int, ...]:
        return (device_of(user),)

    def members(self, conversation: int) -> tuple[int, ...]:
        return (ANN, BOB)


def says(number: int, added: tuple[int, ...] = (), removed: tuple[int, ...] = ()) -> Append:
    """The next message of Ann's in the group."""
    change = Change(added, removed) if added or removed else None
    return Append(ANNS, ANN, GROUP, number, 5000 + number, 0, number, trace_of(number), change)


def group(*appends: Append) -> StoreState:
    """A shard with a group's log in it."""
    state = read_state()
    state.population = AnnAndBob()
    store = StoreFake(state)
    for each in appends:
        store.receive("server a", each)
        store.sync_all()
    return store.durable  # type: ignore[no-any-return]


BOB_LEAVES_AND_COMES = (says(1), says(2, removed=(BOB,)), says(3), says(4, added=(BOB, EVE)), says(5))


def test_store_6_the_log_knows_who_was_in_a_group_when() -> None:
    membership = membership_at(group(*BOB_LEAVES_AND_COMES), GROUP, 5)
    assert membership is not None
    stays = {user: membership.stays(user, 5) for user in (ANN, BOB, EVE, 9)}
    assert stays == {ANN: [(1, 5)], BOB: [(1, 2), (4, 5)], EVE: [(4, 5)], 9: []}
    ranges = ((1, 2), (2, 3), (3, 4), (4, 5), (1, 5))
    assert [membership.throughout(*each) for each in ranges] == [(ANN, BOB), (ANN,), (ANN,), (ANN, BOB, EVE), (ANN,)]


def test_store_6_a_replica_that_lags_knows_what_it_holds() -> None:
    state = group(*BOB_LEAVES_AND_COMES)
    stays = []
    for reach in (1, 2, 3):
        membership = membership_at(state, GROUP, reach)
        assert membership is not None
        stays.append(membership.stays(BOB, reach))
    assert stays == [[(1, 1)], [(1, 2)], [(1, 2)]]


def test_store_6_what_no_quorum_has_changes_members_behind_it_only() -> None:
    """The replica holds entry 5, and behind it that Bob is taken out, which is on no quorum; others have gone on."""
    state = group(*BOB_LEAVES_AND_COMES, says(6), says(7, removed=(EVE,)))
    membership = membership_at(state, GROUP, 5)
    assert membership is not None
    tail = (says(8, removed=(BOB,)), says(9))
    assert [each.sequence for each in rows_if_logged(state, GROUP, tail, 5, membership)] == [6, 7]
    assert membership.stays(BOB, 7) == [(1, 2), (4, 6)] and membership.stays(EVE, 7) == [(4, 7)]
    assert state.conversations[GROUP].changes == (
        (2, Change((), (BOB,))),
        (4, Change((BOB, EVE), ())),
        (7, Change((), (EVE,))),
    )


def test_where_nobody_reads_no_change_is_kept_and_only_groups_have_members_who_come_and_go() -> None:
    state = group(*BOB_LEAVES_AND_COMES)
    assert membership_at(state, CHAT, 5) is None
    unread = StoreFake()
    unread.durable.population = AnnAndBob()
    unread.receive("server a", says(1, added=(EVE,)))
    unread.sync_all()
    assert unread.durable.conversations[GROUP].changes == ()


STAYS = [(1, 3), (7, 9), (12, 20)]


def test_store_6_an_own_page_is_counted_in_what_is_for_its_reader() -> None:
    """Of a log that reaches to 20, of which this replica knows 18 to be on a quorum."""
    assert own_page(Side.NEWEST, 0, 3, 18, 20, STAYS) == (16, 17, 18, 19, 20)
    assert own_page(Side.NEWEST, 0, 9, 20, 20, [(1, 3), (7, 9)]) == (1, 2, 3, 7, 8, 9)
    assert own_page(Side.BEHIND, 2, 5, 18, 20, STAYS) == (3, 7, 8, 9, 12)
    assert own_page(Side.BEHIND, 20, 5, 18, 20, STAYS) == ()
    assert own_page(Side.BEFORE, 8, 3, 18, 20, STAYS) == (2, 3, 7)
    assert own_page(Side.BEFORE, 6, 3, 18, 20, STAYS) == (1, 2, 3)
    assert own_page(Side.NEWEST, 0, 3, 0, 0, [(1, 0)]) == ()


def test_store_6_a_replica_says_whom_its_rows_are_for_and_reads_for_one_reader() -> None:
    membership = Membership((ANN, BOB), [(3, Change((), (BOB,))), (6, Change((BOB,), ()))])
    replica = ReplicaFake(Holdings(1, 7, ROWS, 7, (), membership))
    assert read(replica, Side.NEWEST, chat=GROUP).for_users == (ANN,)
    assert read(replica, Side.BEHIND, chat=GROUP).for_users == (ANN, BOB)
    assert read(replica, Side.NEWEST, chat=GROUP, with_rows=False).for_users == ()
    own = read(replica, Side.NEWEST, chat=GROUP, reader=BOB)
    assert [each.sequence for each in own.rows] == [3, 6, 7] and own.held == 7
    assert read(replica, Side.NEWEST, chat=GROUP, reader=EVE).rows == ()


# -- a connection server --------------------------------------------------------------------------------------------


def test_store_5_a_connection_server_passes_reads_on_and_answers_back() -> None:
    server = ConnectionServerFake()
    connection = FakeConnection(1, 1, server)
    server.machine.on_hello(connection, hello(1, device=ANNS, user=0))
    server.receive("registry", Granted(ANNS, 1, 1, trace_of(1)))
    asked = Fetch(ANNS, ANN, CHAT, 1, Side.NEWEST, 0, 3, 0, 0, trace_of(1))
    server.machine.on_fetch(connection, asked)
    assert server.sent_to(DATA_SERVICE) == [asked]
    answer = fetched(1, *ROWS[:3])
    server.receive(DATA_SERVICE, answer)
    assert server.to_phone(connection) == [answer]


# -- a phone --------------------------------------------------------------------------------------------------------


def test_store_5_who_opens_a_chat_is_shown_the_newest_page_once() -> None:
    phone = online_phone()
    phone.machine.on_look(CHAT)
    phone.machine.on_look(CHAT)
    (asked,) = phone.sent(Fetch)
    assert (asked.side, asked.limit, asked.at_least, asked.attempt) == (Side.NEWEST, 3, 0, 0)
    phone.machine.receive(fetched(1, *ROWS[4:]))
    phone.machine.receive(fetched(1, *ROWS[4:]))
    assert shown(phone) == [[5, 6, 7]]
    assert not phone.machine.reads


def test_a_page_that_does_not_come_is_asked_for_again() -> None:
    phone = online_phone()
    phone.machine.on_look(CHAT)
    phone.fire_due(phone.timers.resend_us)
    assert [asked.attempt for asked in phone.sent(Fetch)] == [0, 1]
    phone.machine.receive(fetched(1, *ROWS))
    phone.fire_due(phone.timers.resend_us)
    assert len(phone.sent(Fetch)) == 2


def test_a_new_connection_begins_with_the_reads_that_are_open() -> None:
    phone = offline_phone()
    phone.machine.on_look(CHAT)
    assert not phone.sent(Fetch)
    connect(phone)
    assert len(phone.sent(Fetch)) == 1
    welcome(phone)
    phone.machine.on_network_down()
    connect(phone)
    assert [asked.read for asked in phone.sent(Fetch)] == [1, 1]
    phone.fire_due(phone.timers.resend_us)
    assert len(phone.sent(Fetch)) == 3, "the timer of the connection before asks nothing"


def test_store_4_a_phone_says_what_it_knows_and_shows_nothing_older() -> None:
    phone = online_phone()
    deliver(phone, row(1, 1), row(2, 2))
    phone.machine.on_look(CHAT)
    assert phone.sent(Fetch)[0].at_least == 2
    deliver(phone, row(3, 3))
    phone.machine.receive(fetched(1, *ROWS[:2]))
    assert shown(phone) == []
    again = phone.sent(Fetch)[-1]
    assert (again.read, again.at_least) == (2, 3)
    phone.machine.receive(fetched(2, *ROWS[:3]))
    assert shown(phone) == [[1, 2, 3]]


def test_an_empty_log_is_an_empty_page() -> None:
    phone = online_phone()
    phone.machine.on_look(CHAT)
    phone.machine.receive(fetched(1))
    assert shown(phone) == [[]] and not phone.machine.reads


def test_a_restarted_app_has_forgotten_what_it_asked() -> None:
    phone = online_phone()
    phone.machine.on_look(CHAT)
    phone.crash()
    phone.machine.receive(fetched(1, *ROWS))
    assert shown(phone) == []
