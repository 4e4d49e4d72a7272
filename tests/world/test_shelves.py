"""Shelves change no order: what meets a crowded queue is processed just when it would have been."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sim.world.environment
from sim.world.environment import Environment


@dataclass(frozen=True)
class Operation:
    """Put in a call-back, in one of two ways, and do the rest inside it when it is called."""

    shelved: bool
    delay_us: int
    inside: tuple[Operation, ...]


def operations(inside: st.SearchStrategy[tuple[Operation, ...]]) -> st.SearchStrategy[Operation]:
    """Operations with delays that often tie and often fall on the border of a shelf."""
    delays = st.sampled_from((0, 1, 1023, 1024, 1025, 2048, 5000))
    return st.builds(Operation, st.booleans(), delays, inside)


programs = st.lists(
    operations(
        st.recursive(
            st.just(()),
            lambda inside: st.lists(operations(inside), max_size=4).map(tuple),
            max_leaves=8,
        )
    ),
    max_size=12,
)


def play(program: list[Operation], crowded: int) -> list[tuple[float, int]]:
    """Play a program; returns when what was called, each under the number that it got when it was put in."""
    environment = Environment()
    seen: list[tuple[float, int]] = []
    put_in = 0

    def call(argument: tuple[int, Operation]) -> None:
        number, operation = argument
        seen.append((environment.now, number))
        assert environment.entries == len(seen), "the opening of a shelf is no entry"
        for each in operation.inside:
            put(each)

    def put(operation: Operation) -> None:
        nonlocal put_in
        put_in += 1
        at_us = int(environment.now) + operation.delay_us
        way_in = environment.put if operation.shelved else environment.call_at
        way_in(at_us, call, (put_in, operation))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sim.world.environment, "CROWDED", crowded)
        for each in program:
            put(each)
        assert (environment.scheduled, environment.waiting) == (len(program), len(program))
        environment.run_until(100_000)
    assert (environment.scheduled, environment.waiting) == (put_in, 0)
    return seen


@given(programs)
def test_what_is_shelved_is_processed_when_it_would_have_been(program: list[Operation]) -> None:
    assert play(program, crowded=0) == play(program, crowded=3) == play(program, crowded=1_000_000)


def test_a_crowd_stands_on_shelves_and_not_in_the_queue() -> None:
    environment = Environment()
    for number in range(10_000):
        environment.put(number * 10, lambda _: None, None)
    assert environment.waiting == 10_000
    assert len(environment._queue) < 1_200


def test_before_a_shelf_is_opened_what_the_last_one_left_is_put_away() -> None:
    environment = Environment()
    seen: list[int] = []
    put_away: list[int] = []
    environment.between_shelves = lambda: put_away.append(len(seen))
    for number in range(10_000):
        environment.put(number, seen.append, number)
    environment.run_until(20_000)
    assert seen == list(range(10_000))
    assert put_away == [number << 10 for number in range(1, 10)]
