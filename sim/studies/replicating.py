"""``replicate``: one scenario on many seeds, and an interval on every figure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..executors.seeds import format_seeds
from ..results.records import Record
from ..results.summary import Subject, summarise
from ..scenario.model import Scenario
from ..statistics.bootstrap import bootstrap
from ..statistics.histogram import Histogram, merged
from ..statistics.intervals import Estimate, estimate
from ..statistics.stopping import Precision
from ..vocabulary.metrics import known_metrics
from .playing import OnRecord, Side, more_seeds, play, seeds_of
from .samples import sample_of

FEWEST_BEFORE_LOOKING = 5
"""From so many runs on a study asks whether they are enough, unless the scenario says otherwise."""
LEAST_SEEDS = "1..5"
"""Played where neither the caller nor the scenario asks for more than one seed."""


@dataclass(frozen=True, slots=True)
class Replication:
    """Independent runs of one scenario."""

    subject: Subject
    records: tuple[Record, ...]

    def estimate(self, metric: str) -> Estimate | None:
        """A metric with its 95 % interval; ``None`` where no run has it."""
        refuse_unknown(metric)
        sample = sample_of(self.records, metric)
        return None if sample is None else estimate(sample)

    def text(self, metric: str) -> str:
        """A metric with its interval as people read it."""
        from ..vocabulary.metrics import NUMBER, metric_of
        from .numbers import number_text

        declared = metric_of(metric)
        return number_text(self.estimate(metric), declared.unit if declared is not None else NUMBER)

    def estimate_of(self, figure: Callable[[Sequence[Record]], float]) -> Estimate:
        """Any figure of the runs taken together, with a bootstrap interval."""
        return bootstrap(self.records, figure)

    def delivery(self) -> Histogram | None:
        """The delivery times of all runs, merged."""
        return merged(record.delivery for record in self.records)

    @property
    def exit_code(self) -> int:
        """How the runs ended, the worst of them."""
        code: int = summarise(self.subject, self.records)["exit_code"]
        return code


def replicate(
    scenario: Scenario | str,
    seeds: str | Sequence[str | int] | None = None,
    *,
    variant: str | None = None,
    sets: Sequence[str] = (),
    mutant: str | None = None,
    jobs: str = "auto",
    until: tuple[str, Precision] | None = None,
    on_record: OnRecord | None = None,
) -> Replication:
    """Play a scenario (a name, a path, or a ``Scenario``) on many seeds, on all cores.

    ``until=("delivery_p99_s", Precision(0.05))`` adds seeds until that metric is known within 5 %.
    """
    subject = subject_of(scenario, variant=variant, sets=sets, mutant=mutant)
    side = Side(variant or "base", subject)
    chosen = seeds_of(seeds, default_seeds(subject.scenario))
    if until is not None:
        refuse_unknown(until[0])
    play([side], chosen, jobs=jobs, on_record=on_record)
    while until is not None:
        sample = sample_of(side.in_order(), until[0])
        more = 0 if sample is None else until[1].more_runs(estimate(sample))
        if not more:
            break
        chosen = more_seeds(chosen, more)
        play([side], chosen, jobs=jobs, on_record=on_record)
    return Replication(subject, tuple(side.in_order()))


def subject_of(
    scenario: Scenario | str, *, variant: str | None = None, sets: Sequence[str] = (), mutant: str | None = None
) -> Subject:
    """What is played, as a run folder names it."""
    from ..results.origin import commit

    here = commit()
    if isinstance(scenario, Scenario):
        if variant or sets:
            raise ValueError("a Scenario has its values already: variants and sets belong to a file")
        return Subject(scenario, scenario.source or scenario.name, None, (), mutant, here.name, here.changed)
    from ..scenario.loading import load

    loaded = load(scenario, sets=tuple(sets), variant=variant)
    return Subject(loaded, str(scenario), variant, tuple(sets), mutant, here.name, here.changed)


def default_seeds(scenario: Scenario) -> str:
    """The scenario's own seeds, or a few where it has only one: from one run there is no interval. Its
    ``replications`` may ask for more, or fewer."""
    own = seeds_of(scenario.seeds if len(seeds_of(scenario.seeds, "1")) > 1 else LEAST_SEEDS, "1")
    wanted = scenario.replications.least or len(own)
    return format_seeds(more_seeds(own, wanted - len(own))[:wanted])


def default_precision(scenario: Scenario) -> Precision | None:
    """How precise the scenario wants the deciding figure of a study; ``None`` where it does not say."""
    asked = scenario.replications
    if not asked.precision:
        return None
    return Precision(asked.precision, min(max(2, asked.least or FEWEST_BEFORE_LOOKING), asked.most), asked.most)


def refuse_unknown(metric: str) -> None:
    """``ValueError`` with a hint for a metric that does not exist."""
    from ..scenario.errors import did_you_mean, shortened

    if metric not in known_metrics():
        hint = did_you_mean(metric, known_metrics()) or "docs/metrics.md lists them"
        raise ValueError(f"there is no metric {shortened(metric)} ({hint})")
