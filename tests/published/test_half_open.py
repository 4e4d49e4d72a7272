"""V20: a connection dies in silence; who notices, when, and what becomes of what was sent into it.

Inputs: keep-alive K with a server's patience of 1.5 K (MQTT 3.1.1, 3.1.2.10), and a phone that sends a keep-alive every
31 s and gives up 45 s after the last that was answered (Signal). The connection dies at many moments of the cycle.
Outcome: the server notices exactly 1.5 K after the last keep-alive that it heard, the phone exactly 45 s after the last
that was answered; what was sent into the dead connection, either way, is seen once, after the reconnect.
Tolerance: exact, up to the flight of a packet.
"""

from __future__ import annotations

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load_text
from sim.vocabulary import kinds

SECOND = 1_000_000
FLIGHT_US = 100_000
"""More than any packet takes there and back here."""
LONG = "answer_within: 100s"

WORLD = """
schema: doubletick/1
time: {{chaos: 8m}}
topology: {{connection_servers: 2, store_shards: 1, inbox_shards: 1}}
network: {{phone_sigma: 0, silent_connections: 0}}
protocol: {{{timers}, lease: 10m, back_off: none, back_off_first: 1ms}}
workload:
  kind: script
  users: 2
  reading: {{share: 0}}
  operations:
    - {{at: {there}s, sender: 1, recipient: 0, text: to the dead phone}}
    - {{at: {there}s, sender: 0, recipient: 1, text: from the dead phone}}
faults:
  - {{kind: half_open, at: {at}ms, target: phone 0}}
"""


def played(timers: str, at_ms: int) -> Result:
    """The connection of person 0 dies then; a second later both write."""
    text = WORLD.format(timers=timers, at=at_ms, there=at_ms // 1000 + 1)
    result = run(load_text(text, "half_open.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, [verdict.story for verdict in result.verdicts if verdict.outcome == "invalid"]
    return result


def first_row(result: Result, kind: int, after_us: int) -> int:
    """When the first row of this kind about person 0's phone comes after a time."""
    assert result.history is not None
    return next(row[0] for row in result.history.of_kinds(kind) if row[0] > after_us and row[2] == 0)


@pytest.mark.parametrize("keep_alive_s", [20, 60])
def test_v20_a_server_notices_after_one_and_a_half_keep_alives(keep_alive_s: int) -> None:
    """MQTT. The phone is not to notice first, so it is patient here. CONN-7."""
    timers = f"heartbeat: {keep_alive_s}s, {LONG}, server_patience: {keep_alive_s * 3 // 2}s"
    keep_alive_us = keep_alive_s * SECOND
    noticed = []
    for part in range(8):
        at_ms = 100_000 + part * keep_alive_s * 1000 // 8
        noticed_us = first_row(played(timers, at_ms), kinds.DISCONNECTED, at_ms * 1000)
        noticed.append(noticed_us)
        waited_us = noticed_us - at_ms * 1000
        assert keep_alive_us // 2 - FLIGHT_US <= waited_us <= keep_alive_us * 3 // 2 + FLIGHT_US
    phases = {us % keep_alive_us for us in noticed}
    assert len(phases) == 1, "always the same time after a keep-alive"
    assert len(set(noticed)) == 2, "the last one that was heard is what counts"


def test_v20_a_phone_gives_up_45_s_after_the_last_answer() -> None:
    """Signal: 31 s and 14 s. PHONE-7."""
    timers = "heartbeat: 31s, answer_within: 14s, server_patience: 300s"
    greeted = []
    for part in range(8):
        at_ms = 100_000 + part * 31_000 // 8
        greeted_us = first_row(played(timers, at_ms), kinds.CONNECTED, at_ms * 1000)
        greeted.append(greeted_us)
        assert 14 * SECOND - FLIGHT_US <= greeted_us - at_ms * 1000 <= 45 * SECOND + FLIGHT_US
    assert max(greeted) - min(greeted) == pytest.approx(31 * SECOND, abs=FLIGHT_US), "one keep-alive apart"


@pytest.mark.parametrize("seconds", [100, 111, 122])
def test_v20_what_was_sent_into_the_dead_connection_appears_once_after_the_reconnect(seconds: int) -> None:
    """PHONE-1, CONN-10, INBOX-2: unanswered is kept, and kept is sent again."""
    result = played("heartbeat: 31s, answer_within: 14s, server_patience: 46s", seconds * 1000)
    assert result.history is not None
    back_us = first_row(result, kinds.CONNECTED, seconds * SECOND)
    shown = [(row[5], row[2], row[0] > back_us) for row in result.history.of_kinds(kinds.SHOWN)]
    assert sorted(shown) == [(0, 0, True), (1, 1024, True)]
