"""What a scalar without quotes means: the core schema of YAML 1.2. Standard library only."""

from __future__ import annotations

import math
import re
from typing import Final

_MOST_DIGITS: Final = 64
_SHOWN_DIGITS: Final = 12

_NULL: Final = frozenset(("", "~", "null", "Null", "NULL"))
_FLAGS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
_INTEGER: Final = re.compile(r"[-+]?[0-9]+")
_OCTAL: Final = re.compile(r"0o[0-7]+")
_HEXADECIMAL: Final = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_INFINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)")
_NOT_A_NUMBER: Final = frozenset((".nan", ".NaN", ".NAN"))


class Vast(float):
    """A number that is too large for any key: an infinity that is told as it was written."""

    text: str

    def __new__(cls, text: str) -> Vast:
        number = super().__new__(cls, "-inf" if text.startswith("-") else "inf")
        number.text = text
        return number

    def __str__(self) -> str:
        if len(self.text) <= _MOST_DIGITS:
            return self.text
        return f"{self.text[:_SHOWN_DIGITS]}… (of {len(self.text.lstrip('+-')):,} digits)"


def resolve(text: str) -> object:
    """The value of a scalar without quotes by the core schema of YAML 1.2 (``no`` is a text, ``010`` is ten)."""
    if text in _NULL:
        return None
    if text in _FLAGS:
        return _FLAGS[text]
    if _INTEGER.fullmatch(text):
        # Python refuses to read thousands of digits; a number that long fits no key anyway.
        return int(text) if len(text) <= _MOST_DIGITS else Vast(text)
    for pattern, base in ((_OCTAL, 8), (_HEXADECIMAL, 16)):
        if pattern.fullmatch(text):
            return int(text[2:], base) if len(text) <= _MOST_DIGITS else Vast(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else Vast(text)
    if _INFINITE.fullmatch(text):
        return float(text.replace(".", ""))
    return float("nan") if text in _NOT_A_NUMBER else text
