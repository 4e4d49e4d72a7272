"""The summary: one document from which the terminal, the JSON output, the run folder and the report all draw.

Its keys are a contract (``schema_version``; see ``tests/results/summary.schema.json``). Times end in ``_us`` and are
microseconds. Everything but ``wall_s`` is a function of the runs alone, however many workers played them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from ..checkers.verdict import INVALID, UNKNOWN, VALID
from ..scenario.model import Scenario
from ..statistics.histogram import Histogram, merged
from . import exit_codes
from .records import Injection, Record, counted_together
from .series import distribution_of, timeline_of
from .words import meaning, replay_command, sentence

SCHEMA_VERSION: Final = 1
MOST_INJECTED_ROWS: Final = 200
"""So many injected faults of one run are listed in the summary; all are in ``faults.parquet``."""
_MOST_FAILING_SEEDS: Final = 50


@dataclass(frozen=True, slots=True)
class Subject:
    """What was played: the scenario, and what a person wrote to get it."""

    scenario: Scenario
    given: str
    variant: str | None = None
    sets: tuple[str, ...] = ()
    mutant: str | None = None
    commit: str = ""
    """The commit of the code, empty if unknown."""
    changed: bool = False
    """The code differs from that commit."""

    @property
    def folder_name(self) -> str:
        """The name of this subject's folder: the scenario's, with the variant and the mutant if there are any."""
        parts = [self.scenario.name]
        if self.variant:
            parts.append(self.variant)
        if self.mutant:
            parts.append("mutant-" + self.mutant)
        return "--".join("".join(c if c.isalnum() or c in "._-" else "-" for c in part) for part in parts).strip(".")


def summarise(
    subject: Subject,
    records: Sequence[Record],
    *,
    asked: int | None = None,
    interrupted: bool = False,
    other_digest: Sequence[str] = (),
) -> dict[str, Any]:
    """Build the summary of one subject's runs, in the order of their seeds. ``other_digest`` names the seeds whose
    second run gave another history. Runs that were interrupted have no other verdict than that."""
    records = counted_together(records, subject.scenario.must_reach)
    seen = exit_codes.worst(record.exit_code for record in records)
    if other_digest:
        seen = exit_codes.worst((seen, exit_codes.NOT_DETERMINISTIC))
    code = exit_codes.INTERRUPTED if interrupted else seen
    delivery = merged(record.delivery for record in records)
    summary: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "scenario": subject.scenario.name,
        "question": subject.scenario.question,
        "given": subject.given,
        "variant": subject.variant,
        "sets": list(subject.sets),
        "mutant": subject.mutant,
        "commit": subject.commit or None,
        "changed": subject.changed,
        "beyond_promise": subject.scenario.beyond_promise,
        "passed": code == exit_codes.PASSED,
        "exit_code": code,
        "sentence": "",
        "interrupted": interrupted,
        "runs": _runs(records, asked if asked is not None else len(records)),
        "checks": _checks(records),
        "injected": _injected(records),
        "delivery": _delivery(delivery),
        "distribution": distribution_of(delivery),
        "timeline": timeline_of(records, seen),
        "must_reach": list(subject.scenario.must_reach),
        "reached": _added(record.reached for record in records),
        "counts": _added(record.counts for record in records),
        "notes": list(dict.fromkeys(note for record in records for note in record.notes)),
        "other_digest": list(other_digest),
        "failures": _failures(subject, records),
        "seeds": [_seed(record) for record in records],
        "wall_s": round(sum(record.wall_s for record in records), 3),
    }
    summary["sentence"] = sentence(summary)
    return summary


def _runs(records: Sequence[Record], asked: int) -> dict[str, int]:
    codes = [record.exit_code for record in records]
    return {
        "asked": asked,
        "finished": len(codes),
        "passed": codes.count(exit_codes.PASSED),
        "failed": codes.count(exit_codes.CHECK_FAILED),
        "inconclusive": codes.count(exit_codes.INCONCLUSIVE),
        "nothing_tested": codes.count(exit_codes.NOTHING_TESTED),
        "broken": sum(code in (exit_codes.OUR_BUG, exit_codes.BAD_USAGE) for code in codes),
    }


def _checks(records: Sequence[Record]) -> list[dict[str, Any]]:
    """One row per check, in the order in which the runs name them; the worst outcome is the row's."""
    rows: dict[str, dict[str, Any]] = {}
    for record in records:
        for verdict in record.verdicts:
            row = rows.setdefault(
                verdict.check,
                {
                    "check": verdict.check,
                    "meaning": meaning(verdict.check),
                    "outcome": UNKNOWN,
                    VALID: 0,
                    INVALID: 0,
                    UNKNOWN: 0,
                    "fails": 0,
                    "exercised": 0,
                    "violations": 0,
                    "failing_seeds": [],
                },
            )
            row[verdict.outcome] += 1
            row["fails"] += verdict.fails
            row["exercised"] += verdict.exercised
            row["violations"] += verdict.violations
            if verdict.outcome == INVALID and len(row["failing_seeds"]) < _MOST_FAILING_SEEDS:
                row["failing_seeds"].append(record.seed_text)
    for row in rows.values():
        row["outcome"] = INVALID if row[INVALID] else VALID if row[VALID] else UNKNOWN
    return list(rows.values())


def _injected(records: Sequence[Record]) -> list[dict[str, Any]]:
    """What was really injected in all runs together: one row per kind and origin."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for record in records:
        for one in record.injected:
            row = rows.setdefault(
                (one.fault.kind, one.origin),
                {"kind": one.fault.kind, "origin": one.origin, "times": 0, "idle": 0, "touched": 0},
            )
            row["times"] += 1
            row["idle"] += one.touched == 0
            row["touched"] += one.touched
    return [rows[key] for key in sorted(rows)]


def _delivery(times: Histogram | None) -> dict[str, Any] | None:
    """Delivery times pooled over all runs: quantiles of the merged histogram, never means of quantiles."""
    if times is None or not times.count:
        return None
    return {
        "count": times.count,
        "mean_us": round(times.mean_us or 0.0, 1),
        "p50_us": times.quantile(0.50),
        "p90_us": times.quantile(0.90),
        "p99_us": times.quantile(0.99),
        "p999_us": times.quantile(0.999),
        "maximum_us": times.maximum_us,
    }


def _added(parts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, number in part.items():
            total[name] = total.get(name, 0) + number
    return dict(sorted(total.items()))


def _failures(subject: Subject, records: Sequence[Record]) -> list[dict[str, Any]]:
    """The witness of every check that failed, from the first seed in which it did, in the order of the seeds."""
    seen: dict[str, dict[str, Any]] = {}
    for record in records:
        if record.exit_code != exit_codes.CHECK_FAILED:
            continue
        for verdict in record.failing:
            seen.setdefault(
                verdict.check,
                {
                    "check": verdict.check,
                    "meaning": meaning(verdict.check),
                    "seed": record.seed_text,
                    "at_us": verdict.at_us,
                    "violations": verdict.violations,
                    "operations": list(verdict.operations),
                    "story": list(verdict.story),
                    "replay": replay_command(
                        subject.given,
                        record.seed_text,
                        variant=subject.variant,
                        sets=subject.sets,
                        mutant=subject.mutant,
                    ),
                },
            )
    return sorted(seen.values(), key=_is_consequence)


def _is_consequence(failure: dict[str, Any]) -> bool:
    """Whether a failure may follow from another: what an overload is told by comes before all that it brings about."""
    return not any(line.startswith("overload:") for line in failure["story"])


def _seed(record: Record) -> dict[str, Any]:
    return {
        "seed": record.seed_text,
        "seed_number": str(record.seed),
        "exit_code": record.exit_code,
        "digest": record.digest,
        "checks": {verdict.check: verdict.outcome for verdict in record.verdicts},
        "drawn": {path: plain(value) for path, value in sorted(record.drawn.items())},
        "injected": [injected_row(one) for one in record.injected[:MOST_INJECTED_ROWS]],
        "injected_in_all": len(record.injected),
        "reached": dict(sorted(record.reached.items())),
        "counts": dict(sorted(record.counts.items())),
        "metrics": finite(record.metrics),
        "delivery": _delivery(record.delivery),
        "simulated_us": record.simulated_us,
        "wall_s": round(record.wall_s, 3),
        "error": record.error,
    }


def injected_row(one: Injection) -> dict[str, Any]:
    """One injected fault as plain data."""
    return {
        "kind": one.fault.kind,
        "where": one.where,
        "began_us": one.began_us,
        "ended_us": one.ended_us,
        "touched": one.touched,
        "origin": one.origin,
        "point": one.fault.point,
    }


def plain(value: object) -> Any:
    """A drawn value as JSON can hold it."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return [plain(part) for part in value]
    return str(value)


def finite(metrics: Mapping[str, float]) -> dict[str, float | None]:
    """Numbers as JSON can hold them: infinities and not-a-numbers become null."""
    return {name: float(value) if abs(value) < float("inf") else None for name, value in sorted(metrics.items())}
