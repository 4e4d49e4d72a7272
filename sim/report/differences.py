"""Plots of a comparison: the difference of every seed, and how much each metric changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from matplotlib.ticker import FuncFormatter, MaxNLocator

from ..vocabulary.metrics import SECONDS
from ..vocabulary.units import SECOND_US
from .canvas import INKS, PALETTE, figure_style, new_figure, quiet_axes, to_svg
from .ticks import unit_for

_WIDTH_IN: Final = 8.6
_ROW_IN: Final = 0.55
_ROW_OF_CHANGE_IN: Final = 0.27
_EDGES_IN: Final = 0.75
_COLOURS: Final = ("blue", "vermillion", "green", "purple", "orange", "sky")
_MOST_DOTS: Final = 400
_SPREAD: Final = 0.28
MOST_CHANGES: Final = 40


def colour_of(place: int) -> str:
    """The colour of the n-th variant that is compared."""
    return PALETTE[_COLOURS[place % len(_COLOURS)]]


def draw_differences(metric: Mapping[str, Any], baseline: str) -> str:
    """One dot per seed, and the mean with its interval, for each variant; the line at zero is the baseline."""
    rows = [row for row in metric["differences"] if row["value"] is not None]
    scale, unit = _scale(metric, [row["value"] for row in rows])
    with figure_style("differences"):
        figure = new_figure(_WIDTH_IN, _EDGES_IN + _ROW_IN * len(rows))
        axes = figure.subplots()
        quiet_axes(axes)
        axes.axvline(0, color=INKS["ink"], linewidth=1.0)
        for place, row in enumerate(rows):
            _one_variant(axes, row, len(rows) - 1 - place, colour_of(place), scale)
        axes.set_yticks(range(len(rows)), [row["variant"] for row in reversed(rows)])
        axes.set_ylim(-0.6, len(rows) - 0.4)
        axes.grid(axis="y", visible=False)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
        axes.set_xlabel(f"{metric['metric']}: more than with {baseline}" + (f" ({unit})" if unit else ""))
        return to_svg(figure, _in_words(rows, metric["metric"], baseline))


def draw_changes(metrics: Sequence[Mapping[str, Any]], baseline: str) -> str | None:
    """How much each metric changes, as a percentage of the baseline, with intervals; ``None`` where nothing can be
    told."""
    rows = [
        (metric["metric"], place, row["change"])
        for metric in metrics
        for place, row in enumerate(metric["differences"])
        if row["change"]["value"] is not None
    ][:MOST_CHANGES]
    if not rows:
        return None
    with figure_style("changes"):
        figure = new_figure(_WIDTH_IN, _EDGES_IN + _ROW_OF_CHANGE_IN * len(rows))
        axes = figure.subplots()
        quiet_axes(axes)
        axes.axvline(0, color=INKS["ink"], linewidth=1.0)
        for height, (_, place, change) in enumerate(reversed(rows)):
            _interval(axes, change, height, colour_of(place), 100.0, 4.5)
        axes.set_yticks(range(len(rows)), _once(rows))
        axes.set_ylim(-0.7, len(rows) - 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10]))
        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:+,.6g} %" if value else "0"))
        axes.set_xlabel(f"change from {baseline}")
        words = "; ".join(f"{name} {change['text']}" for name, _, change in rows[:8])
        return to_svg(figure, f"Change of each metric from {baseline}: {words}.")


def _one_variant(axes: Any, row: Mapping[str, Any], height: int, colour: str, scale: float) -> None:
    dots = [value / scale for value in row["seeds"].values()][:_MOST_DOTS]
    span = max(1, len(dots) - 1)
    heights = [height + _SPREAD * (1 - 2 * place / span if len(dots) > 1 else 0) for place in range(len(dots))]
    axes.plot(dots, heights, "o", color=colour, markersize=3.4, alpha=0.55, markeredgewidth=0)
    _interval(axes, row, height, colour, 1 / scale, 7.0)


def _interval(axes: Any, number: Mapping[str, Any], height: float, colour: str, factor: float, size: float) -> None:
    if number["low"] is not None:
        ends = [number["low"] * factor, number["high"] * factor]
        axes.plot(ends, [height, height], color=colour, linewidth=2.4, solid_capstyle="butt")
    axes.plot([number["value"] * factor], [height], "D", color=colour, markersize=size, markeredgecolor=INKS["ink"],
              markeredgewidth=0.7)  # fmt: skip


def _once(rows: Sequence[tuple[str, int, Any]]) -> list[str]:
    """The name of a metric stands at the first of its rows only (the topmost)."""
    names = [name for name, _, _ in rows]
    once = [name if place == 0 or names[place - 1] != name else "" for place, name in enumerate(names)]
    return once[::-1]


def _scale(metric: Mapping[str, Any], values: Sequence[float]) -> tuple[float, str]:
    """What to divide by, and the unit's name: time spans in the unit that suits, other numbers as they are."""
    if metric["unit"] != SECONDS:
        return 1.0, ""
    seeds = [abs(value) for row in metric["differences"] for value in row["seeds"].values()]
    unit = unit_for(max([*seeds, *map(abs, values)], default=0.0) * SECOND_US)
    return unit.us / SECOND_US, unit.name


def _in_words(rows: Sequence[Mapping[str, Any]], metric: str, baseline: str) -> str:
    told = "; ".join(f"{row['variant']} {row['text']}" for row in rows)
    return f"Difference of {metric} from {baseline}, seed by seed: {told}."
