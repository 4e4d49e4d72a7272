"""Regions and zones: distances by a stated rule, machines placed by a stated rule."""

from __future__ import annotations

from itertools import combinations

import pytest

from sim.scenario.regions import Regions
from sim.world.atlas import Atlas
from sim.world.distances import MEASURED_MS, REGION_NAMES, round_trip_ms


def test_what_is_published_is_taken_as_it_is() -> None:
    assert {pair: round_trip_ms(*pair) for pair in MEASURED_MS} == MEASURED_MS
    assert round_trip_ms("tokyo", "dallas") == round_trip_ms("dallas", "tokyo") == 143


def test_a_missing_pair_is_no_farther_than_a_way_over_published_ones() -> None:
    """Washington to Frankfurt over London; Sydney is nearer to Frankfurt by the great circle than by any way."""
    assert round_trip_ms("washington", "frankfurt") == 76 + 13
    assert round_trip_ms("dallas", "london") == 31 + 76
    assert round_trip_ms("frankfurt", "sydney") < 13 + 76 + 214


def test_every_pair_has_a_distance_and_the_matrix_is_symmetric() -> None:
    for one, other in combinations(REGION_NAMES, 2):
        assert 10 < round_trip_ms(one, other) == round_trip_ms(other, one) < 350
        assert round_trip_ms(one, one) == 0


def test_machines_go_round_the_regions_and_then_round_their_zones() -> None:
    atlas = Atlas(Regions(number=2, zones=2))
    assert [atlas.name_of(atlas.of_machine(index)) for index in range(5)] == [
        "frankfurt/0",
        "washington/0",
        "frankfurt/1",
        "washington/1",
        "frankfurt/0",
    ]


@pytest.mark.parametrize(
    ("replicas", "stand"),
    [
        ("zone", ["washington/0", "washington/0", "washington/0"]),
        ("zones", ["washington/0", "washington/1", "washington/2"]),
        ("regions", ["washington/0", "frankfurt/0", "tokyo/0"]),
    ],
)
def test_store_7_replicas_stand_where_the_scenario_lets_them(replicas: str, stand: list[str]) -> None:
    """Over regions: the nearest first, seen from the shard's home."""
    atlas = Atlas(Regions(number=3, zones=3, replicas=replicas))
    assert [atlas.name_of(place) for place in atlas.of_replicas(1, 3)] == stand


def test_five_replicas_over_three_regions_come_round_to_other_zones() -> None:
    atlas = Atlas(Regions(number=3, zones=3, replicas="regions"))
    stand = [atlas.name_of(place) for place in atlas.of_replicas(0, 5)]
    assert stand == ["frankfurt/0", "washington/0", "tokyo/0", "frankfurt/1", "washington/1"]


def test_a_region_without_a_machine_is_served_by_the_nearest_that_has_one() -> None:
    atlas = Atlas(Regions(number=3))
    assert atlas.serving([0, 2]) == ((0,), (0,), (1,)), "Washington is nearer to Frankfurt than to Tokyo"


def test_distances_of_zones_and_regions() -> None:
    atlas = Atlas(Regions(number=2, zones=2, other_zone_us=3_000))
    here, zone, far = atlas.place(0, 0), atlas.place(0, 1), atlas.place(1, 0)
    assert atlas.one_way_us(here, here) == 0
    assert atlas.one_way_us(here, zone) == 1_500
    assert atlas.one_way_us(far, here) == 89_000 // 2
