"""Visits through the day, and when chats are opened."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.scenario.model import Reading, Visits
from sim.vocabulary.units import DAY_US, MICROSECONDS, SECOND_US
from sim.workload.reading import ReadingHabits
from sim.workload.visits import FOREVER_US, DailyVisits, Visit, plan_visits

HOUR_US = MICROSECONDS["h"]
MINUTE_US = MICROSECONDS["min"]

habits = st.builds(
    Visits,
    kind=st.just("daily"),
    per_day=st.one_of(st.floats(0.05, 40), st.floats(40, 1000)),
    length_us=st.one_of(st.integers(SECOND_US, HOUR_US), st.integers(HOUR_US, 20 * HOUR_US)),
    sigma=st.floats(0, 3),
)


def daily(seed: int = 1, **keys: float) -> DailyVisits:
    plan = plan_visits(Visits(kind="daily", **keys), seed)  # type: ignore[arg-type]
    assert isinstance(plan, DailyVisits)
    return plan


def all_visits(plan: DailyVisits, user: int, days: range) -> list[Visit]:
    return [visit for day in days for visit in plan.visits_of_day(user, day)]


def test_those_who_are_always_there_never_leave() -> None:
    plan = plan_visits(Visits(), 1)
    assert plan.always
    assert plan.next_visit(3, 10**15) == (0, FOREVER_US)
    assert plan.visits_of_day(3, 2) == ((2 * DAY_US, 3 * DAY_US),)


@settings(max_examples=60, deadline=None)
@given(visits=habits, seed=st.integers(0, 2**64), user=st.integers(0, 10**7), day=st.integers(-1, 10_000))
def test_visits_are_sorted_disjoint_and_begin_on_their_day(visits: Visits, seed: int, user: int, day: int) -> None:
    plan = DailyVisits(visits, seed)
    found = all_visits(plan, user, range(day, day + 4))
    for start, end in found:
        assert start < end
    for (_, end), (start, _) in itertools.pairwise(found):
        assert end <= start
    for start, _ in plan.visits_of_day(user, day):
        assert plan.day_of(user, start) == day


@settings(max_examples=60, deadline=None)
@given(
    visits=habits,
    seed=st.integers(0, 2**64),
    user=st.integers(0, 10**7),
    moments=st.lists(st.integers(0, 5 * DAY_US), min_size=1, max_size=10),
)
def test_the_next_visit_is_the_one_the_days_hold(visits: Visits, seed: int, user: int, moments: list[int]) -> None:
    plan = DailyVisits(visits, seed)
    found = all_visits(plan, user, range(-2, 8))
    edges = [edge + step for visit in found for edge in visit for step in (-1, 0, 1) if 0 <= edge <= 5 * DAY_US]
    for at_us in moments + edges[:60]:
        expected = next((visit for visit in found if visit[1] > at_us), None)
        if expected is not None:
            assert plan.next_visit(user, at_us) == expected
        else:
            assert plan.next_visit(user, at_us)[0] > at_us


@pytest.mark.parametrize("per_day", [0.05, 0.7, 5.0, 23.0])
def test_visits_a_day_are_near_what_was_asked_for(per_day: float) -> None:
    plan = daily(per_day=per_day, length_us=20 * SECOND_US)
    people, days = 60, 25
    count = sum(len(all_visits(plan, user, range(days))) for user in range(people))
    assert count / (people * days) == pytest.approx(per_day, rel=0.25 if per_day < 0.1 else 0.07)


def test_the_default_is_a_little_more_than_an_hour_a_day() -> None:
    plan = daily()
    spans = [end - start for user in range(100) for start, end in all_visits(plan, user, range(5))]
    assert 17 < len(spans) / 500 < 20  # 20 begun, some run into one another
    assert 60 * MINUTE_US < sum(spans) / 500 < 100 * MINUTE_US
    assert 2 * MINUTE_US < sorted(spans)[len(spans) // 2] < 4 * MINUTE_US


def test_people_sleep_each_in_their_own_night() -> None:
    plan = daily()
    by_hour = [0] * 24
    zones: dict[int, None] = {}
    for user in range(200):
        zone_begin = min(at for at in range(-24 * HOUR_US, 24 * HOUR_US, HOUR_US) if plan.day_of(user, at) == 0)
        zones[zone_begin] = None
        for start, _ in all_visits(plan, user, range(5)):
            by_hour[(start - zone_begin) % DAY_US // HOUR_US] += 1
    assert len(zones) > 8
    assert sum(by_hour[:3] + by_hour[22:]) * 6 < sum(by_hour[10:20])


def test_a_visit_may_last_past_midnight_and_past_the_end_of_the_day() -> None:
    plan = daily(per_day=2.0, length_us=8 * HOUR_US, sigma=0.5)
    crossing = 0
    for user in range(50):
        for day in range(4):
            today, tomorrow = plan.visits_of_day(user, day), plan.visits_of_day(user, day + 1)
            if today and plan.day_of(user, today[-1][1]) == day + 1:
                crossing += 1
                assert plan.next_visit(user, today[-1][1] - 1) == today[-1]
                assert not tomorrow or tomorrow[0][0] >= today[-1][1]
    assert crossing > 20


def test_days_do_not_depend_on_what_was_asked_before() -> None:
    first, second = daily(seed=9), daily(seed=9)
    asked = [(user, day) for day in range(6) for user in range(40)]
    there = {key: first.visits_of_day(*key) for key in asked}
    back = {key: second.visits_of_day(*key) for key in reversed(asked)}
    assert all(there[key] == back[key] for key in asked)


def test_a_longer_visit_does_not_move_when_it_starts() -> None:
    short, long = daily(length_us=SECOND_US, sigma=0.0), daily(length_us=2 * SECOND_US, sigma=0.0)
    starts = [[start for start, _ in all_visits(plan, 5, range(3))] for plan in (short, long)]
    assert starts[0] == starts[1]


def test_rare_visitors_are_found_far_ahead() -> None:
    plan = daily(per_day=0.01)
    for user in range(50):
        start, end = plan.next_visit(user, 1_000 * DAY_US)
        assert end > 1_000 * DAY_US and start < 4_000 * DAY_US


@settings(deadline=None)
@given(operation=st.integers(0, 10**9), device=st.integers(0, 10**12), seed=st.integers(0, 2**64))
def test_a_chat_is_opened_after_the_same_time_whenever_asked(operation: int, device: int, seed: int) -> None:
    reading = Reading(share=0.5)
    after = ReadingHabits(reading, seed).opens_after(operation, device)
    assert after is None or after >= 1
    assert ReadingHabits(reading, seed).opens_after(operation, device) == after


def test_the_share_decides_who_opens_and_not_when() -> None:
    some, everybody = ReadingHabits(Reading(share=0.3), 1), ReadingHabits(Reading(share=1.0), 1)
    opened = [some.opens_after(k, 1024) for k in range(5_000)]
    always = [everybody.opens_after(k, 1024) for k in range(5_000)]
    assert None not in always
    assert sum(after is not None for after in opened) / 5_000 == pytest.approx(0.3, abs=0.03)
    assert all(after in (None, other) for after, other in zip(opened, always, strict=True))
    median = sorted(after for after in always if after is not None)[2_500]
    assert median == pytest.approx(4 * SECOND_US, rel=0.1)
    assert ReadingHabits(Reading(share=0.0), 1).opens_after(0, 0) is None
