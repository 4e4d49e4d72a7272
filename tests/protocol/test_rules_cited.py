"""Every rule of the first release is cited where it is enforced, and by a test that proves it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

RULES = tuple(
    f"{family}-{number}"
    for family, numbers in {
        "PHONE": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
        "CONN": (1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        "REG": (1, 2, 3, 4),
        "STORE": (1, 2, 3, 4, 7),
        "FAN": (1, 2, 3, 4, 6),
        "INBOX": (1, 2, 3, 4, 5, 6, 7, 8, 9),
        "RCPT": (1, 2),
        "PUSH": (1, 2),
        "CLOCK": (1,),
        "UQ": (1, 2),
        "E2EE": (1, 2),
    }.items()
    for number in numbers
)
LETTERED = ("PRES-A", "PRES-B", "PRES-C")
RULES += LETTERED
"""Deferred: membership, channels, groups."""

OF_THE_WORLD = {"STORE-7": "which replica votes and who leads is the world's to play"}
"""Rules that no machine enforces; they are cited in sim/world."""

_CITATION = re.compile(r"\b([A-Z][A-Z0-9]*)-(\d+)((?:\.\.\d+|, \d+| and \d+)*)")
_LETTERED = re.compile(r"\b(PRES)-([A-Z])(?:\.\.([A-Z]))?")
_MORE = re.compile(r"(\.\.|, | and )(\d+)")
_TEST_NAME = re.compile(r"def test_\w+")
_IN_A_NAME = re.compile(r"(phone|conn|reg|store|fan|inbox|rcpt|clock|push|uq|e2ee|seal)_(\d+)|(pres)_([a-c])(?=_)")


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


def cited_under(folder: str) -> set[str]:
    """The rule ids cited in docstrings and comments of a folder."""
    found: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        found.update(cited(path.read_text(encoding="utf-8")))
    return found


def cited_by_tests() -> set[str]:
    """The rule ids in names and docstrings of tests, this file's left out."""
    found: set[str] = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        if path != Path(__file__):
            text = path.read_text(encoding="utf-8")
            found.update(cited(text))
            for name in _TEST_NAME.findall(text):
                found.update(match[0].upper().replace("_", "-") for match in _IN_A_NAME.finditer(name))
    return found


def test_citations_are_understood() -> None:
    text = "STORE-1..3 and PHONE-1, 3, 4; FAN-6: not SHA-256, which is no rule, nor (CONN-2)."
    assert set(cited(text)) >= {"STORE-1", "STORE-2", "STORE-3", "PHONE-1", "PHONE-3", "PHONE-4", "FAN-6", "CONN-2"}
    assert not {"PHONE-2", "STORE-4"} & set(cited(text))


@pytest.mark.parametrize("rule", RULES)
def test_the_rule_is_cited_where_it_is_enforced(rule: str) -> None:
    folder = "sim/world" if rule in OF_THE_WORLD else "sim/protocol"
    assert rule in cited_under(folder), f"{rule} is not cited in {folder}"


def test_every_rule_is_cited_by_a_test() -> None:
    assert set(RULES) - cited_by_tests() == set()


def test_no_rule_is_cited_that_does_not_exist() -> None:
    """The ids of these families that code may cite, the deferred ones included."""
    known = {
        "PHONE": range(1, 12),
        "CONN": range(1, 11),
        "REG": range(1, 5),
        "STORE": range(1, 8),
        "FAN": range(1, 7),
        "INBOX": range(1, 10),
        "RCPT": range(1, 4),
        "PUSH": range(1, 3),
        "CLOCK": range(1, 2),
        "UQ": range(1, 3),
    }
    for rule in sorted(cited_under("sim")):
        family, _, number = rule.partition("-")
        assert family not in known or int(number) in known[family], rule
