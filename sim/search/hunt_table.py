"""The table of a hunt: one document from which the terminal, the JSON and the folder draw.

All of it but ``wall_s`` is a function of the outcomes alone: a hunt that was killed and went on, or was played
elsewhere, has the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..results import exit_codes
from ..results.summary import Subject
from ..results.words import meaning, plural, replay_command
from ..vocabulary.kinds import HARD_CASE_NAMES
from ..vocabulary.points import CATALOGUE
from .coverage import Coverage
from .hunt import Hunt
from .outcome import Outcome

SCHEMA_VERSION: Final = 1
_MOST_SEEDS: Final = 50


def table_of(subject: Subject, hunt: Hunt, *, required: Sequence[str], guided: bool = False) -> dict[str, Any]:
    """Build the document of a hunt."""
    outcomes = hunt.outcomes
    different = hunt.different()
    document: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "scenario": subject.scenario.name,
        "question": subject.scenario.question,
        "given": subject.given,
        "variant": subject.variant,
        "sets": list(subject.sets),
        "mutant": subject.mutant,
        "commit": subject.commit or None,
        "changed": subject.changed,
        "guided": guided,
        "passed": False,
        "exit_code": 0,
        "sentence": "",
        "complete": hunt.is_complete,
        "runs": _runs(hunt),
        "messages": _messages(outcomes),
        "faults": _faults(outcomes),
        "simulated_us": sum(each.simulated_us for each in outcomes),
        "failures": _failures(subject, hunt),
        "errors": _errors(hunt),
        "must_reach": _reached(outcomes, required),
        "coverage": _coverage(outcomes) if hunt.coverage else None,
        "options": _options(outcomes),
        "repeats": {
            "played": len(hunt.repeats),
            "identical": len(hunt.repeats) - len(different),
            "different": different,
        },
        "digest": _digest(outcomes),
    }
    code = exit_code_of(document, outcomes, subject)
    document.update(passed=code == exit_codes.PASSED, exit_code=code)
    document["sentence"] = _sentence(document, outcomes, subject)
    return document


def exit_code_of(document: Mapping[str, Any], outcomes: Sequence[Outcome], subject: Subject) -> int:
    """The worst that the hunt has seen. What has to be touched and reached is asked of the sum of its runs."""
    codes = [each["exit_code"] for each in document["errors"]]
    if document["repeats"]["different"]:
        codes.append(exit_codes.NOT_DETERMINISTIC)
    if any(row["counts"] for row in document["failures"]):
        codes.append(exit_codes.CHECK_FAILED)
    if untested(document, outcomes, subject):
        codes.append(exit_codes.NOTHING_TESTED)
    if any(each.silent for each in outcomes) and not document["runs"]["judged"]:
        codes.append(exit_codes.INCONCLUSIVE)
    return exit_codes.worst(codes or [exit_codes.PASSED])


def untested(document: Mapping[str, Any], outcomes: Sequence[Outcome], subject: Subject) -> list[str]:
    """Why the hunt is no test of anything, in words; empty when it is one."""
    reasons = []
    if not outcomes:
        reasons.append("no run was played")
    elif not document["messages"]["composed"]:
        reasons.append("no message was composed")
    idle = [set(each.idle_written) for each in outcomes if not each.error]
    reasons.extend(
        f"the written fault {fault.kind} (number {number + 1}) touched nothing in any run"
        for number, fault in enumerate(subject.scenario.faults)
        if idle and not document["guided"] and all(number in each for each in idle)
    )
    if document["faults"]["drawn"] and not document["faults"]["struck"]:
        reasons.append("no fault touched anything")
    reasons.extend(
        f"never reached: {row['case']}" for row in document["must_reach"] if row["required"] and not row["runs"]
    )
    return reasons


def _runs(hunt: Hunt) -> dict[str, Any]:
    outcomes = hunt.outcomes
    return {
        "asked": hunt.plan.total,
        "played": len(outcomes),
        "failed": sum(each.failed for each in outcomes),
        "broken": sum(bool(each.error) for each in outcomes),
        "judged": sum(not each.silent and not each.error for each in outcomes),
        "mutated": sum(trial.parent >= 0 for trial in hunt.trials.values()),
    }


def _messages(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    composed = sum(each.composed for each in outcomes)
    return {
        "composed": composed,
        "shown": sum(each.shown for each in outcomes),
        "per_run": round(composed / len(outcomes), 2) if outcomes else None,
    }


def _faults(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    drawn = _added(each.drawn for each in outcomes)
    struck = _added(each.struck for each in outcomes)
    total = sum(struck.values())
    return {
        "drawn": sum(drawn.values()),
        "struck": total,
        "struck_per_run": round(total / len(outcomes), 2) if outcomes else None,
        "kinds": [{"kind": kind, "drawn": drawn[kind], "struck": struck.get(kind, 0)} for kind in drawn],
    }


def _failures(subject: Subject, hunt: Hunt) -> list[dict[str, Any]]:
    """One row per check that failed, with the first run in which it did."""
    rows: dict[tuple[str, bool], dict[str, Any]] = {}
    for outcome in hunt.outcomes:
        for failure in outcome.failures:
            key = failure.check, failure.counts
            row = rows.get(key)
            if row is None:
                row = rows[key] = {
                    "check": failure.check,
                    "meaning": meaning(failure.check),
                    "counts": failure.counts,
                    "runs": 0,
                    "first_place": outcome.place,
                    "first_seed": outcome.seed,
                    "seeds": [],
                    "at_us": failure.at_us,
                    "story": list(failure.story),
                    "options": dict(outcome.options),
                    "parent": hunt.trials[outcome.place].parent if outcome.place in hunt.trials else -1,
                    "replay": replay_command(
                        subject.given,
                        outcome.seed,
                        variant=subject.variant,
                        sets=subject.sets,
                        mutant=subject.mutant,
                    ),
                }
            row["runs"] += 1
            if len(row["seeds"]) < _MOST_SEEDS:
                row["seeds"].append(outcome.seed)
    return list(rows.values())


def _errors(hunt: Hunt) -> list[dict[str, Any]]:
    """Runs that gave no result, alike ones told once."""
    rows: dict[str, dict[str, Any]] = {}
    for outcome in (*hunt.outcomes, *(hunt.repeats[place] for place in sorted(hunt.repeats))):
        if outcome.error:
            last = outcome.error.strip().splitlines()[-1]
            row = rows.setdefault(
                last,
                {"exit_code": outcome.error_code, "first_seed": outcome.seed, "runs": 0, "error": outcome.error},
            )
            row["runs"] += 1
    return list(rows.values())


def _reached(outcomes: Sequence[Outcome], required: Sequence[str]) -> list[dict[str, Any]]:
    times = _added(each.reached for each in outcomes)
    return [
        {
            "case": case,
            "runs": sum(bool(each.reached.get(case)) for each in outcomes),
            "times": times.get(case, 0),
            "required": case in required,
        }
        for case in sorted(HARD_CASE_NAMES, key=lambda case: (case not in required, case))
    ]


def _coverage(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    covered = Coverage()
    for each in outcomes:
        covered |= each.coverage
    met = set(covered.named())
    return {
        "points": len(met),
        "points_in_all": len(CATALOGUE),
        "never": [point for point in CATALOGUE if point not in met],
        "pairs": covered.pairs.bit_count(),
    }


def _options(outcomes: Sequence[Outcome]) -> dict[str, dict[str, int]]:
    """Every drawn option: how many runs drew which value."""
    options: dict[str, dict[str, int]] = {}
    for each in outcomes:
        for path, value in each.options.items():
            values = options.setdefault(path, {})
            values[value] = values.get(value, 0) + 1
    return {path: dict(sorted(values.items())) for path, values in sorted(options.items())}


def _added(parts: Any) -> dict[str, int]:
    total: dict[str, int] = {}
    for part in parts:
        for name, number in part.items():
            total[name] = total.get(name, 0) + number
    return dict(sorted(total.items()))


def _digest(outcomes: Sequence[Outcome]) -> str:
    """One digest over all histories, in order: two hunts that agree on it have seen the same."""
    said = "\n".join(f"{each.place} {each.seed} {each.digest}" for each in outcomes)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def _sentence(document: Mapping[str, Any], outcomes: Sequence[Outcome], subject: Subject) -> str:
    code = document["exit_code"]
    words = exit_codes.WORDS.get(code, f"EXIT CODE {code}")
    runs = document["runs"]
    played = plural(runs["played"], "run")
    if code == exit_codes.PASSED:
        messages, struck = plural(document["messages"]["composed"], "message"), document["faults"]["struck"]
        text = f"no check failed in {played}, {messages} and {plural(struck, 'fault')} that struck"
    elif code == exit_codes.CHECK_FAILED:
        rows = [row for row in document["failures"] if row["counts"]]
        named = ", ".join(dict.fromkeys(row["check"] for row in rows))
        text = f"{runs['failed']:,} of {played} broke {named}; the first is seed {rows[0]['first_seed']}"
    elif code == exit_codes.NOT_DETERMINISTIC:
        seeds = ", ".join(document["repeats"]["different"][:_MOST_SEEDS])
        text = f"the same seed gave another history when it was played again: {seeds}"
    elif code == exit_codes.NOTHING_TESTED:
        text = f"{'; '.join(untested(document, outcomes, subject))}; so passing would mean nothing"
    elif document["errors"]:
        row = document["errors"][0]
        last = row["error"].strip().splitlines()[-1]
        text = f"{plural(runs['broken'], 'run')} gave no result; seed {row['first_seed']}: {last}"
    else:
        text = exit_codes.MEANINGS.get(code, "unknown")
    return f"{words}: {text}."
