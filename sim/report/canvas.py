"""Figures as SVG that live inside a page: no pyplot, no dates, no fonts of their own, colours that follow the page.

Matplotlib draws with the colours of ``PALETTE`` and ``INKS``; in the finished SVG each of them becomes a CSS variable,
so that one picture is readable on light paper and on a dark screen. The same figure gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from typing import Any, Final

import matplotlib
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

PALETTE: Final = {
    "blue": "#0072b2",
    "sky": "#56b4e9",
    "green": "#009e73",
    "orange": "#e69f00",
    "vermillion": "#d55e00",
    "purple": "#cc79a7",
    "yellow": "#f0e442",
}
"""Okabe and Ito's colours, which people with any kind of colour vision can tell apart."""
INKS: Final = {"ink": "#1d2329", "soft": "#59636d", "grid": "#d9dee3"}
_VARIABLES: Final = {colour: f"var(--{name})" for name, colour in (*PALETTE.items(), *INKS.items())}
_COLOUR = re.compile("|".join(_VARIABLES))
_OPENING = re.compile(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>')
_GROUP_ID = re.compile(r'<g id="[^"]*"')
_FONT = re.compile(r"font: (?:[a-z]+ )*([0-9.]+)px [^;\"]*")
_NUMBER = re.compile(r"(?<=[ \"ML])-?[0-9]+\.[0-9]{3,}")

_STYLE: Final[dict[str, Any]] = {
    "svg.fonttype": "none",
    "path.simplify": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 8.0,
    "text.parse_math": False,
    "axes.edgecolor": INKS["soft"],
    "axes.labelcolor": INKS["ink"],
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": INKS["grid"],
    "grid.linewidth": 0.5,
    "text.color": INKS["ink"],
    "xtick.color": INKS["soft"],
    "ytick.color": INKS["soft"],
    "xtick.labelcolor": INKS["ink"],
    "ytick.labelcolor": INKS["ink"],
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "lines.linewidth": 1.3,
}


@contextmanager
def figure_style(name: str) -> Iterator[None]:
    """The look of every figure, whatever the machine's own matplotlibrc says. ``name`` keeps the ids of the figures
    of a page apart."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        for key, value in {**_STYLE, "svg.hashsalt": name}.items():
            matplotlib.rcParams[key] = value  # type: ignore[index]
        yield


def new_figure(width_in: float, height_in: float) -> Figure:
    """An empty, transparent figure."""
    figure = Figure(figsize=(width_in, height_in), layout="constrained")
    figure.patch.set_visible(False)
    return figure


def quiet_axes(axes: Any) -> None:
    """Axes without a background of their own."""
    axes.patch.set_visible(False)


def to_svg(figure: Figure, label: str) -> str:
    """The figure as an inline ``<svg>`` with ``label`` as its text for those who cannot see it."""
    FigureCanvasSVG(figure)
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    # Group names repeat from figure to figure, and nothing refers to them; sizes come from the page.
    svg = _GROUP_ID.sub("<g", svg)
    svg = _OPENING.sub(lambda found: f'<svg {found[1]} role="img" aria-label="{escape(label)}">', svg, count=1)
    svg = _FONT.sub(r"font-size: \1px", svg)
    svg = _NUMBER.sub(lambda found: f"{float(found.group()):.2f}".rstrip("0").rstrip("."), svg)
    return _COLOUR.sub(lambda found: _VARIABLES[found.group()], svg).strip()
