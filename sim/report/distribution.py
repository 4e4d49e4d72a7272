"""The distribution of delivery times: a histogram, and what share of messages took longer than a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ..results.series import GROUP_BITS
from ..statistics.histogram import bin_of, bounds_of
from ..vocabulary.units import format_duration
from .canvas import INKS, PALETTE, figure_style, new_figure, quiet_axes, to_svg
from .ticks import count_axis, log_time_axis

_SIZE_IN: Final = (5.2, 3.1)
_MARKS: Final = (
    ("p50_us", "p50", 0.5, "-"),
    ("p90_us", "p90", 0.1, "--"),
    ("p99_us", "p99", 0.01, "-."),
    ("p999_us", "p99.9", 0.001, ":"),
)

Numbers = NDArray[np.float64]


def draw_histogram(distribution: Mapping[str, Any], delivery: Mapping[str, Any]) -> str:
    """How many messages took how long, as SVG."""
    edges, counts = bars(distribution)
    with figure_style("histogram"):
        figure = new_figure(*_SIZE_IN)
        axes = figure.subplots()
        quiet_axes(axes)
        log_time_axis(axes.xaxis, edges[0] * 0.85, edges[-1] * 1.15)
        axes.stairs(counts, edges, fill=True, color=PALETTE["sky"], alpha=0.65, linewidth=0)
        axes.stairs(counts, edges, color=PALETTE["blue"], linewidth=0.7)
        count_axis(axes.yaxis, float(counts.max()), bins=5)
        top = axes.get_ylim()[1]
        for key, _, _, style in _MARKS:
            axes.axvline(delivery[key], color=INKS["ink"], linewidth=0.9, linestyle=style)
        for place, (names, time_us) in enumerate(_labels(delivery, edges)):
            axes.annotate(
                names,
                (time_us, top),
                (0, 2 + 8 * (place % 2)),
                textcoords="offset points",
                ha="center",
                fontsize=7,
                annotation_clip=False,
            )
        axes.set_xlabel("delivery time (log)")
        axes.set_ylabel("messages per bar")
        return to_svg(figure, f"Histogram of {delivery['count']:,} delivery times; {marks_in_words(delivery)}.")


def draw_tail(distribution: Mapping[str, Any], delivery: Mapping[str, Any]) -> str:
    """What share of messages took longer than a time (both axes logarithmic), as SVG."""
    longer_us, share = tail(distribution)
    total = delivery["count"]
    with figure_style("tail"):
        figure = new_figure(*_SIZE_IN)
        axes = figure.subplots()
        quiet_axes(axes)
        least, most = float(longer_us[0]) * 0.7, float(delivery["maximum_us"]) * 1.6
        log_time_axis(axes.xaxis, least, most)
        axes.set_yscale("log")
        axes.set_ylim(0.7 / total, 1.3)
        axes.plot(longer_us, share, color=PALETTE["blue"], drawstyle="steps-post")
        for key, name, rest, style in _MARKS:
            if total * rest < 0.999:
                continue
            axes.plot([least, delivery[key], delivery[key]], [rest, rest, 0.7 / total], "k", lw=0.7, ls=style)
            axes.lines[-1].set_color(INKS["soft"])
            axes.plot(delivery[key], rest, "o", markersize=3.5, color=PALETTE["vermillion"])
            axes.annotate(
                f"{name}  {format_duration(delivery[key])}",
                (delivery[key], rest),
                (5, 3),
                textcoords="offset points",
                fontsize=7.5,
            )
        _share_ticks(axes, total)
        axes.set_xlabel("delivery time (log)")
        axes.set_ylabel("share of messages that took longer (log)")
        return to_svg(figure, f"Share of messages that took longer than a time; {marks_in_words(delivery)}.")


def _labels(delivery: Mapping[str, Any], edges: Numbers) -> list[tuple[str, int]]:
    """Names of the marks and where they stand; marks that nearly coincide share a label."""
    near = (edges[-1] / edges[0]) ** 0.04
    labels: list[tuple[str, int]] = []
    for key, name, _, _ in _MARKS:
        if labels and delivery[key] <= labels[-1][1] * near:
            labels[-1] = (f"{labels[-1][0]} {name}", labels[-1][1])
        else:
            labels.append((name, delivery[key]))
    return labels


def bars(distribution: Mapping[str, Any]) -> tuple[Numbers, Numbers]:
    """Edges (microseconds) and counts of bars that are equally wide on a logarithmic axis. A bin of the histogram that
    lies in two bars is shared out between them, or the bars would show the histogram's own steps."""
    highest = distribution["highest_us"]
    lowest = [bounds_of((bin_of(each) >> GROUP_BITS) << GROUP_BITS)[0] for each in highest]
    ends = [end for low, high in zip(lowest, highest, strict=True) for end in (max(low, 0.5), high + 1)]
    cumulated = np.cumsum(distribution["count"], dtype=np.float64)
    reached = [
        count for before, after in zip([0.0, *cumulated[:-1]], cumulated, strict=True) for count in (before, after)
    ]
    number = int(min(64, max(1, np.ceil(np.log(ends[-1] / ends[0]) / np.log(1.12)))))
    edges = np.geomspace(ends[0], ends[-1], number + 1)
    counts = np.diff(np.interp(np.log(edges), np.log(ends), reached))
    return edges, counts


def tail(distribution: Mapping[str, Any]) -> tuple[Numbers, Numbers]:
    """(time, share of messages that took longer), exact at the upper edges of the bins; begins with all of them and
    ends before the share becomes nothing."""
    highest = np.array(distribution["highest_us"], dtype=np.float64)
    counts = np.array(distribution["count"], dtype=np.float64)
    longer = 1.0 - np.cumsum(counts) / counts.sum()
    times = np.concatenate(([max(1.0, highest[0] * 0.94)], highest))
    shares = np.concatenate(([1.0], longer))
    # The last bin leaves nobody; the curve comes down to where less than one message would be.
    shares[-1] = 0.5 / counts.sum()
    return times, shares


def marks_in_words(delivery: Mapping[str, Any]) -> str:
    """``p50 84.2ms, p90 1.2s, ...``"""
    marks = ", ".join(f"{name} {format_duration(delivery[key])}" for key, name, _, _ in _MARKS)
    return f"{marks}, longest {format_duration(delivery['maximum_us'])}"


def _share_ticks(axes: Any, total: int) -> None:
    from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

    places = [10.0**-power for power in range(9) if 10.0**-power >= 0.7 / total]
    if len(places) == 1:
        places = [1.0, 0.5]
    axes.yaxis.set_major_locator(FixedLocator(places))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value * 100:g} %"))
    axes.yaxis.set_minor_locator(NullLocator())
