"""Paths that are forgotten when idle: when, what keeps them open, what it costs; heartbeats played and computed."""

from __future__ import annotations

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load_text
from sim.vocabulary import kinds

SECOND = 1_000_000
BASE = """
schema: doubletick/1
time: {{chaos: 6m}}
workload: {{users: 6, messages: {messages}}}
network: {{phone_sigma: 0, {network}}}
protocol: {{heartbeat: {heartbeat}, answer_within: 3s, server_patience: {patience}, lease: {patience}}}
faults: [{faults}]
"""
NAT = "{kind: nat_time_out, at: 20s, for: 4m, target: phones, by: 20s}"
NAT_OF_SOME = "{kind: nat_time_out, at: 20s, for: 3m, target: phones 50%, by: 2s}"
BALANCER = "{kind: balancer_time_out, at: 20s, target: phones, by: 30s}"
BOTH = f"{NAT}, {BALANCER}, {{kind: half_open, at: 90s, target: phone 1}}"
CUT = f"{NAT}, {{kind: partition, at: 60s, for: 50s, target: phones, peer: connection_servers}}"
MOVES = "{kind: address_change, at: 90s, target: phones}, {kind: address_change, at: 91s, target: phone 2}"


def played(
    faults: str = "",
    heartbeat: str = "40s",
    patience: str = "90s",
    seed: int = 1,
    network: str = "silent_connections: 30%",
    messages: int = 60,
    explicit: bool = False,
) -> Result:
    text = BASE.format(faults=faults, heartbeat=heartbeat, patience=patience, network=network, messages=messages)
    return run(load_text(text, "idle.yaml"), seed, play_heartbeats=explicit, keep_history=True)


def forgotten(result: Result) -> list[tuple[int, int]]:
    """(time, device) of the paths that were forgotten."""
    assert result.history is not None
    return [(row[0], row[2]) for row in result.history.of_kinds(kinds.PATH_FORGOTTEN)]


@pytest.mark.parametrize(("heartbeat", "patience"), [("5s", "8s"), ("40s", "90s"), ("90s", "140s")])
@pytest.mark.parametrize("faults", [NAT, NAT_OF_SOME, BALANCER, BOTH, CUT, MOVES])
def test_played_and_computed_heartbeats_keep_the_same_paths_open(faults: str, heartbeat: str, patience: str) -> None:
    for seed in (1, 2):
        computed, explicit = (played(faults, heartbeat, patience, seed, explicit=each) for each in (False, True))
        assert computed.digest == explicit.digest
        assert [verdict for verdict in computed.verdicts if verdict.outcome == "invalid"] == []


@pytest.mark.parametrize(("heartbeat", "forgets"), [("19s", False), ("20s", False), ("21s", True), ("60s", True)])
def test_a_heartbeat_that_comes_in_time_keeps_the_path_open(heartbeat: str, forgets: bool) -> None:
    """PHONE-7: what decides is whether it comes before the box forgets."""
    result = played(NAT, heartbeat, patience="90s", messages=6)
    assert bool(forgotten(result)) == forgets
    assert result.injected[0].touched == len(forgotten(result)) == result.metrics()["idle_time_outs"]


def test_a_path_is_forgotten_exactly_so_long_after_the_last_traffic() -> None:
    """Phones connect in the first two seconds and write nothing: the answer to the heartbeat of 40 s is the first."""
    result = played(network="silent_connections: 0, idle_time_out: 25s", messages=1)
    assert result.history is not None
    connected = {row[2]: row[0] for row in reversed(list(result.history.of_kinds(kinds.CONNECTED)))}
    silent = {row[2] for row in result.history.of_kinds(kinds.COMPOSED, kinds.SHOWN)}
    first = {device: us for us, device in reversed(forgotten(result)) if device not in silent}
    assert len(first) == 4
    for device, us in first.items():
        # Hello, claim, drain and answer take some 35 ms; from that moment on it is quiet.
        assert 25 * SECOND <= us - connected[device] <= 25 * SECOND + 60_000


def test_a_path_that_heartbeats_keep_open_costs_nothing() -> None:
    calm = played(heartbeat="10s", patience="30s")
    kept = played(heartbeat="10s", patience="30s", network="silent_connections: 30%, idle_time_out: 11s")
    assert kept.digest == calm.digest
    assert kept.counts["entries"] == calm.counts["entries"]


def test_a_reset_tells_both_ends_and_silence_neither() -> None:
    silent = played(NAT, messages=30)
    told = played(NAT.replace("nat", "balancer"), messages=30)
    assert silent.metrics()["delivery_longest_s"] > 3.0, "until somebody notices"
    assert told.metrics()["delivery_longest_s"] < 3.0
    assert told.metrics()["reconnect_p99_s"] < 1.0


def test_what_is_under_way_keeps_the_path_open_too() -> None:
    """A chat in which somebody writes every few seconds outlives any number of idle limits."""
    operations = "".join(f"{{at: {at}s, sender: {at % 2}, recipient: {1 - at % 2}, text: x}}, " for at in range(5, 115))
    text = (
        "schema: doubletick/1\ntime: {chaos: 2m}\nnetwork: {idle_time_out: 4s}\n"
        "protocol: {heartbeat: 200s, server_patience: 300s, lease: 300s}\n"
        f"workload: {{kind: script, users: 2, reading: {{share: 0}}, operations: [{operations}]}}\n"
    )
    result = run(load_text(text, "busy.yaml"), 1, keep_history=True)
    assert result.outcome() == 0
    assert result.counts["composed"] == 110
    assert all(us < 5 * SECOND or us > 115 * SECOND for us, _ in forgotten(result))


def test_from_heal_on_nothing_is_forgotten() -> None:
    result = played(network="silent_connections: 0, idle_time_out: 10s", messages=20)
    assert max(forgotten(result))[0] <= 361 * SECOND
    assert result.outcome() == 0


def test_an_address_change_kills_the_path_and_the_phone_is_back_at_once() -> None:
    """The server learns of it from the new hello (REG-2), long before its own patience ends (CONN-7)."""
    result = played("{kind: address_change, at: 90s, target: phones}", heartbeat="60s", patience="200s")
    assert result.history is not None
    assert result.injected[0].touched == 6
    rows = result.history.of_kinds(kinds.CONNECTED)
    anew = [row[0] for row in rows if 90 * SECOND <= row[0] < 300 * SECOND]
    assert len(anew) == 6 and max(anew) < 91 * SECOND
    assert result.metrics()["delivery_longest_s"] < 10.0
