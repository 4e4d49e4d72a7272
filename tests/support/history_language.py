"""A small language in which tests write histories.

    history('''
        a writes 1 to b; log 1; inbox b takes 1; b stores 1; b shows 1; b acknowledges 1
        a ticks 1 accepted; a places 1
        heal; end
    ''')

Sentences stand on lines of their own or between semicolons; ``#`` begins a comment. Each sentence moves time on by a
millisecond; ``wait 5s`` by more. A letter is a person and their phone, ``a2`` the second installation of a's phone. A
number is a message (its operation). Sequences and update numbers count up by themselves; ``as 7`` says otherwise. The
sentences are the patterns above the methods of ``Writer``; a test may also call these methods.
"""

from __future__ import annotations

from typing import Any

from history_more import WholeWriter
from history_writer import SENTENCES, Writer

from sim.checkers.judging import judge
from sim.checkers.verdict import HistoryRow, Verdict
from sim.scenario.model import Scenario
from sim.vocabulary.ids import SLOTS_PER_USER, device_of

STEP_US = 1_000


def device_named(name: str) -> int:
    """``a`` is the first installation of person 0, ``b2`` the second of person 1."""
    return device_of(ord(name[0]) - ord("a"), (int(name[1:] or 1) - 1) * SLOTS_PER_USER)


def _argument(word: str, text: str | None) -> Any:
    if word == "again":
        return text is not None
    if text is None:
        return None
    if word == "D":
        return device_named(text)
    if word == "L":
        return [device_named(name) for name in text.split()]
    return int(text) if word == "N" else text


def speak(writer: Writer, text: str) -> None:
    """Write what these sentences say."""
    for line in text.splitlines():
        for sentence in line.partition("#")[0].split(";"):
            if sentence.strip():
                _speak_one(writer, " ".join(sentence.split()))


def _speak_one(writer: Writer, sentence: str) -> None:
    for pattern, words, name in SENTENCES:
        match = pattern.fullmatch(sentence)
        if match is not None:
            writer.now_us += STEP_US
            getattr(writer, name)(*map(_argument, words, match.groups()))
            return
    raise AssertionError(f"no such sentence: {sentence!r}")


def history(text: str) -> list[HistoryRow]:
    """The rows that a text stands for."""
    writer = WholeWriter()
    speak(writer, text)
    return writer.rows


def judged(rows: str | list[HistoryRow], check: str, scenario: Scenario | None = None) -> Verdict:
    """What one check says about a history."""
    played = scenario or Scenario()
    (verdict,) = judge(history(rows) if isinstance(rows, str) else rows, played, (check,))
    return verdict


def outcomes(rows: str | list[HistoryRow]) -> dict[str, str]:
    """What every check says about a history."""
    judgement = judge(history(rows) if isinstance(rows, str) else rows, Scenario())
    return {verdict.check: verdict.outcome for verdict in judgement}
