"""The shipped scenarios about connections, each as a small twin: the same model with a tenth of phones and rates (an
accept rate is scaled like the phones, so times stay what they are)."""

from __future__ import annotations

from sim import run
from sim.runner import Result
from sim.scenario.loading import load

SEED = 1
DEATH = ("workload.users=800", "workload.messages=200", "protocol.accept_rate=0.24/s")
DEPLOY = ("workload.users=200", "workload.messages=800", "protocol.accept_rate=1/s")
FAIL_OVER = ("workload.users=100", "workload.messages=800")
HEARTBEATS = ("workload.users=40", "workload.messages=400")


def played(name: str, variant: str | None, sets: tuple[str, ...]) -> Result:
    """A variant's twin; every promise holds in it."""
    result = run(load(name, variant=variant, sets=sets), SEED)
    wrong = [verdict.story for verdict in result.verdicts if verdict.outcome == "invalid"]
    assert not wrong and result.outcome() == 0, (wrong, result.missed())
    return result


def test_server_death_jitter_brings_everybody_back_in_half_the_time() -> None:
    """PHONE-6, CONN-9: 100 phones, of which the seven servers left take 1.68 a second: 60 s at the least."""
    jitter, none = (played("server_death", each, DEATH).metrics() for each in (None, "no_jitter"))
    assert 50.0 < jitter["reconnect_longest_s"] < 130.0
    assert none["reconnect_longest_s"] > 1.8 * jitter["reconnect_longest_s"]
    assert jitter["turned_away"] > 0


def test_rolling_deploy_a_drain_is_hardly_noticed() -> None:
    """CONN-8."""
    drained, abrupt = (played("rolling_deploy", each, DEPLOY).metrics() for each in (None, "abrupt"))
    assert drained["reconnect_p50_s"] < 0.2 and drained["handed_over"] >= 300
    assert abrupt["reconnect_p50_s"] > 5.0 and abrupt["handed_over"] == 0
    assert drained["delivery_p99_s"] < 1.0 < 5.0 < abrupt["delivery_p99_s"]


def test_registry_fail_over_costs_time_and_no_message() -> None:
    """REG-4: what the registry lost comes back with the next heartbeats, at most 30 s later."""
    lossy, wiped, kept = (played("registry_fail_over", each, FAIL_OVER).metrics() for each in (None, "wiped", "kept"))
    assert kept["delivery_longest_s"] < 3.0 < lossy["delivery_longest_s"] < 35.0
    assert lossy["delivery_mean_s"] < wiped["delivery_mean_s"] < 2.0
    assert wiped["leases"] - kept["leases"] > lossy["leases"] - kept["leases"] > 0


def test_heartbeat_choice_just_below_the_limit_is_enough() -> None:
    """PHONE-7: seven times the heartbeats gain nothing; a little too seldom, and messages wait for minutes."""
    below, often, seldom, reset = (
        played("heartbeat_choice", each, HEARTBEATS).metrics() for each in (None, "often", "too_seldom", "reset")
    )
    assert below["idle_time_outs"] == often["idle_time_outs"] == 0
    assert below["delivery_p99_s"] == often["delivery_p99_s"] < 1.0
    assert often["heartbeats"] > 6.5 * below["heartbeats"]
    assert seldom["idle_time_outs"] > 500 and seldom["delivery_p99_s"] > 30.0
    assert reset["idle_time_outs"] > 300 and reset["delivery_p99_s"] < 2.0
