"""A comparison as one document, from which the terminal, the JSON output, the run folder and the page all draw.

Its keys are a contract (``schema_version``). Numbers stand beside the text that people read, so that whoever shows it
works out nothing of its own. Times of metrics are seconds, as their names say.
"""

from __future__ import annotations

from typing import Any, Final

from ..results import exit_codes
from ..results.records import Record
from ..results.summary import summarise
from ..statistics.intervals import CONFIDENCE, Estimate
from ..vocabulary.metrics import NUMBER, Metric, metric_of
from .answering import answer
from .comparing import Comparison
from .numbers import PERCENT, number_text
from .samples import has

SCHEMA_VERSION: Final = 1
FILE: Final = "comparison.json"


def document_of(comparison: Comparison) -> dict[str, Any]:
    """Everything that a comparison found."""
    contest = comparison.contest
    subject = comparison.sides[contest.baseline].subject
    summaries = {name: _summary(comparison, name) for name in contest.names}
    code = exit_codes.worst(summary["exit_code"] for summary in summaries.values())
    told = answer(comparison)
    return {
        "schema_version": SCHEMA_VERSION,
        "scenario": subject.scenario.name,
        "question": subject.scenario.question,
        "given": subject.given,
        "sets": list(subject.sets),
        "mutant": subject.mutant,
        "commit": subject.commit or None,
        "changed": subject.changed,
        "confidence": CONFIDENCE,
        "baseline": contest.baseline,
        "compared": list(contest.compared),
        "metric": contest.metric,
        "seeds": list(comparison.seeds),
        "interrupted": comparison.interrupted,
        "passed": code == exit_codes.PASSED,
        "exit_code": code,
        "answer": {
            "sentence": told.sentence,
            "claims": told.claims,
            "borne_out": told.borne_out,
        },
        "variants": [_variant(name, summaries[name]) for name in contest.names],
        "metrics": [_metric(comparison, name) for name in comparison.metrics()],
        "wall_s": round(sum(summary["wall_s"] for summary in summaries.values()), 3),
    }


def rows_of(comparison: Comparison) -> list[dict[str, str]]:
    """The same as a table of texts."""
    baseline = comparison.contest.baseline
    return [
        {
            "metric": found["metric"],
            baseline: found["variants"][baseline]["text"],
            "variant": one["variant"],
            "its figure": found["variants"][one["variant"]]["text"],
            "difference": one["text"],
            "change": one["change"]["text"],
        }
        for found in (_metric(comparison, name) for name in comparison.metrics())
        for one in found["differences"]
    ]


def _summary(comparison: Comparison, name: str) -> dict[str, Any]:
    side = comparison.sides[name]
    return summarise(side.subject, side.in_order(), asked=len(comparison.seeds), interrupted=comparison.interrupted)


def _variant(name: str, summary: dict[str, Any]) -> dict[str, Any]:
    kept = ("passed", "exit_code", "sentence", "runs", "checks", "failures", "delivery")
    return {"variant": name, **{key: summary[key] for key in kept}}


def _metric(comparison: Comparison, name: str) -> dict[str, Any]:
    """One metric: every variant's figure, and every difference from the baseline."""
    contest = comparison.contest
    declared = metric_of(name) or Metric("")
    return {
        "metric": name,
        "doc": declared.doc,
        "unit": declared.unit,
        "pooled": declared.quantile is not None,
        "variants": {
            variant: {
                **_number(comparison.mean(variant, name), declared.unit),
                "seeds": _by_seed(comparison.records(variant), name),
            }
            for variant in contest.names
        },
        "differences": [_difference(comparison, variant, name, declared.unit) for variant in contest.compared],
    }


def _difference(comparison: Comparison, variant: str, name: str, unit: str) -> dict[str, Any]:
    found = comparison.difference(variant, name)
    return {
        "variant": variant,
        **_number(found, unit),
        "excludes_zero": None if found is None or found.low is None else found.excludes(0.0),
        "change": _number(comparison.change(variant, name), PERCENT),
        "ratio": _number(comparison.ratio(variant, name), NUMBER),
        "seeds": comparison.differences(variant, name),
    }


def _number(found: Estimate | None, unit: str) -> dict[str, Any]:
    if found is None:
        return {"value": None, "low": None, "high": None, "runs": 0, "text": number_text(None, unit)}
    return {
        "value": found.value,
        "low": found.low,
        "high": found.high,
        "runs": found.runs,
        "text": number_text(found, unit),
    }


def _by_seed(records: list[Record], name: str) -> dict[str, float]:
    return {record.seed_text: record.metrics[name] for record in records if has(record, name)}
