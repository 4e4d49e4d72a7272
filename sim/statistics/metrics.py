"""The figures of one run by name, put together from what was counted; ``sim/vocabulary/metrics.py`` declares them."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ..vocabulary.kinds import KIND_NAMES
from ..vocabulary.metrics import DELIVERY, METRICS, SECONDS, known_metrics, point_of
from .histogram import Histogram


class RowCounts:
    """A sink of the recorder: how many rows of each kind a history has."""

    def __init__(self) -> None:
        self._counts = np.zeros(max(KIND_NAMES) + 1, dtype=np.int64)

    def take(self, chunk: NDArray[np.int64]) -> None:
        """Count a chunk: a line per row, its kind in the second column."""
        self._counts += np.bincount(chunk[:, 1], minlength=len(self._counts))

    def of(self, *row_kinds: int) -> int:
        """How many rows of these kinds there were."""
        return int(self._counts[list(row_kinds)].sum())


def counted(rows: RowCounts, tally: Mapping[str, int]) -> dict[str, int]:
    """What features counted, by the name of the metric: rows of the history, and the world's tally."""
    stray = [
        name
        for name in tally
        if name not in METRICS or METRICS[name].rows or METRICS[name].per or METRICS[name].measured
    ]
    if stray:
        raise KeyError(f"the world counts {stray[0]!r}, which sim/vocabulary/metrics.py does not declare as counted")
    found = {name: rows.of(*metric.rows) for name, metric in METRICS.items() if metric.rows}
    return {**{name: number for name, number in found.items() if number}, **tally}


def figures(
    counts: Mapping[str, int],
    simulated_us: int,
    delivery: Histogram | None,
    points_met: Mapping[str, int],
    measured: Mapping[str, float] | None = None,
    times: Mapping[str, Histogram] | None = None,
) -> dict[str, float]:
    """Every metric of one run. A count that nobody added to is 0; what cannot be told (the delivery time of nothing) is
    left out."""
    found: dict[str, float] = {
        name: float(counts.get(name, 0))
        for name, metric in METRICS.items()
        if not metric.per and metric.unit != SECONDS
    }
    found.update(measured or {})
    found["simulated_s"] = simulated_us / 1e6
    if delivery is not None and delivery.count:
        found["delivery_mean_s"] = (delivery.mean_us or 0.0) / 1e6
        found["delivery_longest_s"] = (delivery.maximum_us or 0) / 1e6
    known = {DELIVERY: delivery, **(times or {})}
    for name, metric in METRICS.items():
        of = known.get(metric.of)
        if metric.quantile is not None and of is not None and of.count:
            found[name] = (of.quantile(metric.quantile) or 0) / 1e6
    for name, metric in METRICS.items():
        if metric.per and found[metric.per[1]]:
            found[name] = found[metric.per[0]] / found[metric.per[1]]
    if points_met:
        found.update(
            (name, float(points_met.get(point_of(name), 0))) for name in known_metrics() if name not in METRICS
        )
    return {name: found[name] for name in known_metrics() if name in found}
