"""Every rule and every invariant of the design is cited where it is enforced, and by a test that proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from sim.checkers.catalogue import CHECK_IDS

ROOT = Path(__file__).parents[2]


def ids_of(families: dict[str, int]) -> tuple[str, ...]:
    """The ids of families that count from 1 to their last number."""
    return tuple(f"{family}-{number}" for family, last in families.items() for number in range(1, last + 1))


RULE_FAMILIES: Final = {
    "PHONE": 11,
    "CONN": 10,
    "REG": 4,
    "STORE": 7,
    "FAN": 6,
    "INBOX": 9,
    "UQ": 2,
    "RCPT": 3,
    "PUSH": 2,
    "CHAN": 1,
    "E2EE": 2,
    "SEAL": 4,
    "CLOCK": 1,
}
LETTERED: Final = ("PRES-A", "PRES-B", "PRES-C", "MEDIA-A")
RULES: Final = (*ids_of(RULE_FAMILIES), *LETTERED)

INVARIANT_FAMILIES: Final = {
    "LOSS": 2,
    "DUP": 1,
    "ORDER": 4,
    "GHOST": 1,
    "TICK": 3,
    "QUEUE": 3,
    "ROUTE": 1,
    "PRES": 2,
    "NUDGE": 1,
    "BLIND": 3,
    "MEDIA": 1,
    "UNREAD": 1,
    "LIVE": 1,
    "BOUND": 1,
    "FLOW": 1,
}
INVARIANTS: Final = ids_of(INVARIANT_FAMILIES)

UNDER_WAY: Final[tuple[str, ...]] = ()
"""What is not built yet. The list only ever shrinks."""

ALSO_JUDGED: Final = ("CHAN-1",)
"""Rules of section 1 that a checker judges under their own name."""

OF_THE_WORLD: Final = {"STORE-7": "which replica votes and who leads is the world's to play"}
"""Rules that no machine enforces; they are cited in sim/world."""

_CITATION = re.compile(r"\b([A-Z]+|E2EE)-(\d+)((?:\.\.\d+|, \d+| and \d+)*)")
_LETTERED = re.compile(r"\b(PRES|MEDIA)-([A-Z])\b(?:\.\.([A-Z])\b)?")
_MORE = re.compile(r"(\.\.|, | and )(\d+)")
_TEST_NAME = re.compile(r"def test_\w+")
_IN_A_NAME = re.compile(
    r"(?<![a-z0-9])(?:"
    rf"({'|'.join(family.lower() for family in {**RULE_FAMILIES, **INVARIANT_FAMILIES})})_(\d+)(?!\d)"
    r"|(pres|media)_([a-c])(?=_))"
)


def cited(text: str) -> Iterator[str]:
    """The rule ids in a text: ``PHONE-1``, ``STORE-1..4`` and ``PHONE-1, 3, 4`` are understood."""
    for family, first, more in _CITATION.findall(text):
        last = int(first)
        yield f"{family}-{last}"
        for joint, number in _MORE.findall(more):
            begin = last + 1 if joint == ".." else int(number)
            for each in range(begin, int(number) + 1):
                yield f"{family}-{each}"
            last = int(number)
    for family, first, last_letter in _LETTERED.findall(text):
        for letter in range(ord(first), ord(last_letter or first) + 1):
            yield f"{family}-{chr(letter)}"


def named(test: str) -> Iterator[str]:
    """The rule ids in the name of a test."""
    for family, number, lettered, letter in _IN_A_NAME.findall(test):
        yield f"{family or lettered}-{number or letter}".upper()


@cache
def cited_under(*folders: str) -> frozenset[str]:
    """The rule ids cited in docstrings and comments of folders."""
    found: set[str] = set()
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            found.update(cited(path.read_text(encoding="utf-8")))
    return frozenset(found)


@cache
def cited_by_tests() -> frozenset[str]:
    """The rule ids in names and texts of tests, this file's left out."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            found.update(cited(text))
            for test in _TEST_NAME.findall(text):
                found.update(named(test))
    return frozenset(found)


def is_built(rule: str) -> bool:
    """Whether a rule is enforced and proved, or an invariant judged and proved."""
    if rule in INVARIANTS:
        return rule in CHECK_IDS and rule in cited_under("sim/checkers") and rule in cited_by_tests()
    return rule in cited_under(place_of(rule)) and rule in cited_by_tests()


def place_of(rule: str) -> str:
    """Where a rule has to be enforced."""
    return "sim/world" if rule in OF_THE_WORLD else "sim/protocol"


BUILT: Final = tuple(rule for rule in RULES if rule not in UNDER_WAY)
JUDGED: Final = tuple(check for check in INVARIANTS if check not in UNDER_WAY)


def test_citations_are_understood() -> None:
    text = "STORE-1..3 and PHONE-1, 3, 4; FAN-6: not SHA-256, which is no rule, nor (CONN-2) E2EE-1 MEDIA-A PRES-A..C"
    assert set(cited(text)) >= {"STORE-1", "STORE-2", "STORE-3", "PHONE-1", "PHONE-3", "PHONE-4", "FAN-6", "CONN-2"}
    assert set(cited(text)) >= {"E2EE-1", "MEDIA-A", "PRES-A", "PRES-B", "PRES-C"}
    assert not {"PHONE-2", "STORE-4"} & set(cited(text))
    assert set(named("test_phone_10_and_media_a_hold_and_pres_2_too")) == {"PHONE-10", "MEDIA-A", "PRES-2"}
    assert not set(named("test_a_telephone_1"))


@pytest.mark.parametrize("rule", BUILT)
def test_the_rule_is_cited_where_it_is_enforced(rule: str) -> None:
    assert rule in cited_under(place_of(rule)), f"{rule} is not cited in {place_of(rule)}"


def test_every_rule_is_cited_by_a_test() -> None:
    assert sorted(set(BUILT) - cited_by_tests()) == []


@pytest.mark.parametrize("check", JUDGED)
def test_the_invariant_is_judged_by_a_checker(check: str) -> None:
    """That each can fire is shown by its planted bug; see the kill matrix."""
    assert check in CHECK_IDS
    assert check in cited_under("sim/checkers")


def test_every_invariant_is_cited_by_a_test() -> None:
    assert sorted(set(JUDGED) - cited_by_tests()) == []


@pytest.mark.parametrize("rule", UNDER_WAY)
def test_what_is_built_leaves_the_list_of_what_is_under_way(rule: str) -> None:
    assert rule in (*RULES, *INVARIANTS)
    assert not is_built(rule), f"{rule} is built: take it off the list"


def test_no_check_judges_what_the_design_does_not_name() -> None:
    assert set(CHECK_IDS) <= {*INVARIANTS, *ALSO_JUDGED}


def test_no_rule_is_cited_that_does_not_exist() -> None:
    known = {*RULES, *INVARIANTS}
    families = {*RULE_FAMILIES, *INVARIANT_FAMILIES}
    wrong = [rule for rule in cited_under("sim") if rule.partition("-")[0] in families and rule not in known]
    assert not sorted(wrong)
