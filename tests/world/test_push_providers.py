"""Push as it is in the world: the published limits and delays, what a provider keeps, and V23."""

from __future__ import annotations

import pytest

from sim import run
from sim.runner import Result, Run
from sim.scenario.loading import load_text
from sim.vocabulary import kinds
from sim.vocabulary.pushes import NudgeFate, Push
from sim.world.dice import Dice
from sim.world.installations import reinstall
from sim.world.push import Provider, PushService, push_delay_us

SECOND = 1_000_000
HEAD = "schema: doubletick/1\nprotocol: {nudge_after: 2s, nudge_batch: 200ms}\n"


def fates(result: Result, fate: int) -> list[int]:
    """When nudges met this fate."""
    assert result.history is not None
    return [row[0] for row in result.history if row[1] == kinds.NUDGE_FATE and row[6] == fate]


# -- the published limits -------------------------------------------------------------------------------------------


def service(text: str = "") -> PushService:
    """The push of a world in which nothing happens yet."""
    push = Run(load_text(HEAD + text, "push.yaml"), 1, None, False, None, None, True, False).world.push
    assert push is not None
    return push


def taken(provider: Provider, device: int, times: int, at_us: int = 0) -> int:
    """How many of so many pushes at this time the provider takes."""
    provider.world.environment.run_until(at_us)
    return sum(not provider.is_over_the_limit(device) for _ in range(times))


def test_provider_1_takes_240_a_minute_for_one_device() -> None:
    """Published: 240 a minute per device (FCM). Exact, by the minute of the clock."""
    provider = service().providers[1]
    assert taken(provider, 0, 300) == 240
    assert taken(provider, 1024, 300) == 240, "another device has a limit of its own"
    assert taken(provider, 0, 300, at_us=60 * SECOND) == 240


def test_provider_1_takes_5000_an_hour_for_one_device() -> None:
    """Published: 5,000 an hour per device (FCM). Exact, by the hour of the clock."""
    provider = service().providers[1]
    assert sum(taken(provider, 0, 240, at_us=minute * 60 * SECOND) for minute in range(60)) == 5_000
    assert taken(provider, 0, 240, at_us=3600 * SECOND) == 240


def test_provider_0_sets_no_such_limit() -> None:
    assert taken(service().providers[0], 0, 10_000) == 10_000


@pytest.mark.parametrize("place", [0, 1])
def test_one_push_is_kept_for_a_handset_that_cannot_be_reached(place: int) -> None:
    """Published: one kept per app and device (APNs): the newest of five, which comes when the handset is back."""
    push = service(f"push: {{first_provider_share: {1 - place}}}\n")
    provider, phone = push.providers[place], push.world.phone(0)
    phone.lose_network()
    for number in range(5):
        provider.arrive(Push(0, number))
    assert provider.kept == {0: Push(0, 4)} and push.world.tally == {"nudges_collapsed": 4}
    phone.regain_network()
    assert provider.kept == {}


# -- how long a push takes ------------------------------------------------------------------------------------------


def times(median_us: int, sigma: float, count: int = 400_000) -> list[int]:
    dice = Dice(7)
    return [push_delay_us(median_us, sigma, dice.bits("push", number)) for number in range(count)]


def test_pushes_over_cellular_take_as_long_as_was_measured() -> None:
    """A study of 2013: under 4 s on average over cellular, and 0.03 % over 100 s. Tolerance: a third of that share."""
    push = service().world.scenario.push
    drawn = times(push.cellular_delay_us, push.cellular_sigma)
    assert 2.5 < sum(drawn) / len(drawn) / SECOND < 4
    assert sum(time > 100 * SECOND for time in drawn) / len(drawn) == pytest.approx(0.0003, abs=0.0001)


def test_pushes_over_wi_fi_take_under_a_second_on_average() -> None:
    push = service().world.scenario.push
    drawn = times(push.wifi_delay_us, push.wifi_sigma, 50_000)
    assert 0.5 < sum(drawn) / len(drawn) / SECOND < 1


# -- V23 ------------------------------------------------------------------------------------------------------------

FIVE = (
    HEAD
    + """
time: {chaos: 2m}
topology: {connection_servers: 2, store_shards: 1, inbox_shards: 1}
push: {wakes: 1, never_wakes: 0}
workload:
  kind: script
  users: 2
  operations:
    - {at: 20s, sender: 0, recipient: 1, text: one}
    - {at: 24s, sender: 0, recipient: 1, text: two}
    - {at: 28s, sender: 0, recipient: 1, text: three}
    - {at: 32s, sender: 0, recipient: 1, text: four}
    - {at: 36s, sender: 0, recipient: 1, text: five}
    # Nothing happens until here, but that faults end.
    - {at: 115s, sender: 0, recipient: 1, opens: true}
faults:
  - {kind: offline, at: 10s, for: 50s, target: phone 1}
"""
)


@pytest.mark.parametrize("share", [0, 1], ids=["provider 1", "provider 0"])
def test_v23_five_messages_to_an_offline_phone_are_one_nudge_and_five_messages(share: int) -> None:
    """V23: inputs: five messages to an offline phone, one push kept per app; outcome: one nudge, five messages after
    the drain. Pass or fail."""
    text = FIVE.replace("push: {", f"push: {{first_provider_share: {share}, ")
    result = run(load_text(text, "v23.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, result.missed()
    came = [*fates(result, NudgeFate.SYNCED), *fates(result, NudgeFate.WOKEN)]
    assert len(came) == 1 and came[0] > 60 * SECOND
    assert len(fates(result, NudgeFate.COLLAPSED)) == 4
    assert result.metrics()["nudges_asked"] == 5 and result.counts["shown"] == 5


def test_v23_a_lost_nudge_loses_no_message() -> None:
    """V23: outcome: without any nudge, the five messages are there after the drain. Pass or fail."""
    text = FIVE + "  - {kind: push_drop, at: 0s, for: 2m, target: push_providers, probability: 100%}\n"
    result = run(load_text(text, "v23.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, result.missed()
    assert len(fates(result, NudgeFate.DROPPED)) == 5
    assert not fates(result, NudgeFate.SYNCED) and not fates(result, NudgeFate.WOKEN)
    assert result.counts["shown"] == 5


# -- phones that wake -----------------------------------------------------------------------------------------------

ASLEEP = FIVE.replace("kind: offline", "kind: doze").replace("for: 50s", "for: 100s")


def shown_at(result: Result) -> list[int]:
    assert result.history is not None
    return [row[0] for row in result.history if row[1] == kinds.SHOWN and row[6] == 0]


def test_a_nudge_wakes_a_phone_that_dozes() -> None:
    """PHONE-9: it wakes, connects and has the first message seconds after it was written."""
    woken = run(load_text(ASLEEP, "doze.yaml"), 1, keep_history=True)
    assert woken.outcome() == 0, woken.missed()
    assert len(fates(woken, NudgeFate.WOKEN)) == 1 and shown_at(woken)[0] < 60 * SECOND


@pytest.mark.parametrize("setting", ["wakes: 0, never_wakes: 0", "wakes: 1, never_wakes: 1"])
def test_a_phone_that_does_not_wake_gets_its_messages_later(setting: str) -> None:
    text = ASLEEP.replace("wakes: 1, never_wakes: 0", setting)
    asleep = run(load_text(text, "doze.yaml"), 1, keep_history=True)
    assert asleep.outcome() == 0, asleep.missed()
    assert fates(asleep, NudgeFate.NOT_WOKEN) and not fates(asleep, NudgeFate.WOKEN)
    assert len(shown_at(asleep)) == 5 and shown_at(asleep)[0] >= 110 * SECOND


# -- faults ---------------------------------------------------------------------------------------------------------


def test_an_outage_of_a_provider_delays_nudges_and_loses_none() -> None:
    text = ASLEEP.replace("push: {", "push: {first_provider_share: 1, ")
    text += "  - {kind: push_outage, at: 15s, for: 40s, target: push_provider 0}\n"
    result = run(load_text(text, "outage.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, result.missed()
    assert fates(result, NudgeFate.REFUSED) and result.reached["push provider down"]
    assert 55 * SECOND < fates(result, NudgeFate.WOKEN)[0] < 110 * SECOND
    assert result.reached["nudge collapsed"] == 4


def test_pushes_can_be_late_and_throttled() -> None:
    faults = (
        "  - {kind: push_delay, at: 15s, for: 60s, target: push_providers, by: 30s}\n"
        "  - {kind: push_throttle, at: 15s, for: 60s, target: push_providers, factor: 1000}\n"
    )
    result = run(load_text(ASLEEP + faults, "late.yaml"), 1, keep_history=True)
    assert result.outcome() == 0, result.missed()
    assert fates(result, NudgeFate.WOKEN)[0] - fates(result, NudgeFate.SENT)[0] >= 30 * SECOND
    assert fates(result, NudgeFate.THROTTLED) and result.reached["nudge throttled"]


def test_a_nudge_for_a_reinstalled_phone_finds_nobody() -> None:
    push = service()
    reinstall(push.world, push.world.phone(0))
    push.providers[0].arrive(Push(0, 1))
    assert push.world.tally == {"nudges_no_device": 1}
