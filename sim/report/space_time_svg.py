"""Drawing a space-time diagram as SVG: time runs down, lanes are machines, arrows are messages.

Milliseconds and minutes stand on one page, so the way down is not to scale: each event has a line of its own, and the
gap between two grows with the logarithm of the time between them. Times stand at the left, long gaps are written out.
"""

from __future__ import annotations

import math
import textwrap
from itertools import pairwise
from typing import Final

from markupsafe import escape

from ..search.space_time import Arrow, Bar, Broke, Mark, SpaceTime
from ..vocabulary.units import format_duration

LANE_WIDTH: Final = 168
LEFT: Final = 236
RIGHT: Final = 214
HEAD: Final = 58
_ROW: Final = 17
_LONG_GAP_US: Final = 2_000_000
_FONT: Final = "font-family='system-ui,-apple-system,Segoe UI,Helvetica,Arial,sans-serif'"
_STYLE: Final = """
.bg{fill:#ffffff}.life{stroke:#c9d1d9;stroke-width:1.4}.away{stroke:#d0d7de;stroke-width:1.4;stroke-dasharray:2 5}
.title{font-size:17px;font-weight:650;fill:#1f2328}.small{font-size:11px;fill:#57606a}.time{font-size:10.5px;fill:#6e7781}
.head{font-size:12.5px;font-weight:650;fill:#1f2328}.box{fill:#f6f8fa;stroke:#d0d7de}.phone{fill:#eaf2fd;stroke:#9ec1ef}
.arrow{fill:none;stroke:#1f5fbf;stroke-width:1.5}.side{fill:none;stroke:#a8b1bb;stroke-width:1.1}
.receipt{fill:none;stroke:#2c8a4b;stroke-width:1.3}.lost{fill:none;stroke:#c4550b;stroke-width:1.5;stroke-dasharray:5 4}
.label{font-size:10.5px;fill:#24292f;paint-order:stroke;stroke:#fff;stroke-width:3.2px;stroke-linejoin:round}
.pale{font-size:10px;fill:#8b949e;paint-order:stroke;stroke:#fff;stroke-width:3px;stroke-linejoin:round}
.mark{font-size:10.5px;font-weight:600;fill:#1f2328;paint-order:stroke;stroke:#fff;stroke-width:3.4px}
.dot{fill:#1f2328}.record{fill:#6a4fb3}.down{fill:#b42318}.up{fill:#2c8a4b}
.fault{fill:#f5a623;fill-opacity:.26;stroke:#d98a00}.faultword{font-size:10.5px;font-weight:650;fill:#8a5300;paint-order:stroke;
stroke:#fff;stroke-width:3px}.broke{fill:none;stroke:#cf222e;stroke-width:2.4}.brokeword{font-size:13px;font-weight:700;fill:#cf222e}
.brokebox{fill:#ffebe9;stroke:#cf222e}.story{font-size:11.5px;fill:#24292f}.gap{font-size:10px;fill:#8b949e;font-style:italic}
"""
_RECEIPTS: Final = ("receipt", "receipt_taken", "acknowledge", "read_through", "confirmed", "acknowledge_batch")


def draw(diagram: SpaceTime) -> str:
    """The SVG, complete in itself; the same diagram gives the same text."""
    return _Drawing(diagram).text()


class _Drawing:
    """One drawing under way."""

    def __init__(self, diagram: SpaceTime) -> None:
        self.diagram = diagram
        self.width = LEFT + LANE_WIDTH * max(1, len(diagram.lanes) - 1) + RIGHT
        self.story = _wrapped(diagram.broke, self.width)
        self.top = HEAD + 46 + (18 * len(self.story) + 44 if self.story else 0)
        self.ys = _heights(diagram, self.top + 34)
        self.bottom = max(self.ys.values(), default=self.top) + 40
        self.height = round(self.bottom + 34)
        self.parts: list[str] = []
        self.taken: list[tuple[float, float, float]] = []
        """Where words stand already: x from, x to, y."""

    def text(self) -> str:
        """Everything, from the back to the front."""
        self.begin()
        for lane in range(len(self.diagram.lanes)):
            self.lane(lane)
        for bar in self.diagram.bars:
            self.bar(bar)
        for place, time in enumerate(self.gaps()):
            self.gap(place, *time)
        for arrow in self.diagram.arrows:
            self.arrow(arrow)
        for mark in self.diagram.marks:
            self.mark(mark)
        if self.diagram.broke is not None:
            self.broke(self.diagram.broke)
        self.legend()
        self.parts.append("</svg>")
        return "\n".join(self.parts) + "\n"

    def begin(self) -> None:
        """Size, style, title, and what is wrong, first of all."""
        self.parts += [
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {self.width} {self.height}' width='{self.width}' "
            f"height='{self.height}' {_FONT} role='img'>",
            f"<title>{escape(self.diagram.title)}</title><style>{_STYLE}</style>",
            "<defs>" + "".join(_head(name, colour) for name, colour in _HEADS) + "</defs>",
            f"<rect class='bg' width='{self.width}' height='{self.height}'/>",
            f"<text class='title' x='24' y='34'>{escape(self.diagram.title)}</text>",
        ]
        if self.story:
            high = 18 * len(self.story) + 22
            self.parts.append(
                f"<rect class='brokebox' x='24' y='{HEAD - 8}' width='{self.width - 48}' height='{high}' rx='6'/>"
            )
            for number, line in enumerate(self.story):
                self.parts.append(f"<text class='story' x='38' y='{HEAD + 14 + 18 * number}'>{escape(line)}</text>")

    def x(self, lane: int) -> float:
        """Of a lane."""
        return LEFT + LANE_WIDTH * lane

    def y(self, at_us: int) -> float:
        """Of a time: on its line, or between two."""
        known = self.ys.get(at_us)
        if known is not None:
            return known
        before = max((each for each in self.ys if each < at_us), default=None)
        after = min((each for each in self.ys if each > at_us), default=None)
        if before is None:
            return self.top + 26
        if after is None:
            return self.bottom - 12
        share = (at_us - before) / (after - before)
        return self.ys[before] + share * (self.ys[after] - self.ys[before])

    def lane(self, number: int) -> None:
        """The line of a machine and its name."""
        lane, x = self.diagram.lanes[number], self.x(number)
        box = "phone" if lane.role == "phone" else "box"
        wide = max(96, min(LANE_WIDTH - 14, 9 + 7.2 * len(lane.title)))
        self.parts += [
            f"<line class='life' x1='{x}' y1='{self.top}' x2='{x}' y2='{self.bottom}'/>",
            f"<rect class='{box}' x='{x - wide / 2:.1f}' y='{self.top - 26}' width='{wide:.1f}' height='26' rx='5'/>",
            f"<text class='head' x='{x}' y='{self.top - 8}' text-anchor='middle'>{escape(lane.title)}</text>",
        ]

    def bar(self, bar: Bar) -> None:
        """A fault on the lanes that it hit; over all of them where it hit none of these."""
        top, bottom = self.y(bar.began_us), max(self.y(bar.ended_us), self.y(bar.began_us) + 7)
        for lane in bar.lanes:
            x = self.x(lane)
            self.parts.append(
                f"<rect class='fault' x='{x - 9}' y='{top:.1f}' width='18' height='{bottom - top:.1f}' rx='4'>"
                f"<title>{escape(bar.words)}</title></rect>"
            )
        if not bar.lanes:
            self.parts.append(
                f"<rect class='fault' x='{LEFT - 4}' y='{top:.1f}' width='{self.width - LEFT - RIGHT + 8}' "
                f"height='{bottom - top:.1f}'/>"
            )
        lane = bar.lanes[0] if bar.lanes else 0
        right_most = lane == len(self.diagram.lanes) - 1
        self.words("faultword", self.x(lane) + 13, top + 11, f"⚡ {bar.words}", fold=26 if right_most else 60)

    def gaps(self) -> list[tuple[int, int]]:
        """Where nothing happens for long."""
        times = sorted(self.ys)
        return [(one, other) for one, other in pairwise(times) if other - one >= _LONG_GAP_US]

    def gap(self, _: int, before_us: int, after_us: int) -> None:
        """Say how long nothing happens."""
        y = (self.ys[before_us] + self.ys[after_us]) / 2 + 3
        self.parts.append(f"<text class='gap' x='14' y='{y:.1f}'>… {format_duration(after_us - before_us)} …</text>")

    def arrow(self, arrow: Arrow) -> None:
        """A message; one that is lost ends half-way in a cross, one to oneself is a loop."""
        main = bool(set(arrow.operations) & set(self.diagram.operations))
        sort = "receipt" if arrow.kind in _RECEIPTS and main else "arrow" if main else "side"
        x1, x2, y1 = self.x(arrow.source), self.x(arrow.to), self.y(arrow.sent_us)
        self.time(arrow.sent_us, y1)
        words = arrow.kind.replace("_", " ") + self.about(arrow)
        if arrow.is_copy:
            words += " (again)"
        if arrow.is_lost:
            middle = x1 + (x2 - x1) * 0.55
            y2 = y1 + 9
            self.parts.append(f"<path class='lost' d='M{x1},{y1:.1f}L{middle:.1f},{y2:.1f}'/>")
            self.parts.append(
                f"<text class='brokeword' x='{middle:.1f}' y='{y2 + 4:.1f}' text-anchor='middle'>✕</text>"
            )
        elif x1 == x2:
            y2 = max(self.y(arrow.arrived_us), y1 + 8)
            self.parts.append(
                f"<path class='{sort}' marker-end='url(#{sort})' "
                f"d='M{x1},{y1:.1f}h26q6,0 6,6v{max(0, y2 - y1 - 12):.1f}q0,6 -6,6h-24'/>"
            )
            self.words("label" if main else "pale", x1 + 36, y1 + 9, words)
            return
        else:
            y2 = self.y(arrow.arrived_us)
            self.parts.append(f"<path class='{sort}' marker-end='url(#{sort})' d='M{x1},{y1:.1f}L{x2},{y2:.1f}'/>")
        near, anchor = (x1 + 8, "start") if x2 > x1 else (x1 - 8, "end")
        self.words("label" if main else "pale", near, y1 - 2.5, words, anchor)

    def about(self, arrow: Arrow) -> str:
        """Which of the messages, and how many others travel with them."""
        wanted = [each for each in arrow.operations if each in self.diagram.operations]
        more = len(arrow.operations) - len(wanted)
        return (f" {','.join(map(str, wanted))}" + (f" and {more} more" if more else "")) if wanted else ""

    def mark(self, mark: Mark) -> None:
        """A dot and words beside its lane, on the side that has room."""
        x, y = self.x(mark.lane), self.y(mark.at_us)
        kind = mark.sort if mark.sort in ("record", "down", "up") else "dot"
        self.time(mark.at_us, y)
        self.parts.append(f"<circle class='{kind}' cx='{x}' cy='{y:.1f}' r='3.6'/>")
        first = mark.lane == 0
        self.words("mark", x - 8 if first else x + 8, y + 3.5, mark.words, "end" if first else "start")

    def broke(self, broke: Broke) -> None:
        """Red where it broke."""
        y = self.y(broke.at_us) + (8 if broke.at_us not in self.ys else 0)
        self.parts.append(
            f"<line class='broke' x1='{LEFT - 30}' y1='{y:.1f}' x2='{self.width - RIGHT + 40}' y2='{y:.1f}'/>"
        )
        for lane in broke.lanes or range(len(self.diagram.lanes)):
            self.parts.append(f"<circle class='broke' cx='{self.x(lane)}' cy='{y:.1f}' r='9' fill='#fff'/>")
            self.parts.append(
                f"<text class='brokeword' x='{self.x(lane)}' y='{y + 4.5:.1f}' text-anchor='middle'>✕</text>"
            )
        self.parts.append(
            f"<text class='brokeword' x='{self.width - RIGHT + 46}' y='{y + 4.5:.1f}'>"
            f"{escape(broke.check)} broken</text>"
        )

    def time(self, at_us: int, y: float) -> None:
        """The time of a line at the left, unless it would stand on another one."""
        if self.free(0, 70, y, 11):
            self.parts.append(f"<text class='time' x='{14}' y='{y + 3.5:.1f}'>{at_us / 1_000_000:.4f} s</text>")

    def words(self, sort: str, x: float, y: float, words: str, anchor: str = "start", fold: int = 60) -> None:
        """Words, a little lower where others stand already."""
        lines = textwrap.wrap(words, fold) or [""]
        long = 5.9 * max(map(len, lines))
        start = x if anchor == "start" else x - long
        while not self.free(start, start + long, y, 10):
            y += 10.5
        for number, line in enumerate(lines):
            self.taken.append((start, start + long, y + 12 * number))
            where = f"x='{x:.1f}' y='{y + 12 * number:.1f}' text-anchor='{anchor}'"
            self.parts.append(f"<text class='{sort}' {where}>{escape(line)}</text>")

    def free(self, left: float, right: float, y: float, high: float) -> bool:
        """Whether nothing stands there; if so, it is taken from now on when asked for the column of times."""
        clash = any(left < to and right > begin and abs(y - other) < high for begin, to, other in self.taken[-160:])
        if not clash and left == 0:
            self.taken.append((left, right, y))
        return not clash

    def legend(self) -> None:
        """What the signs mean."""
        more = f" {self.diagram.left_out:,} more messages are left out." if self.diagram.left_out else ""
        text = (
            "Time runs down, not to scale. Blue: about the message. Green: acknowledgements and receipts. Grey: about "
            f"connections. Dashed with ✕: lost. Amber: a fault. Violet dot: durable.{more}"
        )
        self.parts.append(f"<text class='small' x='24' y='{self.height - 12}'>{escape(text)}</text>")


_HEADS: Final = (("arrow", "#1f5fbf"), ("side", "#a8b1bb"), ("receipt", "#2c8a4b"))


def _head(name: str, colour: str) -> str:
    return (
        f"<marker id='{name}' viewBox='0 0 8 8' refX='7.4' refY='4' markerWidth='7.5' markerHeight='7.5' orient='auto'>"
        f"<path d='M0,0.6L8,4L0,7.4z' fill='{colour}'/></marker>"
    )


def _heights(diagram: SpaceTime, top: float) -> dict[int, float]:
    """A line for each time: those at which something is sent or happens have room for words."""
    roomy = {arrow.sent_us for arrow in diagram.arrows} | {mark.at_us for mark in diagram.marks}
    times = {arrow.arrived_us for arrow in diagram.arrows if not arrow.is_lost} | roomy
    if diagram.broke is not None and diagram.broke.at_us >= 0:
        times.add(diagram.broke.at_us)
        roomy.add(diagram.broke.at_us)
    inside = (min(times, default=0), max(times, default=0))
    for bar in diagram.bars:
        times |= {at_us for at_us in (bar.began_us, bar.ended_us) if inside[0] <= at_us <= inside[1]}
    heights: dict[int, float] = {}
    y, before = top, -1
    for at_us in sorted(times):
        if before >= 0:
            gap = 5.0 * math.log10(1 + (at_us - before) / 1_000)
            y += max(gap, _ROW if at_us in roomy else 4.5)
        heights[at_us] = y
        before = at_us
    return heights


def _wrapped(broke: Broke | None, width: int) -> list[str]:
    if broke is None:
        return []
    fold = max(60, int((width - 90) / 6.3))
    return [part for line in broke.story for part in textwrap.wrap(line, fold, subsequent_indent="   ")]
