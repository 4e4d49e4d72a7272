"""The page of a run folder: what it says, that it stands alone, that it stays small and the same."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from page_cases import CRASH, SECOND, VERSIONS, Injected, record, summary_of

from sim.checkers.verdict import INVALID
from sim.faults.schedule import Fault
from sim.report import page, write_report
from sim.results.records import broken_record

TIMES = [80_000 + 9_000 * (number % 11) + (2_000_000 if number in (20, 21) else 0) for number in range(60)]
CASES: dict[str, dict[str, Any]] = {
    "passed": summary_of(record(TIMES)),
    "no message": summary_of(record([])),
    "one message": summary_of(record([84_000], injected=())),
    "failed": summary_of(record(TIMES, failing=("LOSS-1", "DUP-1"))),
    "several": summary_of(*(record(TIMES, seed=seed, failing=("LOSS-1",) if seed == 3 else ()) for seed in (1, 2, 3))),
    "broken": summary_of(broken_record("1", 1, "Traceback <most recent>\nRuntimeError: the world has ended")),
}
VOID = {"meta", "link", "br", "img", "input", "hr"}


class Tags(HTMLParser):
    """Checks that every tag is closed, and gathers ids and what they are referred to by."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id" and value:
                self.ids.append(value)
            if name in ("src", "href", "xlink:href", "action", "srcset", "data") and value:
                self.references.append(value)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def render(summary: dict[str, Any]) -> str:
    return page.render(summary, VERSIONS)


@cache
def rendered(case: str) -> str:
    """The page of a case, which many tests look at: its plots take most of a second."""
    return render(CASES[case])


@pytest.mark.parametrize("case", CASES)
def test_a_page_stands_alone_and_is_small(case: str) -> None:
    text = rendered(case)
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert len(tags.ids) == len(set(tags.ids)), "an id twice"
    assert all(reference.startswith("#") and reference[1:] in tags.ids for reference in tags.references)
    assert "://" not in text
    assert "@import" not in text
    assert not tags.names & {"script", "iframe", "img", "link", "object"}
    assert len(text.encode()) < 400_000


@pytest.mark.parametrize("case", CASES)
def test_the_verdict_comes_first(case: str) -> None:
    summary = CASES[case]
    text = re.sub(r"<[^>]+>", " ", rendered(case).split("<body>")[1])
    word, _, sentence = summary["sentence"].partition(": ")
    words = " ".join(text.split())
    assert words.index(word) < 200
    assert sentence[1:].split("<")[0] in words
    assert "0123456789ab" in words


def test_two_renderings_are_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "summary.json").write_text(json.dumps(CASES["failed"]))
    (tmp_path / "manifest.json").write_text(json.dumps({"versions": VERSIONS, "started": "2026-01-01"}))
    first = write_report(tmp_path).read_bytes()
    (tmp_path / "manifest.json").write_text(json.dumps({"versions": VERSIONS, "ended": "2026-01-02"}))
    assert write_report(tmp_path).read_bytes() == first
    assert write_report(tmp_path) == tmp_path / "report.html"


def test_the_page_does_not_tell_how_long_the_computer_took() -> None:
    slow = {**CASES["passed"], "wall_s": 99_999.125}
    assert render(slow) == rendered("passed")


def test_names_are_escaped() -> None:
    evil = '<script>alert("x")</script>'
    where = Injected(Fault("crash"), SECOND, 2 * SECOND, 1, "written", f"$\\frac{evil}")
    text = render(summary_of(record(TIMES, injected=(where,)), name=evil, question=evil, variant=evil, sets=(evil,)))
    assert evil not in text
    assert "&lt;script&gt;" in text


def test_a_failure_tells_its_story_and_how_to_replay_it() -> None:
    text = rendered("failed")
    for words in (
        "What went wrong",
        "never showed it",
        "doubletick replay storm --seed 1",
        "2 cases, of which this is one",
    ):
        assert words in text
    assert "✗ LOSS-1, DUP-1" in text, "the plot marks where it failed"


def test_faults_that_touched_nothing_are_grey() -> None:
    rows = re.findall(r"<tr[^>]*>.*?</tr>", rendered("passed"), re.DOTALL)
    assert any('class="idle"' in row and "fail_over" in row and "its point was not met" in row for row in rows)
    assert any('class="idle"' not in row and "crash" in row and "connection_server 1" in row for row in rows)


def test_what_was_not_exercised_is_named() -> None:
    text = rendered("passed")
    told = text[text.index("<h2>Not exercised") :]
    assert "old epoch fenced" in told
    assert "flapping" in told
    assert "stale lease at push" not in told.split("</section>")[0]


def test_several_seeds_are_pooled_and_the_first_failing_one_is_shown() -> None:
    text = rendered("several")
    assert "Over time: seed 3" in text
    assert "the first that failed" in text
    assert "all runs pooled" in text
    assert "Seed by seed" in text
    assert "broken in seed 3" in text
    assert f"{len(TIMES) * 3:,} deliveries" in text
    assert "Seed by seed" not in rendered("passed")


def test_a_huge_summary_still_makes_a_small_page() -> None:
    faults = tuple(
        Injected(Fault("crash"), at * SECOND, at * SECOND + 500, at % 3, "drawn", "phone 7, " * 400)
        for at in range(300)
    )
    first = record(TIMES, failing=("LOSS-1",), injected=faults)
    many = [first, *(record(TIMES[:3], seed=seed, injected=(CRASH,)) for seed in range(2, 1500))]
    summary = summary_of(*many)
    summary["failures"][0]["story"] = ["x" * 5_000] * 2_000
    text = render(summary)
    assert len(text.encode()) < page.MOST_BYTES / 3
    assert "of 1,499 runs" in text
    assert "100 more are in" in text


def test_a_run_loads_no_plots() -> None:
    code = "import sys, sim.report, sim.runner; print(any(name in sys.modules for name in ('matplotlib', 'jinja2')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_what_did_not_hold_beyond_the_promise_is_allowed_and_not_red() -> None:
    run = record(TIMES)
    lost = next(verdict for verdict in run.verdicts if verdict.check == "LOSS-1")
    told = replace(lost, outcome=INVALID, violations=2, beyond="a quorum of store 0 lost its disks")
    verdicts = tuple(told if verdict is lost else verdict for verdict in run.verdicts)
    allowed = render(summary_of(replace(run, verdicts=verdicts)))
    assert 'class="outcome allowed">allowed' in allowed and 'class="outcome invalid"' not in allowed
    assert 'class="outcome invalid">invalid' in rendered("failed")
