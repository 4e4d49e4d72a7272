"""What the nemesis draws: rare points, bursts, what never comes back; all of it within the promise."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from sim import run
from sim.checkers.verdict import INVALID
from sim.faults.nemesis import BURST_US, RARE_TIMES, Nemesis
from sim.faults.rarity import ORDINARY, is_rare
from sim.faults.schedule import Fault
from sim.scenario.loading import load
from sim.scenario.model import Scenario
from sim.vocabulary.points import CATALOGUE

DURATION_US = 90_000_000


def small(**random: Any) -> Scenario:
    scenario = load("mutants")
    settings = {"least": 40, "most": 40, **random}
    return replace(scenario, random_faults=replace(scenario.random_faults, **settings), drawn={})


def drawn(scenario: Scenario, seed: int = 1) -> tuple[Fault, ...]:
    return Nemesis(scenario, seed, 40, DURATION_US).draw()


def test_the_list_of_ordinary_points_names_points_that_exist() -> None:
    effects = {point.split()[1] for point in CATALOGUE}
    assert {f"{role}.{kind}" for role, kinds in ORDINARY.items() for kind in kinds} <= effects
    assert not is_rare("after store.persist.append_entry")
    assert is_rare("before inbox.send.fenced")


def test_rare_points_come_first_and_soon() -> None:
    faults = [fault for fault in drawn(small(at_points=1.0, rare_points=1.0)) if fault.point is not None]
    assert len(faults) > 20
    assert all(is_rare(fault.point) and fault.nth <= RARE_TIMES for fault in faults if fault.point)
    ordinary = drawn(small(at_points=1.0, rare_points=0.0))
    assert any(not is_rare(fault.point) for fault in ordinary if fault.point)


def test_bursts_follow_within_seconds() -> None:
    def gaps(share: float) -> list[int]:
        at = [fault.at_us or 0 for fault in drawn(small(at_points=0.0, bursts=share))]
        return [then - first for first, then in pairwise(at)]

    assert all(0 <= gap < BURST_US for gap in gaps(1.0))
    assert sum(not 0 <= gap < BURST_US for gap in gaps(0.0)) > 25
    kinds = [fault.kind for fault in drawn(small(at_points=0.0, bursts=1.0))]
    assert sum(one == other for one, other in pairwise(kinds)) > 8


def test_without_the_shares_nothing_is_for_good() -> None:
    for fault in drawn(small()):
        assert fault.kind != "gone"
        assert fault.for_us or fault.kind != "offline"


@pytest.mark.parametrize("seed", range(1, 9))
def test_what_never_comes_back_breaks_no_promise(seed: int) -> None:
    """STORE-7, PHONE-6: quorums and another server carry on, and at rest everybody within reach has everything."""
    scenario = small(least=6, most=6, for_good=1.0)
    result = run(scenario, seed)
    assert {each.fault.kind for each in result.injected} <= {"gone", "offline"}
    assert any(each.touched for each in result.injected)
    assert not [verdict.story for verdict in result.verdicts if verdict.outcome == INVALID]


def test_the_last_server_and_the_quorum_stay() -> None:
    """STORE-7: of three replicas one may go for good; and one connection server is always left."""
    faults = [Fault("gone", at_us=1_000_000 * (1 + n), target="connection_server any") for n in range(12)]
    faults += [Fault("gone", at_us=1_000_000 * (20 + n), target="store 0") for n in range(6)]
    result = run(small(), 1, faults=faults)
    servers, replicas = result.injected[:12], result.injected[12:]
    assert sum(each.touched for each in servers) == small().topology.connection_servers - 1
    assert sum(each.touched for each in replicas) == 1
    assert all(each.ended_us == -1 for each in result.injected)
    assert result.counts["shown"] == result.counts["composed"]


def test_clogging_goes_from_host_to_host() -> None:
    clogging = [fault for fault in drawn(small(at_points=0.0, kinds=("clogging",))) if "phone" not in fault.target]
    assert clogging
    assert {fault.target for fault in clogging} <= {"connection_servers", "stores", "inboxes", "registry", "servers"}
