"""Timer lanes fire in exactly the order, ties included, in which entries of their own would."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world.environment import Environment
from sim.world.lanes import Lanes


@dataclass(frozen=True)
class Operation:
    """Arm a timer, put in a call-back or make an event, and do the rest inside it when it fires."""

    sort: str
    delay: int
    inside: tuple[Operation, ...]


def operations(inside: st.SearchStrategy[tuple[Operation, ...]]) -> st.SearchStrategy[Operation]:
    """Operations with short delays, zero among them, so that ties are the rule."""
    return st.builds(Operation, st.sampled_from(("arm", "arm", "call", "event")), st.integers(0, 4), inside)


programs = st.lists(
    operations(
        st.recursive(
            st.just(()),
            lambda inside: st.lists(operations(inside), max_size=4).map(lambda each: tuple(each)),
            max_leaves=8,
        )
    ),
    max_size=12,
)


def play(program: list[Operation], enabled: bool, drive: Callable[[Environment], None]) -> list[tuple[float, int, str]]:
    """Play a program; returns when what fired, each under the number that it got when it was put in."""
    environment = Environment()
    lanes = Lanes(environment, enabled=enabled)
    seen: list[tuple[float, int, str]] = []
    put_in = 0

    def fire(argument: tuple[int, Operation]) -> None:
        number, operation = argument
        seen.append((environment.now, number, operation.sort))
        for each in operation.inside:
            put(each)

    def put(operation: Operation) -> None:
        nonlocal put_in
        put_in += 1
        argument = (put_in, operation)
        if operation.sort == "arm":
            lanes.lane(operation.delay).arm(fire, argument)
        elif operation.sort == "call":
            environment.call_at(int(environment.now) + operation.delay, fire, argument)
        else:
            environment.timeout(operation.delay).callbacks.append(lambda _: fire(argument))

    for operation in program:
        put(operation)
    drive(environment)
    assert environment.entries == environment.scheduled == put_in == len(seen)
    assert environment.waiting == 0
    return seen


def run_until(environment: Environment) -> None:
    """Process everything in the hot loop."""
    environment.run_until(1000)


def run_in_slices(environment: Environment) -> None:
    """Process everything in the hot loop, one unit of time at a go."""
    for time in range(1000):
        environment.run_until(time)


def run(environment: Environment) -> None:
    """Process everything in SimPy's loop, which goes step by step."""
    environment.run()


@settings(max_examples=200)
@given(programs)
def test_lanes_change_neither_order_nor_times(program: list[Operation]) -> None:
    expected = play(program, False, run)
    assert expected == sorted(expected, key=lambda each: each[0])
    for drive in (run, run_until, run_in_slices):
        assert play(program, True, drive) == expected
        assert play(program, False, drive) == expected


@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from((0.1, 0.2, 0.3))), max_size=30))
def test_lanes_keep_the_order_of_float_times(program: list[tuple[float, float]]) -> None:
    """Rounding is monotone, so a clock that never goes back plus a constant never goes back either."""

    def times(enabled: bool) -> list[tuple[float, int]]:
        environment = Environment()
        lanes = Lanes(environment, enabled=enabled)
        seen: list[tuple[float, int]] = []
        for number, (start, delay) in enumerate(program):
            lane: Any = lanes.lane(delay)  # type: ignore[arg-type]
            environment.call_at(
                start, lambda each: each[0].arm(lambda n: seen.append((environment.now, n)), each[1]), (lane, number)
            )
        environment.run_until(10)
        return seen

    assert times(True) == times(False)


def test_only_the_head_of_a_lane_stands_in_the_queue() -> None:
    environment = Environment()
    lane = Lanes(environment).lane(100)
    for number in range(50):
        lane.arm(lambda _: None, number)
    assert (len(environment._queue), environment.waiting) == (1, 50)
    plain = Lanes(environment, enabled=False).lane(100)
    for number in range(50):
        plain.arm(lambda _: None, number)
    assert (len(environment._queue), environment.waiting) == (51, 100)


def test_a_lane_is_armed_again_from_its_last_timer() -> None:
    environment = Environment()
    lane = Lanes(environment).lane(3)
    seen: list[float] = []

    def again(count: int) -> None:
        seen.append(environment.now)
        if count:
            lane.arm(again, count - 1)

    lane.arm(again, 3)
    environment.run_until(100)
    assert seen == [3, 6, 9, 12]


def test_a_timer_may_step_the_environment_itself() -> None:
    environment = Environment()
    lane = Lanes(environment).lane(3)
    seen: list[str] = []

    def step_inside(what: str) -> None:
        seen.append(f"{what} begins")
        environment.step()
        seen.append(f"{what} ends")

    lane.arm(step_inside, "first")
    lane.arm(seen.append, "second")
    environment.run_until(3)
    assert seen == ["first begins", "second", "first ends"]


def test_there_is_one_lane_per_delay() -> None:
    lanes = Lanes(Environment())
    assert lanes.lane(5) is lanes.lane(5)
    assert lanes.lane(5) is not lanes.lane(6)
    assert lanes.lane(5).delay == 5


@pytest.mark.parametrize("enabled", [True, False])
def test_a_negative_delay_is_refused(enabled: bool) -> None:
    with pytest.raises(ValueError, match="Negative delay"):
        Lanes(Environment(), enabled=enabled).lane(-1)
