"""Making the page: read the run folder, draw, fill the template, keep within the size that a browser likes."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..results.atomic import write_text
from ..results.folder import read_manifest
from . import distribution, over_time, views

FILE: Final = "report.html"
MOST_BYTES: Final = 3_000_000
PICTURE: Final = "repro/why.svg"
"""How the first failure came about, drawn by ``explain``. It stands in the page as an image, so that its styles stay
its own."""
MOST_PICTURE_BYTES: Final = 500_000
_TEMPLATES: Final = Path(__file__).parent / "templates"


def write(folder: Path) -> Path:
    """Write ``report.html`` into a run folder; the same summary gives the same bytes."""
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    path = folder / FILE
    picture = folder / PICTURE
    drawn = picture.read_bytes() if picture.is_file() and picture.stat().st_size <= MOST_PICTURE_BYTES else b""
    write_text(path, render(summary, read_manifest(folder).get("versions", {}), drawn))
    return path


def render(summary: Mapping[str, Any], versions: Mapping[str, str], picture: bytes = b"") -> str:
    """The page of a summary, with the diagram of its first failure if there is one. Nothing in it depends on when or
    where it is made."""
    shown = contents(summary, versions)
    return fill_template("report.html.j2", {**shown, "picture": b64encode(picture).decode()})


def fill_template(name: str, shown: Mapping[str, Any]) -> str:
    """A page from its template; ``ValueError`` when it would be more than a browser likes."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = lambda value: f"{value:,}"
    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))
    text = environment.get_template(name).render(style=style, **shown)
    size = len(text.encode())
    if size > MOST_BYTES:
        raise ValueError(f"the page would have {size:,} bytes; {MOST_BYTES:,} are the most")
    return text


def contents(summary: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the template shows."""
    run = views.shown_run(summary)
    return {
        "summary": summary,
        "head": views.headline(summary),
        "several": summary["runs"]["asked"] > 1,
        "in_words": views.in_words(summary),
        "cards": views.cards(summary),
        "checks": views.checks(summary),
        "failures": views.failures(summary),
        "errors": views.errors(summary),
        "run": run,
        "why_shown": views.why_shown(summary),
        "faults": views.faults(run) if run else [],
        "faults_at_first": views.FAULTS_AT_FIRST,
        "faults_left": run["injected_in_all"] - min(views.MOST_FAULTS, len(run["injected"])) if run else 0,
        "drawn": views.drawn(run) if run else [],
        "hard_cases": views.hard_cases(summary),
        "not_exercised": views.not_exercised(summary),
        "seeds": views.seeds(summary),
        "replay": views.replay_of(summary, run["seed"]) if run else "",
        "littles_law": views.littles_law(summary),
        "versions": dict(versions),
        "plots": plots(summary, run),
    }


def plots(summary: Mapping[str, Any], run: Mapping[str, Any] | None) -> dict[str, Markup | None]:
    """The figures by name; ``None`` where there is nothing to draw. SVG is ours and escaped by its maker."""
    figures: dict[str, Markup | None] = dict.fromkeys(("over_time", "histogram", "tail"))
    if summary["timeline"] is not None and run is not None:
        figures["over_time"] = Markup(over_time.draw(summary["timeline"], run["injected"], summary["failures"]))
    if summary["distribution"] is not None:
        figures["histogram"] = Markup(distribution.draw_histogram(summary["distribution"], summary["delivery"]))
        figures["tail"] = Markup(distribution.draw_tail(summary["distribution"], summary["delivery"]))
    return figures
