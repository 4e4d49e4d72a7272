"""A quantile over several runs: that of their merged histograms, never an average of the runs' quantiles."""

from __future__ import annotations

from collections.abc import Sequence

from .histogram import Histogram, bin_of, bounds_of, merged
from .intervals import Sample


def quantile_of(histograms: Sequence[Histogram], share: float) -> Sample:
    """The quantile as a sample, in microseconds: what each run gives alone, what all give together, and how
    wide the bin of that is."""
    whole = merged(histograms)
    values = [histogram.quantile(share) for histogram in histograms]
    pooled = None if whole is None else whole.quantile(share)
    if pooled is None or any(value is None for value in values):
        raise ValueError("there is no quantile of a run without any times")
    lowest, highest = bounds_of(bin_of(pooled))
    return Sample(tuple(float(value) for value in values if value is not None), float(pooled), float(highest - lowest))
