"""The environment: SimPy's, with bare call-backs in the same queue."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator
from typing import Any

import pytest
import simpy
from hypothesis import given
from hypothesis import strategies as st
from simpy.core import EmptySchedule, StopSimulation

from sim.world.environment import Environment
from sim.world.lanes import Lanes


def drive_by_step(environment: Environment) -> None:
    """Process everything, entry by entry."""
    while environment.peek() != float("inf"):
        environment.step()


def drive_by_run(environment: Environment) -> None:
    """Process everything in SimPy's own loop."""
    environment.run()


def drive_by_run_until(environment: Environment) -> None:
    """Process everything in the hot loop."""
    environment.run_until(1 << 60)


def drive_in_slices(environment: Environment) -> None:
    """Process everything in the hot loop, a unit of time at a go."""
    while (time := environment.peek()) != float("inf"):
        environment.run_until(time)


DRIVERS = [drive_by_step, drive_by_run, drive_by_run_until, drive_in_slices]


@pytest.mark.parametrize("drive", DRIVERS)
def test_ties_between_events_and_call_backs_are_first_in_first_out(drive: Callable[[Environment], None]) -> None:
    environment = Environment()
    seen: list[tuple[str, float]] = []

    def note(what: str) -> None:
        seen.append((what, environment.now))

    environment.call_at(5, note, "first")
    environment.timeout(5, "second").callbacks.append(lambda event: note(event.value))
    environment.call_after(5, note, "third")
    environment.timeout(5, "fourth").callbacks.append(lambda event: note(event.value))
    environment.call_at(3, note, "early")
    drive(environment)
    assert seen == [("early", 3), ("first", 5), ("second", 5), ("third", 5), ("fourth", 5)]


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.lists(st.integers(0, 3), max_size=3)), max_size=20))
def test_a_call_back_fires_where_a_timeout_would(program: list[tuple[int, bool, list[int]]]) -> None:
    """The same program on stock SimPy, with a Timeout for each call-back, gives the same order and times."""

    def play(environment: simpy.Environment, drive: Callable[[Any], None]) -> list[tuple[float, Any]]:
        seen: list[tuple[float, Any]] = []

        def plan(delay: float, function: Callable[[Any], None], argument: Any) -> None:
            if isinstance(environment, Environment):
                environment.call_after(delay, function, argument)
            else:
                environment.timeout(delay).callbacks.append(lambda _: function(argument))

        def process(number: int, delays: list[int]) -> Generator[Any, Any, None]:
            for delay in delays:
                yield environment.timeout(delay)
                seen.append((environment.now, ("process", number)))

        def fire(argument: tuple[int, bool, list[int]]) -> None:
            number, as_process, delays = argument
            seen.append((environment.now, number))
            if as_process:
                environment.process(process(number, delays))
            else:
                for index, delay in enumerate(delays):
                    plan(delay, fire, (1000 * number + index, False, []))

        for number, (delay, as_process, delays) in enumerate(program, start=1):
            plan(delay, fire, (number, as_process, delays))
        drive(environment)
        return seen

    expected = play(simpy.Environment(), lambda environment: environment.run())
    for drive in DRIVERS:
        assert play(Environment(), drive) == expected


def test_run_until_takes_the_entries_of_its_time_along_and_run_does_not() -> None:
    seen: list[str] = []
    environment = Environment()
    environment.call_at(10, seen.append, "ten")
    environment.call_at(11, seen.append, "eleven")
    environment.run(until=10)
    assert (seen, environment.now) == ([], 10)
    environment.run_until(10)
    assert (seen, environment.now) == (["ten"], 10)
    environment.run_until(20)
    assert (seen, environment.now) == (["ten", "eleven"], 20)


def test_run_until_takes_along_what_is_put_in_for_its_time_meanwhile() -> None:
    environment = Environment()
    seen: list[int] = []

    def again(count: int) -> None:
        seen.append(count)
        if count:
            environment.call_after(0, again, count - 1)

    environment.call_at(7, again, 3)
    environment.run_until(7)
    assert seen == [3, 2, 1, 0]


def test_run_until_moves_the_clock_of_an_empty_environment() -> None:
    environment = Environment()
    environment.run_until(5)
    assert (environment.now, environment.peek()) == (5, float("inf"))


def test_the_past_is_refused() -> None:
    environment = Environment(initial_time=10)
    with pytest.raises(ValueError, match="before the current simulation time"):
        environment.call_at(9, print, None)
    with pytest.raises(ValueError, match="Negative delay"):
        environment.call_after(-1, print, None)
    with pytest.raises(ValueError, match="before the current simulation time"):
        environment.run_until(9)
    with pytest.raises(ValueError, match="must be greater than the current simulation time"):
        environment.run(until=10)


def test_run_is_simpys_over_call_backs_as_well() -> None:
    environment = Environment()
    event = environment.event()
    call_back: Callable[[str], Any] = event.succeed
    environment.call_at(4, call_back, "value")
    environment.call_at(6, lambda _: None, None)
    assert environment.run(until=event) == "value"
    assert environment.now == 4
    assert environment.run(until=event) == "value"
    with pytest.raises(RuntimeError, match='"until" event was not triggered'):
        environment.run(until=environment.event())
    assert environment.now == 6
    assert environment.run() is None


def test_a_call_back_may_stop_a_run() -> None:
    environment = Environment()

    def stop(value: str) -> None:
        raise StopSimulation(value)

    environment.call_at(1, stop, "stopped")
    environment.call_at(2, lambda _: None, None)
    assert environment.run() == "stopped"
    assert environment.peek() == 2


def test_step_takes_one_entry_of_any_sort_and_refuses_an_empty_environment() -> None:
    environment = Environment()
    seen: list[str] = []
    step = environment.step  # kept across entries of every sort, as a debugger would
    lane = Lanes(environment).lane(3)
    lane.arm(seen.append, "timer 1")
    environment.call_at(3, seen.append, "call-back")
    environment.timeout(3).callbacks.append(lambda _: seen.append("event"))
    lane.arm(seen.append, "timer 2")
    for count, expected in enumerate(("timer 1", "call-back", "event", "timer 2"), start=1):
        step()
        assert (len(seen), seen[-1], environment.entries) == (count, expected, count)
    with pytest.raises(EmptySchedule):
        step()
    with pytest.raises(EmptySchedule):
        environment.step()


@pytest.mark.parametrize("drive", DRIVERS)
def test_what_a_call_back_raises_comes_out_and_the_run_can_go_on(drive: Callable[[Environment], None]) -> None:
    environment = Environment()
    seen: list[str] = []

    def fail(what: str) -> None:
        raise LookupError(what)

    lane = Lanes(environment).lane(2)
    lane.arm(fail, "in a lane")
    environment.call_at(2, fail, "in the queue")
    lane.arm(seen.append, "timer")
    environment.call_at(9, seen.append, "call-back")
    for what in ("in a lane", "in the queue"):
        with pytest.raises(LookupError, match=what):
            drive(environment)
        assert environment.now == 2
    drive(environment)
    assert seen == ["timer", "call-back"]
    assert environment.entries == environment.scheduled == 4


def failing_process(environment: simpy.Environment) -> Generator[Any, Any, None]:
    """Fail after a while."""
    yield environment.timeout(1)
    raise KeyError("foo")


def test_a_failing_event_leaves_the_same_frames_as_stock_simpy() -> None:
    def frames(environment: simpy.Environment) -> list[tuple[str, str]]:
        environment.process(failing_process(environment))
        with pytest.raises(KeyError) as caught:
            environment.run()
        assert isinstance(caught.value.__cause__, KeyError)
        return [(frame.filename, frame.name) for frame in traceback.extract_tb(caught.value.__traceback__)]

    assert frames(Environment()) == frames(simpy.Environment())


def test_a_failing_event_fails_the_hot_loop_unless_defused() -> None:
    environment = Environment()
    environment.process(failing_process(environment))
    with pytest.raises(KeyError, match="foo") as caught:
        environment.run_until(10)
    assert isinstance(caught.value.__cause__, KeyError)
    assert environment.now == 1

    def defuse(event: Any) -> None:
        event.defused = True

    environment.process(failing_process(environment)).callbacks.append(defuse)
    environment.run_until(10)
    assert environment.now == 10


def test_a_subclass_with_a_step_of_its_own_is_run_through_it() -> None:
    class Counting(Environment):
        steps = 0

        def step(self) -> None:
            self.steps += 1
            super().step()

    class Stock(Environment):
        steps = 0

        def step(self) -> None:
            self.steps += 1
            Environment.step(self)

    for kind in (Counting, Stock):
        environment = kind()
        environment.call_at(1, lambda _: None, None)
        environment.timeout(2)
        environment.run()
        assert environment.steps == 3  # the last one finds nothing


def test_peek_sees_call_backs() -> None:
    environment = Environment()
    assert environment.peek() == float("inf")
    environment.timeout(8)
    environment.call_at(6, lambda _: None, None)
    assert environment.peek() == 6
    Lanes(environment).lane(4).arm(lambda _: None, None)
    assert environment.peek() == 4


def test_entries_are_counted_over_queue_and_lanes_without_taking_numbers() -> None:
    environment = Environment()
    lane = Lanes(environment).lane(10)
    inside: list[int] = []
    for _ in range(5):
        lane.arm(lambda _: None, None)
    environment.call_at(3, lambda _: inside.append(environment.entries), None)
    environment.timeout(20)
    assert (environment.scheduled, environment.waiting, environment.entries) == (7, 7, 0)
    environment.run_until(9)
    assert inside == [1]
    assert (environment.scheduled, environment.waiting, environment.entries) == (7, 6, 1)
    environment.run_until(10)
    assert (environment.scheduled, environment.waiting, environment.entries) == (7, 1, 6)
    environment.run()
    assert (environment.scheduled, environment.waiting, environment.entries) == (7, 0, 7)


def test_times_may_be_floats() -> None:
    environment = Environment(initial_time=0.5)
    seen: list[float] = []
    environment.call_after(0.25, lambda _: seen.append(environment.now), None)
    environment.call_at(1.5, lambda _: seen.append(environment.now), None)
    environment.run_until(1.75)
    assert (seen, environment.now) == ([0.75, 1.5], 1.75)
