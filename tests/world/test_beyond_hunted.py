"""``swarm_beyond``: the reference protocol keeps what must hold whatever breaks, and planted bugs against that show."""

from __future__ import annotations

import pytest

from sim import run

SOON = (
    (4, "ORDER-3", 3),
    (15, "DUP-1", 13),
    (26, "GHOST-1", 3),
    (28, "TICK-2", 5),
    (29, "TICK-1", 3),
    (41, "ORDER-2", 5),
    (42, "ROUTE-1", 5),
    (47, "BOUND-1", 3),
    (66, "CHAN-1", 7),
    (121, "BLIND-1", 11),
)
"""Planted bug, check, and a seed in which it shows and which is played within a second; one is not always the first."""
FIRST = ((4, "ORDER-3", 2), (28, "TICK-2", 4), (41, "ORDER-2", 1), (47, "BOUND-1", 1), (121, "BLIND-1", 2))
"""The first seeds, where they are others: they draw ten times the work (docs/hunting.md has the table)."""
FOUND_SOON = (123, 143, 348)
FOUND = (44, 398)
"""Seeds in which a hunt found what rests on what was lost, or a judge in a hurry."""


def is_caught(number: int, check: str, seed: int) -> bool:
    result = run("swarm_beyond", seed, mutant=number)
    return result.outcome() == 1 and check in [each.check for each in result.verdicts if each.fails]


@pytest.mark.parametrize(("number", "check", "seed"), SOON)
def test_a_bug_against_safety_is_caught_beyond_the_promise(number: int, check: str, seed: int) -> None:
    assert is_caught(number, check, seed)


@pytest.mark.long
@pytest.mark.parametrize(("number", "check", "seed"), FIRST)
def test_it_is_caught_in_the_first_seed_that_is_told(number: int, check: str, seed: int) -> None:
    assert is_caught(number, check, seed)


def broken_in(seed: int) -> list[tuple[str, tuple[str, ...]]]:
    return [(each.check, each.story) for each in run("swarm_beyond", seed).verdicts if each.fails]


@pytest.mark.parametrize("seed", [3, 4, 5, *FOUND_SOON])
def test_safety_holds_beyond_the_promise(seed: int) -> None:
    assert broken_in(seed) == []


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, *FOUND])
def test_safety_holds_where_far_more_is_going_on(seed: int) -> None:
    assert broken_in(seed) == []
