"""One run over time: how long messages took, how many there were, who was connected, and the faults in lanes below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import accumulate
from statistics import median
from typing import Any, Final, NamedTuple

import numpy as np
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from ..vocabulary.kinds import Phase
from ..vocabulary.units import format_duration
from .canvas import INKS, PALETTE, figure_style, new_figure, quiet_axes, to_svg
from .families import colour_of
from .ticks import count_axis, linear_time_axis, log_time_axis, span_words
from .views import whom

_WIDTH_IN: Final = 8.8
_PANELS_IN: Final = (2.5, 1.35, 1.0, 1.35)
_LANE_IN: Final = 0.21
_MOST_LANES: Final = 14
_MOST_SHADED: Final = 16
"""More faults than this are fine lines in the panels; the lanes show them all."""
_MOST_NAMED: Final = 14
"""With at most so many bars in the lanes, each bar says whom it hit, where there is room."""
_THINNEST: Final = 0.004
"""The least width of a bar, as a share of the axis ..."""
_LETTER: Final = 0.007
"""... and about the width of a letter of a name."""
_LEAST_BINS_BEFORE: Final = 3
_MOST_FAILURES_NAMED: Final = 3

Numbers = NDArray[np.float64]


class Strike(NamedTuple):
    """A fault that struck, as the plot sees it."""

    kind: str
    where: str
    began_us: int
    ended_us: int
    touched: int


def strikes_of(injected: Sequence[Mapping[str, Any]], end_us: int) -> list[Strike]:
    """The faults of a run that began; one without an end lasts to the end of the run."""
    return [
        Strike(
            row["kind"],
            row["where"],
            row["began_us"],
            max(row["began_us"], row["ended_us"]) if row["ended_us"] >= 0 else end_us,
            row["touched"],
        )
        for row in injected
        if row["began_us"] >= 0
    ]


def draw(
    timeline: Mapping[str, Any], injected: Sequence[Mapping[str, Any]], failures: Sequence[Mapping[str, Any]] = ()
) -> str:
    """The figure as SVG. ``failures`` are those of the summary; the ones of this run are marked where they happened."""
    width_us = timeline["width_us"]
    phases = [tuple(phase) for phase in timeline["phases"]]
    end_us = max([time_us for time_us, _ in phases] + [width_us * max(1, len(timeline["composed"]))])
    strikes = strikes_of(injected, end_us)
    end_us = max([end_us, *(strike.ended_us for strike in strikes)])
    lanes = lanes_of(strikes)
    with figure_style("over time"):
        lanes_in = _LANE_IN * len(lanes) + 0.35 if lanes else 0.0
        heights = [*_PANELS_IN, *([lanes_in] if lanes else [])]
        figure = new_figure(_WIDTH_IN, sum(heights) + 0.5)
        panels = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights, squeeze=False)[:, 0]
        edges = np.arange(len(timeline["composed"]) + 1, dtype=np.float64) * width_us
        for axes in panels:
            quiet_axes(axes)
            axes.set_xlim(0, end_us)
        _draw_waiting(panels[0], timeline, edges, strikes)
        _draw_flow(panels[1], timeline, edges)
        _draw_under_way(panels[2], timeline, edges)
        _draw_connected(panels[3], timeline, edges)
        if lanes:
            _draw_lanes(panels[4], lanes, end_us)
        for axes in panels[:4]:
            _shade(axes, strikes)
            _mark_phases(axes, phases, named=axes is panels[0], end_us=end_us)
        _mark_failures(panels[0], [row for row in failures if row["seed"] == timeline["seed"]], end_us)
        unit = linear_time_axis(panels[-1].xaxis, end_us)
        panels[-1].set_xlabel(f"simulated time from the start of the run ({unit.name})")
        figure.align_ylabels(list(panels[:4]))
        return to_svg(figure, description(timeline, strikes))


def description(timeline: Mapping[str, Any], strikes: Sequence[Strike]) -> str:
    """What the figure shows, for those who cannot see it."""
    slowest = [value for value in timeline["waited_p99_us"] if value is not None]
    worst = f"; the worst bin has a p99 of {format_duration(max(slowest))}" if slowest else ""
    phones = f"{min(timeline['connected_least'])} to {max(timeline['connected_most'])}" if slowest else "no"
    kinds = ", ".join(sorted({strike.kind for strike in strikes})) or "none"
    return (
        f"Four panels over simulated time in bins of {span_words(timeline['width_us'])}: delivery time p50 and p99 on"
        f" a logarithmic axis{worst}; messages written and seen; messages under way; {phones} connected phones. "
        f"{len(strikes)} faults are shaded ({kinds})."
    )


def lanes_of(strikes: Sequence[Strike]) -> list[tuple[str, list[Strike]]]:
    """Faults by kind, a lane each, in the order in which kinds first struck; the rarest share the last lane when
    there are too many kinds."""
    lanes: dict[str, list[Strike]] = {}
    for strike in sorted(strikes, key=lambda strike: strike.began_us):
        lanes.setdefault(strike.kind, []).append(strike)
    if len(lanes) <= _MOST_LANES:
        return list(lanes.items())
    common = sorted(lanes, key=lambda kind: -len(lanes[kind]))[: _MOST_LANES - 1]
    rest = [strike for kind, lane in lanes.items() if kind not in common for strike in lane]
    kept = [(kind, lane) for kind, lane in lanes.items() if kind in common]
    return [*kept, (f"{len(lanes) - len(common)} other kinds", rest)]


def usual_tail_us(timeline: Mapping[str, Any], strikes: Sequence[Strike]) -> float | None:
    """The median p99 of the bins before the first fault; ``None`` when there are too few to call it usual."""
    if not strikes:
        return None
    whole_bins = min(strike.began_us for strike in strikes) // timeline["width_us"]
    before = [value for value in timeline["waited_p99_us"][:whole_bins] if value is not None]
    return float(median(before)) if len(before) >= _LEAST_BINS_BEFORE else None


def _numbers(values: Sequence[int | None]) -> Numbers:
    return np.array([np.nan if value is None else max(value, 1) for value in values], dtype=np.float64)


def _draw_waiting(axes: Any, timeline: Mapping[str, Any], edges: Numbers, strikes: Sequence[Strike]) -> None:
    """p50 and p99 of what was written in each bin, and what p99 was like before the first fault."""
    middles = (edges[:-1] + edges[1:]) / 2
    half, tail = _numbers(timeline["waited_p50_us"]), _numbers(timeline["waited_p99_us"])
    axes.set_ylabel("delivery time (log)")
    seen = half[~np.isnan(half)]
    if not len(seen):
        axes.text(0.5, 0.5, "no message was seen", transform=axes.transAxes, ha="center", color=INKS["soft"])
        log_time_axis(axes.yaxis, 1_000, 1_000_000)
        return
    written = np.flatnonzero(~np.isnan(half))
    holes = 1 - len(seen) / (written[-1] - written[0] + 1)
    dot = "." if len(seen) <= 40 or holes > 0.3 else ""
    axes.fill_between(middles, half, tail, color=PALETTE["blue"], alpha=0.12, linewidth=0)
    axes.plot(middles, tail, color=PALETTE["vermillion"], linestyle=(0, (4, 1.5)), marker=dot, label="p99")
    axes.plot(middles, half, color=PALETTE["blue"], marker=dot, label="p50 (half are faster)")
    usual = usual_tail_us(timeline, strikes)
    if usual is not None:
        axes.axhline(
            usual,
            color=INKS["soft"],
            linestyle=":",
            linewidth=1.0,
            label=f"p99 before the first fault: {format_duration(usual)}",
        )
    log_time_axis(axes.yaxis, float(np.nanmin(half)) * 0.6, float(np.nanmax(tail)) * 1.8)
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2)


def _stairs(axes: Any, values: Sequence[int], edges: Numbers, **look: Any) -> None:
    if values:
        axes.stairs(values, edges, baseline=None, **look)


def _draw_flow(axes: Any, timeline: Mapping[str, Any], edges: Numbers) -> None:
    """Messages written and seen in each bin."""
    _stairs(axes, timeline["composed"], edges, color=PALETTE["blue"], linewidth=1.2, label="written")
    _stairs(axes, timeline["shown"], edges, color=PALETTE["orange"], linewidth=1.2, linestyle=(0, (3, 1)), label="seen")
    axes.set_ylabel(f"messages\nper {span_words(timeline['width_us'])}")
    count_axis(axes.yaxis, max([*timeline["composed"], *timeline["shown"], 1]))
    if timeline["composed"]:
        axes.legend(loc="upper right", ncols=2, borderaxespad=0.0)


def _draw_under_way(axes: Any, timeline: Mapping[str, Any], edges: Numbers) -> None:
    """Messages that were written and that nobody has seen yet, at the end of each bin."""
    waiting = under_way(timeline)
    _stairs(axes, waiting, edges, color=PALETTE["purple"], fill=False, linewidth=1.2)
    if waiting:
        axes.stairs(waiting, edges, baseline=0, fill=True, color=PALETTE["purple"], alpha=0.2)
    axes.set_ylabel("messages\nunder way")
    count_axis(axes.yaxis, max([*waiting, 1]), bins=3)


def under_way(timeline: Mapping[str, Any]) -> list[int]:
    """Written and not yet seen, at the end of each bin."""
    pairs = zip(timeline["composed"], timeline["shown"], strict=True)
    return list(accumulate(composed - shown for composed, shown in pairs))


def _draw_connected(axes: Any, timeline: Mapping[str, Any], edges: Numbers) -> None:
    """Phones with a connection, and how far the number went down and up within each bin."""
    if timeline["connected"]:
        least, most = timeline["connected_least"], timeline["connected_most"]
        axes.stairs(most, edges, baseline=least, fill=True, color=PALETTE["green"], alpha=0.3, linewidth=0)
        _stairs(axes, timeline["connected"], edges, color=PALETTE["green"], linewidth=1.2)
    axes.set_ylabel("phones\nconnected")
    most = usual_most(timeline)
    count_axis(axes.yaxis, max(1, most))
    beyond = max(timeline["connected_most"], default=0)
    if beyond > 1.08 * most:
        axes.annotate(
            f"all {beyond:,} in the final sync ↑",
            (1, 0.88),
            (-4, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            ha="right",
            va="center",
            color=INKS["soft"],
            fontsize=7,
        )


def usual_most(timeline: Mapping[str, Any]) -> int:
    """The most phones that were connected before the final sync, in which everybody is called in: an axis that shows
    all of them would show nothing of what was before."""
    settled_us = next((time_us for time_us, phase in timeline["phases"] if phase == Phase.SETTLED), None)
    places = None if settled_us is None else settled_us // timeline["width_us"]
    most = timeline["connected_most"]
    return max(most[:places] or most, default=0)


def _shade(axes: Any, strikes: Sequence[Strike]) -> None:
    """Shade the time of each fault that touched something."""
    real = [strike for strike in strikes if strike.touched]
    many = len(real) > _MOST_SHADED
    for strike in real:
        colour = colour_of(strike.kind)
        if not many and strike.ended_us > strike.began_us:
            axes.axvspan(strike.began_us, strike.ended_us, color=colour, alpha=0.10, linewidth=0, zorder=0.5)
        axes.axvline(strike.began_us, color=colour, alpha=0.35 if many else 0.8, linewidth=0.7, zorder=0.6)


def _mark_phases(axes: Any, phases: Sequence[tuple[int, ...]], *, named: bool, end_us: int) -> None:
    """Lines where people stop writing and where the settled state is judged, named unless they fall together."""
    times = {phase: time_us for time_us, phase in phases}
    last_us = -end_us
    for line, (phase, words) in enumerate(((Phase.HEAL, "people stop writing"), (Phase.SETTLED, "judged, final sync"))):
        time_us = times.get(phase)
        if time_us is None:
            continue
        axes.axvline(time_us, color=INKS["soft"], linestyle=(0, (1, 2)), linewidth=0.9)
        if named and time_us - last_us > 0.04 * end_us:
            near_end = time_us > 0.8 * end_us
            axes.annotate(
                words,
                (time_us, 1.0),
                (-3 if near_end else 3, -2 - 10 * line),
                xycoords=axes.get_xaxis_transform(),
                textcoords="offset points",
                ha="right" if near_end else "left",
                va="top",
                color=INKS["soft"],
                fontsize=7,
            )
            last_us = time_us


def _mark_failures(axes: Any, failures: Sequence[Mapping[str, Any]], end_us: int) -> None:
    """A triangle at the foot of the first panel where a check first failed; those close together share a label."""
    marks: list[tuple[int, list[str]]] = []
    for row in sorted((row for row in failures if row["at_us"] >= 0), key=lambda row: row["at_us"]):
        if marks and row["at_us"] - marks[-1][0] < 0.02 * end_us:
            marks[-1][1].append(row["check"])
        else:
            marks.append((row["at_us"], [row["check"]]))
    for at_us, names in marks:
        near_end = at_us > 0.7 * end_us
        more = f" +{len(names) - _MOST_FAILURES_NAMED}" if len(names) > _MOST_FAILURES_NAMED else ""
        axes.annotate(
            "✗ " + ", ".join(names[:_MOST_FAILURES_NAMED]) + more,
            (at_us, 0.0),
            (-6 if near_end else 6, 5),
            xycoords=axes.get_xaxis_transform(),
            textcoords="offset points",
            ha="right" if near_end else "left",
            color=PALETTE["vermillion"],
            fontweight="bold",
            fontsize=7.5,
        )
        axes.plot(at_us, 0.02, "^", transform=axes.get_xaxis_transform(), color=PALETTE["vermillion"], clip_on=False)


def _draw_lanes(axes: Any, lanes: Sequence[tuple[str, list[Strike]]], end_us: int) -> None:
    """A lane per kind: bars for faults that last, diamonds for those that are over at once, hollow ones for those
    that touched nothing."""
    thinnest = end_us * _THINNEST
    names_whom = sum(len(lane) for _, lane in lanes) <= _MOST_NAMED
    for place, (_, lane) in enumerate(lanes):
        for strike in lane:
            colour = colour_of(strike.kind)
            face = colour if strike.touched else "none"
            edge = colour if strike.touched else INKS["soft"]
            lasts_us = strike.ended_us - strike.began_us
            if lasts_us:
                bar = axes.barh(place, max(lasts_us, thinnest), left=strike.began_us, height=0.55, lw=0.7)[0]
                bar.set(facecolor=face, edgecolor=edge)
                if names_whom and _is_long(lasts_us, end_us):
                    bar.set_facecolor((*to_rgb(colour), 0.25 if strike.touched else 0.0))
            else:
                axes.plot(strike.began_us, place, "D", markersize=4.5, mfc=face, mec=edge, mew=0.7)
        if names_whom:
            _name_lane(axes, lane, place, end_us)
    axes.set_yticks(range(len(lanes)), [f"{kind} ×{len(lane)}" if len(lane) > 1 else kind for kind, lane in lanes])
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")


def _is_long(lasts_us: float, end_us: int) -> bool:
    """Whether a bar has room for words inside; it is pale then, so that they can be read."""
    return lasts_us > 0.35 * end_us


def _name_lane(axes: Any, lane: Sequence[Strike], place: int, end_us: int) -> None:
    """Say whom the faults of a lane hit, as far as one name does not cover another one or another bar; the page's
    table of faults has them all."""
    thinnest = _THINNEST * end_us
    taken = [(float(each.began_us), max(each.ended_us, each.began_us + thinnest)) for each in lane]
    for number, strike in enumerate(lane):
        words = whom(strike.where)
        x, align, colour = _beside(strike, end_us)
        width = len(words) * _LETTER * end_us
        left, right = (x, x + width) if align == "left" else (x - width, x)
        if any(left < end and begin < right for other, (begin, end) in enumerate(taken) if other != number):
            continue
        taken.append((left, right))
        text = axes.text(x, place, words, ha=align, va="center_baseline", color=colour, fontsize=7, clip_on=True)
        text.set_in_layout(False)


def _beside(strike: Strike, end_us: int) -> tuple[float, str, str]:
    """Where a name stands, how it is aligned, and its colour: inside a long bar, else beside it where there is room."""
    lasts_us = max(strike.ended_us - strike.began_us, _THINNEST * end_us)
    if _is_long(lasts_us, end_us):
        return strike.began_us + 0.006 * end_us, "left", INKS["ink"]
    if strike.began_us + lasts_us < 0.65 * end_us:
        return strike.began_us + lasts_us + 0.008 * end_us, "left", INKS["soft"]
    return strike.began_us - 0.008 * end_us, "right", INKS["soft"]
