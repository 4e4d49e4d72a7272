"""The catalogue of points against the points that runs really meet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import pytest

from sim.faults.schedule import Fault
from sim.runner import run
from sim.scenario.media import Media
from sim.scenario.model import Operation, Protocol, Reading, Scenario, Workload
from sim.vocabulary.points import CATALOGUE

SECOND = 1_000_000

NOT_MET: dict[str, str] = {}
"""Points of the catalogue that these runs do not meet, and why."""


class Play(NamedTuple):
    """One small run."""

    scenario: str | Scenario
    seed: int = 1
    faults: tuple[Fault, ...] | None = None


def plays() -> tuple[Play, ...]:
    """Some dozen small runs; first those that meet most in the shortest time."""
    return (
        Play(pictures_that_expire()),
        *(Play("mutants_groups", seed, devices_come_and_go()) for seed in (2, 1, 3)),
        *(Play("swarm", seed) for seed in (10, 16)),
        *(Play("mutants_pause", seed) for seed in (2, 1, 3, 4)),
        Play("mutants", 1, DEPLOY),
        *(Play("media", seed) for seed in (2, 1, 3)),
        *(Play("mutants_queue", seed) for seed in (2, 1, 3, 4)),
        *(Play("mutants", seed) for seed in range(1, 5)),
        Play("mutants_sealed"),
        *(Play("mutants_reads", seed) for seed in range(1, 3)),
        Play("mutants_storm"),
        *(Play("swarm", seed, reinstalls(seed)) for seed in range(1, 4)),
        *(Play("swarm", seed) for seed in range(1, 21) if seed not in (10, 16)),
    )


def points_of(chosen: Iterable[Play], *, until_all_are_met: bool = False) -> Counter[str]:
    """Point to how often it was met in these runs."""
    counts: Counter[str] = Counter()
    for scenario, seed, faults in chosen:
        counts.update(run(scenario, seed, coverage=True, faults=faults).points_met)
        if until_all_are_met and set(CATALOGUE) - set(NOT_MET) <= set(counts):
            break
    return counts


@pytest.fixture(scope="module")
def met() -> Counter[str]:
    """What is met by as many of these runs as it takes to meet everything."""
    return points_of(plays(), until_all_are_met=True)


def pictures_that_expire() -> Scenario:
    """A picture is asked for when its life is over, and sent on later still."""
    steps = (
        Operation(1 * SECOND, 0, 1, media_bytes=1000),
        Operation(30 * SECOND, 1, 0, opens=True),
        Operation(31 * SECOND, 0, 2, forwards=0),
    )
    workload = Workload(kind="script", users=3, operations=steps, reading=Reading(share=0.0))
    protocol = Protocol(blob_life_us=10 * SECOND, blob_fresh_us=5 * SECOND)
    return Scenario(workload=workload, protocol=protocol, media=Media(open_share=1.0))


def reinstalls(seed: int) -> tuple[Fault, ...]:
    """Two people install the app anew, one of them while an inbox shard is gone."""
    return (
        Fault("reinstalled", at_us=20 * SECOND, target="phone 0"),
        Fault("crash", at_us=(38 + seed) * SECOND, for_us=3 * SECOND, target="inbox 0"),
        Fault("reinstalled", at_us=40 * SECOND, target="phone 1"),
    )


DEPLOY = (Fault("rolling_deploy", at_us=30 * SECOND, amount_us=5 * SECOND, target="connection_servers"),)
"""Every connection server restarts, and says so before."""


def devices_come_and_go() -> tuple[Fault, ...]:
    """Two people link a device, and take one off again."""
    return tuple(
        Fault(kind, at_us=at_us * SECOND, target=f"phone {user}")
        for user in (0, 1)
        for kind, at_us in (("linked", 10 + user), ("unlinked", 30 + user))
    )


def test_nothing_is_met_that_the_catalogue_does_not_name(met: Counter[str]) -> None:
    assert set(met) <= set(CATALOGUE)


def test_what_is_not_met_is_known_and_has_a_reason(met: Counter[str]) -> None:
    assert set(CATALOGUE) - set(met) == set(NOT_MET)


def test_every_catalogue_name_stands_once_and_has_both_sides() -> None:
    assert len(CATALOGUE) == len(set(CATALOGUE))
    effects = {name.split(" ", 1)[1] for name in CATALOGUE}
    assert {f"{side} {effect}" for side in ("before", "after") for effect in effects} == set(CATALOGUE)


def test_no_effect_is_completed_more_often_than_begun(met: Counter[str]) -> None:
    """A crash, a refusing disk or a lost leader comes between; nothing comes after that did not come before."""
    assert completed_too_often(met) == []


def completed_too_often(counts: Counter[str]) -> list[str]:
    effects = [name.removeprefix("after ") for name in counts if name.startswith("after ")]
    return [effect for effect in effects if counts[f"after {effect}"] > counts[f"before {effect}"]]


@pytest.mark.long
def test_nor_in_any_other_of_these_runs() -> None:
    """The fast tests stop when every point was met; here all runs are played."""
    counts = points_of(plays())
    assert set(CATALOGUE) - set(NOT_MET) == set(counts)
    assert completed_too_often(counts) == []


def test_coverage_changes_no_history() -> None:
    assert run("mutants", 3, coverage=True).digest == run("mutants", 3).digest
