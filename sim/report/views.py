"""What the page says, worked out from the summary alone: plain data for the template, no HTML and no plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..checkers.catalogue import CHECK_DOCS
from ..checkers.verdict import INVALID
from ..faults.catalogue import KINDS
from ..results import exit_codes
from ..results.words import plural, replay_command
from ..vocabulary.kinds import HARD_CASE_NAMES
from ..vocabulary.units import format_duration

MOST_SEEDS: Final = 200
MOST_FAULTS: Final = 200
FAULTS_AT_FIRST: Final = 20
_MOST_STORY_LINES: Final = 40
_MOST_LETTERS: Final = 600
_MOST_ERRORS: Final = 3
_MOST_ERROR_LETTERS: Final = 6_000
_MOST_FAILING: Final = 12
_LEAST_FOR_P99: Final = 100
ALLOWED: Final = "allowed"
"""What the page calls an outcome that fails nothing beyond the promise."""
_LONG_SENTENCE: Final = 160
_TONES: Final = {exit_codes.PASSED: "good", exit_codes.INCONCLUSIVE: "warn", exit_codes.NOTHING_TESTED: "warn"}


def shortened(text: object, most: int = _MOST_LETTERS) -> str:
    """A text cut to what a page can bear."""
    words = str(text)
    return words if len(words) <= most else words[: most - 1] + "…"


def whom(where: str, most: int = 40) -> str:
    """Whom a fault hit, in a few words: ``phone 7 and 199 more`` for a long list."""
    if len(where) <= most:
        return where
    listed, _, rest = where.partition(" and ")
    first, *others = listed.split(", ")
    more = rest.removesuffix(" more")
    return shortened(f"{first} and {len(others) + int(more):,} more" if more.isdecimal() else where, most)


def headline(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict, in a word and in a sentence, and what it is about."""
    word, _, rest = summary["sentence"].partition(": ")
    variant = f" ({summary['variant']})" if summary["variant"] else ""
    rest = shortened(rest or summary["sentence"], 2_000)
    return {
        "tone": _TONES.get(summary["exit_code"], "bad"),
        "word": word,
        "long": len(rest) > _LONG_SENTENCE,
        "sentence": rest[:1].upper() + rest[1:],
        "scenario": summary["scenario"] + variant,
        "question": summary["question"].strip(),
        "facts": [(name, shortened(value, 200)) for name, value in _subject(summary) if value],
    }


def _subject(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    seeds = [run["seed"] for run in summary["seeds"]]
    changed = " with uncommitted changes" if summary["changed"] else ""
    runs = summary["runs"]
    return [
        ("seeds" if len(seeds) > 1 else "seed", _few(seeds, _MOST_FAILING)),
        ("runs", f"{runs['finished']:,} of {runs['asked']:,}" if runs["asked"] > 1 else ""),
        ("commit", summary["commit"][:12] + changed if summary["commit"] else "unknown"),
        ("planted bug", summary["mutant"] or ""),
        ("set", " ".join(summary["sets"])),
        (
            "promise",
            "exceeded on purpose: what rests on it is told, and never fails" if summary["beyond_promise"] else "",
        ),
    ]


def _few(words: Sequence[str], most: int) -> str:
    more = f" and {len(words) - most:,} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def in_words(summary: Mapping[str, Any]) -> list[str]:
    """Sentences for a reader who has never heard of percentiles."""
    one = summary["runs"]["finished"] == 1
    scope, runs = ("In this run", "The run") if one else ("Over all runs together", "The runs")
    told = []
    times = summary["delivery"]
    if times and times["count"] == 1:
        told.append(f"The one message was on its reader's screen after {format_duration(times['maximum_us'])}.")
    elif times and times["count"] < _LEAST_FOR_P99:
        told.append(
            f"{scope}, half of the messages were on their reader's screen within {format_duration(times['p50_us'])} of"
            f" being written, and the slowest after {format_duration(times['maximum_us'])}."
        )
    elif times:
        told.append(
            f"{scope}, half of the messages were on their reader's screen within {format_duration(times['p50_us'])} of"
            f" being written, 99 in 100 within {format_duration(times['p99_us'])}, and the slowest after"
            f" {format_duration(times['maximum_us'])}."
        )
    struck = sum(row["times"] - row["idle"] for row in summary["injected"])
    if struck:
        kinds = sum(row["times"] > row["idle"] for row in summary["injected"])
        idle = sum(row["idle"] for row in summary["injected"])
        spared = f"; {idle:,} more found nothing to touch" if idle else ""
        told.append(f"{plural(struck, 'fault')} of {plural(kinds, 'kind')} struck{spared}.")
    elif not summary["injected"] and summary["counts"].get("composed"):
        told.append("No fault was injected: this shows the system on a good day.")
    reached = sum(count > 0 for count in summary["reached"].values())
    if reached:
        told.append(f"{runs} met {reached} of the {len(HARD_CASE_NAMES)} hard cases that the protocol has to survive.")
    return told


def cards(summary: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(name, figure, note) of the numbers at a glance."""
    counts, times = summary["counts"], summary["delivery"]
    scope = "this run" if summary["runs"]["finished"] == 1 else "all runs pooled"
    simulated = sum(run["simulated_us"] for run in summary["seeds"])
    found = [
        ("written", f"{counts.get('composed', 0):,}", "messages"),
        ("seen", f"{counts.get('shown', 0):,}", "by their readers"),
    ]
    if times:
        found += [
            ("p50", format_duration(times["p50_us"]), scope),
            ("p99", format_duration(times["p99_us"]), scope),
            ("slowest", format_duration(times["maximum_us"]), scope),
        ]
    struck = sum(row["times"] - row["idle"] for row in summary["injected"])
    return [
        *found,
        ("faults", f"{struck:,}", "that touched something"),
        ("played", format_duration(simulated), "simulated"),
    ]


def checks(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One row per check with what must hold at length, and how the page calls its outcome: what did not hold, and need
    not beyond the promise, is allowed."""
    return [
        {
            **row,
            "shown": ALLOWED if row["outcome"] == INVALID and not row["fails"] else row["outcome"],
            "doc": CHECK_DOCS.get(row["check"], ""),
            "failing": _few(row["failing_seeds"], _MOST_FAILING),
        }
        for row in summary["checks"]
    ]


def failures(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The story of each check that failed."""
    return [
        {
            "check": row["check"],
            "meaning": row["meaning"],
            "seed": row["seed"],
            "at": format_duration(row["at_us"]) if row["at_us"] >= 0 else "",
            "violations": row["violations"],
            "story": [shortened(line) for line in row["story"][:_MOST_STORY_LINES]],
            "left": max(0, len(row["story"]) - _MOST_STORY_LINES),
            "replay": row["replay"],
        }
        for row in summary["failures"]
    ]


def errors(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(seed, text) of the first runs that gave no result; the end of a traceback is what matters."""
    broken = [run for run in summary["seeds"] if run["error"]]
    return [(run["seed"], run["error"].strip()[-_MOST_ERROR_LETTERS:]) for run in broken[:_MOST_ERRORS]]


def shown_run(summary: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The run that the plots over time and the list of faults show."""
    seeds = summary["seeds"]
    if summary["timeline"] is None:
        return seeds[0] if seeds else None
    found: Mapping[str, Any] = next(run for run in seeds if run["seed"] == summary["timeline"]["seed"])
    return found


def why_shown(summary: Mapping[str, Any]) -> str:
    """Why it is this run that is shown."""
    if summary["failures"]:
        return "the first that failed"
    return "the first" if summary["passed"] else "the first that ended like the whole"


def faults(run: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was injected into one run, in the order in which it struck; what never struck comes last."""
    rows = sorted(run["injected"][:MOST_FAULTS], key=lambda row: (row["began_us"] < 0, row["began_us"]))
    return [
        {
            "kind": row["kind"],
            "doc": KINDS[row["kind"]].doc if row["kind"] in KINDS else "",
            "where": shortened(row["where"], 120) or "nobody",
            "point": row["point"] or "",
            "began": format_duration(row["began_us"]) if row["began_us"] >= 0 else "never",
            "lasted": _lasted(row),
            "touched": row["touched"],
            "origin": row["origin"],
        }
        for row in rows
    ]


def _lasted(row: Mapping[str, Any]) -> str:
    if row["began_us"] < 0:
        return "its point was not met" if row["point"] else "it did not strike"
    if row["ended_us"] < 0:
        return "to the end"
    span = row["ended_us"] - row["began_us"]
    return format_duration(span) if span else "at once"


def drawn(run: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What this seed drew, as people write it."""
    from ..scenario.drawing import described

    told: list[tuple[str, str]] = []
    for path, value in run["drawn"].items():
        try:
            told += described({path: tuple(value) if isinstance(value, list) else value}).items()
        except KeyError:
            told.append((path, shortened(value, 80)))
    return told


def hard_cases(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every hard case that is known: how often it was met, and whether the scenario insists on it."""
    names = dict.fromkeys((*HARD_CASE_NAMES, *summary["reached"], *summary["must_reach"]))
    rows = [
        {"name": name, "times": summary["reached"].get(name, 0), "wanted": name in summary["must_reach"]}
        for name in names
    ]
    return sorted(rows, key=lambda row: -row["times"])


def not_exercised(summary: Mapping[str, Any]) -> dict[str, list[str]]:
    """What these runs say nothing about."""
    struck = {row["kind"] for row in summary["injected"] if row["times"] > row["idle"]}
    tried = {row["kind"] for row in summary["injected"]}
    return {
        "checks that judged no case": [row["check"] for row in summary["checks"] if not row["exercised"]],
        "hard cases never met": [row["name"] for row in hard_cases(summary) if not row["times"]],
        "faults that touched nothing": sorted(tried - struck),
        "kinds of faults never injected": [kind for kind in KINDS if kind not in tried],
    }


def seeds(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row per seed, the worst first when they are too many for the page."""
    runs = summary["seeds"]
    if len(runs) > MOST_SEEDS:
        worst = sorted(runs, key=lambda run: exit_codes.WORST_FIRST.index(run["exit_code"]))[:MOST_SEEDS]
        chosen = {id(run) for run in worst}
        runs = [run for run in runs if id(run) in chosen]
    return [_seed(run, summary) for run in runs]


def _seed(run: Mapping[str, Any], summary: Mapping[str, Any]) -> dict[str, Any]:
    times = run["delivery"]
    failing = [check for check, outcome in run["checks"].items() if outcome == "invalid"]
    touched = sum(row["touched"] > 0 for row in run["injected"])
    return {
        "seed": run["seed"],
        "word": exit_codes.WORDS.get(run["exit_code"], "?").lower(),
        "tone": _TONES.get(run["exit_code"], "bad"),
        "failing": ", ".join(failing),
        "composed": run["counts"].get("composed", 0),
        "p50": format_duration(times["p50_us"]) if times else "–",
        "p99": format_duration(times["p99_us"]) if times else "–",
        "longest": format_duration(times["maximum_us"]) if times else "–",
        "faults": f"{touched:,} of {run['injected_in_all']:,}",
        "digest": run["digest"][:16],
        "replay": replay_of(summary, run["seed"]),
    }


def replay_of(summary: Mapping[str, Any], seed: str) -> str:
    """The command that plays a seed of this summary again."""
    return replay_command(
        summary["given"], seed, variant=summary["variant"], sets=summary["sets"], mutant=summary["mutant"]
    )


def littles_law(summary: Mapping[str, Any]) -> str:
    """Rate times mean delivery time is the mean number under way; and what the exact check found."""
    times = summary["delivery"]
    simulated = sum(run["simulated_us"] for run in summary["seeds"] if run["delivery"])
    if not times or not simulated:
        return ""
    rate = times["count"] / (simulated / 1e6)
    number = rate * times["mean_us"] / 1e6
    flow = next((row["outcome"] for row in summary["checks"] if row["check"] == "FLOW-1"), "")
    exact = {
        "valid": "FLOW-1 found the same identity exact, microsecond for microsecond, in every outbox and inbox.",
        "invalid": "FLOW-1 found that the books do not close; see the checks.",
    }.get(flow, "")
    return (
        f"{rate:,.4g} messages a second, {format_duration(times['mean_us'])} each on average, make {number:,.4g}"
        f" messages under way at a time. {exact}"
    ).strip()
