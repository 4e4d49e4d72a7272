"""Coming back: what counts as lost, what as back, and what does not count."""

from __future__ import annotations

from sim.statistics.reconnects import HistoryRow, Reconnects
from sim.vocabulary import kinds
from sim.vocabulary.kinds import NONE, HardCase, Phase

SECOND = 1_000_000


def seen(*rows: tuple[float, int, int, int]) -> Reconnects:
    """Give it (seconds, kind, who, number) rows."""
    reconnects = Reconnects()
    takers = reconnects.takers()
    for at_s, kind, who, number in rows:
        row: HistoryRow = (round(at_s * SECOND), kind, who, NONE, number, NONE, NONE, NONE)
        takers[kind](row)
    return reconnects


def test_from_the_end_of_a_connection_to_the_next_lease() -> None:
    found = seen(
        (1, kinds.LEASE_GRANTED, 7, 1),
        (10, kinds.DISCONNECTED, 7, 1),
        (12.5, kinds.LEASE_GRANTED, 7, 2),
        (20, kinds.DISCONNECTED, 7, 2),
        (20.5, kinds.LEASE_GRANTED, 7, 3),
    )
    assert found.tally() == {"reconnects": 2}
    measured = found.measured()
    assert measured["reconnect_longest_s"] == 2.5
    assert abs((found.times()["reconnect"].quantile(0.5) or 0) - 0.5 * SECOND) < 0.01 * SECOND


def test_a_connection_that_was_never_served_or_was_replaced_is_not_lost() -> None:
    found = seen(
        (1, kinds.LEASE_GRANTED, 7, 1),
        (2, kinds.DISCONNECTED, 7, 9),
        (3, kinds.LEASE_GRANTED, 7, 10),
        (4, kinds.DISCONNECTED, 7, 1),
        (5, kinds.LEASE_GRANTED, 7, 11),
    )
    assert found.tally() == {} and not found.times()


def test_a_phone_that_is_away_by_itself_does_not_count() -> None:
    lost_and_off = ((1, kinds.LEASE_GRANTED, 7, 1), (2, kinds.DISCONNECTED, 7, 1), (3, kinds.PHONE_DOWN, 7, NONE))
    off_and_lost = ((1, kinds.LEASE_GRANTED, 7, 1), (2, kinds.PHONE_DOWN, 7, NONE), (3, kinds.DISCONNECTED, 7, 1))
    for rows in (lost_and_off, off_and_lost):
        assert seen(*rows, (500, kinds.LEASE_GRANTED, 7, 2)).histogram.count == 0


def test_the_peak_is_the_fullest_second() -> None:
    times = (0.1, 0.2, 5.0, 5.3, 5.999, 6.0)
    found = seen(*((at_s, kinds.LEASE_GRANTED, place, 1) for place, at_s in enumerate(times)))
    assert found.measured() == {"logins_peak_per_s": 3.0}


def test_claims_are_counted_by_case_and_the_final_hellos_are_not() -> None:
    found = seen(
        (1, kinds.REACHED, 7, HardCase.TURNED_AWAY),
        (1, kinds.REACHED, 8, HardCase.TURNED_AWAY),
        (1, kinds.REACHED, 8, HardCase.HANDED_OVER),
        (1, kinds.LEASE_GRANTED, 7, 1),
        (2, kinds.PHASE, NONE, Phase.FINAL_SYNC),
        (3, kinds.DISCONNECTED, 7, 1),
        (4, kinds.LEASE_GRANTED, 7, 2),
    )
    assert found.tally() == {"turned_away": 2, "handed_over": 1}
    assert found.measured() == {"logins_peak_per_s": 1.0}
