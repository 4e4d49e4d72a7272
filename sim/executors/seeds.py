"""Which seeds to play, as text: ``1..50,77`` or a commit hash. Digits are an integer, anything else is hashed later."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from ..scenario.errors import shortened

MOST_SEEDS: Final = 1_000_000
_MOST_DIGITS: Final = 100
_RANGE = re.compile(r"([0-9]+)\.\.([0-9]+)")
_LOOKS_LIKE_A_RANGE = re.compile(r"([0-9]+)\s*(?:-|:|\.{3,}|…|–|to)\s*([0-9]+)")
_TEXT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")


def parse_seed(text: str) -> str:
    """One seed as text, cleaned; raise ``ValueError`` with a hint when it cannot be one."""
    seed = text.strip()
    if _RANGE.fullmatch(seed) or "," in seed:
        raise ValueError(f"{shortened(text)} names several seeds; write --seeds {shortened(seed)[1:-1]}")
    if not _TEXT.fullmatch(seed) or ".." in seed:
        raise ValueError(f"{shortened(text)} is no seed (write a number, or a word such as a commit hash)")
    return str(int(seed)) if seed.isdecimal() else seed


def parse_seeds(text: str) -> tuple[str, ...]:
    """Read ``1..50,77,deadbeef`` into seeds as text, in the order written, each once."""
    seeds: dict[str, None] = {}
    for piece in text.split(","):
        for seed in _piece(piece.strip(), text):
            seeds[seed] = None
        if len(seeds) > MOST_SEEDS:
            raise ValueError(f"{shortened(text)} is more than {MOST_SEEDS:,} seeds")
    return tuple(seeds)


def _piece(piece: str, whole: str) -> Sequence[str]:
    span = _RANGE.fullmatch(piece)
    if span:
        if max(map(len, span.groups())) > _MOST_DIGITS:
            raise ValueError(f"{shortened(piece)} is too long: a seed has at most {_MOST_DIGITS} digits")
        first, last = int(span.group(1)), int(span.group(2))
        if last < first:
            raise ValueError(f"{shortened(piece)} runs backwards; write {last}..{first}")
        if last - first >= MOST_SEEDS:
            raise ValueError(f"{shortened(piece)} is more than {MOST_SEEDS:,} seeds")
        return [str(number) for number in range(first, last + 1)]
    mistaken = _LOOKS_LIKE_A_RANGE.fullmatch(piece)
    if mistaken:
        raise ValueError(
            f"{shortened(piece)} is no range of seeds; write {shortened('..'.join(mistaken.groups()))[1:-1]}"
        )
    if not piece:
        raise ValueError(f"{shortened(whole)} has an empty seed (write 1..50,77)")
    return [parse_seed(piece)]


def format_seeds(seeds: Sequence[str]) -> str:
    """Write seeds as short as ``parse_seeds`` reads them: ``1..50,77``."""
    pieces: list[str] = []
    place = 0
    while place < len(seeds):
        end = place
        while end + 1 < len(seeds) and _follows(seeds[end], seeds[end + 1]):
            end += 1
        pieces.append(f"{seeds[place]}..{seeds[end]}" if end > place + 1 else ",".join(seeds[place : end + 1]))
        place = end + 1
    return ",".join(pieces)


def _follows(before: str, after: str) -> bool:
    return before.isdecimal() and after.isdecimal() and int(after) == int(before) + 1
