"""The data service: once for all who ask at the same time, and only what a quorum can vouch for (STORE-4, STORE-5)."""

from __future__ import annotations

import pytest
from port_fakes import DataServiceFake
from words import ANN, ANNS, BOB, BOBS, CHAT, EVE, EVES

from sim.protocol.log_ranges import bounds
from sim.vocabulary.ids import group_numbered, user_of
from sim.vocabulary.kinds import HardCase
from sim.vocabulary.messages import trace_of
from sim.vocabulary.read_messages import ANYBODY, Fetch, Fetched, LogRow, RangeHeld, ReadRange, Side

A, B = "server a", "server b"
GROUP = group_numbered(0)


def fetch(
    read: int = 1, device: int = BOBS, side: int = Side.NEWEST, edge: int = 0, at_least: int = 0, chat: int = CHAT
) -> Fetch:
    """Bob asks for a page of three."""
    return Fetch(device, user_of(device), chat, read, side, edge, 3, at_least, 0, trace_of(device, read))


def rows(first: int, last: int) -> tuple[LogRow, ...]:
    return tuple(LogRow(number, 0, 5000 + number, 0, number) for number in range(first, last + 1))


def asked(service: DataServiceFake, replica: int) -> list[ReadRange]:
    return [message for message in service.sent_to(service.replicas[replica]) if isinstance(message, ReadRange)]


def hold(service: DataServiceFake, replica: int, known: int, held: int = 0, term: int = 1) -> None:
    """A replica answers the last that it was asked, from a log that reaches so far."""
    message = asked(service, replica)[-1]
    reach = max(known, held)
    first, last = bounds(message.side, message.edge, message.limit, reach)
    if message.side == Side.NEWEST:
        first, _ = bounds(message.side, message.edge, message.limit, known)
    found = rows(first, last) if message.with_rows else ()
    answer = RangeHeld(CHAT, message.query, replica, term, known, reach, message.with_rows, found, (), message.trace)
    service.receive(f"replica {replica}", answer)


def answers(service: DataServiceFake) -> list[list[int]]:
    return [[row.sequence for row in answer.rows] for answer in service.sent(Fetched)]


# -- once for all ---------------------------------------------------------------------------------------------------


def test_store_5_the_first_reader_starts_the_query_and_later_ones_join() -> None:
    service = DataServiceFake()
    service.receive(A, fetch(1))
    service.receive(B, fetch(1, device=BOBS + 1024))
    assert len(service.sent(ReadRange)) == 2, "a quorum of three is asked, once"
    hold(service, 0, 5)
    hold(service, 1, 5)
    assert answers(service) == [[3, 4, 5], [3, 4, 5]]
    assert [len(service.sent_to(server)) for server in (A, B)] == [1, 1]
    assert [each.subject for each in service.effects if each.name == "answered"] == [2]


def test_store_5_who_comes_after_the_answer_starts_another_query() -> None:
    service = DataServiceFake()
    for read in (1, 2):
        service.receive(A, fetch(read))
        hold(service, read - 1, 5)
        hold(service, read, 5)
    assert service.queries == 2 and len(answers(service)) == 2


def test_store_5_other_ranges_are_other_queries() -> None:
    service = DataServiceFake()
    for read, (side, edge) in enumerate([(Side.NEWEST, 0), (Side.BEHIND, 1), (Side.BEHIND, 2), (Side.BEFORE, 2)]):
        service.receive(A, fetch(read, side=side, edge=edge))
    assert service.queries == 4


def test_store_5_the_variant_without_coalescing_asks_for_every_reader() -> None:
    service = DataServiceFake(coalesce=False)
    for read in range(5):
        service.receive(A, fetch(read))
    assert service.queries == 5


@pytest.mark.parametrize(
    ("side", "edge", "expected"),
    [(Side.NEWEST, 0, [7, 8, 9]), (Side.BEHIND, 4, [5, 6, 7]), (Side.BEHIND, 8, [9]), (Side.BEFORE, 3, [1, 2])],
)
def test_store_5_the_newest_page_behind_a_sequence_and_before_one(side: int, edge: int, expected: list[int]) -> None:
    service = DataServiceFake()
    service.receive(A, fetch(side=side, edge=edge))
    hold(service, 0, 9)
    hold(service, 1, 9)
    assert answers(service) == [expected]


def test_quorums_take_turns_and_whoever_died_is_asked_last() -> None:
    service = DataServiceFake()
    turns = []
    for read in range(3):
        service.forget()
        service.receive(A, fetch(read, side=Side.BEHIND, edge=read))
        turns.append([replica for replica in range(3) if asked(service, replica)])
    assert turns == [[0, 1], [1, 2], [0, 2]]
    service.dead = ["replica 0"]
    service.forget()
    service.receive(A, fetch(9))
    assert not asked(service, 0)


def test_a_crash_loses_the_queries_and_the_phones_ask_again() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    late = asked(service, 0)[-1]
    service.crash()
    service.receive("replica 0", RangeHeld(CHAT, late.query, 0, 1, 5, 5, True, rows(3, 5), (), late.trace))
    assert not answers(service)
    service.receive(A, fetch())
    hold(service, 0, 5)
    hold(service, 1, 5)
    assert answers(service) == [[3, 4, 5]]


# -- what a quorum can vouch for ------------------------------------------------------------------------------------


def test_store_4_one_answer_is_no_quorum() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 0, 5)
    assert not answers(service)


def test_store_4_a_replica_that_lags_does_not_shorten_the_answer() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 0, 3)
    hold(service, 1, 5)
    assert not answers(service), "replica 0 was asked for the rows, and lacks two"
    assert asked(service, 1)[-1].with_rows
    hold(service, 1, 5)
    assert answers(service) == [[3, 4, 5]]


def test_store_4_an_entry_that_no_quorum_is_known_to_have_is_not_answered() -> None:
    """Two hold entry 5, and nobody knows yet that these are a quorum: it may be on its way, or be lost."""
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 0, 4, held=5)
    hold(service, 1, 4)
    assert not answers(service) and HardCase.READ_IN_DOUBT in service.claims()
    hold(service, 2, 4)
    assert answers(service) == [[2, 3, 4]], "two of three lack it: it was on no quorum when the query began"


def test_store_4_an_entry_that_may_be_on_a_quorum_is_not_left_out() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 0, 4, held=5)
    hold(service, 1, 4)
    hold(service, 2, 4, held=5)
    assert not answers(service), "replicas 0 and 2 are a quorum, but the leader may not have told yet"
    service.fire_due(service.settings.doubt_us)
    hold(service, 0, 5)
    assert answers(service) == [[3, 4, 5]]


def test_store_4_doubts_are_asked_about_less_and_less_often() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    times = []
    for _ in range(4):
        hold(service, 0, 4, held=5)
        hold(service, 1, 4)
        times.append(max(timer.at_us for timer in service.due if timer.callback.__name__ == "on_doubt_over"))
        service.fire_due(times[-1] - service.now_us)
    doubt_us = service.settings.doubt_us
    assert times == [doubt_us, 3 * doubt_us, 7 * doubt_us, 15 * doubt_us]


def test_store_4_a_replica_of_an_older_term_is_refused() -> None:
    """It holds an entry 5 of a leader that was deposed, where the present one has put another."""
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 0, 4, held=5, term=1)
    hold(service, 1, 5, term=2)
    assert not answers(service) and HardCase.STALE_REPLICA_REFUSED in service.claims()
    assert not asked(service, 2)[-1].with_rows
    hold(service, 2, 5, term=2)
    assert not answers(service), "only replica 0 was asked for rows, and it is not believed"
    hold(service, 1, 5, term=2)
    assert answers(service) == [[3, 4, 5]]


def test_store_4_who_joined_and_knows_of_more_gets_the_answer_of_a_later_query() -> None:
    service = DataServiceFake()
    service.receive(A, fetch(1))
    service.receive(B, fetch(1, device=BOBS + 1024, at_least=6))
    hold(service, 0, 5)
    hold(service, 1, 5)
    assert [len(service.sent_to(server)) for server in (A, B)] == [1, 0]
    assert service.queries == 2 and HardCase.READ_TOO_OLD_FOR_A_JOINER in service.claims()
    hold(service, 1, 6)
    hold(service, 2, 6)
    assert answers(service)[-1] == [4, 5, 6] and len(service.sent_to(B)) == 1


def test_store_4_who_began_a_query_is_answered_whatever_it_thinks_to_know() -> None:
    """What was on a quorum before a query began, it finds: a hint of more was wrong."""
    service = DataServiceFake()
    service.receive(A, fetch(1, at_least=99))
    hold(service, 0, 5)
    hold(service, 1, 5)
    assert answers(service) == [[3, 4, 5]]


# -- replicas that stand still --------------------------------------------------------------------------------------


def test_a_speculative_retry_asks_the_third_replica() -> None:
    service = DataServiceFake(speculative_retry_us=10_000)
    service.receive(A, fetch())
    hold(service, 1, 5)
    assert not asked(service, 2)
    service.fire_due(10_000)
    hold(service, 2, 5)
    assert answers(service) == [[3, 4, 5]], "replica 0 has still not answered"


def test_without_it_the_query_waits_until_it_gives_a_replica_up() -> None:
    service = DataServiceFake()
    service.receive(A, fetch())
    hold(service, 1, 5)
    service.fire_due(service.settings.give_up_us - 1)
    assert not asked(service, 2)
    service.fire_due(1)
    hold(service, 2, 5)
    assert answers(service) == [[3, 4, 5]]


def test_an_answer_that_comes_late_changes_nothing() -> None:
    service = DataServiceFake(speculative_retry_us=10_000)
    service.receive(A, fetch())
    service.fire_due(10_000)
    for replica in (1, 2, 0):
        hold(service, replica, 5)
    service.fire_due(service.settings.give_up_us)
    assert len(answers(service)) == 1


@pytest.mark.parametrize(("replicas", "quorum"), [(1, 1), (3, 2), (5, 3)])
def test_the_quorum_is_more_than_half(replicas: int, quorum: int) -> None:
    service = DataServiceFake(replicas)
    service.receive(A, fetch())
    for replica in range(quorum):
        assert not answers(service)
        hold(service, replica, 5)
    assert answers(service) == [[3, 4, 5]]


# -- groups ---------------------------------------------------------------------------------------------------------


def hold_group(service: DataServiceFake, query: int, sure: int, page: tuple[LogRow, ...], *for_users: int) -> None:
    """The quorum that was asked in a query answers it, with these rows, which are for these users."""
    for message in service.sent(ReadRange):
        if message.query == query:
            found = page if message.with_rows else ()
            whom = for_users if message.with_rows else ()
            held = RangeHeld(
                GROUP, query, message.replica, 1, sure, sure, message.with_rows, found, whom, message.trace
            )
            service.receive(f"replica {message.replica}", held)


def shown(service: DataServiceFake) -> dict[int, list[int]]:
    """What each user was answered."""
    return {user_of(answer.device): [row.sequence for row in answer.rows] for answer in service.sent(Fetched)}


def test_store_6_readers_whom_the_whole_page_is_for_share_it_and_the_others_get_their_own() -> None:
    service = DataServiceFake()
    for device in (ANNS, BOBS, EVES):
        service.receive(A, fetch(device=device, chat=GROUP))
    assert service.queries == 1
    hold_group(service, 1, 5, rows(3, 5), ANN)
    assert shown(service) == {ANN: [3, 4, 5]}, "Bob has left with entry 2, Eve has come with entry 5"
    assert [(each.query, each.reader) for each in service.sent(ReadRange) if each.with_rows] == [
        (1, ANYBODY),
        (2, BOB),
        (3, EVE),
    ]
    hold_group(service, 2, 5, rows(1, 2))
    hold_group(service, 3, 5, rows(5, 5))
    assert shown(service) == {ANN: [3, 4, 5], BOB: [1, 2], EVE: [5]}
    assert service.claims().count(HardCase.READ_BEYOND_A_STAY) == 2
    assert [each.subject for each in service.effects if each.name == "answered"] == [1, 1, 1]


def test_store_6_who_has_left_does_not_learn_how_far_the_log_reaches() -> None:
    service = DataServiceFake()
    for device in (ANNS, BOBS):
        service.receive(A, fetch(device=device, chat=GROUP, at_least=2))
    hold_group(service, 1, 5, rows(3, 5), ANN)
    hold_group(service, 2, 5, rows(1, 2))
    assert [(answer.device, answer.through) for answer in service.sent(Fetched)] == [(ANNS, 5), (BOBS, 2)]


def test_store_6_an_own_page_holds_only_what_is_sure_and_no_more_than_was_asked_for() -> None:
    """The replica has sent all that may turn out to be the page: entries 6 and 7 are on no quorum that is known."""
    service = DataServiceFake()
    service.receive(A, fetch(chat=GROUP))
    hold_group(service, 1, 5, rows(3, 5), ANN)
    (asked_rows, asked_digest) = [each for each in service.sent(ReadRange) if each.query == 2]
    found = (*rows(1, 2), *rows(4, 7))
    for message in (asked_rows, asked_digest):
        page = found if message.with_rows else ()
        reach = 7 if message.with_rows else 5
        held = RangeHeld(GROUP, 2, message.replica, 1, 5, reach, message.with_rows, page, (), message.trace)
        service.receive(f"replica {message.replica}", held)
    assert not shown(service), "one of three holds 7: the third is asked"
    third = service.sent(ReadRange)[-1]
    service.receive("replica", RangeHeld(GROUP, 2, third.replica, 1, 5, 5, False, (), (), third.trace))
    assert shown(service) == {BOB: [2, 4, 5]}


def test_store_6_the_devices_of_one_reader_share_their_own_page() -> None:
    service = DataServiceFake()
    for device in (BOBS, BOBS + 1):
        service.receive(A, fetch(device=device, chat=GROUP))
    hold_group(service, 1, 5, rows(3, 5), ANN)
    assert service.queries == 2
    hold_group(service, 2, 5, rows(1, 2))
    assert [[row.sequence for row in answer.rows] for answer in service.sent(Fetched)] == [[1, 2], [1, 2]]


def test_store_6_an_empty_page_is_for_everybody() -> None:
    service = DataServiceFake()
    service.receive(A, fetch(chat=GROUP, side=Side.BEHIND, edge=5))
    hold_group(service, 1, 5, ())
    assert shown(service) == {BOB: []} and service.queries == 1


def test_store_6_a_crash_between_the_two_queries_loses_the_reader_who_asks_again() -> None:
    service = DataServiceFake()
    service.receive(A, fetch(chat=GROUP))
    hold_group(service, 1, 5, rows(3, 5), ANN)
    service.crash()
    hold_group(service, 2, 5, rows(1, 2))
    assert not shown(service)
    service.receive(A, fetch(chat=GROUP))
    hold_group(service, 3, 5, rows(3, 5), ANN)
    hold_group(service, 4, 5, rows(1, 2))
    assert shown(service) == {BOB: [1, 2]}
