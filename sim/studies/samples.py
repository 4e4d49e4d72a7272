"""From the records of runs to a figure with its interval, whichever way the metric is to be taken together."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..results.records import Record
from ..statistics.histogram import Histogram
from ..statistics.intervals import Sample, mean_of
from ..statistics.quantiles import quantile_of
from ..vocabulary.metrics import DELIVERY, metric_of

_US: float = 1e6


def has(record: Record, metric: str) -> bool:
    """Whether this run says anything of the metric (one that broke does not, nor the delivery time of nothing)."""
    return math.isfinite(record.metrics.get(metric, math.nan))


def sample_of(records: Sequence[Record], metric: str) -> Sample | None:
    """The figure over those runs that have it: their mean, or the quantile of their merged histograms."""
    told = [record for record in records if has(record, metric)]
    if not told:
        return None
    declared = metric_of(metric)
    if declared is None or declared.quantile is None:
        return mean_of([record.metrics[metric] for record in told])
    histograms = [times_of(record, declared.of) or Histogram() for record in told]
    sample = quantile_of(histograms, declared.quantile)
    return Sample(tuple(value / _US for value in sample.values), sample.whole / _US, sample.resolution / _US)


def paired(
    records: Sequence[Record], baseline: Sequence[Record], metric: str
) -> tuple[tuple[str, ...], Sample, Sample] | None:
    """The seeds for which both variants have the metric, and the two samples over just these; ``None`` without any."""
    others = {record.seed_text: record for record in baseline if has(record, metric)}
    pairs = [(one, others[one.seed_text]) for one in records if has(one, metric) and one.seed_text in others]
    sample = sample_of([one for one, _ in pairs], metric)
    other = sample_of([one for _, one in pairs], metric)
    if sample is None or other is None:
        return None
    return tuple(one.seed_text for one, _ in pairs), sample, other


def times_of(record: Record, name: str) -> Histogram | None:
    """The times of a run that a metric is a quantile of; ``None`` when it has none."""
    return record.delivery if name == DELIVERY else record.times.get(name)
