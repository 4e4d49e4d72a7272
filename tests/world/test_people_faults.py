"""Many at once: everybody comes back, everybody comes, and phones that sleep."""

from __future__ import annotations

from collections import Counter

import pytest

from sim import run
from sim.runner import Result
from sim.scenario.loading import load_text
from sim.vocabulary import kinds
from sim.vocabulary.ids import INSTALLATIONS_PER_USER

SECOND = 1_000_000
BASE = """
schema: doubletick/1
time: {{chaos: {chaos}}}
workload: {{users: 40, messages: 60{workload}}}
faults: [{faults}]
"""


def played(faults: str, workload: str = "", chaos: str = "6m", seed: int = 1) -> Result:
    text = BASE.format(faults=faults, workload=workload, chaos=chaos)
    result = run(load_text(text, "people.yaml"), seed, keep_history=True)
    assert result.outcome() == 0, [verdict.story for verdict in result.verdicts if verdict.outcome == "invalid"]
    return result


def per_second(result: Result, kind: int) -> Counter[int]:
    assert result.history is not None
    return Counter(row[0] // SECOND for row in result.history.of_kinds(kind))


def test_a_storm_brings_all_of_them_back_in_the_same_moment() -> None:
    """PHONE-6: they have not failed, so nothing spreads them; that is what admission control is for (CONN-9)."""
    result = played("{kind: reconnect_storm, at: 1m, target: phones, by: 5s}")
    assert per_second(result, kinds.DISCONNECTED)[60] == 40, "the servers are told at once"
    assert per_second(result, kinds.CONNECTED)[65] == 40
    assert result.injected[0].touched == 40


def test_a_storm_that_heal_overtakes_is_over_at_heal() -> None:
    result = played("{kind: reconnect_storm, at: 350s, target: phones 50%, by: 300s}")
    assert sum(per_second(result, kinds.CONNECTED)[second] for second in range(361, 364)) >= 10


def test_rush_hour_brings_people_whose_phones_nobody_had_seen() -> None:
    daily = ", visits: {kind: daily, per_day: 1}"
    calm = played("{kind: registry_wipe, at: 1m}", daily)
    rush = played("{kind: rush_hour, at: 1m, for: 3m, target: phones, by: 20s}", daily)
    came = per_second(rush, kinds.CONNECTED)
    assert sum(came[second] for second in range(60, 81)) > 30 > sum(per_second(calm, kinds.CONNECTED).values()) / 3
    assert max(came[second] for second in range(60, 81)) < 12, "over twenty seconds, not at once"
    left = per_second(rush, kinds.PHONE_DOWN)
    assert sum(left[second] for second in range(239, 242)) > 25, "and they leave when it is over"


def test_rush_hour_of_a_share_is_a_share_of_all_people() -> None:
    result = played("{kind: rush_hour, at: 1m, for: 3m, target: phones 50%}", ", visits: {kind: daily, per_day: 1}")
    assert 8 <= result.injected[0].touched <= 30


@pytest.mark.parametrize("seed", [1, 2])
def test_a_phone_that_dozes_is_there_for_ten_seconds_at_a_time(seed: int) -> None:
    result = played("{kind: doze, at: 1m, for: 4m, target: phone 3, by: 1m}", seed=seed)
    assert result.history is not None
    turns = [
        (row[0] // SECOND, row[1] == kinds.PHONE_UP)
        for row in result.history.of_kinds(kinds.PHONE_UP, kinds.PHONE_DOWN)
        if row[2] == 3 * 1024 and row[0] >= 60 * SECOND
    ]
    ends = [(60, False), (120, True), (130, False), (190, True), (200, False), (260, True), (270, False), (300, True)]
    assert turns[:8] == ends


def test_battery_dead_takes_app_and_network_together() -> None:
    result = played("{kind: battery_dead, at: 1m, for: 30s, target: phone 3}")
    assert result.history is not None
    cleared = [row[0] for row in result.history.of_kinds(kinds.SCREEN_CLEARED) if row[2] == 3 * 1024]
    assert cleared == [60 * SECOND]
    drawn = [row[0] for row in result.history.of_kinds(kinds.SCREEN_DRAWN) if row[2] == 3 * 1024]
    assert drawn == [90 * SECOND]


CHANNEL = ", channels: {number: 1, share: 50%, readers: 100%, every: 30m, every_sigma: 0, open: 20s}"
DATA_SERVICE = "}\ntopology: {data_services: 1"
"""Ends the section of the workload, for channels are read through a data service."""


def opened(result: Result) -> int:
    """How many open the channel within the ten seconds from the rush on."""
    return sum(per_second(result, kinds.CHANNEL_ON_SCREEN)[second] for second in range(60, 70))


def test_everyone_opens_the_hot_channel() -> None:
    rush = played("{kind: channel_rush, at: 1m, target: phones, by: 5s}", CHANNEL + DATA_SERVICE)
    calm = played("{kind: registry_wipe, at: 1m}", CHANNEL + DATA_SERVICE)
    assert rush.injected[0].touched == 40
    assert opened(rush) >= 40 > 4 * opened(calm)


def test_a_channel_rush_of_a_share_brings_a_share_of_the_people() -> None:
    rush = played("{kind: channel_rush, at: 1m, target: phones 50%}", CHANNEL + DATA_SERVICE)
    assert 10 < rush.injected[0].touched < 30


def test_a_channel_rush_without_channels_touches_nothing() -> None:
    text = BASE.format(faults="{kind: channel_rush, at: 1m, target: phones}", workload="", chaos="2m")
    assert run(load_text(text, "people.yaml")).outcome() == 4


def test_a_linked_device_is_hit_by_name_and_its_phone_is_not() -> None:
    """A second device in another state (DESIGN 3): one of a person's devices is away, the others are not."""
    linked = ", linked_share: 1, linked_most: 1"
    result = played("{kind: offline, at: 1m, for: 2m, target: phone 3/1}", linked)
    assert result.history is not None
    down = {row[2] for row in result.history.of_kinds(kinds.PHONE_DOWN) if 60 <= row[0] // SECOND < 180}
    assert down == {3 * INSTALLATIONS_PER_USER + 1}


def test_a_linked_device_that_is_not_there_touches_nothing() -> None:
    text = BASE.format(faults="{kind: offline, at: 1m, for: 1m, target: phone 3/2}", workload="", chaos="2m")
    assert run(load_text(text, "people.yaml")).outcome() == 4
