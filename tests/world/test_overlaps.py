"""Faults that overlap, outlast the chaos, or meet an election: the world keeps them apart and the protocol survives."""

from __future__ import annotations

from typing import Any

import pytest

from sim import run
from sim.scenario.loading import load_text
from sim.world.connections import Connection
from sim.world.hosts import ServerHost

BASE = "schema: doubletick/1\ntime: {chaos: 2m}\nworkload: {users: 4, messages: 80}\nfaults:\n"


@pytest.mark.parametrize("kind", ["crash", "app_killed", "battery_dead", "offline", "flapping"])
def test_a_fault_of_a_phone_that_would_outlast_the_chaos_ends_at_heal(kind: str) -> None:
    result = run(load_text(BASE + f"  - {{kind: {kind}, at: 100s, for: 1200s, target: phone 0}}\n", "late.yaml"), 1)
    assert result.outcome() == 0, [verdict for verdict in result.verdicts if verdict.outcome == "invalid"]


@pytest.mark.parametrize("role", ["store", "inbox"])
@pytest.mark.parametrize("seed", range(1, 9))
def test_store_7_a_replica_lost_during_an_election_changes_nothing_of_what_is_decided(role: str, seed: int) -> None:
    text = (
        f"  - {{kind: stalled_disk, at: 40s, for: 10s, target: {role} 0}}\n"
        f"  - {{kind: fail_over, at: 44s, target: {role} 0}}\n"
        f"  - {{kind: replica_loss, at: 45s, for: 5s, target: {role} 0}}\n"
    )
    result = run(load_text(BASE + text, "election.yaml"), seed)
    assert not [verdict for verdict in result.verdicts if verdict.outcome == "invalid"]


def test_a_short_fault_does_not_end_a_long_one_of_the_same_disk() -> None:
    long = "  - {kind: refusing_disk, at: 20s, for: 60s, target: inbox 0, probability: 50%}\n"
    short = "  - {kind: slow_disk, at: 25s, for: 1s, target: inbox 0, factor: 3}\n"
    alone = run(load_text(BASE + long, "long.yaml"), 1).injected[0].touched
    both = run(load_text(BASE + long + short, "both.yaml"), 1).injected[0].touched
    assert both > alone / 2


@pytest.mark.parametrize("pause_s", [12, 15, 20, 30])
def test_route_1_a_registry_whose_pause_the_heal_cuts_short_is_renewed_again_when_it_wakes(pause_s: int) -> None:
    """The lease of a connection that stayed open lapsed, since nobody renewed it after the pause."""
    timers = "protocol: {heartbeat: 2s, answer_within: 2s, server_patience: 12s, lease: 20s}\nfaults:\n"
    text = BASE.replace("faults:\n", timers) + f"  - {{kind: pause, at: 110s, for: {pause_s}s, target: registry}}\n"
    result = run(load_text(text, "pause.yaml"), 1)
    assert not [verdict for verdict in result.verdicts if verdict.outcome == "invalid"]


@pytest.mark.parametrize("kind", ["partition", "one_way_partition"])
@pytest.mark.parametrize("of", ["connection_server 0"])
def test_a_stream_keeps_its_order_when_a_silence_on_it_ends(
    kind: str, of: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was held while nothing got through is not overtaken by what was sent during the silence."""
    sent: dict[int, list[int]] = {}
    came: dict[int, list[int]] = {}
    kept: list[object] = []
    send_up, deliver = Connection.send_up, ServerHost.deliver

    def sends(connection: Connection, message: object) -> None:
        kept.append(message)
        sent.setdefault(connection.number, []).append(id(message))
        send_up(connection, message)

    def delivers(host: ServerHost, arrival: tuple[Any, Any]) -> None:
        if isinstance(arrival[0], Connection):
            came.setdefault(arrival[0].number, []).append(id(arrival[1]))
        deliver(host, arrival)

    monkeypatch.setattr(Connection, "send_up", sends)
    monkeypatch.setattr(ServerHost, "deliver", delivers)
    cuts = [f"  - {{kind: {kind}, at: {at}s, for: 400ms, target: {of}}}\n" for at in range(20, 120, 2)]
    slow = "network: {phone_one_way: 200ms, phone_sigma: 0.5}\nfaults:\n"
    busy = BASE.replace("messages: 80", "messages: 600").replace("faults:\n", slow)
    assert run(load_text(busy + "".join(cuts), "cuts.yaml"), 1).outcome() == 0
    for number, messages in came.items():
        places = [sent[number].index(each) for each in messages]
        assert places == sorted(places)
