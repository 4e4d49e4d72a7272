"""Exit codes: what each means, and which wins when several apply. The one table; nothing else assigns them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PASSED: Final = 0
CHECK_FAILED: Final = 1
BAD_USAGE: Final = 2
INCONCLUSIVE: Final = 3
NOTHING_TESTED: Final = 4
NOT_DETERMINISTIC: Final = 5
OUR_BUG: Final = 70
NOT_WRITTEN: Final = 74
INTERRUPTED: Final = 130

MEANINGS: Final = {
    PASSED: "passed",
    CHECK_FAILED: "a check failed",
    BAD_USAGE: "bad usage or a bad scenario",
    INCONCLUSIVE: "inconclusive: a required check judged nothing",
    NOTHING_TESTED: "nothing was tested: no messages, no fault touched anything, or a must_reach case was missed",
    NOT_DETERMINISTIC: "not deterministic: the same seed gave another history",
    OUR_BUG: "a bug of doubletick's own, or a lost worker process",
    NOT_WRITTEN: "results could not be written",
    INTERRUPTED: "interrupted; what was done is kept",
}

WORDS: Final = {
    PASSED: "PASSED",
    CHECK_FAILED: "FAILED",
    BAD_USAGE: "BAD SCENARIO",
    INCONCLUSIVE: "INCONCLUSIVE",
    NOTHING_TESTED: "NOTHING TESTED",
    NOT_DETERMINISTIC: "NOT DETERMINISTIC",
    OUR_BUG: "BROKEN",
    NOT_WRITTEN: "NOT WRITTEN",
    INTERRUPTED: "INTERRUPTED",
}

WORST_FIRST: Final = (
    INTERRUPTED,
    OUR_BUG,
    NOT_DETERMINISTIC,
    NOT_WRITTEN,
    BAD_USAGE,
    CHECK_FAILED,
    NOTHING_TESTED,
    INCONCLUSIVE,
    PASSED,
)


def worst(codes: Iterable[int]) -> int:
    """The code that wins; an unknown one counts as a bug of ours, none at all as nothing tested."""
    places = [WORST_FIRST.index(code if code in WORST_FIRST else OUR_BUG) for code in codes]
    return WORST_FIRST[min(places)] if places else NOTHING_TESTED


def help_text() -> str:
    """The table for ``--help``; click keeps the lines of a paragraph that begins with a backspace."""
    lines = [f"  {code:>3}  {meaning}" for code, meaning in MEANINGS.items()]
    return "\b\nExit codes:\n" + "\n".join(lines) + "\nOf several runs the worst wins: 70, 5, 74, 2, 1, 4, 3, 0."
