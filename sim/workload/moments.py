"""Reading the times of a trace: exact microseconds since 1970, quickly.

``parser_of`` turns a format into a function of text. What the quick ways do not accept goes to the standard library,
so a quick way only has to be right in what it accepts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

from ..vocabulary.units import DAY_US, SECOND_US

Parser = Callable[[str], int]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = _EPOCH.toordinal()
_MOST_SECONDS: Final = 253_402_300_800  # the end of the year 9999, as far as dates go
_LEAST_SECONDS: Final = -62_135_596_800  # the start of the year 1
_DECIMAL: Final = re.compile(r"\s*(-?)([0-9]{1,15})(?:\.([0-9]*))?\s*")
_PARTS: Final = {
    "Y": r"(?P<Y>[0-9]{4})",
    "y": r"(?P<y>[0-9]{2})",
    "m": r"(?P<m>1[0-2]|0[1-9]|[1-9])",
    "d": r"(?P<d>3[01]|[12][0-9]|0[1-9]|[1-9])",
    "H": r"(?P<H>2[0-3]|[01][0-9]|[0-9])",
    "I": r"(?P<I>1[0-2]|0[1-9]|[1-9])",
    "M": r"(?P<M>[0-5][0-9]|[0-9])",
    "S": r"(?P<S>[0-5][0-9]|[0-9])",
    "f": r"(?P<f>[0-9]{1,6})",
    "p": r"(?P<p>AM|PM|am|pm)",
    "%": "%",
}


def parser_of(time_format: str) -> Parser:
    """The function that reads times of this format (``epoch``, ``iso`` or for ``strptime``) as microseconds.

    The function raises ``ValueError`` for text that does not fit; this one does for a format that never can.
    """
    if time_format == "epoch":
        return epoch_us
    if time_format == "iso":
        return iso_us
    if "%" not in time_format:
        raise ValueError(f"{time_format!r} is no time format (epoch, iso, or for strptime, such as '%Y-%m-%d %H:%M')")
    try:
        datetime.strptime(datetime(2004, 4, 15, 14, 56, tzinfo=UTC).strftime(time_format), time_format)
    except (ValueError, re.error) as error:
        raise ValueError(f"{time_format!r} is no time format: {error}") from None
    return _quick_parser(time_format) or _slow_parser(time_format)


def epoch_us(text: str) -> int:
    """Seconds since 1970, whole or with decimals (those beyond the microsecond are cut off)."""
    if text.isdigit() and text.isascii() and len(text) <= 15:
        seconds = int(text)
        microseconds = seconds * SECOND_US
    else:
        match = _DECIMAL.fullmatch(text)
        if match is None:
            raise ValueError(f"{text!r} is no number of seconds since 1970")
        sign, whole, decimals = match.groups()
        microseconds = int(whole) * SECOND_US + int((decimals or "")[:6].ljust(6, "0"))
        microseconds = -microseconds if sign else microseconds
        seconds = microseconds // SECOND_US
    if not _LEAST_SECONDS <= seconds < _MOST_SECONDS:
        raise ValueError(f"{text!r} is beyond the year 9999; epoch is in seconds, not in milliseconds")
    return microseconds


def iso_us(text: str) -> int:
    """ISO 8601, with a zone or without one (then it is taken as UTC)."""
    try:
        return _since_epoch(datetime.fromisoformat(text.strip()))
    except ValueError:
        raise ValueError(f"{text!r} is no ISO 8601 time such as 2004-04-15T14:56:00Z") from None


def _since_epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    span = moment - _EPOCH
    return span.days * DAY_US + span.seconds * SECOND_US + span.microseconds


def _slow_parser(time_format: str) -> Parser:
    """``strptime``, asked once per text: traces of coarse resolution repeat themselves."""
    known: dict[str, int] = {}

    def parse(text: str) -> int:
        moment = known.get(text)
        if moment is None:
            try:
                moment = _since_epoch(datetime.strptime(text.strip(), time_format.strip()))
            except ValueError:
                raise ValueError(f"{text!r} does not fit the time format {time_format!r}") from None
            known[text] = moment
        return moment

    return parse


def _quick_parser(time_format: str) -> Parser | None:
    """A regular expression and a little arithmetic; ``None`` for formats that need more than that."""
    pattern, letters = _pattern_of(time_format)
    if pattern is None or "d" not in letters or "m" not in letters or ("Y" in letters) == ("y" in letters):
        return None
    if ("I" in letters) != ("p" in letters) or ("I" in letters and "H" in letters):
        return None
    match_whole = re.compile(pattern).fullmatch
    slow = _slow_parser(time_format)
    ordinals: dict[tuple[str, str, str], int] = {}
    year_letter = "Y" if "Y" in letters else "y"

    def parse(text: str) -> int:
        match = match_whole(text)
        if match is None:
            return slow(text)
        day_key = (match[year_letter], match["m"], match["d"])
        day = ordinals.get(day_key)
        if day is None:
            try:
                day = ordinals[day_key] = _ordinal(*day_key)
            except ValueError:
                return slow(text)  # 30 February: let the standard library refuse it
        return day * DAY_US + _time_of_day(match.groupdict())

    return parse


def _pattern_of(time_format: str) -> tuple[str | None, str]:
    """The regular expression of a format and the letters of its directives, or ``None`` when one is not known."""
    pattern, letters = "", ""
    place = 0
    while place < len(time_format):
        character = time_format[place]
        if character == "%":
            place += 1
            letter = time_format[place]
            if letter not in _PARTS or letter in letters:
                return None, ""
            pattern += _PARTS[letter]
            letters += "" if letter == "%" else letter
        else:
            pattern += re.escape(character)
        place += 1
    return pattern, letters


def _ordinal(year: str, month: str, day: str) -> int:
    """Days since 1970; a year of two digits means 1969 to 2068, as in POSIX."""
    number = int(year)
    if len(year) == 2:
        number += 2000 if number <= 68 else 1900
    return date(number, int(month), int(day)).toordinal() - _EPOCH_DAY


def _time_of_day(found: dict[str, str]) -> int:
    half = found.get("p")
    if half is None:
        hour = int(found.get("H") or 0)
    else:
        hour = int(found["I"]) % 12 + (12 if half in ("PM", "pm") else 0)
    seconds = hour * 3600 + int(found.get("M") or 0) * 60 + int(found.get("S") or 0)
    return seconds * SECOND_US + int((found.get("f") or "").ljust(6, "0"))
