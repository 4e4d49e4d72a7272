"""Clocks: durations by a monotonic clock that drifts and never steps; the date is for display (CLOCK-1)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from port_fakes import InboxFake, PhoneFake, RegistryFake
from recording_port import SECOND
from words import ANN, ANNS, BOBS, compose, connect

from sim.protocol.phone_state import PhoneState
from sim.scenario.model import Scenario, Topology
from sim.vocabulary.messages import Append, Claim, Hello, LookUp, Route, trace_of
from sim.world.hosts import Clock
from sim.world.roles import REFERENCE
from sim.world.world import World

DRIFTS = st.integers(-200_000, 200_000)


@given(st.lists(st.tuples(st.integers(0, 10**9), DRIFTS), max_size=20))
def test_clock_1_a_monotonic_clock_never_steps_however_its_drift_changes(changes: list[tuple[int, int]]) -> None:
    clock, now, last = Clock(), 0, 0
    for span, drift in changes:
        now += span
        reading = clock.local_us(now)
        assert reading >= last
        clock.set_drift(now, drift)
        assert abs(clock.local_us(now) - reading) <= 1
        last = clock.local_us(now)


@given(DRIFTS, st.integers(0, 10**10))
def test_clock_1_it_drifts_at_most_by_its_rate(drift: int, span: int) -> None:
    clock = Clock()
    clock.set_drift(0, drift)
    error = clock.local_us(span) - span
    assert abs(error) <= span * abs(drift) // 1_000_000 + 1
    assert abs(clock.local_us(clock.true_span_us(span)) - span) <= 2


@given(st.integers(-(10**12), 10**12))
def test_clock_1_a_wrong_date_moves_no_monotonic_clock(offset: int) -> None:
    clock = Clock()
    clock.wall_offset_us = offset
    assert clock.local_us(123) == 123 and clock.true_span_us(SECOND) == SECOND


def test_clock_1_a_timer_runs_on_the_hosts_own_clock_in_the_world() -> None:
    world = World(Scenario(topology=Topology(1, 0, 10, 1, 1, 1, 1)), 1, lambda row: None, REFERENCE)
    fired: list[int] = []
    world.registry.clock.set_drift(0, 250_000)
    world.registry.port.set_timer(SECOND, lambda _: fired.append(int(world.environment._now)), None)
    world.environment.run_until(2 * SECOND)
    assert fired == [800_000], "a clock that runs a quarter fast has counted a second by then"


def test_clock_1_a_lease_lapses_by_the_registrys_monotonic_clock() -> None:
    port = RegistryFake(lease_us=60 * SECOND)
    port.receive("server a", Claim(BOBS, 1, 1, 1, trace_of(BOBS)))
    port.now_us = 60 * SECOND
    port.receive("inbox 0", LookUp(BOBS, trace_of(BOBS)))
    assert port.sent(Route)[0].server is None


def test_clock_1_a_phones_date_is_written_on_a_message_and_decides_nothing() -> None:
    stories = []
    for wall_us in (0, -(10**15), 10**15):
        phone = PhoneFake(PhoneState(ANNS, ANN))
        phone.wall_us = wall_us
        connect(phone)
        compose(phone, 7, 8)
        phone.wall_us = 0
        compose(phone, 9)
        phone.fire_due(phone.timers.resend_us)
        stories.append((phone.story(), [each.message_id for each in phone.sent(Append)], phone.sent(Hello)))
    assert stories[0] == stories[1] == stories[2]


def test_clock_1_no_server_asks_for_the_date() -> None:
    assert not hasattr(RegistryFake(), "wall_clock_us") and not hasattr(InboxFake(), "wall_clock_us")


def test_a_clock_tells_what_it_read_before_its_drift_changed() -> None:
    """CLOCK-1: what is told of the past is told by the clock as it ran then."""
    clock = Clock()
    read = {}
    for at_us, drift_ppm in ((10_000_000, 200), (20_000_000, -500), (30_000_000, 0)):
        read.update({time: clock.local_us(time) for time in range(at_us - 10_000_000, at_us, 1_000_000)})
        clock.set_drift(at_us, drift_ppm)
    assert {time: clock.local_us(time) for time in read} == read
    assert sorted(read.values()) == list(read.values())
