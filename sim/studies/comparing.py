"""``compare``: variants of a scenario on common random numbers, and their differences with intervals.

Two variants that are played with the same seed share their luck message by message: the same people write the same
messages at the same times over links of the same delays. What both have in common cancels in the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..results.records import Record
from ..scenario.answer import BASE, Answer, Contest, contest_of
from ..scenario.errors import did_you_mean, one_of, shortened
from ..scenario.model import Scenario
from ..statistics import intervals
from ..statistics.intervals import Estimate, Sample, estimate
from ..statistics.stopping import Precision
from ..vocabulary.metrics import METRICS
from .playing import OnRecord, Side, more_seeds, play, seeds_of
from .replicating import default_precision, default_seeds, refuse_unknown, subject_of
from .samples import paired, sample_of

DEFAULT_METRIC = "delivery_p99_s"


@dataclass(slots=True)
class Comparison:
    """Variants and their runs, the baseline first."""

    contest: Contest
    sides: dict[str, Side]
    seeds: tuple[str, ...]
    answer: Answer | None = None
    chosen_metrics: tuple[str, ...] = ()
    interrupted: bool = field(default=False)
    until: Precision | None = None
    """How precise the scenario wants it, where nobody has said which seeds to play."""

    def records(self, variant: str) -> list[Record]:
        """The runs of a variant, in the order of the seeds."""
        return self.sides[variant].in_order()

    def metrics(self) -> tuple[str, ...]:
        """Those that were asked for; otherwise every declared one in which the variants differ. The deciding one is
        the first."""
        if self.chosen_metrics:
            return self.chosen_metrics
        first = self.contest.metric
        return (first, *(name for name in METRICS if name != first and self._differs(name)))

    def mean(self, variant: str, metric: str) -> Estimate | None:
        """A variant's metric with its interval: the mean of its runs, or a quantile of all their messages."""
        sample = sample_of(self.records(variant), metric)
        return None if sample is None else estimate(sample)

    def difference(self, variant: str, metric: str) -> Estimate | None:
        """How much more than the baseline, paired by seed."""
        return self._paired(variant, metric, intervals.difference)

    def ratio(self, variant: str, metric: str) -> Estimate | None:
        """How many times the baseline, paired by seed."""
        return self._paired(variant, metric, intervals.ratio)

    def times(self, variant: str, metric: str) -> Estimate | None:
        """The ratio the way a sentence says it: where the answer claims less, how many times the baseline is more."""
        if self.answer is not None and self.answer.claims == "less":
            return self._paired(variant, metric, lambda sample, baseline: intervals.ratio(baseline, sample))
        return self.ratio(variant, metric)

    def change(self, variant: str, metric: str) -> Estimate | None:
        """The difference as a share of the baseline."""
        found = self.ratio(variant, metric)
        if found is None:
            return None
        low, high = (None if bound is None else bound - 1.0 for bound in (found.low, found.high))
        return Estimate(found.value - 1.0, low, high, found.runs)

    def sentence(self) -> str:
        """The answer in words."""
        from .answering import answer

        return answer(self).sentence

    def rows(self) -> list[dict[str, str]]:
        """A row for each metric and variant compared, as people read them (a table in a notebook)."""
        from .document import rows_of

        return rows_of(self)

    def differences(self, variant: str, metric: str) -> dict[str, float]:
        """The difference of each seed."""
        found = paired(self.records(variant), self.records(self.contest.baseline), metric)
        if found is None:
            return {}
        seeds, sample, baseline = found
        return dict(zip(seeds, intervals.differences(sample, baseline).values, strict=True))

    def _paired(
        self, variant: str, metric: str, work_out: Callable[[Sample, Sample], Estimate | None]
    ) -> Estimate | None:
        found = paired(self.records(variant), self.records(self.contest.baseline), metric)
        return None if found is None else work_out(found[1], found[2])

    def _differs(self, metric: str) -> bool:
        return any(any(self.differences(name, metric).values()) for name in self.contest.compared)


def compare(
    scenario: str | Mapping[str, Scenario],
    variants: Sequence[str] | None = None,
    *,
    seeds: str | Sequence[str | int] | None = None,
    metrics: Sequence[str] = (),
    baseline: str | None = None,
    answer: Answer | None = None,
    sets: Sequence[str] = (),
    mutant: str | None = None,
    jobs: str = "auto",
    until: Precision | None = None,
    on_record: OnRecord | None = None,
) -> Comparison:
    """Play variants of a scenario on the same seeds, on all cores, and hold them against the baseline.

    ``scenario`` is a name or a path whose file has variants, or several scenarios by name, the first of which is the
    baseline unless another is named. Without ``variants`` it is those of the file's ``answer``, or all of them and
    ``base``, the scenario without one. ``until`` adds seeds until the difference of the first metric is known within
    so much of the baseline.
    """
    comparison = prepare(
        scenario, variants, seeds=seeds, metrics=metrics, baseline=baseline, answer=answer, sets=sets, mutant=mutant
    )
    carry_out(comparison, jobs=jobs, until=until, on_record=on_record)
    return comparison


def carry_out(
    comparison: Comparison, *, jobs: str = "auto", until: Precision | None = None, on_record: OnRecord | None = None
) -> None:
    """Play a comparison that has been prepared; what is done is in it even if this is stopped."""
    sides = list(comparison.sides.values())
    until = until or comparison.until
    play(sides, comparison.seeds, jobs=jobs, on_record=on_record)
    while until is not None and (more := _more(comparison, until)):
        comparison.seeds = more_seeds(comparison.seeds, more)
        play(sides, comparison.seeds, jobs=jobs, on_record=on_record)


def prepare(
    scenario: str | Mapping[str, Scenario],
    variants: Sequence[str] | None = None,
    *,
    seeds: str | Sequence[str | int] | None = None,
    metrics: Sequence[str] = (),
    baseline: str | None = None,
    answer: Answer | None = None,
    sets: Sequence[str] = (),
    mutant: str | None = None,
) -> Comparison:
    """Load everything and check every name, so that nothing is played in vain. Raises ``ScenarioError`` or
    ``ValueError``."""
    for metric in metrics:
        refuse_unknown(metric)
    if isinstance(scenario, str):
        from ..scenario.loading import answer_of, variants_of

        answer = answer if answer is not None else answer_of(scenario)
        contest = _contest(variants_of(scenario), variants, metrics, baseline, answer, BASE)
        subjects = {
            name: subject_of(
                scenario, variant=None if name == BASE and name not in variants_of(scenario) else name,
                sets=sets, mutant=mutant,
            )
            for name in contest.names
        }  # fmt: skip
    else:
        contest = _contest(tuple(scenario), variants, metrics, baseline, answer, next(iter(scenario), ""))
        subjects = {name: subject_of(scenario[name], sets=sets, mutant=mutant) for name in contest.names}
    sides = {name: Side(name, subject) for name, subject in subjects.items()}
    decides = subjects[contest.baseline].scenario
    chosen = seeds_of(seeds, default_seeds(decides))
    until = None if seeds else default_precision(decides)
    asked = tuple(dict.fromkeys((*(answer.metrics if answer is not None else ()), *metrics)))
    return Comparison(contest, sides, chosen, answer, asked, until=until)


def _contest(
    known: tuple[str, ...],
    variants: Sequence[str] | None,
    metrics: Sequence[str],
    baseline: str | None,
    answer: Answer | None,
    first: str,
) -> Contest:
    """Who is held against whom."""
    names = tuple(dict.fromkeys((*known, first)))
    for name in (*(variants or ()), *([baseline] if baseline else ())):
        if name not in names:
            hint = did_you_mean(name, names) or f"there are {one_of(names)}"
            raise ValueError(f"there is no variant {shortened(name)} ({hint})")
    against = baseline or (answer.baseline if answer is not None else first)
    if variants:
        # Several that leave the baseline out are compared with each other, a single one with the baseline.
        against = against if against in variants or baseline or len(variants) == 1 else variants[0]
        compared = tuple(name for name in dict.fromkeys(variants) if name != against)
    elif answer is not None and baseline is None:
        compared = contest_of(answer, tuple(name for name in known)).compared
    else:
        compared = tuple(name for name in names if name != against)
    if not compared:
        raise ValueError(f"there is nothing to compare with {against}: name two variants, or write some in the file")
    metric = answer.metric if answer is not None else metrics[0] if metrics else DEFAULT_METRIC
    return Contest(against, compared, metric)


def _more(comparison: Comparison, until: Precision) -> int:
    """How many more seeds the least certain of the differences needs."""
    wanted = 0
    for name in comparison.contest.compared:
        found = comparison.difference(name, comparison.contest.metric)
        scale = comparison.mean(comparison.contest.baseline, comparison.contest.metric)
        if found is not None and scale is not None:
            wanted = max(wanted, until.more_runs(found, scale.value))
    return wanted
