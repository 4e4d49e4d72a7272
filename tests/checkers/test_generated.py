"""Random correct histories are valid in every check; one change, and the right check fires."""

from __future__ import annotations

from collections.abc import Callable

from history_language import device_named, judged, outcomes
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from reference_world import play

from sim.checkers.verdict import HistoryRow
from sim.vocabulary import kinds
from sim.vocabulary.kinds import NONE, Phase

Rows = list[HistoryRow]
DRAWN = (kinds.SHOWN, kinds.PLACED, kinds.PENDING_DRAWN)
RESTARTS = (kinds.SCREEN_CLEARED, kinds.SCREEN_DRAWN)
STEPS = st.lists(st.tuples(st.integers(0, 14), st.integers(0, 10_000)), min_size=10, max_size=120)
PICK = st.integers(0, 10_000)


@given(STEPS, st.lists(st.sampled_from([device_named("b2"), device_named("c")]), max_size=2))
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_correct_history_is_valid(steps: list[tuple[int, int]], away: list[int]) -> None:
    found = outcomes(play(steps, away))
    assert "invalid" not in found.values(), found


def change(rows: Rows, pick: int, wanted: Callable[[HistoryRow], bool], to: Callable[[int, Rows], Rows]) -> Rows:
    """Change the history at one of the rows that are wanted."""
    places = [place for place, row in enumerate(rows) if wanted(row)]
    assume(places)
    return to(places[pick % len(places)], rows)


def put(row: HistoryRow, **fields: int) -> HistoryRow:
    return tuple(kinds.Row(*row)._replace(**fields))


def is_kind(kind: int) -> Callable[[HistoryRow], bool]:
    return lambda row: row[1] == kind


def first_shown(row: HistoryRow) -> bool:
    return row[1] == kinds.SHOWN and row[6] == 0


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_message_that_is_never_shown_is_lost(steps: list[tuple[int, int]], pick: int) -> None:
    def remove(place: int, rows: Rows) -> Rows:
        device, operation = rows[place][2], rows[place][5]
        return [row for row in rows if (row[1], row[2], row[5]) != (kinds.SHOWN, device, operation)]

    assert judged(change(play(steps), pick, first_shown, remove), "LOSS-1").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_message_that_is_shown_again_is_a_duplicate(steps: list[tuple[int, int]], pick: int) -> None:
    rows = change(play(steps), pick, first_shown, lambda place, rows: [*rows, put(rows[place], time_us=rows[-1][0])])
    found = outcomes(rows)
    assert found["DUP-1"] == "invalid" and found["ORDER-1"] != "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_two_messages_that_are_swapped_are_out_of_order(steps: list[tuple[int, int]], pick: int) -> None:
    def drawn(row: HistoryRow) -> bool:
        return row[1] in (kinds.SHOWN, kinds.PLACED) and row[6] == 0

    def delay(place: int, rows: Rows) -> Rows:
        behind = [other for other in range(place) if drawn(rows[other]) and rows[other][2:4] == rows[place][2:4]]
        assume(behind)
        other = behind[-1]
        return [*rows[:other], *rows[other + 1 : place + 1], rows[other], *rows[place + 1 :]]

    # Without restarts: a redraw would be a second place where the order shows.
    plain = [row for row in play(steps) if row[1] not in RESTARTS and not (row[1] in DRAWN and row[6] == 1)]
    found = outcomes(change(plain, pick, drawn, delay))
    assert found["ORDER-1"] == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_message_on_a_stranger_s_phone_is_a_ghost(steps: list[tuple[int, int]], pick: int) -> None:
    def stray(place: int, rows: Rows) -> Rows:
        return [*rows, put(rows[place], time_us=rows[-1][0], who=device_named("z"))]

    assert judged(change(play(steps), pick, first_shown, stray), "GHOST-1").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_message_that_is_logged_twice_does_not_add_up(steps: list[tuple[int, int]], pick: int) -> None:
    def again(place: int, rows: Rows) -> Rows:
        return [*rows[: place + 1], put(rows[place], number=10_000), *rows[place + 1 :]]

    assert judged(change(play(steps), pick, is_kind(kinds.LOGGED), again), "FLOW-1").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_message_that_never_comes_into_the_log_is_undecided(steps: list[tuple[int, int]], pick: int) -> None:
    def remove(place: int, rows: Rows) -> Rows:
        operation, device = rows[place][5], rows[place][2]
        # One that was lost with its phone before its first tick may well be in no log.
        assume(not any(row[1] == kinds.PHONE_LOST and row[2] == device for row in rows))
        return [row for row in rows if row[5] != operation or row[1] not in (kinds.LOGGED, kinds.OWED)]

    found = outcomes(change(play(steps), pick, is_kind(kinds.LOGGED), remove))
    assert found["LOSS-2"] == found["FLOW-1"] == found["LOSS-1"] == found["TICK-1"] == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_tick_before_its_time_is_untrue(steps: list[tuple[int, int]], pick: int) -> None:
    def early(place: int, rows: Rows) -> Rows:
        tick = rows[place]
        composed = next(at for at, row in enumerate(rows) if row[1] == kinds.COMPOSED and row[5] == tick[5])
        return [*rows[: composed + 1], put(tick, time_us=rows[composed][0]), *rows[composed + 1 :]]

    assert judged(change(play(steps), pick, is_kind(kinds.TICK), early), "TICK-1").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_tick_that_goes_back(steps: list[tuple[int, int]], pick: int) -> None:
    def back(place: int, rows: Rows) -> Rows:
        return [*rows, put(rows[place], time_us=rows[-1][0], value=1, extra=0)]

    rows = change(play(steps), pick, lambda row: row[1] == kinds.TICK and row[6] in (2, 3), back)
    found = outcomes(rows)
    assert found["TICK-2"] == found["TICK-3"] == "invalid" and found["TICK-1"] == "valid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_tick_that_is_missing_at_the_end(steps: list[tuple[int, int]], pick: int) -> None:
    def remove(place: int, rows: Rows) -> Rows:
        operation = rows[place][5]
        highest = max(row[6] for row in rows if row[1] == kinds.TICK and row[5] == operation)
        return [row for row in rows if (row[1], row[5], row[6]) != (kinds.TICK, operation, highest)]

    assert judged(change(play(steps), pick, is_kind(kinds.TICK), remove), "TICK-3").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_trim_without_a_durable_cursor(steps: list[tuple[int, int]], pick: int) -> None:
    def early(place: int, rows: Rows) -> Rows:
        entered = next(
            at for at, row in enumerate(rows) if row[1:3] == (kinds.INBOX_APPENDED, rows[place][2])
        )  # its first row, before any cursor
        return [*rows[: entered + 1], put(rows[place], time_us=rows[entered][0], number=1), *rows[entered + 1 :]]

    assert judged(change(play(steps), pick, is_kind(kinds.TRIMMED), early), "QUEUE-1").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_pointer_that_goes_back(steps: list[tuple[int, int]], pick: int) -> None:
    def back(place: int, rows: Rows) -> Rows:
        number = rows[place][4]
        return [*rows[: place + 1], put(rows[place], number=number - 1, value=number), *rows[place + 1 :]]

    wanted = (kinds.ACKNOWLEDGED, kinds.CURSOR)
    assert judged(change(play(steps), pick, lambda row: row[1] in wanted, back), "QUEUE-2").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_row_that_waits_at_the_end(steps: list[tuple[int, int]], pick: int) -> None:
    def add(place: int, rows: Rows) -> Rows:
        return [*rows[:place], put(rows[place], number=1), *rows[place + 1 :]]

    rows = play(steps)
    gone = {row[2] for row in rows if row[1] == kinds.PHONE_LOST}  # of which nothing is asked

    def waits(row: HistoryRow) -> bool:
        return row[1] == kinds.SETTLED_INBOX and row[2] not in gone

    assert judged(change(rows, pick, waits, add), "QUEUE-3").outcome == "invalid"


@given(STEPS, PICK)
@settings(suppress_health_check=[HealthCheck.filter_too_much])
def test_a_history_that_is_cut_short_is_never_invalid(steps: list[tuple[int, int]], pick: int) -> None:
    rows = play(steps)
    end = next(place for place, row in enumerate(rows) if row[1] == kinds.PHASE and row[4] == Phase.END)
    found = outcomes(rows[: pick % end])
    assert "invalid" not in found.values(), found
    assert found["LOSS-1"] == found["LOSS-2"] == found["TICK-3"] == found["FLOW-1"] == "unknown"


def test_there_is_something_in_the_generated_histories() -> None:
    steps = [(place % 15, place * place * 7919 % 10_007) for place in range(400)]
    rows = play(steps, [device_named("c")])
    found = outcomes(rows)
    quiet = {check for check, outcome in found.items() if outcome == "unknown"}
    off = {"BLIND-1", "BLIND-2", "BLIND-3", "BOUND-1", "NUDGE-1", "PRES-1", "PRES-2", "CHAN-1", "MEDIA-1"}
    assert quiet == off, found
    seen = {row[1] for row in rows}
    assert {kinds.REFUSED, kinds.SCREEN_DRAWN, kinds.SETTLED_INBOX, kinds.AREA, kinds.OPENED, kinds.PHONE_LOST} <= seen
    assert any(row[1] == kinds.COMPOSED and row[4] != NONE for row in rows)
