"""The page of a comparison: whole, the same bytes every time, and safe whatever names say."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from sim.report import write_report
from sim.report.comparison_page import render
from sim.report.differences import draw_changes, draw_differences


def number(value: float | None, half: float = 0.1) -> dict[str, Any]:
    if value is None:
        return {"value": None, "low": None, "high": None, "runs": 0, "text": "–"}
    return {"value": value, "low": value - half, "high": value + half, "runs": 3, "text": f"{value:.1f} ± {half}"}


def difference(variant: str, value: float | None, zero: bool | None) -> dict[str, Any]:
    seeds = {} if value is None else {str(seed): value + 0.1 * (seed - 2) for seed in (1, 2, 3)}
    share = None if value is None else value / 10
    ratio = None if share is None else share + 1
    return {"variant": variant, **number(value), "excludes_zero": zero, "change": number(share, 0.01),
            "ratio": number(ratio, 0.01), "seeds": seeds}  # fmt: skip


def document(**changes: Any) -> dict[str, Any]:
    metrics = [
        {
            "metric": name, "doc": "time until <seen>", "unit": unit, "pooled": False,
            "variants": {each: {**number(1.5), "seeds": {}} for each in ("base", "lazy", "<b>&eager")},
            "differences": [difference("lazy", -0.4, True), difference("<b>&eager", last, zero)],
        }
        for name, unit, last, zero in (("delivery_p99_s", "s", 0.0, False), ("owed", "number", None, None))
    ]  # fmt: skip
    variants = [
        {"variant": name, "passed": True, "exit_code": 0, "sentence": "PASSED: all well.", "checks": [], "failures": [],
         "runs": {"passed": 3, "asked": 3, "finished": 3}, "delivery": None}
        for name in ("base", "lazy", "<b>&eager")
    ]  # fmt: skip
    return {
        "scenario": "storm", "question": "What does it <cost>?", "given": "storm", "sets": [], "mutant": None,
        "commit": "0123456789abcdef", "changed": False, "baseline": "base", "compared": ["lazy", "<b>&eager"],
        "metric": "delivery_p99_s", "seeds": ["1", "2", "3"], "interrupted": False, "passed": True, "exit_code": 0,
        "answer": {"sentence": "Lazy is <faster>.", "claims": "less", "borne_out": True},
        "variants": variants, "metrics": metrics, **changes,
    }  # fmt: skip


def test_it_shows_the_answer_every_figure_and_both_plots() -> None:
    page = render(document(), {"python": "3.11"})
    text = re.sub(r"\s+", " ", page)
    assert '<h1 class="long">Lazy is &lt;faster&gt;.</h1>' in text
    assert page.count("<svg") == 2
    assert "-0.4 ± 0.1" in text
    assert "more than chance" in text
    assert "may be chance" in text
    assert "one seed cannot tell" in text
    assert '<header class="good">' in page


def test_names_are_escaped_everywhere() -> None:
    page = render(document(), {})
    assert "<b>&eager" not in page
    assert "<seen>" not in page
    assert "&lt;b&gt;&amp;eager" in page


def test_it_is_the_same_every_time_and_calls_nobody() -> None:
    page = render(document(), {})
    assert page == render(document(), {})
    assert not re.search(r"(src|href)=\"?https?:|<script", page)


@pytest.mark.parametrize(
    ("changes", "tone"),
    [
        ({"exit_code": 1, "passed": False}, "bad"),
        ({"exit_code": 4, "passed": False}, "warn"),
        ({"answer": {"sentence": "3 seeds do not bear out ...", "claims": "less", "borne_out": False}}, "warn"),
    ],
)
def test_its_tone_follows_the_verdict(changes: dict[str, Any], tone: str) -> None:
    assert f'<header class="{tone}">' in render(document(**changes), {})


def test_a_comparison_without_figures_is_still_a_page() -> None:
    page = render(document(metrics=[]), {})
    assert "<svg" not in page
    nothing = document()["metrics"][1]
    nothing["differences"] = [difference("lazy", None, None)]
    assert draw_changes([nothing], "base") is None
    assert "<svg" not in render(document(metrics=[nothing], metric="owed"), {})


def test_the_plot_speaks_to_those_who_cannot_see_it() -> None:
    svg = draw_differences(document()["metrics"][0], "base")
    assert 'aria-label="Difference of delivery_p99_s from base, seed by seed: lazy -0.4 ± 0.1; &lt;b&gt;' in svg
    assert "milliseconds" in svg


def test_failures_tell_their_story() -> None:
    changed = document(exit_code=1, passed=False)
    changed["variants"][1]["failures"] = [
        {
            "check": "LOSS-1",
            "meaning": "nothing is lost",
            "seed": "2",
            "story": ["Ann wrote."],
            "replay": "doubletick x",
        }
    ]
    page = render(changed, {})
    assert "<li>Ann wrote.</li>" in page
    assert "lazy: <code>LOSS-1</code>" in page


def test_the_folder_says_which_page_it_gets(tmp_path: Path) -> None:
    (tmp_path / "comparison.json").write_text(json.dumps(document()), encoding="utf-8")
    (tmp_path / "manifest.json").write_text('{"versions": {"simpy": "4.1"}}', encoding="utf-8")
    page = write_report(tmp_path).read_text(encoding="utf-8")
    assert "simpy 4.1" in page
    assert "against base" in page
