"""The page of a comparison, from its document alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from markupsafe import Markup

from ..results import exit_codes
from ..results.atomic import write_text
from ..results.folder import read_manifest
from . import differences
from .page import FILE, fill_template
from .views import shortened

DOCUMENT: Final = "comparison.json"
_SAYS_ZERO: Final = {True: "more than chance", False: "may be chance", None: "one seed cannot tell"}
_TONE_OF_CODE: Final = {exit_codes.PASSED: "good", exit_codes.INCONCLUSIVE: "warn", exit_codes.NOTHING_TESTED: "warn"}


def write(folder: Path) -> Path:
    """Write ``report.html`` into the folder of a comparison; the same document gives the same bytes."""
    document = json.loads((folder / DOCUMENT).read_text(encoding="utf-8"))
    path = folder / FILE
    write_text(path, render(document, read_manifest(folder).get("versions", {})))
    return path


def render(document: Mapping[str, Any], versions: Mapping[str, str]) -> str:
    """The page. Nothing in it depends on when or where it is made."""
    return fill_template("comparison.html.j2", contents(document, versions))


def contents(document: Mapping[str, Any], versions: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the template shows."""
    leading = next((each for each in document["metrics"] if each["metric"] == document["metric"]), None)
    told = leading is not None and any(row["value"] is not None for row in leading["differences"])
    changes = differences.draw_changes(document["metrics"], document["baseline"])
    return {
        "document": document,
        "tone": _tone(document),
        "word": exit_codes.WORDS.get(document["exit_code"], "BROKEN"),
        "sentence": shortened(document["answer"]["sentence"], 2_000),
        "names": [document["baseline"], *document["compared"]],
        "rows": [_row(each) for each in document["metrics"]],
        "variants": [_variant(each) for each in document["variants"]],
        "failures": [_failure(each, row) for each in document["variants"] for row in each["failures"][:3]],
        "leading": leading,
        "by_seed": Markup(differences.draw_differences(leading, document["baseline"])) if leading and told else None,
        "changes": Markup(changes) if changes else None,
        "versions": dict(versions),
    }


def _tone(document: Mapping[str, Any]) -> str:
    tone = _TONE_OF_CODE.get(document["exit_code"], "bad")
    return "warn" if tone == "good" and document["answer"]["borne_out"] is False else tone


def _row(metric: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **metric,
        "differences": [
            {**row, "zero": _SAYS_ZERO[row["excludes_zero"]], "idle": row["excludes_zero"] is False}
            for row in metric["differences"]
        ],
    }


def _variant(variant: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **variant,
        "tone": _TONE_OF_CODE.get(variant["exit_code"], "bad"),
        "sentence": shortened(variant["sentence"]),
    }


def _failure(variant: Mapping[str, Any], failure: Mapping[str, Any]) -> dict[str, Any]:
    return {**failure, "variant": variant["variant"], "story": [shortened(line) for line in failure["story"][:40]]}
