"""Presence in the world: what it costs, and that computed heartbeats tell the same as played ones (PRES-A..C)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load, load_text
from sim.scenario.model import Scenario
from sim.scenario.presence import Presence
from sim.vocabulary import kinds
from sim.vocabulary.presence import Shown
from sim.world.roles import REFERENCE
from sim.world.world import World

HOUR = 3600 * 1_000_000


@pytest.fixture(scope="module")
def storm() -> dict[str, Result]:
    """The small storm, lazily and eagerly."""
    return {
        kind: run(load("presence_storm_small", variant=variant), 1, keep_history=True)
        for kind, variant in (("lazy", None), ("eager", "eager"))
    }


def outcomes(result: Result) -> dict[str, str]:
    return {verdict.check: verdict.outcome for verdict in result.verdicts if verdict.check.startswith("PRES")}


def test_pres_b_lazy_presence_tells_a_tenth_of_eager_presence(storm: dict[str, Result]) -> None:
    lazy, eager = (storm[kind].metrics()["presence_updates"] for kind in ("lazy", "eager"))
    assert 0 < lazy <= eager / 10
    for result in storm.values():
        assert outcomes(result) == {"PRES-1": "valid", "PRES-2": "valid"}
        assert result.outcome() == 0, result.missed()


def test_fan_4_batches_carry_many_states(storm: dict[str, Result]) -> None:
    """One call to each connection server, however many of its phones are told."""
    assert storm["eager"].metrics()["presence_updates_per_batch"] > 5


def test_people_were_seen_online_and_away_and_the_settled_state_was_judged(storm: dict[str, Result]) -> None:
    shown = {row.value for row in rows(storm["lazy"], kinds.CONTACT_SHOWN)}
    assert shown == {Shown.NOTHING, Shown.ONLINE, Shown.LAST_SEEN, Shown.UNKNOWN}
    judged = {verdict.check: verdict.exercised for verdict in storm["lazy"].verdicts}
    assert judged["PRES-2"] > 30


HARSH = """
schema: doubletick/1
time: {chaos: 2m}
network: {silent_connections: 50%}
workload: {users: 8, messages: 80, partners: 4}
protocol: {heartbeat: 3s, answer_within: 2s, server_patience: 5s, lease: 6s, back_off_most: 3s}
presence: {kind: lazy, life: 15s}
faults:
  - {kind: offline, at: 60s, target: phone 1}
  - {kind: offline, at: 90s, target: phone 2}
random_faults:
  least: 5
  most: 9
  kinds: [crash, pause, partition, half_open, reset, registry_wipe, registry_fail_over, offline, clock_drift]
"""


@pytest.mark.parametrize("kind", ["lazy", "eager"])
@pytest.mark.parametrize("seed", range(1, 9))
def test_played_heartbeats_tell_the_same(kind: str, seed: int) -> None:
    scenario = load_text(HARSH, "harsh.yaml", sets=(f"presence.kind={kind}",))
    computed, played = run(scenario, seed), run(scenario, seed, play_heartbeats=True)
    assert computed.digest == played.digest
    assert outcomes(computed)["PRES-1"] == "valid" and outcomes(computed)["PRES-2"] != "invalid"


def test_off_costs_nothing() -> None:
    """Other settings of a part that is off change no row, no entry and no draw."""
    scenario = load("mutants")
    other = replace(scenario, presence=Presence("off", 7, 1, 1, 0.0))
    plain, changed = run(scenario, 3), run(other, 3)
    assert (plain.digest, plain.counts) == (changed.digest, changed.counts)
    assert not outcomes(plain)


def test_idle_phones_cost_no_event() -> None:
    """PRES-B: who has no chat open asks nothing, however long they are connected, and is online all the time."""
    world = World(Scenario(presence=Presence("lazy")), 1, lambda row: None, REFERENCE, users=5)
    for user in range(5):
        world.phone(user).update()
    world.environment.run_until(HOUR)
    before = world.environment.entries
    world.environment.run_until(24 * HOUR)
    assert world.environment.entries == before
    presence = world.registry.machines[1]
    assert all(presence.is_online(user) for user in range(5))


def rows(result: Result, kind: int) -> Iterator[kinds.Row]:
    return (row for row in map(kinds.Row._make, result.history or ()) if row.kind == kind)


def test_pres_a_a_server_crash_shows_nobody_as_away_who_is_back_in_time() -> None:
    """Whoever reconnects within a life was never away to those who look."""
    text = (
        "schema: doubletick/1\ntime: {chaos: 2m}\nworkload: {users: 6, messages: 60, partners: 3}\n"
        "presence: {kind: lazy, chat_open: 10m, chat_open_sigma: 0}\n"
        "faults: [{kind: crash, at: 40s, for: 5s, target: connection_server 0}]\n"
    )
    result = run(load_text(text, "crash.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, result.missed()
    shown = [row for row in rows(result, kinds.CONTACT_SHOWN) if 41_000_000 < row.time_us < 100_000_000]
    turned = [row for row in shown if row.value == Shown.LAST_SEEN]
    opened = {(row.time_us, row.who) for row in rows(result, kinds.CHAT_ON_SCREEN)}
    assert shown and [row for row in turned if (row.time_us, row.who) not in opened] == []
