"""The sentence of a verdict says what is true, in good English."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim import run
from sim.results.gate import Case
from sim.results.junit import junit_xml
from sim.results.records import Record, record_of
from sim.results.summary import Subject, summarise
from sim.scenario.loading import load

AWAY = """
schema: doubletick/1
name: away
time: {chaos: 1m}
workload:
  kind: script
  users: 2
  operations:
    - {at: 5s, sender: 0, recipient: 1, text: hello}
    - {at: 6s, sender: 1, recipient: 0, text: hello}
    - {at: 20s, sender: 0, recipient: 1, text: where are you?}
faults:
  - {kind: offline, at: 10s, target: phone 1}
"""


def played(folder: Path, text: str, **options: object) -> tuple[Subject, list[Record]]:
    path = folder / "away.yaml"
    path.write_text(text)
    scenario = load(str(path))
    return Subject(scenario, str(path)), [record_of(run(scenario))]


def sentence(folder: Path, text: str) -> str:
    subject, records = played(folder, text)
    return str(summarise(subject, records)["sentence"])


def test_one_message_waits_for_a_phone_that_stays_away(tmp_path: Path) -> None:
    assert sentence(tmp_path, AWAY) == (
        "PASSED: of 3 messages 2 were shown, none twice, all in order; the other one was refused, expired as told, "
        "waits for a phone that is gone or away, or stands in a channel (FLOW-1 accounts for it), "
        "although 1 fault hit the system."
    )


def test_several_messages_wait_for_it(tmp_path: Path) -> None:
    later = "    - {at: 21s, sender: 0, recipient: 1, text: still there?}\nfaults:"
    told = sentence(tmp_path, AWAY.replace("faults:", later))
    assert "of 4 messages 2 were shown" in told
    assert (
        "the other 2 were refused, expired as told, wait for phones that are gone or away, or stand in a channel"
        in told
    )
    assert "(FLOW-1 accounts for each)" in told


def test_only_flow_1_accounts(tmp_path: Path) -> None:
    told = sentence(tmp_path, AWAY.replace("workload:", "checks: [LOSS-1, DUP-1, ORDER-1]\nworkload:"))
    assert "the other one was" in told
    assert "FLOW-1" not in told


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([0, 0], "INTERRUPTED: 2 of 9 runs were played, and no check was broken by then."),
        ([0], "INTERRUPTED: 1 of 9 runs was played, and no check was broken by then."),
        (
            [0, 70],
            "INTERRUPTED: 2 of 9 runs were played. By then BROKEN: seed 1 ended in an error of doubletick itself",
        ),
        ([], "INTERRUPTED: 0 of 9 runs were played."),
    ],
)
def test_who_is_interrupted_gives_no_other_verdict(tmp_path: Path, codes: list[int], words: str) -> None:
    path = tmp_path / "away.yaml"
    path.write_text(AWAY)
    records = [Record(str(place), place, code, error="KeyError: x") for place, code in enumerate(codes)]
    summary = summarise(Subject(load(str(path)), "away"), records, asked=9, interrupted=True)
    assert summary["sentence"].startswith(words)
    assert (summary["exit_code"], summary["passed"], summary["interrupted"]) == (130, False, True)


def test_an_interrupted_case_is_an_error_in_junit(tmp_path: Path) -> None:
    subject, records = played(tmp_path, AWAY)
    summary = summarise(subject, records, asked=9, interrupted=True)
    text = junit_xml([Case("away.yaml", "away", summary=summary, records=records)])
    assert 'tests="2" failures="0" errors="1"' in text
    assert "INTERRUPTED: 1 of 9 runs was played" in text
