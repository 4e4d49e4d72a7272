"""End-to-end encryption in whole runs: stale lists under crashes and lost answers (E2EE-2), and what it costs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import run
from sim.checkers.verdict import INVALID
from sim.results import exit_codes
from sim.scenario.loading import load

SCRIPT = """schema: doubletick/1
extends: two_phones
encryption: {kind: per_device}
time: {chaos: 40s}
protocol: {resend: 2s, heartbeat: 3s, answer_within: 2s, server_patience: 5s, lease: 6s, push_again: 1s, call_again: 1s}
workload:
  operations:
    - {at: 1s, sender: 0, recipient: 1, text: before}
    - {at: 6s, sender: 0, recipient: 1, text: refused}
    - {at: 6100ms, sender: 0, recipient: 1, text: behind it}
    - {at: 12s, sender: 1, recipient: 0, text: seen, reply_to: 1}
must_reach: [stale device list refused, encrypted anew]
faults: [{kind: linked, at: 4s, target: phone 1}, %s]
"""
AT_THE_REFUSAL = {
    "the store's leader dies before it refuses": "{kind: crash, point: before store.send.stale_list, for: 2s}",
    "the store's leader dies after it refused": "{kind: crash, point: after store.send.stale_list, for: 2s}",
    "the store fails over": "{kind: fail_over, point: before store.send.stale_list}",
    "the refusal is lost": "{kind: crash, point: before connection_server.send.stale_list, for: 2s}",
    "it is lost with the connection": "{kind: reset, point: after connection_server.send.stale_list}",
    "the app dies with the list": "{kind: app_killed, point: before phone.persist.take_device_list, for: 2s}",
    "the app dies before it seals anew": "{kind: app_killed, point: after phone.persist.take_device_list, for: 2s}",
    "the power goes while it is written": (
        "{kind: battery_dead, point: before phone.persist.take_device_list, target: phone 0, for: 2s}"
    ),
    "the answer to what was sealed anew is lost": (
        "{kind: crash, point: before connection_server.send.accepted, nth: 2, for: 2s}"
    ),
    "appended, and the leader dies": "{kind: crash, point: after store.persist.append_entry, nth: 3, for: 2s}",
}


@pytest.mark.parametrize("fault", AT_THE_REFUSAL.values(), ids=AT_THE_REFUSAL)
def test_e2ee_2_refused_and_sealed_anew_whatever_breaks(fault: str, tmp_path: Path) -> None:
    path = tmp_path / "race.yaml"
    path.write_text(SCRIPT % fault, encoding="utf-8")
    result = run(load(str(path)), 1)
    assert [each.story for each in result.verdicts if each.outcome == INVALID] == []
    assert result.outcome() == exit_codes.PASSED, result.missed()
    assert result.counts["shown"] >= result.counts["composed"] == 4


def test_e2ee_1_every_device_of_a_group_gets_an_envelope_of_its_own() -> None:
    result = run(load("mutants_encryption", sets=("workload.group_share=100%",)), 3)
    metrics = result.metrics()
    assert metrics["envelopes"] == metrics["owed"] > metrics["logged"]
    assert metrics["stale_refused"] > 0
    assert result.outcome() == exit_codes.PASSED


def test_what_is_off_costs_nothing() -> None:
    """As many entries with it as without: an envelope is no message of its own."""
    off = run("two_phones", 1)
    on = run(load("two_phones", sets=("encryption.kind=per_device",)), 1)
    assert on.counts["entries"] == off.counts["entries"]
    assert "envelopes" not in off.counts or not off.counts["envelopes"]


def test_the_race_answers_its_question() -> None:
    """Sealing for a new list costs the messages that were refused a round, and no message is lost."""
    mean, refused = {}, {}
    for variant in (None, "off", "settled"):
        result = run(load("device_list_race", variant=variant, sets=("workload.messages=500",)), 1)
        assert [each.story for each in result.verdicts if each.outcome == INVALID] == []
        assert result.outcome() == exit_codes.PASSED, result.missed()
        mean[variant], refused[variant] = result.metrics()["delivery_mean_s"], result.metrics()["stale_refused"]
    assert mean[None] > mean["off"]
    assert refused[None] > 20 and not refused["off"] and not refused["settled"]


def test_a_full_log_meets_no_storm() -> None:
    """450 messages and receipts wait for a log that takes three a second: some repeats each, not 20,000."""
    result = run("storm_against_a_full_log", 1, coverage=True)
    assert result.outcome() == exit_codes.PASSED
    assert 450 < result.points_met["before phone.send.sealed_send"] < 6_000
    assert result.points_met["before phone.send.ask_certificate"] < 1_000
