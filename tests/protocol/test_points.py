"""The catalogue of points against the points that runs really meet."""

from __future__ import annotations

import pytest

from sim.faults.schedule import Fault
from sim.runner import run
from sim.scenario.media import Media
from sim.scenario.model import Operation, Protocol, Reading, Scenario, Workload
from sim.vocabulary.points import CATALOGUE

SECOND = 1_000_000

NOT_MET: dict[str, str] = {}
"""Points of the catalogue that these runs do not meet, and why."""


@pytest.fixture(scope="module")
def met() -> dict[str, int]:
    """Point to how often it was met, over some dozen small runs."""
    counts: dict[str, int] = {}
    runs = [
        *(run("swarm", seed, coverage=True) for seed in range(1, 21)),
        *(run("mutants", seed, coverage=True) for seed in range(1, 5)),
        *(run("mutants_pause", seed, coverage=True) for seed in range(1, 5)),
        *(run("mutants_queue", seed, coverage=True) for seed in range(1, 5)),
        *(run("swarm", seed, coverage=True, faults=reinstalls(seed)) for seed in range(1, 4)),
        run("mutants_storm", 1, coverage=True),
        run("mutants", 1, coverage=True, faults=DEPLOY),
        *(run("mutants_groups", seed, coverage=True, faults=devices_come_and_go()) for seed in range(1, 4)),
        run("mutants_sealed", 1, coverage=True),
        *(run("mutants_reads", seed, coverage=True) for seed in range(1, 3)),
        *(run("media", seed, coverage=True) for seed in range(1, 4)),
        run(pictures_that_expire(), 1, coverage=True),
    ]
    for result in runs:
        for point, count in result.points_met.items():
            counts[point] = counts.get(point, 0) + count
    return counts


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


def test_nothing_is_met_that_the_catalogue_does_not_name(met: dict[str, int]) -> None:
    assert set(met) <= set(CATALOGUE)


def test_what_is_not_met_is_known_and_has_a_reason(met: dict[str, int]) -> None:
    assert set(CATALOGUE) - set(met) == set(NOT_MET)


def test_every_catalogue_name_stands_once_and_has_both_sides() -> None:
    assert len(CATALOGUE) == len(set(CATALOGUE))
    effects = {name.split(" ", 1)[1] for name in CATALOGUE}
    assert {f"{side} {effect}" for side in ("before", "after") for effect in effects} == set(CATALOGUE)


def test_no_effect_is_completed_more_often_than_begun(met: dict[str, int]) -> None:
    """A crash, a refusing disk or a lost leader comes between; nothing comes after that did not come before."""
    for name, count in met.items():
        side, effect = name.split(" ", 1)
        if side == "after":
            assert count <= met[f"before {effect}"], effect


def test_coverage_changes_no_history() -> None:
    assert run("mutants", 3, coverage=True).digest == run("mutants", 3).digest
