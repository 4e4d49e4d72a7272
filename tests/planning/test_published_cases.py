"""Published cases that the planner must reproduce: each test states its inputs, its outcome and its tolerance."""

from __future__ import annotations

import pytest

from sim.planning import DayCurve, FanOut, Load, Mix, PickUp, ServerLimits, group_fan_out, size_fleet
from sim.planning import published as p
from sim.planning.fleet import fleet_of


def whatsapp(*, measured_peaks: bool = False) -> Load:
    """WhatsApp, early 2014."""
    ratio = p.PEAK_TO_TROUGH["messages"]
    return Load(
        DayCurve.of_a_day(p.MESSAGES_IN_PER_DAY.value, ratio),
        DayCurve.of_a_day(p.MESSAGES_OUT_PER_DAY.value, ratio),
        connections=p.PEAK_CONNECTIONS.value,
        logins_per_s=p.PEAK_LOGINS_PER_S.value,
        measured_peak_in_per_s=p.PEAK_IN_PER_S.value if measured_peaks else None,
        measured_peak_out_per_s=p.PEAK_OUT_PER_S.value if measured_peaks else None,
    )


def test_v1_means_and_peaks_of_the_day() -> None:
    """V1. 19 B in and 40 B out a day, peak to trough 3.1: means 219.9 K and 463.0 K a second (exact), peaks 342 K and
    712 K (within 5 %)."""
    load = whatsapp()
    assert round(load.messages_in.mean_per_s / 1e3, 1) == 219.9
    assert round(load.messages_out.mean_per_s / 1e3, 1) == 463.0
    assert load.peak_in_per_s == pytest.approx(342e3, rel=0.05)
    assert load.peak_out_per_s == pytest.approx(712e3, rel=0.05)
    assert load.fan_out == pytest.approx(2.105, abs=0.001)


def test_v2_what_each_of_150_servers_gets() -> None:
    """V2. V1 over 150 chat servers, 147 M phones: 980 K connections, 1,466 in and 3,086 out a second on average, 2,280
    and 4,747 at the measured peak, each within 1 %."""
    fleet = fleet_of(whatsapp(measured_peaks=True), 150)
    assert fleet.connections_each == pytest.approx(980e3, rel=0.01)
    assert fleet.mean_in_each_per_s == pytest.approx(1_466, rel=0.01)
    assert fleet.mean_out_each_per_s == pytest.approx(3_086, rel=0.01)
    assert fleet.peak_in_each_per_s == pytest.approx(2_280, rel=0.01)
    assert fleet.peak_out_each_per_s == pytest.approx(4_747, rel=0.01)


def test_v2_the_fleet_is_what_its_connections_ask_for() -> None:
    """Sized from the run level of 1 M phones each: 147 servers against "some 150" (within 5 %), whose processors are
    25 to 30 % busy as published for that level."""
    fleet = size_fleet(whatsapp(measured_peaks=True))
    assert fleet.servers == pytest.approx(150, rel=0.05)
    assert fleet.tightest == "connections"
    assert 0.25 <= fleet.processor_share_each <= 0.30
    assert fleet.memory_each_gb == pytest.approx(15.4, rel=0.01)


def test_v4_to_how_many_a_group_message_goes() -> None:
    """V4. 90 % direct and 10 % group messages: out over in of 2.105 needs a mean group fan-out of 12.05 (1 %)."""
    assert group_fan_out(40 / 19, 0.10) == pytest.approx(12.05, rel=0.01)


def test_v5_naive_fan_out() -> None:
    """V5. 30,000 sessions, 30 and 70 us a hand-off, one process: 0.90 and 2.10 s; at most 1.11 and 0.48 publishes a
    second (exact)."""
    fast, slow = FanOut(30_000, 20, 30), FanOut(30_000, 20, 70)
    assert (round(fast.naive_busy_s, 9), round(slow.naive_busy_s, 9)) == (0.9, 2.1)
    assert (round(fast.naive_most_per_s, 2), round(slow.naive_most_per_s, 2)) == (1.11, 0.48)


def test_v6_batched_fan_out() -> None:
    """V6. The same over N servers: the sender is busy N x 70 us, 1.4 ms at 20; 30,000 copies become N (exact)."""
    batched = FanOut(30_000, 20, 70)
    assert round(batched.batched_busy_s, 9) == 0.0014
    assert batched.copies == (30_000, 20)
    assert FanOut(5, 20, 70).copies == (5, 5), "no server without a session gets one"


def test_v8_what_a_late_flush_never_writes() -> None:
    """V8. Pick-up lognormal (60 s, 3.0), flush at 21 s: 36 to 38 % never flushed, half gone by 60 s (3 points)."""
    pick_up = PickUp(60.0, 3.0)
    assert pick_up.gone_by(p.FLUSH_DELAY_S.value) == pytest.approx(0.37, abs=0.03)
    assert pick_up.gone_by(60.0) == pytest.approx(0.50, abs=0.03)


def test_v9_the_outbound_mix() -> None:
    """V9. The outbound mix of 2014 at its peak is 44 : 9 : 47 (5 points); at the trough, by the curves of each sort,
    presence weighs more."""
    mix = Mix(
        {
            name: DayCurve.with_peak(peak, p.PEAK_TO_TROUGH[name])
            for name, peak in p.OUTBOUND_PEAK_PER_S.items()
        }
    )  # fmt: skip
    at_peak = mix.shares(mix.sorts["messages"].peak_at_s)
    for name, share in (("messages", 0.44), ("notifications", 0.09), ("presence", 0.47)):
        assert at_peak[name] == pytest.approx(share, abs=0.05)
    at_trough = mix.shares(mix.sorts["messages"].peak_at_s + 43_200)
    assert at_trough["presence"] > at_peak["presence"] + 0.05
    assert sum(at_trough.values()) == pytest.approx(1.0)


def test_v11_how_long_everybody_needs_to_come_back() -> None:
    """V11. All 147 M phones drop, 230 K logins a second: 639 s at least (exact), which is also the mean life of a
    connection."""
    assert round(whatsapp().mean_connection_s) == 639


def test_limits_and_zones() -> None:
    load = whatsapp(measured_peaks=True)
    tight = size_fleet(load, ServerLimits(messages_out_per_s=2_000))
    assert (tight.servers, tight.tightest) == (356, "messages out")
    assert size_fleet(load, ServerLimits(logins_per_s=500)).servers == 460
    survives = size_fleet(load, lost_share=1 / 3)
    assert (survives.needed, survives.servers) == (147, 221)
    assert survives.connections_each * survives.servers / (survives.servers * 2 / 3) <= 1e6
    with pytest.raises(ValueError, match="share"):
        size_fleet(load, lost_share=1.0)
