"""Seeds as people write them, and which exit code wins."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.executors.seeds import format_seeds, parse_seed, parse_seeds
from sim.results import exit_codes


def test_seeds_are_read_in_order_and_once() -> None:
    assert parse_seeds("1..3,77, 2 ,deadbeef") == ("1", "2", "3", "77", "deadbeef")
    assert parse_seeds("007") == ("7",)
    assert parse_seeds("1f3c9e") == ("1f3c9e",)
    assert len(parse_seeds("0..999")) == 1000


@pytest.mark.parametrize("text", ["", ",", "1,,2", "5..1", "1-5", "1...5", "1:5", "a b", "../x", "0..99999999", "-1"])
def test_what_is_no_seed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"seed|write|backwards"):
        parse_seeds(text)


@pytest.mark.parametrize("text", ["1..5", "1,2", "", "a/b"])
def test_one_seed_is_one(text: str) -> None:
    with pytest.raises(ValueError, match="seed"):
        parse_seed(text)


@given(st.lists(st.integers(0, 60).map(str) | st.sampled_from(["abc", "v1.2"]), unique=True, min_size=1))
def test_seeds_are_written_as_they_are_read(seeds: list[str]) -> None:
    assert list(parse_seeds(format_seeds(seeds))) == seeds


def test_seeds_are_written_short() -> None:
    assert format_seeds(["1", "2", "3", "9", "10", "abc"]) == "1..3,9,10,abc"


def test_the_worst_code_wins() -> None:
    order = [70, 5, 74, 2, 1, 4, 3, 0]
    for worse, better in itertools.combinations(order, 2):
        assert exit_codes.worst([better, worse, better]) == worse
    assert exit_codes.worst([]) == exit_codes.NOTHING_TESTED
    assert exit_codes.worst([99, 1]) == exit_codes.OUR_BUG


def test_every_code_is_explained() -> None:
    assert set(exit_codes.MEANINGS) == set(exit_codes.WORDS) == set(exit_codes.WORST_FIRST)
    assert "130" in exit_codes.help_text()
