"""Rolling deploys in a whole world: nothing is lost, a drain is not noticed, and heal finds a deploy half done."""

from __future__ import annotations

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load_text
from sim.vocabulary import kinds

SECOND = 1_000_000
BASE = """
schema: doubletick/1
time: {{chaos: 2m}}
topology: {{connection_servers: {servers}, restart: 3s}}
network: {{silent_connections: 0}}
workload: {{users: 30, messages: 300}}
faults: [{faults}]
"""


def played(faults: str, servers: int = 3, seed: int = 1) -> Result:
    return run(load_text(BASE.format(faults=faults, servers=servers), "deploy.yaml"), seed, keep_history=True)


def downtime(result: Result) -> list[tuple[int, int, int]]:
    """(server, down from, up again) of the connection servers, in order; times in microseconds."""
    assert result.history is not None
    found, down = [], {}
    for time_us, kind, host, *_ in result.history.of_kinds(kinds.CRASHED, kinds.STARTED):
        if kind == kinds.CRASHED:
            down[host] = time_us
        elif host in down:
            found.append((host % 1_000_000, down.pop(host), time_us))
    return found


DRAINED = "{kind: rolling_deploy, at: 20s, for: 60s, by: 10s, target: connection_servers}"
ABRUPT = "{kind: rolling_deploy, at: 20s, for: 60s, target: connection_servers}"


@pytest.mark.parametrize(("faults", "drain_s"), [(DRAINED, 10), (ABRUPT, 0)])
def test_conn_8_one_server_after_another_restarts_when_it_has_drained(faults: str, drain_s: int) -> None:
    result = played(faults)
    begins = [(20 + 20 * turn + drain_s) * SECOND for turn in range(3)]
    assert downtime(result) == [(server, at, at + 3 * SECOND) for server, at in enumerate(begins)]
    assert result.outcome() == 0 and result.injected[0].touched == 3


def test_conn_8_a_drain_leaves_nobody_behind_and_nobody_waits_for_a_timer() -> None:
    for seed in (1, 2, 3):
        result = played(DRAINED, seed=seed)
        found = result.metrics()
        assert found["handed_over"] == found["reconnects"] > 20
        assert found["reconnect_longest_s"] < 1.0
        assert found["delivery_longest_s"] < 3.0, "less than any resend"
        assert result.outcome() == 0


def test_conn_8_without_a_drain_they_lose_their_connections_and_nothing_else() -> None:
    found = played(ABRUPT)
    assert "handed over before a restart" not in found.reached and found.reached["resumed on another server"] > 20
    assert found.outcome() == 0


def test_conn_8_a_deploy_without_a_length_takes_what_it_needs() -> None:
    """A drain, a restart and a second for each server."""
    result = played("{kind: rolling_deploy, at: 20s, by: 10s, target: connection_servers}")
    assert [begins for _, begins, _ in downtime(result)] == [(30 + 14 * turn) * SECOND for turn in range(3)]


def test_conn_8_the_only_server_drains_and_its_phones_wait_for_it() -> None:
    """There is no elsewhere: phones that are turned away back off, and are back soon after the restart."""
    result = played("{kind: rolling_deploy, at: 20s, by: 10s, target: connection_server 0}", servers=1)
    assert downtime(result) == [(0, 30 * SECOND, 33 * SECOND)]
    assert result.outcome() == 0


def test_conn_8_heal_calls_a_deploy_off_that_is_half_done() -> None:
    """The server that drains just then takes newcomers again; those behind it keep their turn for another day."""
    result = played("{kind: rolling_deploy, at: 100s, for: 60s, by: 15s, target: connection_servers}")
    assert [server for server, _, _ in downtime(result)] == [0]
    assert result.outcome() == 0
    assert result.injected[0].touched == 2


@pytest.mark.parametrize(
    "other",
    [
        "{kind: crash, at: 25s, for: 2s, target: connection_server 0}",
        "{kind: crash, at: 25s, for: 30s, target: connection_server 0}",
        "{kind: pause, at: 19s, for: 15s, target: connection_server 0}",
        "{kind: registry_wipe, at: 25s}",
        "{kind: half_open, at: 24s, target: connection_server 0}",
        "{kind: rolling_deploy, at: 23s, by: 4s, target: connection_servers}",
        "{kind: fail_over, at: 22s, target: inbox 0}, {kind: fail_over, at: 24s, target: store 0}",
    ],
)
def test_conn_8_a_drain_survives_what_else_happens(other: str) -> None:
    for seed in (1, 2):
        result = played(f"{DRAINED}, {other}", seed=seed)
        assert [verdict.story for verdict in result.verdicts if verdict.outcome == "invalid"] == []
