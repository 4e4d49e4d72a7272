"""``swarm_beyond``: the reference protocol keeps what must hold whatever breaks, and planted bugs against that show."""

from __future__ import annotations

import pytest

from sim import run

CAUGHT = (
    (4, "ORDER-3", 1),
    (15, "DUP-1", 13),
    (26, "GHOST-1", 3),
    (28, "TICK-2", 3),
    (29, "TICK-1", 2),
    (41, "ORDER-2", 1),
    (42, "ROUTE-1", 5),
    (47, "BOUND-1", 1),
    (66, "CHAN-1", 7),
    (121, "BLIND-1", 2),
)
"""Planted bug, check, and the first seed in which it shows (docs/hunting.md has the table)."""


@pytest.mark.parametrize(("number", "check", "seed"), CAUGHT)
def test_a_bug_against_safety_is_caught_beyond_the_promise(number: int, check: str, seed: int) -> None:
    result = run("swarm_beyond", seed, mutant=number)
    assert check in [each.check for each in result.verdicts if each.fails]
    assert result.outcome() == 1


@pytest.mark.parametrize("seed", [*range(1, 6), 44, 123, 143, 348, 398])
def test_safety_holds_beyond_the_promise(seed: int) -> None:
    """The last five are those in which a hunt found what rests on what was lost, or a judge in a hurry."""
    result = run("swarm_beyond", seed)
    assert not [(each.check, each.story) for each in result.verdicts if each.fails]
