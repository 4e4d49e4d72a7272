"""Every planted bug's first failure, shrunk: ``python -m benchmarks.shrink [--write]``.

For each bug the first seed of its scenario that its check catches is shrunk within the time given, the small scenario
is written to a file, loaded again and played: the same check must fail, and the reference protocol must pass it.
``--write`` puts the table into docs/shrink.md.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from sim.executors.local import stream
from sim.mutants.catalogue import MUTANTS, by_number
from sim.results.written_out import regression_text
from sim.runner import run
from sim.scenario.loading import load, load_text
from sim.search.shrink import Shrinking, Size

SEEDS = 200
MOST_FAULTS = MOST_MESSAGES = 3
ON_PHONES = 35
"""A bug of many phones at once: its messages are no measure of it."""
PUBLISHED_MOST = 48
PAGE = Path(__file__).parent.parent / "docs" / "shrink.md"
BEGINS, ENDS = "<!-- table: begins -->", "<!-- table: ends -->"


@dataclass(frozen=True, slots=True)
class Line:
    """One bug."""

    number: int
    check: str
    seed: int = 0
    before: Size | None = None
    after: Size | None = None
    runs: int = 0
    seconds: float = 0.0
    replays: bool = False

    @property
    def is_small(self) -> bool:
        """Whether three faults and three messages are left (of bug 35: three faults, and fewer phones)."""
        if self.before is None or self.after is None or not self.replays or self.after.faults > MOST_FAULTS:
            return False
        if self.number == ON_PHONES:
            return self.after.people < self.before.people
        return self.after.messages <= MOST_MESSAGES


@dataclass(frozen=True, slots=True)
class Task:
    """One bug and the time for it."""

    number: int
    budget_s: float


def measure(task: Task) -> Line:
    """Find the first failure of one bug and shrink it."""
    planted = by_number(task.number)
    assert planted is not None
    scenario, mutant = load(planted.scenario), str(task.number)
    for seed in range(1, SEEDS + 1):
        if fails(run(scenario, seed, mutant=mutant), planted.check):
            break
    else:
        return Line(task.number, planted.check)
    began = monotonic()
    shrunk = Shrinking(scenario, seed, mutant=mutant, check=planted.check).perform(task.budget_s)
    seconds = monotonic() - began
    small = load_text(regression_text(shrunk.scenario, name="small", question="Does it hold?"))
    replays = fails(run(small, seed, mutant=mutant), planted.check) and not fails(run(small, seed), planted.check)
    return Line(task.number, planted.check, seed, shrunk.before, shrunk.after, shrunk.played, seconds, replays)


def fails(result: object, check: str) -> bool:
    """Whether a check is invalid."""
    return any(verdict.check == check and verdict.outcome == "invalid" for verdict in result.verdicts)  # type: ignore[attr-defined]


def table(lines: Sequence[Line]) -> str:
    """The lines as a table, and a sentence about them."""
    published = [line for line in lines if line.number <= PUBLISHED_MOST]
    small = sum(line.is_small for line in published)
    slowest = max((line.seconds for line in lines), default=0.0)
    rows = [
        f"Of {len(published)} published bugs played, {small} are down to {MOST_FAULTS} faults and {MOST_MESSAGES} "
        f"messages or fewer (bug {ON_PHONES}: fewer phones) and replay; the slowest took {slowest:.0f} s.",
        "",
        "| bug | check | seed | faults | messages | people | servers | options | runs | seconds | replays |",
        "|---:|---|---:|---|---|---|---|---|---:|---:|---|",
    ]
    for line in lines:
        if line.before is None or line.after is None:
            rows.append(f"| {line.number} | {line.check} | none in {SEEDS} | | | | | | | | |")
            continue
        pairs = [
            f"{getattr(line.before, name)} → {getattr(line.after, name)}"
            for name in ("faults", "messages", "people", "machines", "options")
        ]
        rows.append(
            f"| {line.number} | {line.check} | {line.seed} | {' | '.join(pairs)} | {line.runs} | {line.seconds:.1f} | "
            f"{'yes' if line.replays else 'NO'} |"
        )
    return "\n".join(rows)


def main() -> int:
    """Measure, print, and say by the exit code whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--time", type=float, default=60.0, help="seconds for each bug")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into docs/shrink.md")
    parser.add_argument("bugs", nargs="*", type=int)
    options = parser.parse_args()
    numbers = options.bugs or [planted.number for planted in MUTANTS]
    lines: dict[int, Line] = {}
    for done in stream(measure, [Task(number, options.time) for number in numbers], workers=options.jobs):
        number = numbers[done.index]
        lines[number] = done.answer or Line(number, f"broken: {done.failure}")
        print(lines[number], file=sys.stderr, flush=True)
    text = table([lines[number] for number in numbers])
    print(text)
    if options.write:
        page = PAGE.read_text(encoding="utf-8")
        head, _, rest = page.partition(BEGINS)
        PAGE.write_text(f"{head}{BEGINS}\n\n{text}\n\n{ENDS}{rest.partition(ENDS)[2]}", encoding="utf-8")
    return 0 if all(line.is_small for line in lines.values() if line.number <= PUBLISHED_MOST) else 1


if __name__ == "__main__":
    sys.exit(main())
