"""Reading one value of a scenario by the unit of its key: strict, finite, within its bounds, with a hint.

Every function takes what YAML gave (a str, int, float, bool, None, list or dict) and the field's metadata, and gives
the value as the model holds it, or raises ``QuantityError``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from ..vocabulary.units import format_duration, parse_count, parse_duration_us, parse_rate, parse_share
from .errors import did_you_mean, one_of, shortened
from .plain_values import Vast, resolve

Metadata = Mapping[str, Any]
_LONGEST_QUANTITY: Final = 64
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_SEED: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
MOST_SEEDS: Final = 1_000_000


class QuantityError(ValueError):
    """A value that its key does not take."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def kind_of(value: object) -> str:
    """What a value is, in words."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return f"the flag {str(value).lower()}"
    if isinstance(value, int | float):
        return f"the number {shortened(value)[1:-1]}"
    if isinstance(value, str):
        return f"the text {shortened(value)}"
    return "a list" if isinstance(value, list) else "a mapping"


def read_duration(value: object, metadata: Metadata) -> int | None:
    """A time span in microseconds (``90s``)."""
    if value is None and metadata.get("optional"):
        return None
    if isinstance(value, int | float) and not isinstance(value, bool):
        _finite(value, "write 250us, 90s, 5m, 2h or 7d")
        number = shortened(value)[1:-1]
        raise QuantityError(f"{number} needs a unit", f"write {number}s, {number}ms or {number}m")
    text = _quantity_text(value, "time span", "write 250us, 90s, 5m, 2h or 7d")
    negative = text.startswith("-")
    if negative and not metadata.get("signed"):
        raise QuantityError(f"{text} is negative: a time span is not")
    try:
        span = parse_duration_us(text.removeprefix("-") if negative else text)
    except (ValueError, OverflowError):
        hint = f"write {text}s, {text}ms or {text}m" if _bare_number(text) else "write 250us, 90s, 5m, 2h or 7d"
        raise QuantityError(f"{shortened(text)} is no time span", hint) from None
    span = -span if negative else span
    _bounded(span, metadata, text, format_duration)
    return span


def read_count(value: object, metadata: Metadata) -> int | None:
    """A whole number (``20k``)."""
    if value is None and metadata.get("optional"):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise QuantityError(f"{kind_of(value)} is no count", "write 500, 20k or 1M")
    if isinstance(value, float):
        _finite(value)
        _bounded(value, metadata, exact(value), lambda bound: f"{bound:,}")
        if value != int(value):
            raise QuantityError(f"{exact(value)} is no whole number", "write 500, 20k or 1M")
        raise QuantityError("a count is written without a point and without an exponent", f"write {int(value)}")
    if isinstance(value, int):
        number = value
    else:
        number = _written_count(_quantity_text(value, "count", "write 500, 20k or 1M"))
    _bounded(number, metadata, shortened(value)[1:-1], lambda bound: f"{bound:,}")
    return number


def _written_count(text: str) -> int:
    if _bare_number(text):
        raise QuantityError(f"the text {shortened(text)} is no count", "write it without quotes")
    try:
        return parse_count(text)
    except OverflowError:
        raise QuantityError(f"{shortened(text)} is too large") from None
    except ValueError:
        hint = f"m is minutes; write {text[:-1]}M for million" if re.fullmatch(r"[0-9.]+m", text) else ""
        raise QuantityError(f"{shortened(text)} is no count", hint or "write 500, 20k or 1M") from None


def read_rate(value: object, metadata: Metadata) -> float | None:
    """So many a second (``20k/s``)."""
    if value is None and metadata.get("optional"):
        return None
    hint = "write 230/s, 20k/s or 30/m"
    if isinstance(value, int | float) and not isinstance(value, bool):
        _finite(value, hint)
        number = shortened(value)[1:-1]
        raise QuantityError(f"{number} needs a unit", f"write {number}/s")
    text = _quantity_text(value, "rate", hint)
    try:
        rate = parse_rate(text)
    except (ValueError, OverflowError):
        raise QuantityError(f"{shortened(text)} is no rate", hint) from None
    _bounded(rate, metadata, text, lambda bound: f"{bound:,g}/s")
    return rate


def read_share(value: object, metadata: Metadata) -> float:
    """A part of one (``5%``)."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise QuantityError(f"{kind_of(value)} is no share", "write 5% or 0.05")
    if isinstance(value, str):
        text = _quantity_text(value, "share", "write 5% or 0.05")
        if _bare_number(text):
            raise QuantityError(f"the text {shortened(text)} is no share", "write it without quotes")
        try:
            share = parse_share(text)
        except ValueError:
            raise QuantityError(f"{shortened(text)} is no share", "write 5% or 0.05") from None
        if not text.endswith("%"):
            raise QuantityError(f"{shortened(text)} is no share", "write 5% or 0.05")
    else:
        _finite(value)
        share = _float(value)
    _finite(share)
    if share > metadata.get("most", math.inf) and isinstance(value, int | float) and 1 < share <= 100:
        raise QuantityError(f"{value:g} is more than {metadata['most']:g}", f"write {value:g}% for a percentage")
    _bounded(share, metadata, str(value), lambda bound: f"{bound:.0%}")
    return share


def read_number(value: object, metadata: Metadata) -> float:
    """A plain number without a unit."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        quoted = isinstance(value, str) and _bare_number(value.strip())
        hint = "write it without quotes" if quoted else "write a plain number, such as 0.5"
        raise QuantityError(f"{kind_of(value)} is no number", hint)
    _finite(value)
    number = _float(value)
    _bounded(number, metadata, exact(number), exact)
    return number


def read_flag(value: object, metadata: Metadata) -> bool:
    """true or false."""
    if isinstance(value, bool):
        return value
    meant = {"yes": "true", "on": "true", "no": "false", "off": "false", "true": "true", "false": "false"}
    word = meant.get(str(value).strip().lower()) if isinstance(value, str) else None
    raise QuantityError(f"{kind_of(value)} is neither true nor false", f"write {word or 'true or false'}")


def read_choice(value: object, metadata: Metadata) -> str:
    """One of the key's words."""
    options: Sequence[str] = metadata["options"]
    if isinstance(value, str) and value in options:
        return value
    hint = did_you_mean(value, options) if isinstance(value, str) else ""
    raise QuantityError(f"{kind_of(value)} is not among: {one_of(options)}", hint)


def read_text(value: object, metadata: Metadata) -> str | None:
    """Free text, or text of the form that the metadata name (``name``, ``seeds``)."""
    if value is None and metadata.get("optional"):
        return None
    form = metadata.get("form")
    if form == "seeds" and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        hint = "put it in quotes" if isinstance(value, int | float) else ""
        raise QuantityError(f"{kind_of(value)} is no text", hint)
    if form == "name" and not _NAME.fullmatch(value):
        message = f"{shortened(value)} cannot name a scenario: its results go to a folder of this name"
        raise QuantityError(message, "use letters, digits, '-', '_' and '.'")
    if form == "seeds":
        _check_seeds(value)
    return value


def _check_seeds(text: str) -> None:
    for part in text.split(","):
        first, dots, last = part.strip().partition("..")
        if not dots:
            fits = _SEED.fullmatch(first) is not None
        else:
            fits = first.isdecimal() and last.isdecimal() and len(part) <= _LONGEST_QUANTITY
        if not fits:
            raise QuantityError(f"{shortened(text)} names no seeds", "write 7, 1..20 or 1,4,9")
        if dots and int(first) > int(last):
            raise QuantityError(f"the seeds {shortened(part)} run backwards", f"write {last}..{first}")
        if dots and int(last) - int(first) >= MOST_SEEDS:
            raise QuantityError(f"{shortened(part)} is more than {MOST_SEEDS:,} seeds")


def read_word(value: object, what: str, known: Sequence[str]) -> str:
    """An entry of a list of words; ``known`` is what it may be."""
    if not isinstance(value, str) or not value.strip():
        raise QuantityError(f"{kind_of(value)} is no {what}")
    if value not in known:
        hint = did_you_mean(value, known) or f"known are: {one_of(known, most=40)}"
        raise QuantityError(f"there is no {what} {shortened(value)}", hint)
    return value


READERS: Final[Mapping[str, Callable[[object, Metadata], object]]] = {
    "duration": read_duration,
    "count": read_count,
    "rate": read_rate,
    "share": read_share,
    "number": read_number,
    "flag": read_flag,
    "choice": read_choice,
    "text": read_text,
}
"""The reader of each unit that a field may have."""


def _quantity_text(value: object, what: str, hint: str) -> str:
    if not isinstance(value, str):
        raise QuantityError(f"{kind_of(value)} is no {what}", hint)
    text = value.strip()
    if not text or len(text) > _LONGEST_QUANTITY:
        raise QuantityError(f"{shortened(value)} is no {what}", hint)
    return text


def _bare_number(text: str) -> bool:
    value = resolve(text)
    return isinstance(value, int | float) and not isinstance(value, bool)


def _float(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        raise QuantityError(f"{shortened(value)[1:-1]} is too large") from None


def _finite(value: float, hint: str = "") -> None:
    if isinstance(value, Vast):
        raise QuantityError(f"{value} is too large", hint)
    if isinstance(value, float) and not math.isfinite(value):
        raise QuantityError(f"{value} is not a finite number", hint)


def exact(number: float) -> str:
    """A number with all its digits, so that two that differ look different."""
    return str(number).removesuffix(".0")


def _bounded(value: Any, metadata: Metadata, written: str, show: Callable[[Any], str]) -> None:
    least, most = metadata.get("least"), metadata.get("most")
    if least is not None and value < least:
        raise QuantityError(f"{written} is less than {show(least)}, the least that is allowed")
    if most is not None and value > most:
        raise QuantityError(f"{written} is more than {show(most)}, the most that is allowed")
