"""Sentences about runs for readers who do not know the code: what a check means, how a run ended, how to replay it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any, Final

from . import exit_codes

MEANINGS: Final = {
    "LOSS-1": "no accepted or seen message is lost",
    "LOSS-2": "every message is accepted, or shown as failed",
    "DUP-1": "no message is shown twice",
    "ORDER-1": "every chat is shown in the order of its log",
    "ORDER-2": "a person's messages keep the order they were written in",
    "ORDER-3": "any two devices show the same order",
    "ORDER-4": "a reply comes after what it answers",
    "GHOST-1": "nothing is shown that nobody wrote for it",
    "TICK-1": "a tick is true when it is drawn",
    "TICK-2": "ticks never go back",
    "TICK-3": "in the end the ticks tell the whole truth",
    "QUEUE-1": "nothing leaves an inbox unacknowledged",
    "QUEUE-2": "durable pointers only move forward",
    "QUEUE-3": "inboxes of reachable phones are empty at the end",
    "ROUTE-1": "pushes go to the newest connection",
    "PRES-1": "nobody is shown online for too long, or seen too late",
    "PRES-2": "in the end an open chat tells who is there",
    "NUDGE-1": "whoever waits gets a push nudge",
    "BLIND-1": "no server opened an envelope",
    "BLIND-2": "no server knows a sealed sender",
    "BLIND-3": "a device opens exactly what was made for it",
    "MEDIA-1": "every picture that is shown can be fetched",
    "UNREAD-1": "unread counts are right at the end",
    "LIVE-1": "everything comes to rest in time",
    "BOUND-1": "every queue stays within its bound",
    "FLOW-1": "every message is accounted for",
}
_ONCE_IN_ORDER: Final = ("LOSS-1", "DUP-1", "ORDER-1")


def meaning(check: str) -> str:
    """What must hold, in a few words; empty for a check that this table does not know."""
    return MEANINGS.get(check, "")


def plural(number: int, noun: str, many: str = "") -> str:
    """``1 run``, ``2 runs``, ``1,000 messages``."""
    return f"{number:,} {noun if number == 1 else many or noun + 's'}"


def replay_command(
    given: str, seed: str, *, variant: str | None = None, sets: Sequence[str] = (), mutant: str | None = None
) -> str:
    """The one line that plays a seed again; it needs only the commit and the scenario."""
    words = ["doubletick", "replay", given, "--seed", seed]
    if variant:
        words += ["--variant", variant]
    for assignment in sets:
        words += ["--set", assignment]
    if mutant:
        words += ["--mutant", mutant]
    return shlex.join(words)


def sentence(summary: Mapping[str, Any]) -> str:
    """How the runs of a summary ended, in one sentence that begins with the verdict in capitals."""
    code = summary["exit_code"]
    return _interrupted(summary) if code == exit_codes.INTERRUPTED else _told(summary, code)


def _told(summary: Mapping[str, Any], code: int) -> str:
    tell = {
        exit_codes.PASSED: _passed,
        exit_codes.CHECK_FAILED: _failed,
        exit_codes.INCONCLUSIVE: _inconclusive,
        exit_codes.NOTHING_TESTED: _nothing_tested,
        exit_codes.NOT_DETERMINISTIC: _not_deterministic,
        exit_codes.BAD_USAGE: _bad_scenario,
        exit_codes.OUR_BUG: _broken,
    }.get(code)
    words = exit_codes.WORDS.get(code, f"EXIT CODE {code}")
    return f"{words}: {tell(summary)}" if tell else f"{words}: {exit_codes.MEANINGS.get(code, 'unknown')}."


def _interrupted(summary: Mapping[str, Any]) -> str:
    """How far it came, and what was seen by then: it is no verdict on what was not played."""
    runs = summary["runs"]
    played = f"{runs['finished']:,} of {plural(runs['asked'], 'run')} {_was(runs['finished'])} played"
    words = f"{exit_codes.WORDS[exit_codes.INTERRUPTED]}: {played}"
    if not runs["finished"]:
        return words + "."
    code = code_of_runs(summary)
    if code == exit_codes.PASSED:
        return f"{words}, and no check was broken by then."
    return f"{words}. By then {_told(summary, code)}"


def code_of_runs(summary: Mapping[str, Any]) -> int:
    """What the runs that were played amount to, whether all were played or not."""
    code: int = summary["exit_code"]
    if code != exit_codes.INTERRUPTED:
        return code
    return exit_codes.worst([exit_codes.PASSED, *(run["exit_code"] for run in summary["seeds"])])


def _was(number: int) -> str:
    return "was" if number == 1 else "were"


def _passed(summary: Mapping[str, Any]) -> str:
    composed, shown = summary["counts"].get("composed", 0), summary["counts"].get("shown", 0)
    outcomes = {check["check"]: check["outcome"] for check in summary["checks"]}
    broken = [check for check, outcome in outcomes.items() if outcome == "invalid"]
    where = "" if summary["runs"]["finished"] == 1 else f", in {plural(summary['runs']['finished'], 'run')}"
    if broken:
        return f"{', '.join(broken)} did not hold{where}, which this scenario allows: it goes beyond the promise."
    if all(outcomes.get(check) == "valid" for check in _ONCE_IN_ORDER):
        if shown == composed:
            claim = f"{shown:,} of {plural(composed, 'message')} {_was(composed)} shown exactly once, in order"
        else:
            claim = (
                f"of {plural(composed, 'message')} {shown:,} {_was(shown)} shown, none twice, all in order; "
                + _others(composed - shown, accounted=outcomes.get("FLOW-1") == "valid")
            )
    else:
        held = [check for check, outcome in outcomes.items() if outcome == "valid"]
        claim = f"{', '.join(held) or 'no check'} held for {plural(composed, 'message')}"
    return f"{claim}{where}{_despite(summary)}."


def _others(number: int, *, accounted: bool) -> str:
    """What became of messages that nobody saw, although nothing is broken."""
    if number == 1:
        fates = (
            "the other one was refused, expired as told, waits for a phone that is gone or away, or stands in a channel"
        )
    else:
        fates = (
            f"the other {number:,} were refused, expired as told, wait for phones that are gone or away, "
            "or stand in a channel"
        )
    each = "it" if number == 1 else "each"
    return fates + (f" (FLOW-1 accounts for {each})" if accounted else "")


def _despite(summary: Mapping[str, Any]) -> str:
    faults = sum(row["times"] - row["idle"] for row in summary["injected"])
    if not faults:
        return ", without faults" if not summary["injected"] else ""
    return f", although {plural(faults, 'fault')} hit the system"


def _failed(summary: Mapping[str, Any]) -> str:
    runs = summary["runs"]
    failures = summary["failures"]
    checks = list(dict.fromkeys(failure["check"] for failure in failures))
    named = ", ".join(f"{check} ({meaning(check)})" if meaning(check) else check for check in checks)
    if runs["asked"] == 1:
        return f"{'these checks do' if len(checks) > 1 else 'this does'} not hold: {named}."
    return (
        f"{runs['failed']:,} of {plural(runs['finished'], 'run')} broke {named}; "
        f"the first is seed {failures[0]['seed']}."
    )


def _inconclusive(summary: Mapping[str, Any]) -> str:
    silent = [row["check"] for row in summary["checks"] if row["unknown"]]
    what = ", ".join(silent) or "a required check"
    return f"nothing was broken, but {what} met no case to judge{_in_runs(summary, 'inconclusive')}."


def _nothing_tested(summary: Mapping[str, Any]) -> str:
    """Say why, from the first run that tested nothing."""
    run = next(run for run in summary["seeds"] if run["exit_code"] == exit_codes.NOTHING_TESTED)
    missed = [case for case in summary["must_reach"] if not run["reached"].get(case)]
    idle = [row for row in run["injected"] if row["origin"] == "written" and not row["touched"]]
    if not run["counts"].get("composed"):
        reason = "no message was composed"
    elif missed:
        reason = "the run never reached what it must reach: " + ", ".join(missed)
    elif idle:
        where = idle[0]["where"] and f"on {idle[0]['where']}"
        where = where or (f"at {idle[0]['point']}" if idle[0]["point"] else "on nobody")
        reason = f"the fault {idle[0]['kind']} {where} touched nothing"
    else:
        reason = "no fault touched anything"
    return f"{reason}, so passing would mean nothing{_in_runs(summary, 'nothing_tested')}."


def _in_runs(summary: Mapping[str, Any], key: str) -> str:
    runs = summary["runs"]
    return "" if runs["asked"] == 1 else f" ({runs[key]:,} of {plural(runs['finished'], 'run')})"


def _not_deterministic(summary: Mapping[str, Any]) -> str:
    return "the same seed gave another history when it was played again: " + ", ".join(summary["other_digest"]) + "."


def _bad_scenario(summary: Mapping[str, Any]) -> str:
    return str(next(run["error"] for run in summary["seeds"] if run["exit_code"] == exit_codes.BAD_USAGE))


def _broken(summary: Mapping[str, Any]) -> str:
    run = next(run for run in summary["seeds"] if run["exit_code"] == exit_codes.OUR_BUG)
    last = run["error"].strip().splitlines()[-1] if run["error"].strip() else "no reason known"
    return f"seed {run['seed']} ended in an error of doubletick itself{_in_runs(summary, 'broken')}: {last}"
